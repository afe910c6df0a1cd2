"""A tiny course for each test that wants one."""

import pytest

from tests.course.tiny import TinyCourse


@pytest.fixture
def tiny(tmp_path):
    """An empty course in a folder of its own."""
    return TinyCourse(tmp_path / "course")
