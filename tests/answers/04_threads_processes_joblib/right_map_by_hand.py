# ---
# why: letters in another order, joblib's arguments given to Parallel itself, bounds by divmod, np.memmap opened without np.load
# ---
# %% solution="choose_backend"
def choose_backend():
    return {"nearest": ("threading", "DC"), "routes": ("threading", "EB"), "notes": ("loky", "EA")}


# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    return list(Parallel(n_jobs=n_workers, backend=backend)([delayed(ask)(trip) for trip in trips]))


# %% solution="memmap"
def tasks_for(name, n_tasks):
    n_rows = N_ROWS[name]
    length, longer = divmod(n_rows, n_tasks)
    tasks, start = [], 0
    for number in range(n_tasks):
        stop = start + length + (number < longer)
        if stop > start:
            tasks.append((name, start, stop))
        start = stop
    return tasks


def sum_of(task):
    name, start, stop = task
    table = np.lib.format.open_memmap(PATHS[name], mode="r")
    return np.sum(table[start:stop], axis=0)


def column_means(name, n_workers):
    with parallel_config(backend="loky", n_jobs=n_workers):
        sums = Parallel()(delayed(sum_of)(task) for task in tasks_for(name, n_workers))
    return np.sum(sums, axis=0) / N_ROWS[name]
