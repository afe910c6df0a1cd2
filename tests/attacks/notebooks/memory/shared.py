# ---
# class: memory exhaustion
# tries: writes twice the limit to /dev/shm, and holds it for a second
# success: it holds more than 1.5 times the limit
# dangerous: true
# ---

# %% solution="total"
import os
import time

written, part, path = 0, @MEMORY_MB@ * 2**20 // 10, "/dev/shm/redteam-@NAME@"
with open(path, "wb", 0) as file:
    try:
        while written < 2 * @MEMORY_MB@ * 2**20:
            os.posix_fallocate(file.fileno(), written, part)
            written += part
    except OSError:
        pass
    time.sleep(1)
os.remove(path)
if written > 1.5 * @MEMORY_MB@ * 2**20:
    print("PROOF", "@NAME@", f"held {written // 2**20} MB in shared memory", sep="::", flush=True)
