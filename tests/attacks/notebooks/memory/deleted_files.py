# ---
# class: memory exhaustion
# tries: files in /tmp and in its home, deleted while they are open, so that no walk through the folders finds them
# success: it holds more than 1.5 times the limits of memory and disk together
# dangerous: true
# ---

# %% solution="total"
import os
import time

files, written, part = [], 0, (@MEMORY_MB@ + 2 * @DISK_MB@) * 2**20 // 30
for folder in ("/tmp", os.path.expanduser("~"), "."):
    path = f"{folder}/redteam-@NAME@"
    try:
        files.append(os.open(path, os.O_CREAT | os.O_RDWR))
        os.remove(path)
        for number in range(20):
            os.posix_fallocate(files[-1], number * part, part)
            written += part
    except OSError:
        continue
time.sleep(1)
for one in files:
    os.close(one)
if written > 1.5 * (@MEMORY_MB@ + 2 * @DISK_MB@) * 2**20:
    print("PROOF", "@NAME@", f"held {written // 2**20} MB in deleted files", sep="::", flush=True)
