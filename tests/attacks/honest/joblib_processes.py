# ---
# why: spreads its work over processes with joblib
# ---

# %% solution="total"
from joblib import Parallel, delayed


def square(value):
    return value * value


def total(values):
    return sum(Parallel(n_jobs=2)(delayed(square)(value) for value in values))
