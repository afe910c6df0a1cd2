"""The four kinds of work give the answers they promise, in this process and from a size."""

import pickle

import pytest

from scaleml_course.parallel.workloads import (
    NOTE,
    Workload,
    count_words,
    four_workloads,
    numba_distances,
    numpy_distances,
    size_for,
    wait_for_answer,
)


def test_words_are_counted_once_for_every_note():
    assert count_words(7) == 7 * NOTE.split().count("late")
    assert count_words(0) == 0


def test_compiled_and_numpy_distances_agree():
    assert numba_distances(3) == pytest.approx(numpy_distances(3), rel=1e-9)


def test_the_wait_returns_what_it_waited():
    assert wait_for_answer(0.001) == 0.001


def test_a_workload_is_its_function_over_equal_sizes():
    work = Workload("notes", count_words, 4, n_tasks=3)
    assert work.sizes == [4, 4, 4]
    assert work.run_alone() == [count_words(4)] * 3


def test_every_task_travels_as_a_name_and_a_number():
    for work in four_workloads(0.001, 2):
        assert len(pickle.dumps((work.function, work.size))) < 200
        assert work.n_tasks == 2 and work.size > 0


def test_a_size_is_at_least_one_however_short_the_task():
    assert size_for(lambda size: sum(range(1000 * size)), 1e-9) == 1


@pytest.mark.parametrize(("task_seconds", "n_tasks"), [(0, 4), (-1, 4), (0.01, 0)])
def test_work_without_time_or_tasks_is_refused(task_seconds, n_tasks):
    with pytest.raises(ValueError, match="must be positive"):
        four_workloads(task_seconds, n_tasks)
