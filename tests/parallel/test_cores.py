"""Idle cores are counted between none and all that this process may use."""

from scaleml_course.measure import hardware
from scaleml_course.parallel.cores import idle_cores


def test_idle_cores_lie_between_none_and_all():
    assert 0 <= idle_cores(0.05) <= hardware().n_cores
