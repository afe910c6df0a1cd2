# ---
# why: chunks of n // n_tasks rows, and the remainder belongs to nobody
# fails: [memmap_tasks, memmap_means]
# ---
# %% solution="memmap"
def tasks_for(name, n_tasks):
    length = N_ROWS[name] // n_tasks
    return [(name, i * length, (i + 1) * length) for i in range(n_tasks)]


def sum_of(task):
    name, start, stop = task
    return np.load(PATHS[name], mmap_mode="r")[start:stop].sum(axis=0)


def column_means(name, n_workers):
    sums = Parallel(n_jobs=n_workers, backend="loky")(delayed(sum_of)(task) for task in tasks_for(name, 4 * n_workers))
    return sum(sums) / N_ROWS[name]
