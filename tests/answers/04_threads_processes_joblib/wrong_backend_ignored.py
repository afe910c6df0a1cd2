# ---
# why: always threads, whatever backend is named
# fails: [ask_backend]
# ---
# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    return Parallel(n_jobs=n_workers, backend="threading")(delayed(ask)(trip) for trip in trips)
