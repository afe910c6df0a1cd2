# ---
# class: endless output
# tries: standard error and the file descriptors 1 and 2 directly, without end
# success: a grader without memory, a file of more than 64 MB, a stalled class
# ---

# %% solution="total"
import os
import sys

while True:
    os.write(1, b"x" * 60000)
    os.write(2, b"y" * 60000)
    sys.stderr.write("z" * 60000)
