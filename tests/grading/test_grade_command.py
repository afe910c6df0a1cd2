"""`scaleml grade` from the outside: what it says, what it leaves, its exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_course import NAME

from scaleml_course.grading import sample_class

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(repository, tmp_path_factory):
    """The sample class of the small exercise."""
    folder = tmp_path_factory.mktemp("command") / "course"
    sample_class.build(repository, folder)
    return folder


@pytest.fixture
def scaleml():
    """A function: run the command without a terminal; returns status, output and errors in one line each."""

    def run(*words):
        command = [sys.executable, "-m", "scaleml_course.cli", *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, " ".join(done.stdout.split()), " ".join(done.stderr.split())

    return run


def test_it_says_how_code_is_confined_and_writes_the_report(course, scaleml, tmp_path):
    report = tmp_path / "report.json"
    words = ["--only", "reference", "--only", f"absent/{NAME}", "--trust-students", "--report", report]
    status, said, trouble = scaleml("grade", "--course", course, *words)
    assert status == 0, trouble
    values = json.loads(report.read_text())
    level = values["isolation"]["level"]
    assert f"isolation: {level}" in said and "1 submissions to grade" in said
    assert "1 submissions (1 graded) in" in said and "1 not handed in" in said
    assert [(row["student"], row["status"], row["isolation"]) for row in values["outcomes"]] == [
        ("absent", "absent", ""),
        ("reference", "graded", level),
    ]
    assert all(check["score"] == check["max_score"] for check in values["outcomes"][1]["checks"])
    status, said, _ = scaleml("grade", "--course", course, *words)
    assert status == 0 and "to grade" not in said
    assert json.loads(report.read_text())["run"] == {
        "found": 2,
        "graded": 0,
        "without_a_notebook": 0,
        "n_workers": 1,
        "scheduler": None,
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--only", "nobody"], "There is no student named 'nobody'"),
        (["--assignment", "99_x"], "There is no assignment named '99_x'"),
        (["--scheduler", "tcp://127.0.0.1:1", "--only", "untouched"], "There is no Dask scheduler"),
    ],
)
def test_a_wrong_request_has_its_own_status(course, scaleml, words, told):
    status, _, trouble = scaleml("grade", "--course", course, *words)
    assert status == 2 and told in trouble and "Remedy:" in trouble
