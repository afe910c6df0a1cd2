"""`deep_bytes` counts pointers, and each object once."""

import sys
from array import array

import numpy as np
import pytest

from scaleml_course.kernels import deep_bytes

POINTER_BYTES = 8


def test_a_list_of_distinct_objects_costs_its_pointers_and_every_object():
    values = [10**9 + i for i in range(1000)]
    expected = sys.getsizeof([]) + 1000 * (POINTER_BYTES + sys.getsizeof(10**9))
    # A list that grew by append may hold some room in reserve: pointers, and no objects.
    assert expected <= deep_bytes(values) <= 1.2 * expected


def test_an_object_that_stands_in_the_list_many_times_counts_once():
    one = 10**9
    values = [one] * 1000
    assert deep_bytes(values) == sys.getsizeof(values) + sys.getsizeof(one)


def test_equal_objects_that_are_not_the_same_count_each():
    first, second = float("1.5"), float("1.5")
    assert deep_bytes([first, second]) == sys.getsizeof([first, second]) + 2 * sys.getsizeof(1.5)


def test_an_empty_list_costs_its_own_header():
    assert deep_bytes([]) == sys.getsizeof([])


@pytest.mark.parametrize("buffer", [array("q", [1]), np.ones(3), b"abc", range(3)])
def test_a_buffer_is_refused_with_advice(buffer):
    with pytest.raises(TypeError, match="getsizeof"):
        deep_bytes(buffer)
