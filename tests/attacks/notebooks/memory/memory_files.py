# ---
# class: memory exhaustion
# tries: "memory files, which belong to no process's memory and lie on no disk: twice the limit, for a second"
# success: it holds more than 1.5 times the limit
# dangerous: true
# ---

# %% solution="total"
import os
import time

files, written, part = [], 0, @MEMORY_MB@ * 2**20 // 10
try:
    for _ in range(20):
        files.append(os.memfd_create("redteam"))
        os.posix_fallocate(files[-1], 0, part)
        written += part
except OSError:
    pass
time.sleep(1)
for one in files:
    os.close(one)
if written > 1.5 * @MEMORY_MB@ * 2**20:
    print("PROOF", "@NAME@", f"held {written // 2**20} MB in memory files", sep="::", flush=True)
