"""Arrays sent to workers: what they cost is reported, and nothing stays on the disk."""

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from scaleml_course.parallel.shipping import shipping_costs, worker_memory


@pytest.fixture(autouse=True)
def _end_workers():
    yield
    get_reusable_executor().shutdown(wait=True)


def test_a_copy_takes_the_whole_array_and_a_map_the_part_that_is_read():
    array = np.zeros(4_000_000)
    copied, mapped = worker_memory(array, "pickled"), worker_memory(array, "memmapped")
    assert copied > array.nbytes
    assert mapped < copied / 1.5


def test_costs_are_one_row_a_size_and_the_files_are_removed(tmp_path):
    table = shipping_costs([8_000, 2_000_000], tmp_path, "memmapped", n_tasks=2, rounds=2)
    assert list(table["n_bytes"]) == [8_000, 2_000_000]
    assert (table[["seconds", "path_seconds", "times_path"]] > 0).all(axis=None)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_way_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match="pickled, memmapped"):
        worker_memory(np.zeros(8), "by post")
    with pytest.raises(ValueError, match="pickled, memmapped"):
        shipping_costs([8], tmp_path, "by post")
