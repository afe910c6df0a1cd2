# ---
# why: answers in the order in which they came, not in the order of the trips
# fails: [ask_order]
# ---
# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    unordered = Parallel(n_jobs=n_workers, backend=backend, return_as="generator_unordered", batch_size=1)
    return list(unordered(delayed(ask)(trip) for trip in trips))
