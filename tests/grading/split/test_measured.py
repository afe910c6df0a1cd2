"""`peak_memory` in a test measures and limits the student's process, and says how a call ended."""

import sys

import pytest

from scaleml_course.measure import memory, peak_memory
from tests.grading.split.two_processes import check, error_of

ANSWER = """
import numpy as np, os, time
def f(blocks): return sum(block.sum() for block in blocks)
def g(blocks): return sum(block.sum() for block in list(blocks))
def big(n): return float(np.ones(n).sum())
def wrong(): raise KeyError("odd")
def slow(): time.sleep(60)
def lifts(n):
    import resource
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    return big(n)
def gone(): os._exit(1)
"""
HEAD = """
import numpy as np
from scaleml_course.measure import peak_memory
def blocks(n):
    return (np.ones(500_000) for _ in range(n))
MB = 1_000_000
"""
TESTS = {
    "lazily": "run = peak_memory(lambda: f(blocks(40)), limit_bytes=60 * MB)\n"
    "assert run.status == 'ok' and run.result == 20 * MB, run\nassert run.added_bytes < 60 * MB, run",
    "all at once": "run = peak_memory(lambda: g(blocks(40)), limit_bytes=60 * MB)\n"
    "assert run.status == 'out_of_memory' and 'MemoryError' in run.error, run",
    "after running out": "run = peak_memory(f, blocks(3))\nassert run.status == 'ok', run",
    "its own array": "run = peak_memory(big, 10 * MB)\nassert 70 * MB < run.added_bytes < 130 * MB, run",
    "its own array, limited": "run = peak_memory(big, 10 * MB, limit_bytes=40 * MB)\n"
    "assert run.status == 'out_of_memory', run",
    "an error": "run = peak_memory(wrong)\nassert run.status == 'error' and 'KeyError' in run.error, run",
    "too slow": "run = peak_memory(slow, timeout_s=0.5)\nassert run.status == 'timeout' and run.seconds < 10, run",
    "after a timeout": "assert peak_memory(big, 10).status == 'ok'",
    "a limit that is lifted": "run = peak_memory(lifts, 40 * MB, limit_bytes=40 * MB)\n"
    "assert run.status == 'out_of_memory' and run.result is None, run",
    "gone": "run = peak_memory(gone)\nassert run.status == 'killed', run",
}


@pytest.fixture(scope="module")
def outputs():
    if sys.platform != "linux":
        pytest.skip("grading in two processes runs on Linux alone")
    names = ("f", "g", "big", "wrong", "slow", "lifts", "gone")
    found = check(ANSWER, *(HEAD + test for test in TESTS.values()), names=names)
    return dict(zip(TESTS, found, strict=True))


@pytest.mark.parametrize("name", TESTS)
def test_a_call_is_measured_where_it_runs(outputs, name):
    assert error_of(outputs[name]) is None


def test_outside_of_grading_nothing_is_elsewhere(monkeypatch):
    assert memory.elsewhere is None
    seen = []
    monkeypatch.setattr(memory, "elsewhere", lambda *call: seen.append(call))
    peak_memory(len, [1], limit_bytes=5, timeout_s=2.0)
    assert seen == [(len, ([1],), {}, 5, 2.0)]
