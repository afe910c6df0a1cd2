# ---
# why: NumPy scalars, a one-element array's item, and a NumPy string where plain ones are expected
# ---

# %% solution="total"
import numpy as np


def total(values):
    return np.int64(np.sum(np.square(np.asarray(values, dtype="int64"))))


# %% solution="number"
share = np.float64(9.0) / np.float64(32.0)
longest = np.str_("night")
