"""One graded sample class, shared by the tests that only look at it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_course import write_repository

from scaleml_course.grading import batch, sample_class
from scaleml_course.grading.limits import Limits

#: Short, so that the endless loop costs the tests little.
LIMITS = Limits(timeout_s=40.0, cell_timeout_s=4.0)


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """A repository with one small exercise."""
    return write_repository(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="session")
def graded(repository, tmp_path_factory):
    """The sample class of that repository, and its outcomes."""
    sample = sample_class.build(repository, tmp_path_factory.mktemp("course"))
    seen = []
    outcomes = batch.grade(sample.course, limits=LIMITS, progress=lambda *given: seen.append(given))
    return sample, outcomes, seen
