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
def workers():
    """Address of a scheduler with two workers that declare the resource; tests of the batch share them."""
    from distributed import LocalCluster

    options = {"dashboard_address": ":0", "memory_limit": 0, "resources": {"grader": 1}, "silence_logs": 50}
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", **options) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL server (`postgres.Postgres`)."""
    from postgres import Postgres, programs

    if programs() is None:
        pytest.skip("PostgreSQL is not installed (requirements/apt.txt names the package)")
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def graded(repository, tmp_path_factory):
    """The sample class of that repository, and its outcomes."""
    sample = sample_class.build(repository, tmp_path_factory.mktemp("course"))
    seen = []
    outcomes = batch.grade(sample.course, limits=LIMITS, progress=lambda *given: seen.append(given))
    return sample, outcomes, seen
