# ---
# why: a plain loop; right answers, but nobody else asked, and no time was won
# fails: [ask_backend, ask_workers]
# ---
# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    return [ask(trip) for trip in trips]
