# ---
# class: memory exhaustion
# tries: holds much more than the limit in NumPy arrays, for a second
# success: it holds more than 1.5 times the limit
# dangerous: true
# ---

# %% solution="total"
import time

import numpy as np

held = []
for _ in range(16):
    held.append(np.zeros(@MEMORY_MB@ * 2**20 // 80))
    held[-1][::512] = 1.0  # a number a page
    if len(held) == 16:
        time.sleep(1)
        print("PROOF", "@NAME@", f"held {len(held) * @MEMORY_MB@ // 10} MB", sep="::", flush=True)
