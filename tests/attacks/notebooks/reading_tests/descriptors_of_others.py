# ---
# class: reading tests from disk, memory and processes
# tries: opens every file that any process holds open, its own inherited ones too, and looks for hidden tests
# success: hidden tests told
# ---

# %% solution="total"
import glob
import os
import stat

for path in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            text = open(path, "rb").read(2**24)
            at = text.find(b"BEGIN " + b"HIDDEN")
            print(path, os.readlink(path), text[at : at + 1500] if at >= 0 else "")
    except (OSError, ValueError):
        continue
