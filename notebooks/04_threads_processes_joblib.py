# ---
# title: Threads, processes and joblib
# minutes: 45
# seconds: {quick: 30, laptop: 85}
# timeout_s: 400
# memory_mb: 2500
# cores: 2
# disk_mb: 200
# needs: []
# objectives:
#   - Explain with a measurement what the GIL forbids, and name three ways round it
#   - Run one line of code on threads, on two kinds of processes and on a Dask cluster
#   - Choose a backend from what a task does while it runs
#   - Hand a large array to workers without copying it
#   - Recognise oversubscription and tasks too small to share, and mend both
# ---

# %% [markdown]
# # 04 · Threads, processes and joblib
#
# Lesson 03 left us with one core that works well and others that do nothing at all. The remedy sounds obvious: give
# each core a share of the work. In many languages you would start two threads and be done.
#
# Our delivery firm has four chores for tonight. It counts words in drivers' notes, in plain Python. It computes
# distances with NumPy, and the same distances with a compiled loop. And it asks a map server for routes, which
# means that it waits. Two threads will speed up some of these chores and leave one of them as slow as before, or
# slower. **Which one, and what does it need instead?**

# %% tags=["parameters"]
tier = "quick"

# %%
import numpy as np

from scaleml_course.measure import claim, compare, figure, hardware, predict

size = {
    "quick": {
        "task_s": 0.012,
        "tasks": 4,
        "rounds": 2,
        "workers": (2,),
        "ship_mb": (0.25, 2, 16),
        "tiny": 16,
    },
    "laptop": {
        "task_s": 0.040,
        "tasks": 4,
        "rounds": 3,
        "workers": (2, 4),
        "ship_mb": (0.25, 2, 8, 32),
        "tiny": 32,
    },
    "cluster": {
        "task_s": 0.2,
        "tasks": 16,
        "rounds": 5,
        "workers": (2, 4, 8, 16),
        "ship_mb": (2, 64, 512),
        "tiny": 96,
    },
}[tier]
n_cores = hardware().n_cores
print(hardware().stamp())

# %% [markdown]
# ## What do the four chores do all night?
#
# Here they are, whole. Each is a plain function of one number: how much of it to do.

# %%
import inspect

from scaleml_course.parallel import workloads

for chore in (workloads.count_words, workloads.numpy_distances, workloads.wait_for_answer):
    print(inspect.getsource(chore))

# %% [markdown]
# The fourth one is a loop like those of lesson 03, compiled to machine code by numba. Remember the word
# `nogil=True` in its decorator: we will come back to it.

# %%
print(inspect.getsource(workloads._distances.py_func))

# %% [markdown]
# To compare like with like, we size every chore so that one task lasts equally long on this machine.

# %%
chores = workloads.four_workloads(size["task_s"], size["tasks"])
for chore in chores:
    print(f"{chore.name:12} {chore.n_tasks} tasks of {chore.function.__name__}({chore.size:,})")
words, distances, waiting, compiled = chores

# %% [markdown]
# ## Do two threads count twice as fast?
#
# Two threads, two cores, and notes that can be counted in any order. Commit yourself first.
#
# (Two cores, if nobody else is using them. `idle_cores` looks how many stand idle, before and after each comparison of
# speeds; where too few did, the claim below it says that it was not checked.)

# %%
guess = predict(
    "04.two_threads",
    "Two threads share the counting of words. How many times as fast as one thread are they?",
    unit="times",
    default=2,
    my_guess=None,
)

# %%
from threading import Thread

from scaleml_course.parallel import idle_cores


def in_threads(function, argument, n_threads):
    """Call function(argument) once in each of n_threads threads, and wait for all of them."""
    threads = [Thread(target=function, args=(argument,)) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one_after_the_other(function, argument, n_times):
    for _ in range(n_times):
        function(argument)


idle = idle_cores()
counting = compare(
    {
        "one thread": lambda: one_after_the_other(words.function, 3 * words.size, 2),
        "two threads": lambda: in_threads(words.function, 3 * words.size, 2),
    },
    rounds=9,
)
guess.compare(counting.ratio("one thread", "two threads").value)
counting.table().round(2)

# %% [markdown]
# No faster. Something made the two threads take turns. We can watch them do it: each thread works in short
# steps, and after each step notes the time on the wall clock and the processor time it has had so far.

# %%
import sys
import time
from threading import Barrier


def log_steps(function, argument, seconds, ready, log):
    ready.wait()  # both threads begin together
    start, cpu = time.perf_counter(), time.thread_time()
    while (wall := time.perf_counter() - start) < seconds:
        log.append((wall, time.thread_time() - cpu))
        function(argument)


def watch_two_threads(function, argument, seconds=0.12):
    ready, logs = Barrier(2), ([], [])
    threads = [
        Thread(target=log_steps, args=(function, argument, seconds, ready, log)) for log in logs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [np.array(log) for log in logs]


python_logs = watch_two_threads(words.function, 20)
together = sum(log[-1, 1] for log in python_logs) / max(log[-1, 0] for log in python_logs)
print(f"{len(python_logs[0])} and {len(python_logs[1])} steps were logged.")
print(f"A thread that wants to run asks for its turn after {sys.getswitchinterval() * 1e3:g} ms.")

# %%
import matplotlib.pyplot as plt


def draw_turns(axes, logs, title):
    for number, log in enumerate(logs, start=1):
        axes.plot(
            log[:, 0] * 1e3,
            log[:, 1] * 1e3,
            marker="",
            drawstyle="default",
            label=f"thread {number}",
        )
    axes.axline(
        (0, 0), slope=1, color="grey", linewidth=1, linestyle=":", label="a core of its own"
    )
    axes.set(title=title, xlabel="wall clock (ms)", xlim=(0, 120), ylim=(0, 120))


fig, axes = plt.subplots(figsize=(5.2, 4.2))
draw_turns(axes, python_logs, "Two threads that run Python")
axes.set_ylabel("processor time this thread has had (ms)")
axes.legend()
figure(
    fig,
    alt=f"Both threads climb in stairs: while one rises the other is level. Together they get {together:.2f} "
    "milliseconds of processor time in a millisecond, as one thread would.",
)

# %% [markdown]
# Where one line climbs, the other is level: while one thread runs, the other stands still. This rule has a name,
# the **global interpreter lock**, or **GIL**. A thread must hold it to execute Python bytecode, and there is one
# per process. It protects what lesson 03 showed inside every object: the reference count, which two cores must not
# change at once.

# %%
import sysconfig

has_gil = getattr(
    sys, "_is_gil_enabled", lambda: True
)()  # answered below: "Is there a Python without a GIL?"
_ = claim(
    "04.one_gil",
    "Two threads that ran Python were given {value:.2f} cores' worth of processor time between them.",
    together,
    at_most=1.3,
    unit="cores",
    applies=has_gil,
    otherwise="this Python runs without a GIL",
)


# %%
def if_idle(before, needs_gil=True):
    """Whether a comparison of two workers' speed says something about them here, and the reason if not."""
    reason = ""
    if n_cores < 2:
        reason = "this machine gives us one core"
    elif needs_gil and not has_gil:
        reason = "this Python runs without a GIL"
    elif min(before, idle_cores()) <= 1.5:
        reason = "other programs kept the cores busy meanwhile"
    return {"applies": not reason, "otherwise": reason}


_ = claim(
    "04.threads_on_python",
    "Two threads took {value:.2f} times as long as one thread for the same counting ({low:.2f} to {high:.2f}).",
    counting.ratio("two threads", "one thread"),
    at_least=0.7,
    unit="times",
    **if_idle(idle),
)

# %% [markdown]
# ## Then what are Python's threads good for?
#
# The map server answers after some milliseconds, whatever we do meanwhile. Four requests, one after the other or by
# four threads:

# %%
asking = compare(
    {
        "one thread": lambda: one_after_the_other(waiting.function, waiting.size, 4),
        "four threads": lambda: in_threads(waiting.function, waiting.size, 4),
    },
    rounds=5,
)
_ = claim(
    "04.threads_that_wait",
    "Four threads waited for four answers {value:.1f} times as fast as one thread did.",
    asking.ratio("one thread", "four threads"),
    at_least=2,
    unit="times",
)

# %% [markdown]
# A function that waits **lets go of the GIL** before it waits, and asks for it again when the answer is there.
# Files, sockets, databases, `time.sleep`: all of them do. Nor does waiting need a core, so there may be many more
# threads than cores.

# %% [markdown]
# ## Can a thread compute without the GIL?
#
# The lock guards Python objects. Machine code that touches none could run without it, provided that it says so. We
# compile the same loop twice, and only one of the two says `nogil=True`. While one thread is inside the loop,
# another thread looks at the clock as often as it gets a turn, and keeps the longest time for which it got none.

# %%
from numba import njit

letting_go = workloads._distances
keeping = njit(letting_go.py_func)  # the same machine code, without the word
blocks = 6 * compiled.size  # longer than one task: threads that meet briefly tell little


def longest_silence(kernel):
    """The longest wait for a turn while another thread runs `kernel`, as a share of the kernel's time."""
    thread = Thread(target=kernel, args=(blocks,))
    begin = last = time.perf_counter()
    longest, running = 0.0, True
    thread.start()
    while running:
        running, now = thread.is_alive(), time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest / (last - begin)


keeping(1), letting_go(1)  # compile
# The least of six: other programs can only add silence, and what the lock does, it does every time.
kept = min(longest_silence(keeping) for _ in range(6))
free = min(longest_silence(letting_go) for _ in range(6))
_ = claim(
    "04.nogil_lets_others_run",
    "While the loop that kept the GIL ran, the other thread was silent for at least {kept:.0%} of the time; with "
    "nogil=True, its longest silence could be as short as {free:.1%}.",
    kept / free,
    at_least=1.5,
    unit="times",
    kept=kept,
    free=free,
    applies=has_gil,
    otherwise="this Python runs without a GIL",
)

# %% [markdown]
# So a thread inside such a loop needs no turn, and two of them may run at the same moment, if there are two idle
# cores to run on.

# %%
idle = idle_cores()
kernels = compare(
    {
        "one thread": lambda: one_after_the_other(letting_go, blocks, 2),
        "two threads": lambda: in_threads(letting_go, blocks, 2),
    },
    rounds=5,
)
_ = claim(
    "04.nogil_threads",
    "With nogil=True, two threads were {value:.2f} times as fast as one ({low:.2f} to {high:.2f}).",
    kernels.ratio("one thread", "two threads"),
    at_least=1.2,
    unit="times",
    **if_idle(idle, needs_gil=False),
)

# %%
fig, axes = plt.subplots(1, 2, figsize=(8.4, 4), sharey=True)
draw_turns(axes[0], python_logs, "Python: by turns")
nogil_logs = watch_two_threads(letting_go, 1)
side_by_side = sum(log[-1, 1] for log in nogil_logs) / max(log[-1, 0] for log in nogil_logs)
draw_turns(axes[1], nogil_logs, "compiled, nogil=True: at once")
axes[0].set_ylabel("processor time this thread has had (ms)")
axes[0].legend()
figure(
    fig,
    alt="Left, two Python threads climb by turns in stairs. Right, two threads in compiled code without the GIL "
    f"climb at the same time, and get {side_by_side:.2f} cores' worth of processor time together.",
)

# %% [markdown]
# NumPy behaves like the compiled loop: most of its functions let go of the GIL while they run over an array. So
# "Python threads are useless" is wrong, and so is "NumPy is fine in threads" whenever the arrays are so small that
# the Python between two calls takes most of the time.

# %% [markdown]
# ## Whose threads are these?
#
# Python's threads are real threads of the operating system; the GIL is what keeps them apart. There may be others
# in this process that Python has never heard of: **native threads**, started by a library in C. A matrix product
# wakes some.

# %%
import threading
from pathlib import Path

import psutil
from threadpoolctl import threadpool_info

matrix = np.ones((300, 300))
matrix @ matrix
print("threads that Python knows  :", threading.active_count())
print("threads that the system sees:", psutil.Process().num_threads())
for pool in threadpool_info():
    print(
        f"{pool['internal_api']:10} {pool['num_threads']} threads, from {Path(pool['filepath']).parent.name}"
    )

# %% [markdown]
# The pools in this list (linear algebra, OpenMP) never ask for the GIL. Your one-line `matrix @ matrix` was
# parallel all along. Keep that in mind: it will hurt us below.

# %% [markdown]
# ## Is there a Python without a GIL?
#
# Yes. PEP 703 made the lock optional at build time, and PEP 779 made that build officially supported in Python
# 3.14. Two questions tell you what you have.

# %%
built_without = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
print(f"Python {sys.version.split()[0]}")
print("built so that it can run without the GIL:", built_without)
print("is the GIL on now:", has_gil)
if sys.version_info < (3, 13):
    print(
        "Reason: free-threaded builds begin with Python 3.13; this course is locked to an earlier one."
    )
elif not built_without:
    print(
        "Reason: this is the default build. The other one is installed under its own name, as python3.14t."
    )
elif has_gil:
    print(
        "Reason: an imported extension did not declare that it is safe without the GIL, so Python turned it on."
    )

# %% [markdown]
# A free-threaded Python runs our word count on two cores with two threads. It pays with somewhat slower
# single-thread code, and with libraries that must be made safe one by one. Until all of yours are, a lock per
# process suggests another way.

# %% [markdown]
# ## How do we get a second GIL?
#
# By a second process: its own interpreter, its own memory, its own lock. **joblib** hides the difference. One line
# describes the work, and `parallel_config` says who does it.

# %%
import os

from joblib import Parallel, delayed, parallel_config


def who(n):
    return n, os.getpid()


print("this process:", os.getpid())
for backend in ("threading", "loky", "multiprocessing"):
    with parallel_config(backend=backend, n_jobs=2):
        answers = Parallel()(delayed(who)(n) for n in range(4))
    print(f"{backend:16} {answers}")

# %% [markdown]
# The answers come back in the order of the questions, whoever was first. The three differ in where the work ran:
#
# - **threading**: in this process. Nothing is sent; everything is shared, the GIL included.
# - **loky** (the default): fresh processes, kept for the next call. Function and arguments are *pickled* and sent.
# - **multiprocessing**: on Linux, processes *forked* from this one. They start quickly, as copies, and inherit its
#   memory and the state of its locks, but not the threads that would open these locks. That is why Python 3.14 no
#   longer forks by default.
#
# `n_jobs` is a wish: short tasks are sent in batches, and one worker may well take them all.

# %% [markdown]
# The fourth backend leaves the machine. A Dask cluster is a scheduler and workers that talk over the network; ours
# is local, but the line that describes the work would be the same for a hundred machines.

# %%
import logging

from distributed import Client, LocalCluster

cluster = LocalCluster(
    n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.ERROR
)
with cluster, Client(cluster), parallel_config(backend="dask"):
    answers = Parallel()(delayed(who)(n) for n in range(4))
print(f"{'dask':16} {answers}")

# %% [markdown]
# The `with` matters: worker processes of a cluster that nobody closes stay, and keep their memory.

# %% [markdown]
# ## What does it cost to start workers?

# %%
from joblib.externals.loky import get_reusable_executor

get_reusable_executor().shutdown(wait=True)  # end the workers that loky kept for us


def two_small_tasks():
    start = time.perf_counter()
    Parallel(n_jobs=2, backend="loky")(delayed(abs)(n) for n in range(2))
    return time.perf_counter() - start


first, later = two_small_tasks(), min(two_small_tasks() for _ in range(5))
print(f"the first call {first * 1e3:7.0f} ms, with two fresh processes")
print(f"a later call   {later * 1e3:7.0f} ms, with the same two")

# %% [markdown]
# Starting workers costs many times what using them costs, which is why loky keeps them. From here on, every
# measurement starts its workers first, and counts that apart.

# %% [markdown]
# ## Do processes count words faster?

# %%
idle = idle_cores()
with Parallel(n_jobs=2, backend="loky", batch_size=1) as workers:
    work = delayed(words.function)
    counting = compare(
        {
            "two threads": lambda: in_threads(words.function, 6 * words.size, 2),
            "two processes": lambda: workers(work(6 * words.size) for _ in range(2)),
        },
        rounds=5,
    )
_ = claim(
    "04.processes_on_python",
    "Two processes counted words {value:.2f} times as fast as two threads ({low:.2f} to {high:.2f}).",
    counting.ratio("two threads", "two processes"),
    at_least=1.1,
    unit="times",
    **if_idle(idle),
)

# %% [markdown]
# ## Which backend for which chore?
#
# Now all of them: four chores, four backends, every number of workers, against the plain loop. The package has the
# loop over what you have just seen; this is the part that starts the workers.

# %%
from scaleml_course.parallel import backends

print(inspect.getsource(backends.start_workers))

# %%
# 40 tasks without any work: we will need them at the end.
nothing = workloads.Workload("nothing", abs, -1, 40)
idle = idle_cores()
measured = backends.run_over_backends(
    (*chores, nothing), worker_counts=size["workers"], rounds=size["rounds"]
)
print(f"Of {n_cores} cores, {idle:.1f} stood idle before, and {idle_cores():.1f} do now.")

speedups = measured.pivot(index=["backend", "n_workers"], columns="workload", values="speedup")
speedups[[chore.name for chore in chores]].round(2)

# %%
order = ["threading", "loky", "multiprocessing", "dask"]
fig, all_axes = plt.subplots(1, 4, figsize=(10, 3.6), sharey=True)
width = 0.8 / len(size["workers"])
for axes, chore in zip(all_axes, chores, strict=True):
    of_chore = measured[measured["workload"] == chore.name].set_index(["n_workers", "backend"])
    for number, n_workers in enumerate(size["workers"]):
        bars = of_chore.loc[n_workers].loc[order]
        places = np.arange(len(order)) + width * (number - (len(size["workers"]) - 1) / 2)
        whiskers = [bars["speedup"] - bars["low"], bars["high"] - bars["speedup"]]
        axes.bar(
            places,
            bars["speedup"],
            width,
            yerr=whiskers,
            ecolor="#555555",
            label=f"{n_workers} workers",
        )
    axes.axhline(1, color="black", linewidth=1, linestyle="--")
    axes.set_title(chore.name)
    axes.set_xticks(range(len(order)), order, rotation=60, ha="right")
all_axes[0].set_ylabel("times as fast as the loop")
all_axes[0].legend()
of_python = measured[measured["workload"] == "pure Python"].groupby("backend")["speedup"].max()
best = measured.loc[measured.groupby("workload")["speedup"].idxmax()].set_index("workload")
figure(
    fig,
    alt=f"Speed-up over the loop. Threads on pure Python: {of_python.loc['threading']:.1f} times. Best by chore: "
    + "; ".join(
        f"{one.name}, {best.loc[one.name, 'backend']}, {best.loc[one.name, 'speedup']:.1f}"
        for one in chores
    ),
)

# %% [markdown]
# Read it by columns; on a machine with idle cores you should see this. *Pure Python*: threads stay at the dashed
# line, processes pass it. *NumPy* and *numba nogil*: threads do as well as processes, and they sent nothing. *I/O
# wait*: everybody gains, with more workers than cores too. `dask` pays most for each task, since each passes
# through a scheduler made for clusters. And this is the start that we left out:

# %%
starts = measured[measured["backend"] != "loop"].pivot_table(
    index="backend", columns="n_workers", values="start_seconds"
)
(starts * 1e3).round(0).rename_axis(columns="start of n workers (ms)")

# %% [markdown]
# ## What travels to a process?
#
# A process cannot see our memory. Whatever a task needs is turned to bytes, sent, and rebuilt: **pickling**.

# %% tags=["strict"]
import pickle

coordinates = np.zeros(1_000_000)
print("the array           :", f"{coordinates.nbytes:>9,} bytes")
print("the array, pickled  :", f"{len(pickle.dumps(coordinates)):>9,} bytes")
print("a function, pickled :", f"{len(pickle.dumps(workloads.count_words)):>9,} bytes")

# %% [markdown]
# A function travels as its *name*: the worker imports it. So a function without an importable name cannot be
# pickled. loky falls back on cloudpickle, which sends the code itself; the plain pickle of `multiprocessing`
# cannot.

# %% tags=["strict"]
import cloudpickle

try:
    pickle.dumps(lambda note: "late" in note)
except (pickle.PicklingError, AttributeError) as error:
    print("pickle:", type(error).__name__)
says_late = pickle.loads(cloudpickle.dumps(lambda note: "late" in note))
print("cloudpickle:", says_late("ring twice, always late"))

# %% [markdown]
# ## How much memory does a copy take?
#
# We send an array to two workers in four tasks, and every task sums one quarter of it. What does that add to the
# memory of the worker that needs most, at its peak?

# %%
guess = predict(
    "04.copied_memory",
    "By how many times the array's size does the worker grow, at its peak?",
    unit="times",
    default=1,
    my_guess=None,
)

# %%
from scaleml_course.parallel import shipping_costs, worker_memory

column = np.random.default_rng(4).random(round(size["ship_mb"][-1] * 1e6) // 8)
copied = worker_memory(column, "pickled") / column.nbytes
guess.compare(copied)

# %% [markdown]
# The message as it arrives, piece by piece, and then the array rebuilt from it: several times the array, in every
# worker, to read a quarter. While we have such workers, we also time how long the sending takes.

# %%
from tempfile import TemporaryDirectory

sizes = [round(megabytes * 1e6) for megabytes in size["ship_mb"]]
with TemporaryDirectory() as folder:
    pickled = shipping_costs(sizes, Path(folder), "pickled", rounds=5)
pickled.round(4)

# %% [markdown]
# ## Must the array be copied at all?
#
# Processes do not share memory, but they may *map the same file*, and the system then keeps one copy of its pages
# for all. joblib does this unasked for arrays over 1 MB (`max_nbytes="1M"`): it writes the array to a file once, in
# memory-backed `/dev/shm` where there is room, and every worker gets a **memory map**, an array whose bytes are
# read from the file when touched.

# %%
mapped = worker_memory(column, "memmapped") / column.nbytes
_ = claim(
    "04.memmap_spares_memory",
    "To sum its parts, a worker grew by {copied:.2f} times the array when it was sent a copy, by {mapped:.2f} times "
    "when it mapped the file: {value:.1f} times less.",
    copied / mapped,
    at_least=1.5,
    unit="times",
    copied=copied,
    mapped=mapped,
)

# %%
with TemporaryDirectory() as folder:
    memmapped = shipping_costs(sizes, Path(folder), "memmapped", rounds=5)
largest = pickled.iloc[-1]
_ = claim(
    "04.path_against_pickle",
    "Four tasks that were sent {megabytes:.0f} MB each took {value:.0f} times as long as four that were sent the "
    "path of a file.",
    largest["times_path"],
    at_least=3,
    unit="times",
    megabytes=largest["n_bytes"] / 1e6,
)

# %%
fig, axes = plt.subplots()
megabytes = pickled["n_bytes"] / 1e6
axes.plot(megabytes, pickled["seconds"] * 1e3, label="pickled")
axes.plot(megabytes, memmapped["seconds"] * 1e3, label="mapped by joblib, written on each call")
axes.plot(
    megabytes, pickled["path_seconds"] * 1e3, label="a path, and np.load(path, mmap_mode='r')"
)
axes.set(
    xscale="log", yscale="log", xlabel="array (MB)", ylabel="four tasks, sent and answered (ms)"
)
axes.legend()
pickled_ms, path_ms = largest["seconds"] * 1e3, largest["path_seconds"] * 1e3
mapped_ms = memmapped["seconds"].iloc[-1] * 1e3
per_byte = largest["seconds"] * 1e9 / (4 * largest["n_bytes"])
figure(
    fig,
    alt=f"Pickled, the time to send an array grows with its size, to {pickled_ms:.0f} ms at {megabytes.iloc[-1]:.0f} MB; "
    f"mapped by joblib, to {mapped_ms:.0f} ms; and a path costs {path_ms:.0f} ms there, as for the smallest.",
)
print(
    f"pickled: {per_byte:.2f} ns for each byte and task; a path: {path_ms:.0f} ms in all, whatever the size"
)

# %% [markdown]
# If the data already lie in a file, send the path: nothing is copied, at any size. The lines meet on the left
# because a joblib call looks for its results every 10 ms, so no call that waits for a worker is much shorter.

# %% [markdown]
# ## Why did my function break when the data grew?
#
# A mapped array is read-only, and the same code gets a copy or a map by the *size* of its argument.


# %% tags=["strict"]
def scale_in_place(array):
    array *= 2  # fine on a copy
    return float(array.sum())


lines = []
for n_values in (10_000, 1_000_000):
    try:
        [total] = Parallel(n_jobs=2, backend="loky")(
            delayed(scale_in_place)(np.ones(n_values)) for _ in range(1)
        )
        lines.append(f"{n_values:>9,} values: {total:,.0f}")
    except ValueError as error:
        lines.append(f"{n_values:>9,} values: ValueError: {error}")
print("\n".join(lines))

# %% [markdown]
# Write tasks that return new arrays and leave their arguments alone, and you will never meet this one.

# %% [markdown]
# ## Who else is using the cores?
#
# Each worker process may wake native threads of its own. What do workers find in their thread pools?


# %%
def blas_threads(_):
    np.ones((300, 300)) @ np.ones((300, 300))
    return max(
        (pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1
    )


settings = {
    "multiprocessing": {"backend": "multiprocessing"},
    "loky": {"backend": "loky"},
    "loky, inner_max_num_threads=1": {"backend": "loky", "inner_max_num_threads": 1},
}
for name, setting in settings.items():
    with parallel_config(n_jobs=2, **setting):
        threads = Parallel()(delayed(blas_threads)(n) for n in range(2))
    print(f"{name:30} 2 workers x {max(threads)} threads on {n_cores} cores")

# %% [markdown]
# loky divides the cores among its workers; a forked worker inherits the pool of its parent, so *n* workers bring
# *n* times as many threads as there are cores. That is **oversubscription**. Does it matter? `threadpool_limits`
# lets us set the number inside the task:

# %%
from threadpoolctl import threadpool_limits


def multiply(n_threads, n_products=6):
    matrix = np.ones((300, 300))
    with threadpool_limits(limits=n_threads, user_api="blas"):
        for _ in range(n_products):
            matrix @ matrix


fair, crowded = max(1, n_cores // 2), 2 * n_cores
with (
    parallel_config(backend="loky", inner_max_num_threads=1),
    Parallel(n_jobs=2, batch_size=1) as workers,
):
    work = delayed(multiply)
    crowd = compare(
        {
            f"2 workers x {fair} threads": lambda: workers(work(fair) for _ in range(2)),
            f"2 workers x {crowded} threads": lambda: workers(work(crowded) for _ in range(2)),
        },
        rounds=3,
        min_sample_seconds=0,
    )
crowd.table().iloc[:, :2].round(2)

# %%
_ = claim(
    "04.oversubscription",
    "The same products took {value:.1f} times as long with {crowded} threads in each of 2 workers as with {fair}.",
    crowd.ratio(f"2 workers x {crowded} threads", f"2 workers x {fair} threads"),
    at_least=1.2,
    unit="times",
    crowded=crowded,
    fair=fair,
    applies=n_cores >= 2,
    otherwise="this machine gives us one core",
)

# %% [markdown]
# The threads of one product wait for each other at the end of every piece, and they wait *busily*, burning the core
# that the last one needs. Three cures: `parallel_config(..., inner_max_num_threads=1)` for workers,
# `threadpool_limits` for a block of code, `OPENBLAS_NUM_THREADS=1` before the start.

# %% [markdown]
# ## And a Parallel inside a Parallel?
#
# The other road to too many workers: your function calls a library that calls joblib as well. Who does the inner
# work?

# %%
from joblib.parallel import get_active_backend


def inner(level):
    backend, _ = get_active_backend()
    name = type(backend).__name__
    if level == 3:
        return [name]
    return [name, *Parallel(n_jobs=2)(delayed(inner)(level + 1) for _ in range(2))[0]]


nested = Parallel(n_jobs=2, backend="loky")(delayed(inner)(2) for _ in range(2))
print("inside the first Parallel, the next one uses:", nested[0][0])
print("inside that, the one after it uses         :", nested[0][1])

# %% [markdown]
# joblib turns nested parallelism into threads, then into a plain loop, so that processes do not multiply. It can do
# so only for calls that it sees: thread pools of other libraries are yours to limit.

# %% [markdown]
# ## When this is slower
#
# Each task is described, queued, picked up and answered. If the task itself is shorter than that, workers are a
# loss. We count notes in tasks of growing length, one message a task.

# %%
from scaleml_course.parallel import Workload

notes = [5, 50, 500, 3_000]
ladder = [Workload(f"{n}", words.function, n, size["tiny"]) for n in notes]
tiny = backends.run_over_backends(
    ladder, backends=("threading", "loky", "multiprocessing"), rounds=size["rounds"]
)
task_ms = tiny[tiny["backend"] == "loop"].set_index("workload")["seconds"] / size["tiny"] * 1e3
gains = tiny.pivot(index="workload", columns="backend", values="speedup").loc[
    task_ms.index, order[:3]
]
gains.assign(**{"task (ms)": task_ms}).round(3)

# %%
_ = claim(
    "04.tiny_tasks",
    "Tasks of {microseconds:.0f} microseconds took {value:.0f} times as long on two loky workers as in the loop.",
    1 / gains["loky"].iloc[0],
    at_least=3,
    unit="times",
    microseconds=task_ms.iloc[0] * 1e3,
)


# %%
fig, axes = plt.subplots()
for backend in gains.columns:
    axes.plot(task_ms, gains[backend], label=backend)
axes.axhline(1, color="black", linewidth=1, linestyle="--")
axes.set(
    xscale="log",
    yscale="log",
    xlabel="duration of one task (ms)",
    ylabel="times as fast as the loop",
)
axes.legend()
figure(
    fig,
    alt=f"Two workers against the length of a task in pure Python. The shortest tasks run at {gains['loky'].iloc[0]:.3f} "
    f"times the loop's speed on loky, the longest at {gains['loky'].iloc[-1]:.1f} times; threads end at "
    f"{gains['threading'].iloc[-1]:.1f} times.",
)

# %% [markdown]
# From which length on do two workers pay? Say that a task takes *d* milliseconds in the loop, and its message *o*. Then
# *n* tasks take *n d* in the loop, and about *n (d/2 + o)* on two workers that can share them: they are level when *d*
# is *2 o*. The 40 tasks without any work, which went along with the four chores, tell us *o* for every backend.

# %%
of_nothing = measured[
    (measured["workload"] == "nothing") & measured["n_workers"].isin((1, 2))
].set_index("backend")
message_ms = (
    (of_nothing["seconds"] - of_nothing.loc["loop", "seconds"]).drop("loop") / nothing.n_tasks * 1e3
)
message_ms.to_frame("one message (ms)").assign(
    **{"two workers pay from (ms a task)": 2 * message_ms}
).round(2)

# %% [markdown]
# (For `threading` this holds only where the work lets go of the GIL: in pure Python its line never passes 1 for
# good.) The cure costs nothing: make tasks longer. Send a thousand notes a task instead of one, or let joblib do
# it. Its default `batch_size="auto"` doubles the batch until one lasts 0.2 s. That in turn can leave a worker with
# nothing when there are few short tasks, which is why we measured with `batch_size=1`.

# %% [markdown]
# ## Recap
#
# Ask what a task does *while it runs*:
#
# | the task | holds the GIL | take | because |
# |---|---|---|---|
# | waits for a network or a disk | no | `threading`, more workers than cores | waiting needs no core, threads cost little |
# | computes in NumPy, numba `nogil`, other C code | no | `threading` | all cores, nothing sent |
# | computes in Python | yes | `loky` | a GIL each; send paths or let joblib map |
# | any of these, on several machines | | `dask` | same line, dearer per task |
# | lasts well under a millisecond | | the plain loop, or batches | the message costs more than the work |
#
# Lesson 03 said: leave the interpreter before you look for more cores. The measurement above says why once more:
# the compiled loop got the second core with threads and nothing to send, and the Python loop needed processes,
# pickles and a millisecond a task to hide them. Lesson 05 goes on with the compiled loop and lets numba start the
# threads itself. In part 2, the `dask` line of this lesson meets real clusters.

# %% [markdown] tags=["quiz"]
# ## Quiz
# **1. Two threads count words in pure Python on two idle cores. Why are they no faster than one?**
# - [ ] Python's threads are simulated, and the system sees only one :: They are real threads of the system, and the system counts them, as the lesson showed. They could run at once; the lock forbids it.
# - [x] A thread must hold the GIL to run bytecode, and a process has one :: So they take turns, about every 5 ms, and together get one core.
# - [ ] The two threads compete for the same words in the cache :: The words are few and fit into any cache. With `nogil` code over more data, two threads did gain.
# - [ ] Starting a thread takes longer than the counting :: Starting a thread takes some tens of microseconds, the counting many milliseconds. Longer counting does not help either.
# **2. 5,000 requests to a server, each waits 80 ms and computes almost nothing. Which backend?**
# - [ ] loky, because only processes run in parallel :: Waiting is not running. Processes work here too, but each costs memory and a start, and you want many more workers than cores.
# - [x] threading, with many more workers than cores :: A waiting thread holds neither the GIL nor a core. Sixty threads are cheap, sixty processes are not.
# - [ ] none: the GIL lets only one thread wait at a time :: Functions that wait let go of the GIL first; four threads waited side by side in this lesson.
# **3. A function changes its array argument in place. It works with small arrays and raises "read-only" with large ones under loky. What happened?**
# - [ ] The worker ran out of memory for the copy :: Then you would see MemoryError, or a worker that was killed. Nothing was copied here: that is the point.
# - [x] Over 1 MB joblib sends a read-only memory map in place of a copy :: The kind of argument depends on its size (`max_nbytes`). Return a new array instead of changing the old one.
# - [ ] loky pickles large arrays as bytes, and bytes never change :: Pickled arrays are rebuilt as ordinary, writable arrays. It is the mapped ones that are read-only.
# **4. A job uses 8 processes on 8 cores, and each calls NumPy's matrix product with 8 threads. What do you expect?**
# - [ ] Eight times the speed of one process, and eight times again by the threads :: There are 8 cores however many threads ask for them.
# - [ ] No harm: the system runs 64 threads by turns at no cost :: Switching is cheap, but threads of one product wait for each other and burn the core that the slowest needs.
# - [x] Slower than 8 processes with one thread each :: Oversubscription. `inner_max_num_threads=1`, or `threadpool_limits(1)` in the task, gives the cores back.
# **5. A million tasks of 5 microseconds each take longer on 2 loky workers than in a loop. What helps?**
# - [ ] More workers :: Describing, sending and collecting the messages takes the time, and the parent does all of that.
# - [x] Put thousands of them in one task :: One message then pays for thousands of units of work; the break-even lay at some hundreds of microseconds or more a task.
# - [ ] The dask backend, because it is made for many tasks :: It is made for many machines, and costs most per task of all four.

# %% [markdown]
# ## Exercise
#
# Three chores to place on a backend, with reasons; a way to ask many routes at once; and a table too large to load,
# let alone to copy: [Exercise 04](../grader/release/04_threads_processes_joblib/04_threads_processes_joblib.ipynb).

# %% [markdown]
# ## Further reading
#
# - The joblib documentation, [Embarrassingly parallel for
#   loops](https://joblib.readthedocs.io/en/stable/parallel.html): backends, batching, memory mapping,
#   oversubscription.
# - D. Beazley, *Understanding the Python GIL*, PyCon 2010: threads that fight for the lock, drawn to the
#   microsecond. [Slides](https://www.dabeaz.com/python/UnderstandingGIL.pdf).
# - S. Gross, [PEP 703](https://peps.python.org/pep-0703/), *Making the Global Interpreter Lock Optional in
#   CPython*, 2023; [PEP 779](https://peps.python.org/pep-0779/), *Criteria for supported status for free-threaded
#   Python*, 2025.
# - [threadpoolctl](https://github.com/joblib/threadpoolctl): which native thread pools a process holds, and how to
#   limit them.
# - The scikit-learn user guide, [Parallelism, resource management, and
#   configuration](https://scikit-learn.org/stable/computing/parallelism.html): how one large library tells these
#   levels apart.
# - The Python documentation, [multiprocessing: contexts and start
#   methods](https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods): fork, spawn,
#   forkserver, and what each inherits.
# - [S], the part on joblib and its backends.
