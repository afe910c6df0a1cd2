"""Paired, interleaved timing: two pieces of code meet the same machine, noise and all."""

from __future__ import annotations

import gc
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Estimate:
    """A median with the interval that holds the true median 19 times in 20.

    Attributes
    ----------
    value, low, high : float
        The median and the two ends of its interval, all in the same unit.
    """

    value: float
    low: float
    high: float

    def __float__(self) -> float:
        return self.value

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)


def median_with_interval(samples: np.ndarray, confidence: float = 0.95) -> Estimate:
    """Median of `samples` and a distribution-free interval from its order statistics.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Independent measurements, in any unit.
    confidence : float
        The chance, at least, that the interval holds the true median. With fewer than six samples no pair of
        order statistics reaches 0.95, and the interval is the whole range.

    Notes
    -----
    The number of samples below the true median is binomial(n, 1/2), whatever the distribution; see
    W. J. Conover, *Practical Nonparametric Statistics*, 3rd ed., section 3.2. No normality is assumed, which
    suits timings: their noise only ever adds.
    """
    ordered = np.sort(np.asarray(samples, dtype=np.float64))
    n = len(ordered)
    if n == 0:
        raise ValueError("no samples: a median needs at least one measurement")
    # Move inwards while both tails together stay under 1 - confidence.
    tail, rank = 0.5**n, 0
    while rank + 1 < n // 2 and 2 * (tail + math.comb(n, rank + 1) * 0.5**n) <= 1 - confidence:
        rank += 1
        tail += math.comb(n, rank) * 0.5**n
    return Estimate(float(np.median(ordered)), float(ordered[rank]), float(ordered[n - 1 - rank]))


@dataclass(frozen=True)
class Comparison:
    """What `compare` measured: seconds per call of each candidate, round by round.

    Attributes
    ----------
    samples : dict of str to ndarray of float64, shape (n_rounds,)
        Seconds per call. Entry *i* of every array was taken in the same round, so dividing two arrays
        compares like with like even when the machine's speed drifts.
    baseline : str
        The candidate that `table` divides by.
    """

    samples: Mapping[str, np.ndarray]
    baseline: str
    calls: Mapping[str, int] = field(default_factory=dict)

    def _samples_of(self, name: str) -> np.ndarray:
        if name not in self.samples:
            raise KeyError(f"{name!r} was not compared; compared were: {', '.join(self.samples)}")
        return self.samples[name]

    def seconds(self, name: str) -> Estimate:
        """Median seconds of one call of `name`."""
        return median_with_interval(self._samples_of(name))

    def ratio(self, slower: str, faster: str) -> Estimate:
        """How many times the time of `faster` does `slower` take: the median of the rounds' own ratios."""
        return median_with_interval(self._samples_of(slower) / self._samples_of(faster))

    def table(self) -> pd.DataFrame:
        """One row a candidate: median milliseconds, and its time over the baseline's with the interval."""
        import pandas as pd

        rows = {}
        for name in self.samples:
            ratio = self.ratio(name, self.baseline)
            rows[name] = {
                "milliseconds": self.seconds(name).value * 1e3,
                f"time / {self.baseline}": ratio.value,
                "low": ratio.low,
                "high": ratio.high,
            }
        return pd.DataFrame.from_dict(rows, orient="index")


def compare(
    candidates: Mapping[str, Callable[[], Any]],
    *,
    rounds: int = 7,
    min_sample_seconds: float = 0.02,
    baseline: str | None = None,
    seed: int = 0,
) -> Comparison:
    """Time several callables against each other, fairly, on a machine that is not quiet.

    Each candidate is called once before anything counts (imports, compilation, caches). Then every round
    times each of them once, in a shuffled order, so that a slow second hits all alike and no one always
    goes first.

    Parameters
    ----------
    candidates : mapping of str to callable
        Callables without arguments that do the same work.
    rounds : int
        Rounds that count. Seven give a 95% interval that is the whole range; more narrow it.
    min_sample_seconds : float
        A sample repeats its callable until it lasts about this long (in seconds), so that the clock's own
        resolution does not matter.
    baseline : str, optional
        The candidate that the table divides by; the first one if not given.
    seed : int
        Of the shuffling.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If there is nothing to compare, or `baseline` is not among the candidates.

    Notes
    -----
    Why pairs: T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time", ISMM 2013; and A. Georges
    et al., "Statistically rigorous Java performance evaluation", OOPSLA 2007.
    """
    if not candidates:
        raise ValueError("nothing to compare: pass at least one callable")
    if rounds < 1:
        raise ValueError(f"rounds must be at least 1, got {rounds}")
    names = list(candidates)
    baseline = names[0] if baseline is None else baseline
    if baseline not in candidates:
        raise ValueError(f"baseline {baseline!r} is not among the candidates: {', '.join(names)}")

    calls = {name: _calls_per_sample(candidates[name], min_sample_seconds) for name in names}
    samples: dict[str, list[float]] = {name: [] for name in names}
    shuffler = random.Random(seed)
    for _ in range(rounds):
        shuffler.shuffle(names)
        for name in names:
            samples[name].append(_time(candidates[name], calls[name]))
    return Comparison({name: np.array(samples[name]) for name in candidates}, baseline, calls)


def _calls_per_sample(function: Callable[[], Any], min_sample_seconds: float) -> int:
    """Warm `function` up, and find how many calls last `min_sample_seconds`."""
    function()
    once = _time(function, 1)
    return max(1, math.ceil(min_sample_seconds / max(once, 1e-9)))


def _time(function: Callable[[], Any], calls: int) -> float:
    """Seconds a call, over `calls` calls, with the garbage collector held off as `timeit` does."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(calls):
            function()
        return (time.perf_counter() - start) / calls
    finally:
        if collecting:
            gc.enable()
