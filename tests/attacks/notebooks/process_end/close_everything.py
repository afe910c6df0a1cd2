# ---
# class: ending processes
# tries: closes every file descriptor of its kernel, standard ones and sockets, and goes on
# success: any point, or a stalled class
# ---

# %% solution="total"
import os

os.closerange(0, 4096)
while True:
    pass
