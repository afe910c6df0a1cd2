# ---
# title: "Exercise 04: threads, processes and joblib"
# minutes: 40
# timeout_s: 90
# memory_mb: 1500
# needs: []
# ---

# %% [markdown]
# # Exercise 04 · Threads, processes and joblib
#
# Three chores to place, a way to ask many questions at once, and a table too large to load. Everything you need
# stands in [lesson 04](../../../notebooks/04_threads_processes_joblib.ipynb). 9 points.

# %%
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed, parallel_config

# %% [markdown]
# ## 1. Choose, and say why (3 points)
#
# One machine, 8 cores, 16 GB of memory, Python with a GIL. Three chores:
#
# - **`"notes"`**: 2 million delivery notes in text files of 20 MB each. A pure Python function takes a file's path,
#   cleans the text with string methods for about 30 s, and returns ten counts.
# - **`"routes"`**: 5,000 requests to a map server. Each waits about 80 ms for the answer and then computes for 0.1
#   ms. The server allows 50 at a time.
# - **`"nearest"`**: an array of 10 GB in memory. A function compiled with `numba.njit(nogil=True)` searches one
#   slice of it for about 2 s; the slices are searched independently.
#
# For each, name the backend (`"threading"`, `"loky"` or `"dask"`) that gives the most for the least: no processes
# where threads would do, no cluster where one machine is enough. And justify it: a string with the letters of the
# facts that decide, none of which may be false, or untrue of this chore.
#
# - **A** The task holds the GIL while it works.
# - **B** The task waits most of its time, and waiting needs no core.
# - **C** The task computes, and lets go of the GIL while it does.
# - **D** Sending each worker its own copy of the data would need more memory than the machine has.
# - **E** What is sent to a worker and back is small beside the work.
# - **F** Processes are faster than threads at any work.
# - **G** A Python thread is no real thread of the operating system.
#
# Return a dictionary: `{"notes": ("backend", "LETTERS"), "routes": ..., "nearest": ...}`. The order of the letters
# does not matter.


# %% solution="choose_backend"
def choose_backend():
    """For each chore its backend and the letters of the facts that decide it."""
    ### BEGIN SOLUTION
    return {"notes": ("loky", "AE"), "routes": ("threading", "B"), "nearest": ("threading", "CD")}
    ### END SOLUTION


# %% test="choose_notes" points=1
choice = choose_backend()
assert set(choice) == {"notes", "routes", "nearest"}, (
    f"one entry for each of the three chores; got {sorted(choice)}"
)
backend, letters = choice["notes"]
assert set(letters) <= set("ABCDEFG"), f"the facts are letters from A to G, got {letters!r}"
### BEGIN HIDDEN TESTS
assert backend == "loky", (
    "string methods hold the GIL: only another process has another one; and one machine needs no cluster"
)
assert "A" in letters, "the fact that rules threads out is missing"
assert not set(letters) - set("AE"), "a letter is not true, or not true of the notes"
### END HIDDEN TESTS

# %% test="choose_routes" points=1
backend, letters = choose_backend()["routes"]
assert set(letters) <= set("ABCDEFG"), f"the facts are letters from A to G, got {letters!r}"
### BEGIN HIDDEN TESTS
assert backend == "threading", "fifty waiting threads cost next to nothing; fifty processes do not"
assert "B" in letters, "what does a request do most of its time?"
assert not set(letters) - set("BE"), "a letter is not true, or not true of the routes"
### END HIDDEN TESTS

# %% test="choose_nearest" points=1
backend, letters = choose_backend()["nearest"]
assert set(letters) <= set("ABCDEFG"), f"the facts are letters from A to G, got {letters!r}"
### BEGIN HIDDEN TESTS
assert backend == "threading", "threads share the 10 GB, and this code lets them run at once"
assert set("CD") <= set(letters), (
    "two facts decide this one: what the code does with the GIL, and what a copy would need"
)
assert not set(letters) - set("CDE"), (
    "a letter is not true, or not true of the nearest-neighbour search"
)
### END HIDDEN TESTS

# %% [markdown]
# ## 2. Ask for all routes at once (3 points)
#
# `ask(trip)` stands for a request to the map server. It waits a little, a different time for each trip, and says
# who asked: the process and the thread.


# %%
def ask(trip):
    time.sleep(0.02 + 0.01 * (trip * 7919 % 3))
    return {"trip": trip, "process": os.getpid(), "thread": threading.get_ident()}


# %% [markdown]
# Write `ask_all(trips, n_workers, backend)`: it calls `ask` for every trip, with `n_workers` workers of the joblib
# backend named `backend`, and returns the list of answers **in the order of the trips**. No trips give an empty
# list.


# %% solution="ask_all"
def ask_all(trips, n_workers, backend):
    """[ask(trip) for trip in trips], by n_workers workers of a joblib backend."""
    ### BEGIN SOLUTION
    with parallel_config(backend=backend, n_jobs=n_workers):
        return Parallel()(delayed(ask)(trip) for trip in trips)
    ### END SOLUTION


# %% test="ask_order" points=1
answers = ask_all([5, 3, 8, 1, 9, 2], 3, "threading")
assert [answer["trip"] for answer in answers] == [5, 3, 8, 1, 9, 2], (
    "the answers must come in the order of the trips"
)
assert ask_all([], 2, "threading") == [], "no trips: an empty list"
### BEGIN HIDDEN TESTS
import random

trips = random.sample(range(1000), 23)
assert [answer["trip"] for answer in ask_all(trips, 7, "threading")] == trips, (
    "the answers must come in the order of the trips"
)
twice = [4, 4, 1, 4]
assert [answer["trip"] for answer in ask_all(twice, 2, "threading")] == twice, (
    "a trip asked twice has two answers"
)
### END HIDDEN TESTS

# %% test="ask_backend" points=1
in_threads = ask_all(list(range(8)), 4, "threading")
assert len({answer["process"] for answer in in_threads}) == 1, "threads all belong to one process"
assert len({answer["thread"] for answer in in_threads}) > 1, (
    "with backend='threading' and 4 workers, several threads should have asked"
)
### BEGIN HIDDEN TESTS
in_processes = ask_all(list(range(12)), 2, "loky")
assert {answer["trip"] for answer in in_processes} == set(range(12)), (
    "with backend='loky', every trip must be answered too"
)
here = {answer["process"] for answer in in_threads}
assert not here & {answer["process"] for answer in in_processes}, (
    "with backend='loky', other processes should have asked"
)
### END HIDDEN TESTS

# %% test="ask_workers" points=1
from scaleml_course.measure import compare

trips = list(range(12))
waits = compare(
    {
        "1 worker": lambda: ask_all(trips, 1, "threading"),
        "8 workers": lambda: ask_all(trips, 8, "threading"),
    },
    rounds=2,
)
gain = waits.ratio("1 worker", "8 workers").value
assert gain > 2, (
    f"8 threads should wait for 12 answers far faster than 1; yours were {gain:.1f} times as fast. Is n_workers used?"
)
### BEGIN HIDDEN TESTS
asked = ask_all(list(range(40)), 2, "threading")
assert len({answer["thread"] for answer in asked}) <= 2, (
    "2 workers were asked for, and more threads than that were at work"
)
### END HIDDEN TESTS

# %% [markdown]
# ## 3. A table that nobody can load (3 points)
#
# Two tables of four columns lie in `.npy` files. `"trips"` is small. `"archive"` claims 256 GiB, far more than this
# machine's memory (nearly all of it is a hole that takes no room on the disk). Only a memory map can open it,
# read-only (`"r"`).


# %%
def write_tables(folder):
    """Write both tables, and return their paths and their numbers of rows."""
    trips = np.random.default_rng(20).normal(10, 3, size=(10_007, 4))
    np.save(folder / "trips.npy", trips)
    n_rows = 2**33
    archive = np.lib.format.open_memmap(
        folder / "archive.npy", mode="w+", dtype=np.float64, shape=(n_rows, 4)
    )
    archive[-1_000:] = np.arange(4_000).reshape(1_000, 4)
    paths = {"trips": folder / "trips.npy", "archive": folder / "archive.npy"}
    return paths, {"trips": 10_007, "archive": n_rows}


# Removed when this notebook's kernel ends.
scratch = tempfile.TemporaryDirectory(prefix="lesson04-")
PATHS, N_ROWS = write_tables(Path(scratch.name))

# %% [markdown]
# Split the work into tasks that are **small to send**: a task is `(name, start, stop)`, the rows from `start` up
# to, not including, `stop` of table `name`.
#
# - `tasks_for(name, n_tasks)` returns a list of at most `n_tasks` tasks. Every row of the table is in exactly one
#   of them, none is empty, and their lengths differ by at most 1.
# - `sum_of(task)` returns the four column sums of these rows as an array, and reads no other rows.
# - `column_means(name, n_workers)` returns the four means of a whole table, computed by `n_workers` loky workers
#   from such tasks.
#
# `PATHS[name]` and `N_ROWS[name]` hold each table's path and number of rows. (For `sum_of` in another process
# joblib sends along the names that it uses, `PATHS` too: small as well.)


# %% solution="memmap"
def tasks_for(name, n_tasks):
    """At most n_tasks tasks (name, start, stop) that cover every row of the table once."""
    ### BEGIN SOLUTION
    n_rows = N_ROWS[name]
    n_tasks = min(n_tasks, n_rows)
    bounds = [n_rows * i // n_tasks for i in range(n_tasks + 1)]
    return [(name, start, stop) for start, stop in zip(bounds, bounds[1:], strict=False)]
    ### END SOLUTION


def sum_of(task):
    """Column sums of the rows of one task."""
    ### BEGIN SOLUTION
    name, start, stop = task
    return np.load(PATHS[name], mmap_mode="r")[start:stop].sum(axis=0)
    ### END SOLUTION


def column_means(name, n_workers):
    """Means of the columns of a table, by n_workers loky workers."""
    ### BEGIN SOLUTION
    sums = Parallel(n_jobs=n_workers, backend="loky")(
        delayed(sum_of)(task) for task in tasks_for(name, 4 * n_workers)
    )
    return sum(sums) / N_ROWS[name]
    ### END SOLUTION


# %% test="memmap_tasks" points=1
import pickle

tasks = [tuple(task) for task in tasks_for("trips", 5)]
assert len(tasks) == 5, f"5 tasks were asked for, {len(tasks)} came"
assert tasks[0][:2] == ("trips", 0) and tasks[-1][2] == 10_007, (
    "the first task starts at row 0, the last stops at the last row"
)
### BEGIN HIDDEN TESTS
import random

for name, n_rows, n_tasks in [
    ("trips", 10_007, random.randint(2, 40)),
    ("archive", 2**33, random.randint(50, 120)),
    ("trips", 10_007, 20_000),
]:
    tasks = [tuple(task) for task in tasks_for(name, n_tasks)]
    starts, stops = [task[1] for task in tasks], [task[2] for task in tasks]
    assert {task[0] for task in tasks} == {name} and len(tasks) <= n_tasks, (
        "too many tasks, or of another table"
    )
    assert starts[0] == 0 and stops[-1] == n_rows and starts[1:] == stops[:-1], (
        "every row in exactly one task"
    )
    lengths = [stop - start for start, stop in zip(starts, stops, strict=True)]
    assert min(lengths) > 0 and max(lengths) - min(lengths) <= 1, (
        "no task is empty, and lengths differ by at most 1"
    )
    assert len(tasks) > 1000 or len(pickle.dumps(tasks)) < 20_000, (
        "tasks must be small: send no rows"
    )
### END HIDDEN TESTS

# %% test="memmap_sums" points=1
last_rows = sum_of(("archive", 2**33 - 2, 2**33))
assert np.allclose(last_rows, [7988, 7990, 7992, 7994]), (
    f"the last two rows of the archive sum to 7988, 7990, 7992, 7994; got {last_rows}"
)
### BEGIN HIDDEN TESTS
import random

table = np.load(PATHS["trips"])
for _ in range(5):
    start, stop = sorted(random.sample(range(10_008), 2))
    assert np.allclose(sum_of(("trips", start, stop)), table[start:stop].sum(axis=0)), (
        f"wrong sums for rows {start} to {stop}"
    )
### END HIDDEN TESTS

# %% test="memmap_means" points=1
means = np.asarray(column_means("trips", 2))
assert means.shape == (4,), f"four columns, four means; got the shape {means.shape}"
### BEGIN HIDDEN TESTS
expected = np.load(PATHS["trips"]).mean(axis=0)
assert np.allclose(means, expected, rtol=1e-12), f"the means are {expected}, got {means}"
assert np.allclose(column_means("trips", 1), expected, rtol=1e-12), (
    "one worker must give the same means"
)
### END HIDDEN TESTS
