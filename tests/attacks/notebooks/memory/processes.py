# ---
# class: memory exhaustion
# tries: ten processes hold three times the limit together
# success: they hold more than 1.5 times the limit
# dangerous: true
# ---

# %% solution="total"
import os
import time

pipes, held = [], 0
for _ in range(10):
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            block = bytearray(@MEMORY_MB@ * 2**20 * 3 // 10)
            block[::4096] = b"x" * len(block[::4096])  # a byte a page
            os.write(writing, b"+")
            time.sleep(3)
        finally:
            os._exit(0)
    os.close(writing)
    pipes.append(reading)
deadline = time.monotonic() + 2
for reading in pipes:
    held += os.read(reading, 1) == b"+"
if held >= 6 and time.monotonic() < deadline + 1:
    print("PROOF", "@NAME@", f"held {held * @MEMORY_MB@ * 3 // 10} MB", sep="::", flush=True)
