# ---
# why: compiles its function with Numba
# ---

# %% solution="total"
import numba
import numpy as np


@numba.njit
def squares(values):
    result = 0
    for value in values:
        result += value * value
    return result


def total(values):
    return squares(np.array(values, dtype=np.int64))
