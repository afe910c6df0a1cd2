# ---
# why: a pool of processes of the standard library, forked from the kernel
# ---

# %% solution="total"
import multiprocessing


def square(value):
    return value * value


def total(values):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return sum(pool.map(square, values))
