# ---
# why: spreads its work over threads, with joblib and with a pool
# ---

# %% solution="total"
from concurrent.futures import ThreadPoolExecutor

from joblib import Parallel, delayed


def total(values):
    return sum(Parallel(n_jobs=2, prefer="threads")(delayed(pow)(value, 2) for value in values))


# %% solution="number"
with ThreadPoolExecutor(2) as pool:
    share, longest = pool.map(eval, ["9 / 32", "'night'"])
