"""Grade one notebook, from the bytes handed in to the marks: what a worker does, wherever it runs.

No database and no shared folder: everything comes in and goes out by value, so that a submission can be
graded by another machine. The coordinator (`batch`) alone writes.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbgrader import utils as nbgrader_utils

from scaleml_course.grading.course_folder import parse_notebook
from scaleml_course.grading.isolation.levels import choose
from scaleml_course.grading.isolation.nursery import NurseryError
from scaleml_course.grading.isolation.provisioner import close_all
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.marks import describe, first_error, unusual
from scaleml_course.grading.sanitize import NOTES, grade_id, rebuild
from scaleml_course.grading.split.execute import execute, rename_stderr

__all__ = ["Exercise", "Graded", "Submission", "close_all", "grade_one"]


@dataclass(frozen=True)
class Exercise:
    """What a worker needs of an assignment.

    Attributes
    ----------
    name : str
    source, release : bytes
        The instructor's notebook with solutions and hidden tests, and the one given out.
    files : dict of str to bytes
        What was given out beside it, by relative path.
    """

    name: str
    source: bytes
    release: bytes
    files: dict[str, bytes]


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment.

    Attributes
    ----------
    files : dict of str to bytes
        By relative path, the notebook among them.
    """

    student: str
    assignment: str
    files: dict[str, bytes]


@dataclass(frozen=True)
class Graded:
    """What grading one submission gave.

    Attributes
    ----------
    result : dict
        ``status``, ``score``, ``checks``, ``reason`` and ``isolation`` of an `Outcome`.
    notebook : bytes or None
        The executed notebook; None when there are no marks.
    scores : dict of str to float
        Points by grade id, for the gradebook; empty when there are no marks.
    by_hand : tuple of str
        Grade ids that a person must look at.
    """

    result: dict[str, Any]
    notebook: bytes | None = None
    scores: dict[str, float] | None = None
    by_hand: tuple[str, ...] = ()


def grade_one(exercise: Exercise, submission: Submission, limits: Limits, level: str) -> Graded:
    """Grade one submission; whatever is wrong with it, a result comes back.

    Parameters
    ----------
    exercise : Exercise
    submission : Submission
    limits : Limits
        What its code may use.
    level : {"bubblewrap", "landlock", "trusted"}
        How its code is confined; never anything weaker.

    Returns
    -------
    Graded

    Raises
    ------
    UserError
        When this machine cannot confine at this level; that is the machine's fault, not the notebook's.
    """
    choose(trust_students=level == "trusted", wanted=level)
    name = f"{exercise.name}.ipynb"
    try:
        plain = parse_notebook(submission.files[name])
        submitted = nbformat.reads(json.dumps(plain), as_version=4)
        released = nbformat.reads(exercise.release.decode(), as_version=4)
        notebook = rebuild(released, submitted)
    except Exception as error:  # no two libraries agree on what a malformed notebook raises
        return unreadable(name, error)
    source = json.loads(exercise.source)
    with_hidden_tests(notebook, source)
    beside = {path: content for path, content in submission.files.items() if not path.endswith(".ipynb")}
    try:
        execute(notebook, source, limits, level, exercise.files | beside, exercise.files)
    except NurseryError as error:
        reason = f"{name} could not be run: {error}. Grade it again; if it stays so, run `scaleml doctor`."
        return Graded({"status": "failed", "score": None, "checks": [], "reason": reason, "isolation": level})
    return marked(notebook, exercise.name, level)


def unreadable(name: str, error: Exception) -> Graded:
    """The result for a file that is no notebook, or none that can be made sense of."""
    ours = type(error) is ValueError  # from `parse_notebook`, in plain words
    said = " ".join(f"{'' if ours else type(error).__name__ + ': '}{error}".split())[:300]
    remedy = "Save it again in Jupyter, or copy the answers into a newly released one, and hand it in again."
    reason = f"{name} cannot be read: {said}. {remedy}"
    return Graded({"status": "unreadable", "score": None, "checks": [], "reason": reason, "isolation": ""})


def with_hidden_tests(notebook: Any, source: Mapping[str, Any]) -> None:
    """Put the instructor's own text, hidden tests included, into the locked cells; for the record, not to run."""
    texts = {}
    for cell in source["cells"]:
        options = cell["metadata"].get("nbgrader") or {}
        if options.get("locked") or (options.get("grade") and not options.get("solution")):
            texts[options["grade_id"]] = nbformat.from_dict(cell)
    for cell in notebook.cells:
        original = texts.get(grade_id(cell))
        if original is not None:
            cell.source = original.source if isinstance(original.source, str) else "".join(original.source)
            cell.metadata.nbgrader = copy.deepcopy(original.metadata.nbgrader)


def marked(notebook: Any, assignment: str, level: str) -> Graded:
    """Points of an executed notebook, and what stood out."""
    scores: dict[str, float] = {}
    checks: list[dict[str, Any]] = []
    by_hand = []
    for cell in notebook.cells:
        name = grade_id(cell)
        if name is None or not cell.metadata.nbgrader.get("grade"):
            continue
        rename_stderr(cell)
        score, max_score = nbgrader_utils.determine_grade(cell)
        if score is None:
            by_hand.append(name)
        else:
            scores[name] = float(score)
        message = describe(first_error(cell)) if (score or 0) < max_score else ""
        checks.append({"test": name, "score": float(score or 0), "max_score": float(max_score), "message": message})
    reasons = [*notebook.metadata.get(NOTES, []), *unusual(notebook)]
    if by_hand:
        reasons.append(f"to be graded by hand: {', '.join(by_hand)}")
    result = {
        "status": "graded",
        "score": sum(check["score"] for check in checks),
        "checks": checks,
        "reason": f"{assignment}.ipynb: " + "; ".join(reasons) if reasons else "",
        "isolation": level,
    }
    return Graded(result, nbformat.writes(notebook).encode(), scores, tuple(by_hand))
