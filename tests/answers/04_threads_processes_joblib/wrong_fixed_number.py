# ---
# why: the number of workers of the first example is written into the code
# fails: [ask_workers]
# ---
# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    return Parallel(n_jobs=4, backend=backend)(delayed(ask)(trip) for trip in trips)
