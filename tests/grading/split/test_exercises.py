"""The course's exercises do in a split run what they do in a notebook: right answers pass, wrong ones fail."""

import pytest

from scaleml_course.course.source import read_front_matter
from tests.grading.split.two_processes import ROOT, exercise, failed_tests

NAMES = [path.name for path in sorted((ROOT / "tests" / "answers").iterdir())]
ANSWERS = sorted((ROOT / "tests" / "answers").glob("*/*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_model_answer_passes_every_test(name):
    assert failed_tests(exercise(name)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name[:2]}-{path.stem}")
def test_each_sample_answer_fails_what_it_says_and_nothing_else(path):
    failed = failed_tests(exercise(path.parent.name), path)
    assert set(failed) == set(read_front_matter(path).get("fails", [])), failed
