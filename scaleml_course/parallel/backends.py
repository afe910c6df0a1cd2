"""Runs the same work over every joblib backend and worker count, paired with the plain loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor

from scaleml_course.measure import compare

if TYPE_CHECKING:
    import pandas as pd

    from scaleml_course.parallel.workloads import Workload

BACKENDS = ("multiprocessing", "threading", "loky", "dask")  # the one that forks goes before any that start threads

Run = Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]


@contextmanager
def start_workers(backend: str, n_workers: int) -> Iterator[Run]:
    """Keep `n_workers` workers ready for several runs; none of them is left afterwards.

    Parameters
    ----------
    backend : {"threading", "loky", "multiprocessing", "dask"}
        "dask" starts a cluster of its own: `n_workers` processes with one thread each.
    n_workers : int
        At least 2. With one worker joblib runs a plain loop, whatever the backend.

    Yields
    ------
    run : callable
        `run(function, items)` returns `[function(item) for item in items]`, computed by the workers, in order.
        One item is one message: joblib's batching of short tasks is off, so that n items keep n workers busy.

    Raises
    ------
    ValueError
        For an unknown backend, or fewer than two workers.
    """
    if backend not in BACKENDS:
        raise ValueError(f"unknown backend {backend!r}; joblib's backends here are: {', '.join(BACKENDS)}")
    if n_workers < 2:
        raise ValueError(f"n_workers must be at least 2, got {n_workers}: one worker is the plain loop")
    if backend == "loky":
        get_reusable_executor().shutdown(wait=True)  # joblib keeps workers between calls: these begin afresh
    with _cluster(backend, n_workers):
        with parallel_config(backend=backend, n_jobs=n_workers):
            parallel = Parallel(batch_size=1)
        try:
            with parallel:
                yield lambda function, items: list(parallel(delayed(function)(item) for item in items))
        finally:
            if backend == "loky":
                get_reusable_executor().shutdown(wait=True)


@contextmanager
def _cluster(backend: str, n_workers: int) -> Iterator[None]:
    """A local cluster for the backend that needs one, nothing for the others."""
    if backend != "dask":
        yield
        return
    from scaleml_course.distributed import local_cluster

    with local_cluster(n_workers, memory_limit_bytes=None):
        yield


def run_over_backends(
    workloads: Workload | Sequence[Workload],
    *,
    backends: Sequence[str] = BACKENDS,
    worker_counts: Sequence[int] = (2,),
    rounds: int = 5,
) -> pd.DataFrame:
    """Time every workload on every backend with every number of workers.

    Workers are started before anything is timed, and stay idle while others are timed; what the start took is
    reported apart. The loop and all backends take turns within each round, so they meet the same machine.

    Parameters
    ----------
    workloads : Workload or sequence of Workload
    backends : sequence of str
        Of `BACKENDS`.
    worker_counts : sequence of int
        Each at least 2; the plain loop, which is what joblib runs for one worker, is always measured.
    rounds : int

    Returns
    -------
    DataFrame
        One row a workload, backend and worker count: `seconds` (median, for all tasks), `speedup` over the loop
        with its interval `low` to `high` (paired by round), and `start_seconds`, from nothing to the first answer.
        The loop stands in it once a workload, as backend "loop" with one worker.

    Raises
    ------
    ValueError
        For an unknown backend, or a worker count below 2.
    """
    import pandas as pd

    from scaleml_course.parallel.workloads import Workload  # imports numba, which starting workers does not need

    listed = [workloads] if isinstance(workloads, Workload) else list(workloads)
    rows: list[dict[str, Any]] = []
    for n_workers in worker_counts:
        with ExitStack() as stack:
            runs, starts = _start_all(stack, backends, n_workers)
            for workload in listed:
                rows += _measure(workload, runs, starts, n_workers, rounds)
    frame = pd.DataFrame(rows).drop_duplicates(["workload", "backend", "n_workers"])
    return frame.reset_index(drop=True)


def _start_all(
    stack: ExitStack, backends: Sequence[str], n_workers: int
) -> tuple[dict[str, Run], dict[str, float]]:
    """Start the workers of every backend; return how to run on them and what their start took (seconds)."""
    runs, starts = {}, {}
    # A fork copies the threads' locks but not the threads: fork first, while there are few.
    for backend in sorted(backends, key=lambda name: name != "multiprocessing"):
        start = time.perf_counter()
        runs[backend] = stack.enter_context(start_workers(backend, n_workers))
        runs[backend](abs, range(n_workers))
        starts[backend] = time.perf_counter() - start
    return runs, starts


def _measure(
    workload: Workload, runs: dict[str, Run], starts: dict[str, float], n_workers: int, rounds: int
) -> list[dict[str, Any]]:
    """One workload on all running backends and in the loop: the rows of the frame."""
    candidates: dict[str, Callable[[], Any]] = {"loop": workload.run_alone}
    for backend, run in runs.items():
        candidates[backend] = lambda run=run: run(workload.function, workload.sizes)  # type: ignore[misc]
    measured = compare(candidates, rounds=rounds, min_sample_seconds=0)
    rows = []
    for name in candidates:
        speedup = measured.ratio("loop", name)
        rows.append(
            {
                "workload": workload.name,
                "backend": name,
                "n_workers": 1 if name == "loop" else n_workers,
                "seconds": measured.seconds(name).value,
                "speedup": speedup.value,
                "low": speedup.low,
                "high": speedup.high,
                "start_seconds": starts.get(name, 0.0),
            }
        )
    return rows
