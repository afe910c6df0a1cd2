"""`nbgrader autograde` by hand, in a folder with this course's configuration, splits too."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scaleml_course.grading import sample_class
from scaleml_course.grading.answers import Answer
from scaleml_course.grading.isolation import levels
from tests.grading.small_course import NAME

CONFIG = Path(__file__).resolve().parents[3] / "grader" / "nbgrader_config.py"
ANSWERS = {
    "honest": "def spread(v): return max(v) - min(v)",
    "equal": "class Any(float):\n    def __eq__(self, other): return True\ndef spread(v): return Any(1)",
}


def nbgrader(course, *arguments):
    binaries = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    command = [binaries / "nbgrader", *arguments, NAME]
    finished = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=250)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.slow
def test_nbgrader_by_hand_runs_tests_apart(repository, tmp_path):
    if levels.strongest().level == "trusted":
        pytest.skip(levels.strongest().why)
    course = tmp_path / "course"
    shutil.copytree(repository / "grader" / "source", course / "source")
    shutil.copy(CONFIG, course)
    exercise = sample_class.read_exercise(repository, NAME)
    for student, code in ANSWERS.items():
        handed_in = sample_class.hand_in(exercise, Answer(repository, "", (), {"spread_answer": code}))
        folder = course / "submitted" / student / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(handed_in.content)
    nbgrader(course, "generate_assignment", "--force")
    nbgrader(course, "autograde")
    errors = {}
    for student in ANSWERS:
        notebook = json.loads((course / "autograded" / student / NAME / f"{NAME}.ipynb").read_text())
        assert notebook["metadata"]["scaleml_isolation"] == levels.strongest().level
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        errors[student] = sum(output["output_type"] == "error" for output in outputs)
    assert errors == {"honest": 0, "equal": 2}
