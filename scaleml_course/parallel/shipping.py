"""What it costs to hand an array to worker processes: pickled, memory-mapped by joblib, or as a path."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from scaleml_course.measure import compare, high_water_bytes, resident_bytes
from scaleml_course.measure.memory import reset_high_water

if TYPE_CHECKING:
    import pandas as pd

# joblib writes an array larger than `max_nbytes` to a file once, and workers map that file; None switches it off.
MAX_NBYTES = {"pickled": None, "memmapped": "1M"}


def first_value(array: np.ndarray) -> float:
    """The least a task can do with an array."""
    return float(array[0])


def first_value_of(path: str) -> float:
    """The same for a task that is sent a path: it maps the file, and reads one page of it."""
    return float(np.load(path, mmap_mode="r")[0])


def sum_part(array: np.ndarray, start: int, stop: int) -> tuple[int, int]:
    """Sum a part of `array`; returns this worker's process id and its peak resident memory in bytes."""
    array[start:stop].sum()
    return os.getpid(), high_water_bytes()


def _memory_at_rest(_: int) -> tuple[int, int]:
    """Process id and resident bytes of a worker that starts counting its peak now."""
    reset_high_water()
    time.sleep(0.1)  # long enough for every other worker to take a task of its own
    return os.getpid(), resident_bytes()


def worker_memory(array: np.ndarray, way: str, *, n_workers: int = 2, n_tasks: int = 4) -> int:
    """Bytes that a fresh loky worker adds at its peak when the workers sum `array` part by part.

    Parameters
    ----------
    array : ndarray, shape (n,)
        Every task is sent all of it, and reads one part in `n_tasks`.
    way : {"pickled", "memmapped"}

    Returns
    -------
    int
        Of the worker that needed most. The pages of a mapped file that it touched are counted in.

    Raises
    ------
    ValueError
        For another way.
    """
    if way not in MAX_NBYTES:
        raise ValueError(f"unknown way {way!r}; the ways to send an array are: {', '.join(MAX_NBYTES)}")
    get_reusable_executor().shutdown(wait=True)  # used workers would hold memory from before
    bounds = np.linspace(0, len(array), n_tasks + 1).astype(int).tolist()
    with Parallel(n_jobs=n_workers, backend="loky", batch_size=1, max_nbytes=MAX_NBYTES[way]) as parallel:
        at_rest = dict(parallel(delayed(_memory_at_rest)(i) for i in range(2 * n_workers)))
        peaks = parallel(delayed(sum_part)(array, start, stop) for start, stop in pairwise(bounds))
    lowest = min(at_rest.values())
    return max(peak - at_rest.get(worker, lowest) for worker, peak in peaks)


def shipping_costs(
    n_bytes: Sequence[int], folder: Path, way: str, *, n_workers: int = 2, n_tasks: int = 4, rounds: int = 5
) -> pd.DataFrame:
    """Time to send arrays to loky workers, `n_tasks` times each, against sending the path of a file.

    Parameters
    ----------
    n_bytes : sequence of int
        Sizes of the arrays, in bytes.
    folder : Path
        Where the files lie while they are measured; they are removed.
    way : {"pickled", "memmapped"}
        A map is made anew for every call, as a program's first call would.

    Returns
    -------
    DataFrame
        One row an array size: `seconds` for all tasks, `path_seconds` for the same tasks sent a path, and their
        ratio `times_path` (paired by round) with its interval `low` to `high`.

    Raises
    ------
    ValueError
        For another way.
    """
    import pandas as pd

    if way not in MAX_NBYTES:
        raise ValueError(f"unknown way {way!r}; the ways to send an array are: {', '.join(MAX_NBYTES)}")
    rows = []
    for size in n_bytes:
        array = np.random.default_rng(0).random(size // 8)
        path = Path(folder, f"{size}.npy")
        np.save(path, array)

        def send(function, what):  # type: ignore[no-untyped-def]  # of any task and its argument
            parallel = Parallel(n_jobs=n_workers, backend="loky", batch_size=1, max_nbytes=MAX_NBYTES[way])
            return parallel(delayed(function)(what) for _ in range(n_tasks))

        measured = compare(
            {
                way: lambda array=array: send(first_value, array),  # type: ignore[misc]
                "path": lambda path=path: send(first_value_of, str(path)),  # type: ignore[misc]
            },
            rounds=rounds,
            min_sample_seconds=0,
        )
        path.unlink()
        ratio = measured.ratio(way, "path")
        rows.append(
            {
                "way": way,
                "n_bytes": array.nbytes,
                "seconds": measured.seconds(way).value,
                "path_seconds": measured.seconds("path").value,
                "times_path": ratio.value,
                "low": ratio.low,
                "high": ratio.high,
            }
        )
    return pd.DataFrame(rows)
