# ---
# why: a thread pool of the standard library for the threads, joblib for the rest; array_split of a range
# ---
# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    if backend == "threading":
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(n_workers) as pool:
            return list(pool.map(ask, trips))
    return Parallel(n_jobs=n_workers, backend=backend)(delayed(ask)(trip) for trip in trips)


# %% solution="memmap"
def tasks_for(name, n_tasks):
    n_rows = N_ROWS[name]
    n_tasks = min(n_rows, n_tasks)
    lengths = [n_rows // n_tasks + (1 if i < n_rows % n_tasks else 0) for i in range(n_tasks)]
    ends = np.cumsum(lengths).tolist()
    return list(zip([name] * n_tasks, [0, *ends[:-1]], ends))


def sum_of(task):
    rows = np.load(PATHS[task[0]], mmap_mode="r+")[task[1] : task[2]]
    return np.ones(len(rows)) @ rows


def column_means(name, n_workers):
    parts = Parallel(n_jobs=n_workers)(delayed(sum_of)(task) for task in tasks_for(name, 3))
    return (np.array(parts).sum(axis=0) / N_ROWS[name]).tolist()
