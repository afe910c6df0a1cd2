# ---
# why: return_as="generator", tasks as lists, the file's bytes read with an offset instead of a map
# ---
# %% solution="choose_backend"
def choose_backend():
    chores = {}
    chores["notes"] = ["loky", ["A"]]
    chores["routes"] = ["threading", ["B"]]
    chores["nearest"] = ["threading", ["C", "D"]]
    return chores


# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    answers = Parallel(n_jobs=n_workers, backend=backend, return_as="generator", batch_size=1)(
        delayed(ask)(trip) for trip in trips
    )
    return list(answers)


# %% solution="memmap"
def tasks_for(name, n_tasks):
    n_tasks = min(n_tasks, N_ROWS[name])
    bounds = np.linspace(0, N_ROWS[name], n_tasks + 1).astype(np.int64)
    # linspace may round two neighbours apart by one; integers do not
    bounds = [N_ROWS[name] * i // n_tasks for i in range(n_tasks + 1)]
    return [[name, bounds[i], bounds[i + 1]] for i in range(n_tasks)]


def sum_of(task):
    name, start, stop = task
    with open(PATHS[name], "rb") as file:
        version = np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        assert version == (1, 0)
        file.seek(start * shape[1] * dtype.itemsize, 1)
        rows = np.fromfile(file, dtype, (stop - start) * shape[1]).reshape(-1, shape[1])
    return rows.sum(axis=0)


def column_means(name, n_workers):
    total = np.zeros(4)
    for part in Parallel(n_jobs=n_workers, backend="loky")(delayed(sum_of)(t) for t in tasks_for(name, 10)):
        total += part
    return total / N_ROWS[name]
