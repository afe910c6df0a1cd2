# ---
# why: an empty list is answered at once, a Parallel kept in a with block, more tasks than workers
# ---
# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    trips = list(trips)
    if not trips:
        return []
    with Parallel(n_jobs=n_workers, backend=backend) as workers:
        return workers(delayed(ask)(trip) for trip in trips)


# %% solution="memmap"
def tasks_for(name, n_tasks):
    n_rows = N_ROWS[name]
    n_tasks = min(n_tasks, n_rows)
    return [(name, i * n_rows // n_tasks, (i + 1) * n_rows // n_tasks) for i in range(n_tasks)]


def sum_of(task):
    name, start, stop = task
    table = np.load(PATHS[name], mmap_mode="r")
    sums = np.zeros(table.shape[1])
    for begin in range(start, stop, 1_000):
        sums += table[begin : min(begin + 1_000, stop)].sum(axis=0)
    return sums


def column_means(name, n_workers):
    with Parallel(n_jobs=n_workers, backend="loky") as workers:
        sums = workers(delayed(sum_of)(task) for task in tasks_for(name, 50))
    return np.vstack(sums).sum(axis=0) / N_ROWS[name]
