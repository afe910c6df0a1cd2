"""Paired timing: the interval holds the median, the order is shuffled, and drift does not bend a ratio."""

import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scaleml_course.measure import Comparison, Estimate, compare, timing
from scaleml_course.measure.timing import median_with_interval

FINITE = st.floats(-1e9, 1e9, allow_nan=False)


class FakeClock:
    """A clock that only moves when code under test takes time."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(timing, "time", types.SimpleNamespace(perf_counter=lambda: self.now))

    def takes(self, seconds, journal=None, name=""):
        """A callable that takes `seconds`, or what `seconds(now)` says."""

        def work():
            if journal is not None:
                journal.append(name)
            self.now += seconds(self.now) if callable(seconds) else seconds

        return work


@pytest.fixture
def clock(monkeypatch):
    return FakeClock(monkeypatch)


@given(arrays(np.float64, st.integers(1, 60), elements=FINITE))
def test_the_interval_holds_the_median_and_ends_on_samples(samples):
    estimate = median_with_interval(samples)
    assert estimate.low <= estimate.value <= estimate.high
    assert {estimate.low, estimate.high} <= set(samples)
    assert estimate.value == np.median(samples)


@given(arrays(np.float64, st.integers(1, 40), elements=FINITE), st.integers(1, 3))
def test_the_interval_does_not_depend_on_the_order_or_the_unit(samples, power):
    estimate = median_with_interval(samples)
    again = median_with_interval(samples[::-1] * 2.0**power)
    assert (again.value, again.low, again.high) == tuple(
        part * 2.0**power for part in (estimate.value, estimate.low, estimate.high)
    )


@settings(deadline=None, max_examples=12)
@given(
    st.sampled_from(["uniform", "exponential", "lognormal", "two humps"]),
    st.sampled_from([6, 7, 9, 15, 30]),
    st.integers(0, 2**31),
)
def test_the_interval_covers_the_true_median_19_times_in_20(kind, n, seed):
    random = np.random.default_rng(seed)
    draw, median = {
        "uniform": (lambda: random.uniform(0, 2, n), 1.0),
        "exponential": (lambda: random.exponential(1.0, n), np.log(2)),
        "lognormal": (lambda: random.lognormal(0.0, 2.0, n), 1.0),
        "two humps": (lambda: random.choice([-1.0, 1.0], n) + random.uniform(-2, 2, n), 0.0),
    }[kind]
    trials = 2000
    estimates = [median_with_interval(draw()) for _ in range(trials)]
    held = sum(one.low <= median <= one.high for one in estimates)
    # At least 95 in 100, less six standard errors of what we count here.
    assert held / trials > 0.95 - 6 * np.sqrt(0.95 * 0.05 / trials)


def test_with_few_samples_the_interval_is_the_whole_range():
    for n in range(1, 6):
        estimate = median_with_interval(np.arange(n))
        assert (estimate.low, estimate.high) == (0, n - 1)


def test_with_many_samples_the_interval_narrows_as_the_binomial_says():
    # n = 10: leaving one out at each end misses with 2 * (1 + 10) / 1024 = 0.021; two would miss with 0.109.
    estimate = median_with_interval(np.arange(10.0))
    assert (estimate.low, estimate.value, estimate.high) == (1, 4.5, 8)


def test_no_samples_have_no_median():
    with pytest.raises(ValueError, match="at least one measurement"):
        median_with_interval(np.array([]))


def test_an_estimate_formats_and_counts_as_its_value():
    estimate = Estimate(2.345, 1.0, 3.0)
    assert f"{estimate:.1f}" == "2.3"
    assert float(estimate) == 2.345


def test_every_round_times_every_candidate_once_and_orders_differ(clock):
    journal = []
    work = {name: clock.takes(1.0, journal, name) for name in "abc"}
    compare(work, rounds=12, min_sample_seconds=0.5)
    warm_up, rounds = journal[:6], journal[6:]
    assert warm_up == list("aabbcc")  # once for the caches, once to see how long it takes
    orders = ["".join(rounds[start : start + 3]) for start in range(0, 36, 3)]
    assert all(sorted(order) == list("abc") for order in orders)
    assert len(set(orders)) > 2, "always the same order would favour whoever goes first"


def test_the_order_is_the_same_for_the_same_seed(clock):
    def order(seed):
        journal = []
        compare({name: clock.takes(1.0, journal, name) for name in "abcd"}, rounds=6, seed=seed)
        return journal

    assert order(3) == order(3) != order(4)


def test_a_ratio_is_paired_so_drift_does_not_bend_it(clock):
    # The machine slows down to a twentieth while we measure; the truth stays: twice as long.
    def drift(now):
        return 1.0 + now / 100.0

    result = compare(
        {"slow": clock.takes(lambda now: 2.0 * drift(now)), "fast": clock.takes(lambda now: 1.0 * drift(now))},
        rounds=21,
        min_sample_seconds=0.0,
    )
    assert result.samples["fast"].max() > 1.5 * result.samples["fast"].min(), "the clock did not drift"
    ratio = result.ratio("slow", "fast")
    assert ratio.low <= 2.0 <= ratio.high
    assert ratio.value == pytest.approx(2.0, rel=0.06)


def test_a_ratio_divides_round_by_round():
    result = Comparison({"slow": np.array([2.0, 40.0, 600.0]), "fast": np.array([1.0, 10.0, 100.0])}, "fast")
    assert result.ratio("slow", "fast").value == 4.0  # the median of 2, 4 and 6; medians divided would be 4 too
    result = Comparison({"slow": np.array([2.0, 1.0, 60.0]), "fast": np.array([1.0, 1.0, 100.0])}, "fast")
    assert result.ratio("slow", "fast").value == 1.0  # medians divided would say 2


def test_a_short_call_is_repeated_until_the_clock_can_see_it(clock):
    result = compare({"short": clock.takes(0.001), "long": clock.takes(1.0)}, min_sample_seconds=0.02)
    assert result.calls["long"] == 1
    assert result.calls["short"] in (20, 21)
    assert result.seconds("short").value == pytest.approx(0.001)


def test_the_table_divides_by_the_baseline(clock):
    result = compare({"one": clock.takes(1.0), "three": clock.takes(3.0)}, baseline="one")
    table = result.table()
    assert list(table.index) == ["one", "three"]
    assert table.loc["three", "time / one"] == pytest.approx(3.0)
    assert table.loc["one", "milliseconds"] == pytest.approx(1000.0)


def test_the_first_candidate_is_the_baseline_by_default(clock):
    assert compare({"b": clock.takes(1.0), "a": clock.takes(1.0)}).baseline == "b"


@pytest.mark.parametrize(
    ("candidates", "options", "message"),
    [
        ({}, {}, "nothing to compare"),
        ({"a": int}, {"rounds": 0}, "at least 1"),
        ({"a": int, "b": int}, {"baseline": "c"}, "'c' is not among the candidates: a, b"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(candidates, options, message):
    with pytest.raises(ValueError, match=message):
        compare(candidates, **options)


def test_a_name_that_was_not_compared_is_told_with_those_that_were():
    result = compare({"a": int, "b": float}, rounds=1, min_sample_seconds=0.0)
    with pytest.raises(KeyError, match="'c' was not compared; compared were: a, b"):
        result.ratio("a", "c")


def test_the_garbage_collector_is_off_while_timing_and_on_again_after_a_failure():
    import gc

    seen = []
    compare({"look": lambda: seen.append(gc.isenabled())}, rounds=1, min_sample_seconds=0.0)
    assert seen[0] and not any(seen[1:])  # the warm-up call is not timed

    def fails():
        if not gc.isenabled():
            raise RuntimeError("while timed")

    with pytest.raises(RuntimeError, match="while timed"):
        compare({"fails": fails})
    assert gc.isenabled()
