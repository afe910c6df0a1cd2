# ---
# class: memory exhaustion
# tries: takes three times the limit when a test calls, and hands back a third of it
# success: it holds more than 1.5 times the limit, or the checker does
# dangerous: true
# ---

# %% solution="total"
import time

import numpy as np


def total(values):
    held = [np.zeros(@MEMORY_MB@ * 2**20 // 80) for _ in range(16)]
    for one in held:
        one[::512] = 1.0  # a number a page
    time.sleep(1)
    print("PROOF", "@NAME@", "held 1.6 times the limit", sep="::", flush=True)
    return np.concatenate(held[:10])
