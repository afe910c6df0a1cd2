"""Four kinds of work that a worker can do: Python, NumPy, waiting, and compiled code without the GIL."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

EARTH_RADIUS_KM = 6371.0
# Coordinates at a time. Their arrays stay within a core's cache, and below the 128 KiB from which malloc maps fresh
# pages for each array: a fresh worker would pay for these pages, an old process has learnt to keep them.
BLOCK = 15_000
NOTE = "gate locked left with neighbour driver late ring twice beware of dog late"


# Plain functions of one number, at the top of a module: a task travels as a name and that number, whatever the
# backend, and every process finds the function by importing it.
def count_words(n_notes: int) -> int:
    """Count the words of `n_notes` notes in plain Python; returns how often "late" stood in them."""
    counts: dict[str, int] = {}
    for _ in range(n_notes):
        for word in NOTE.split():
            counts[word] = counts.get(word, 0) + 1
    return counts.get("late", 0)


def numpy_distances(n_blocks: int) -> float:
    """Kilometres from a depot to `n_blocks` blocks of addresses, summed, in NumPy (haversine formula)."""
    latitude = np.linspace(0.80, 0.95, BLOCK)
    total = 0.0
    for block in range(n_blocks):
        step = np.sin((latitude - 0.85 - 1e-6 * block) / 2) ** 2
        chord = step + np.cos(latitude) * 0.66 * 0.01
        total += float((2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord))).sum())
    return total


def wait_for_answer(seconds: float) -> float:
    """Wait as for a server's answer; the processor has nothing to do meanwhile. Returns `seconds`."""
    time.sleep(seconds)
    return seconds


@njit(nogil=True, cache=True)
def _distances(n_blocks: int) -> float:
    total = 0.0
    for block in range(n_blocks):
        for i in range(BLOCK):
            latitude = 0.80 + 0.15 * i / (BLOCK - 1)
            step = math.sin((latitude - 0.85 - 1e-6 * block) / 2) ** 2
            chord = step + math.cos(latitude) * 0.66 * 0.01
            total += 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))
    return total


def numba_distances(n_blocks: int) -> float:
    """The same kilometres in a compiled loop that lets go of the GIL before it starts."""
    return float(_distances(n_blocks))


@dataclass(frozen=True)
class Workload:
    """Several equal tasks.

    Attributes
    ----------
    name : str
        For tables and figures.
    function : callable
        Of one number.
    size : int or float
        The number each task is called with.
    n_tasks : int
    """

    name: str
    function: Callable[[Any], Any]
    size: float
    n_tasks: int

    @property
    def sizes(self) -> list[float]:
        """What to map `function` over."""
        return [self.size] * self.n_tasks

    def run_alone(self) -> list[Any]:
        """All tasks one after the other in this thread: what every backend has to beat."""
        return [self.function(size) for size in self.sizes]


def size_for(function: Callable[[int], Any], task_seconds: float) -> int:
    """How large `function`'s argument must be for a call of about `task_seconds` on this machine now.

    Doubles the argument until a call lasts long enough to be timed, then scales the fastest of a few calls in
    proportion: on a busy machine a single call would look longer than it is. At least 1.
    """
    function(1)  # imports and compilation come first
    size = 1
    while (seconds := _seconds(function, size)) < task_seconds / 4:
        size *= 2
    fastest = min(seconds, *(_seconds(function, size) for _ in range(4)))
    return max(1, round(size * task_seconds / fastest))


def _seconds(function: Callable[[int], Any], size: int) -> float:
    start = time.perf_counter()
    function(size)
    return time.perf_counter() - start


def four_workloads(task_seconds: float, n_tasks: int) -> tuple[Workload, ...]:
    """The four kinds of work, every task sized to last about `task_seconds` on one core of this machine.

    Raises
    ------
    ValueError
        If `task_seconds` or `n_tasks` is not positive.
    """
    if task_seconds <= 0 or n_tasks < 1:
        raise ValueError(f"task_seconds and n_tasks must be positive, got {task_seconds} and {n_tasks}")
    return (
        Workload("pure Python", count_words, size_for(count_words, task_seconds), n_tasks),
        Workload("NumPy", numpy_distances, size_for(numpy_distances, task_seconds), n_tasks),
        Workload("I/O wait", wait_for_answer, task_seconds, n_tasks),
        Workload("numba nogil", numba_distances, size_for(numba_distances, task_seconds), n_tasks),
    )
