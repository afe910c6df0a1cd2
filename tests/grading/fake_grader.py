"""A grader without kernels, for tests of the batch: what it does stands in the notebook's metadata."""

import json
import os
import signal
import time
from pathlib import Path

import nbformat
from small_course import NAME, exercise

from scaleml_course.course.errors import UserError
from scaleml_course.grading.one import Graded


def fake_grade(exercise, submission, limits, level, *, log=None):
    """Give the points that the notebook asks for, or do what else it says; noted, one line a call, in `log`."""
    if log is not None:
        with Path(log).open("a") as file:
            file.write(f"{submission.student}\n")
    try:
        notebook = json.loads(submission.files[f"{exercise.name}.ipynb"])
    except ValueError as error:
        return Graded({"status": "unreadable", "reason": f"cut short ({error})", "isolation": level})
    wish = notebook["metadata"].get("fake", {})
    time.sleep(wish.get("sleep", 0.0))
    if wish.get("kill") == "always" or (wish.get("kill") and first_time(wish["kill"])):
        os.kill(os.getpid(), signal.SIGKILL)
    if "stop" in wish and first_time(wish["stop"]):
        os.kill(os.getpid(), signal.SIGSTOP)
    if "raise" in wish:
        raise ValueError(wish["raise"])
    if "refuse" in wish:
        raise UserError(wish["refuse"], remedy="Mend it.")
    if "status" in wish:
        return Graded({"status": wish["status"], "reason": "as asked for", "isolation": level})
    return give_points(notebook, wish.get("scores", {}), level)


def give_points(notebook, wanted, level):
    """Full points but for those that are wished otherwise; None is for a person to grade."""
    scores, by_hand, checks = {}, [], []
    for cell in notebook["cells"]:
        options = cell["metadata"].get("nbgrader", {})
        if options.get("grade"):
            name, most = options["grade_id"], float(options["points"])
            score = wanted.get(name, most)
            if score is None:
                by_hand.append(name)
            else:
                scores[name] = float(score)
            checks.append({"test": name, "score": float(score or 0), "max_score": most, "message": ""})
    result = {
        "status": "graded",
        "score": sum(check["score"] for check in checks),
        "checks": checks,
        "reason": "",
        "isolation": level,
    }
    return Graded(result, json.dumps(notebook).encode(), scores, tuple(by_hand))


def first_time(marker):
    """Whether this file was not there; it is now."""
    try:
        Path(marker).open("x").close()
    except FileExistsError:
        return False
    return True


def write_class(course, wishes, assignment=NAME):
    """A course folder with the small exercise, and one submission a student: what the grader shall do with it."""
    notebook = exercise()
    source = course / "source" / assignment / f"{assignment}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(nbformat.writes(notebook))
    for student, wish in wishes.items():
        hand_in(course, student, wish, assignment)
    return course


def hand_in(course, student, wish, assignment=NAME):
    """One submission."""
    notebook = exercise()
    notebook.metadata["fake"] = wish
    folder = course / "submitted" / student / assignment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{assignment}.ipynb").write_text(nbformat.writes(notebook))
    (folder / "timestamp.txt").write_text("2026-09-29 12:00:00 UTC")
