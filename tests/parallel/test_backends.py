"""Every backend gives the loop's answers in order, keeps its workers busy, and leaves nothing behind."""

import operator
import os
import threading
from functools import partial

import psutil
import pytest
from threadpoolctl import threadpool_info

from scaleml_course.parallel.backends import BACKENDS, run_over_backends, start_workers
from scaleml_course.parallel.workloads import Workload, count_words, wait_for_answer

ALL_BACKENDS = [pytest.param(name, marks=pytest.mark.slow) if name == "dask" else name for name in BACKENDS]
square = partial(pow, exp=2)


def workers_left() -> list[str]:
    """Children that are still there, but for the trackers that loky and multiprocessing keep for the process."""
    children = psutil.Process().children(recursive=True)
    commands = [" ".join(child.cmdline()) for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [command for command in commands if "resource_tracker" not in command]


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_answers_are_those_of_the_loop_and_in_its_order(backend):
    items = [9, 1, 5, 0, 7, 3, 3]
    with start_workers(backend, 2) as run:
        assert run(square, items) == [item**2 for item in items]
        assert run(square, []) == []


@pytest.mark.parametrize("backend", ALL_BACKENDS)
def test_no_worker_is_left_after_the_block(backend):
    before = workers_left()
    with start_workers(backend, 2) as run:
        run(square, range(4))
    assert len(workers_left()) <= len(before), workers_left()


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
def test_no_worker_is_left_after_an_error(backend):
    before = workers_left()
    with pytest.raises(ZeroDivisionError), start_workers(backend, 2) as run:
        run(partial(operator.truediv, 1), [1, 0])
    assert len(workers_left()) <= len(before), workers_left()


def test_loky_starts_with_fresh_workers():
    with start_workers("loky", 2) as run:
        first = set(run(_process_of, range(8)))
    with start_workers("loky", 2) as run:
        assert first.isdisjoint(run(_process_of, range(8)))


def _process_of(_: int) -> int:
    return os.getpid()


def test_one_item_is_one_message_after_many_short_ones():
    """joblib's own batching grew until one worker of four took every item of a short list."""
    meeting = threading.Barrier(4)
    with start_workers("threading", 4) as run:
        for _ in range(5):
            run(square, range(100))
        # Returns only if four items are in work at the same time.
        assert sorted(run(lambda _: meeting.wait(timeout=30), range(4))) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["thread", "processes", ""])
def test_an_unknown_backend_is_refused_with_the_known_ones(name):
    with (
        pytest.raises(ValueError, match=r"unknown backend .*multiprocessing, threading, loky, dask"),
        start_workers(name, 2),
    ):
        pass


@pytest.mark.parametrize("n_workers", [1, 0, -1])
def test_fewer_than_two_workers_are_refused(n_workers):
    with pytest.raises(ValueError, match="at least 2"), start_workers("threading", n_workers):
        pass


def test_the_table_has_one_row_a_workload_backend_and_count():
    work = [Workload("words", count_words, 10, 3), Workload("wait", wait_for_answer, 0.001, 3)]
    table = run_over_backends(work, backends=("threading", "multiprocessing"), worker_counts=(2, 3), rounds=2)
    assert len(table) == 2 * (1 + 2 * 2)
    assert not table.duplicated(["workload", "backend", "n_workers"]).any()
    loop = table[table["backend"] == "loop"]
    assert (loop["n_workers"] == 1).all() and (loop["speedup"] == 1).all() and (loop["start_seconds"] == 0).all()
    others = table[table["backend"] != "loop"]
    assert set(others["n_workers"]) == {2, 3} and (others["start_seconds"] > 0).all()
    assert (table["seconds"] > 0).all()
    assert (table["low"] <= table["speedup"]).all() and (table["speedup"] <= table["high"]).all()


def test_a_single_workload_needs_no_list():
    table = run_over_backends(Workload("words", count_words, 5, 2), backends=("threading",), rounds=1)
    assert list(table["backend"]) == ["loop", "threading"]


def test_thread_pools_are_as_large_afterwards_as_before():
    before = [(pool["filepath"], pool["num_threads"]) for pool in threadpool_info()]
    run_over_backends(Workload("words", count_words, 5, 2), backends=("loky",), rounds=1)
    assert [(pool["filepath"], pool["num_threads"]) for pool in threadpool_info()] == before


@pytest.mark.slow
def test_all_backends_run_side_by_side_and_end():
    before = workers_left()
    table = run_over_backends(Workload("words", count_words, 5, 2), rounds=1)
    assert set(table["backend"]) == {"loop", *BACKENDS}
    assert len(workers_left()) <= len(before), workers_left()
