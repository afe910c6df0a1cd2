# ---
# why: averages the means of chunks of different lengths
# fails: [memmap_means]
# ---
# %% solution="memmap"
def tasks_for(name, n_tasks):
    n_tasks = min(n_tasks, N_ROWS[name])
    bounds = [N_ROWS[name] * i // n_tasks for i in range(n_tasks + 1)]
    return [(name, start, stop) for start, stop in zip(bounds, bounds[1:])]


def sum_of(task):
    name, start, stop = task
    return np.load(PATHS[name], mmap_mode="r")[start:stop].sum(axis=0)


def column_means(name, n_workers):
    means = [sum_of(task) / (task[2] - task[1]) for task in tasks_for(name, 4 * n_workers)]
    return np.mean(means, axis=0)
