# ---
# why: np.load without mmap_mode reads the whole table for every task, and the archive does not fit
# fails: [memmap_sums]
# ---
# %% solution="memmap"
def tasks_for(name, n_tasks):
    n_tasks = min(n_tasks, N_ROWS[name])
    bounds = [N_ROWS[name] * i // n_tasks for i in range(n_tasks + 1)]
    return [(name, start, stop) for start, stop in zip(bounds, bounds[1:])]


def sum_of(task):
    name, start, stop = task
    return np.load(PATHS[name])[start:stop].sum(axis=0)


def column_means(name, n_workers):
    sums = Parallel(n_jobs=n_workers, backend="loky")(delayed(sum_of)(task) for task in tasks_for(name, n_workers))
    return sum(sums) / N_ROWS[name]
