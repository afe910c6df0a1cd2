"""Thousands of damaged submissions: the batch always ends, everybody has a row, and the honest keep their marks."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from mutations import damaged
from small_course import ANSWERS, NAME, exercise

from scaleml_course.grading import batch, sample_class
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.outcome import STATUSES
from scaleml_course.grading.processes import leftovers

#: As many as the grader was ever promised to survive.
N_DAMAGED = 2000
EVERY = 50
LIMITS = Limits(timeout_s=10.0, cell_timeout_s=2.0, memory_mb=600)


def collect(valid: dict, n: int) -> list[bytes]:
    """As many damaged copies, the same ones every time."""
    found: list[bytes] = []

    @settings(
        max_examples=n,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(valid))
    def take(content: bytes) -> None:
        found.append(content)

    while len(found) < n:
        take()
    return found[:n]


def solved() -> dict:
    """The exercise with its own solutions, as a student might hand it in."""
    return json.loads(json.dumps(exercise()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "n_damaged", [150, pytest.param(N_DAMAGED, marks=[pytest.mark.nightly, pytest.mark.timeout(2400)])]
)
def test_a_class_of_damaged_notebooks_is_graded_to_its_end(
    repository: Path, tmp_path: Path, n_damaged: int
) -> None:
    course = sample_class.build(repository, tmp_path / "course").course
    shutil.rmtree(course / "submitted")
    honest = json.dumps(solved()).encode()
    contents = collect(solved(), n_damaged)
    expected_full = set()
    for number, content in enumerate(contents):
        student = f"fuzz{number:05}"
        submitted = course / "submitted" / student / NAME
        submitted.mkdir(parents=True)
        if number % EVERY == 0:
            expected_full.add(student)
            content = honest
        (submitted / f"{NAME}.ipynb").write_bytes(content)
    outcomes = {outcome.student: outcome for outcome in batch.grade(course, limits=LIMITS)}
    missing = {f"fuzz{number:05}" for number in range(n_damaged)} - set(outcomes)
    assert not missing
    assert all(outcome.status in STATUSES for outcome in outcomes.values())
    assert all(outcome.score == outcome.max_score for name, outcome in outcomes.items() if name in expected_full)
    assert all(outcome.reason for outcome in outcomes.values() if outcome.status != "graded"), (
        "each without marks is told why"
    )
    # What nbformat cannot read is the student's; what the grader itself could not do would be ours.
    failed = {name: outcome.reason for name, outcome in outcomes.items() if outcome.status == "failed"}
    assert not failed, failed
    assert leftovers(course) == []
    print(Counter(outcome.status for outcome in outcomes.values()))


def test_no_answer_is_needed_to_know_the_class(tmp_path: Path) -> None:
    """The damaged notebooks differ, and enough of them are still notebooks: else the fuzz test tests nothing."""
    contents = collect(solved(), 200)
    assert len(set(contents)) > 150
    readable = sum(_is_notebook(content) for content in contents)
    assert 40 < readable < 190
    assert set(ANSWERS)


def _is_notebook(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content.decode("utf-8-sig"))["cells"], list)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
