"""The package offers what it lists, and says so when asked for anything else."""

import pytest

import scaleml_course.parallel as parallel


@pytest.mark.parametrize("name", parallel.__all__)
def test_every_listed_name_can_be_imported(name):
    assert getattr(parallel, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = parallel.nothing
