"""What `watch` reports of a piece of work."""

from __future__ import annotations

from typing import Any

import dask
import numpy as np
import pytest

from scaleml_course.distributed import watch


def one_block(number: int) -> float:
    return float(np.ones(10_000_000).sum()) + number  # 80 MB for a moment


def test_it_counts_tasks_by_kind_and_sees_the_memory(client: Any) -> None:
    with watch(client) as run:
        dask.compute([dask.delayed(one_block)(number) for number in range(6)])
    assert run.count("one_block") == 6
    assert run.n_tasks >= 6
    assert run.seconds > 0
    assert len(run.peak_bytes) == len(run.start_bytes) == 2
    assert run.max_added_bytes > 50_000_000
    assert run.max_peak_bytes > run.max_added_bytes


def test_a_second_block_counts_from_zero(client: Any) -> None:
    with watch(client) as run:
        dask.compute(dask.delayed(one_block)(7))
    assert run.count("one_block") == 1


def test_work_that_raises_is_measured_all_the_same(client: Any) -> None:
    with pytest.raises(KeyError), watch(client) as run:
        dask.compute(dask.delayed(one_block)(8))
        raise KeyError
    assert run.count("one_block") == 1
