"""In a child process: one submission through nbgrader's Autograde, and what came of it as a file.

Started by `scaleml_course.grading.autograde`, never imported by it: importing nbgrader takes a second.
"""

import argparse
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from scaleml_course.grading.execute import DIED, NOT_RUN, TIMED_OUT
from scaleml_course.grading.nbgrader_course import AutogradeOne, ErrorLog, course_directory, read_config
from scaleml_course.grading.sanitize import NOTES, grade_id


def forget(coursedir: Any, student: str, assignment: str) -> None:
    """Remove what an earlier grading left: files, and automatic marks. Marks given by hand stay."""
    for step in (coursedir.autograded_directory, coursedir.feedback_directory):
        shutil.rmtree(coursedir.format_path(step, student, assignment), ignore_errors=True)
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score = None
        gradebook.db.commit()


def grade(course: Path, student: str, assignment: str, timeout_s: float, cell_timeout_s: float) -> dict[str, Any]:
    """Grade one submission; the returned dictionary holds what only nbgrader knows of an Outcome."""
    config = read_config(course)
    config.ExecuteWithinLimits.notebook_timeout = float(timeout_s)
    config.ExecuteWithinLimits.timeout = max(1, round(cell_timeout_s))
    coursedir = course_directory(course, config, student, assignment)
    forget(coursedir, student, assignment)
    log = ErrorLog()
    converter = AutogradeOne(coursedir=coursedir, config=config, log=log.logger)
    converter.force = True
    try:
        converter.start()
    except Exception as error:  # whatever nbgrader could not take: this student's row says so
        forget(coursedir, student, assignment)
        reason = (
            f"nbgrader could not grade {assignment}.ipynb: {log.cause() or error}. "
            "Open the notebook; if it looks whole, copy the answers into a newly released one."
        )
        return {"status": "failed", "score": None, "checks": [], "reason": reason}
    return read_marks(coursedir, student, assignment)


def read_marks(coursedir: Any, student: str, assignment: str) -> dict[str, Any]:
    """Marks from the gradebook, and what stood out from the graded notebook."""
    folder = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment))
    notebook = nbformat.read(folder / f"{assignment}.ipynb", as_version=4)
    errors = {grade_id(cell): first_error(cell) for cell in notebook.cells if grade_id(cell)}
    checks, by_hand = [], []
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        submission = gradebook.find_submission_notebook(assignment, assignment, student)
        marks = {mark.name: mark for mark in submission.grades}
        for cell in notebook.cells:
            mark = marks.get(grade_id(cell))
            if mark is None:
                continue
            if mark.needs_manual_grade:
                by_hand.append(mark.name)
            message = describe(errors[mark.name]) if mark.score < mark.max_score else ""
            checks.append({"test": mark.name, "score": mark.score, "max_score": mark.max_score, "message": message})
    reasons = [*notebook.metadata.get(NOTES, []), *unusual(notebook)]
    if by_hand:
        reasons.append(f"to be graded by hand: {', '.join(by_hand)}")
    return {
        "status": "graded",
        "score": sum(check["score"] for check in checks),
        "checks": checks,
        "reason": f"{assignment}.ipynb: " + "; ".join(reasons) if reasons else "",
    }


def first_error(cell: Any) -> Any | None:
    """The error under a cell: the grader's own, which says why, before one that an interrupt caused."""
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return min(errors, key=lambda error: error.ename not in (TIMED_OUT, NOT_RUN, DIED), default=None)


def describe(error: Any | None) -> str:
    """One line for an error output, in plain words where it is the grader's own."""
    if error is None:
        return ""
    message = " ".join(str(error.evalue).split())[:300]
    if error.ename == TIMED_OUT:
        return message or "no end within the time for one cell; it was interrupted"
    if error.ename in (NOT_RUN, DIED):
        return message
    return f"{error.ename}: {message}" if message else str(error.ename)


def unusual(notebook: Any) -> list[str]:
    """What the instructor should know of how the cells ran, beyond points lost."""
    found, not_run = [], []
    for number, cell in enumerate(notebook.cells, 1):
        error = first_error(cell)
        if error is None:
            continue
        options = cell.metadata.get("nbgrader", {})
        name = f"cell {grade_id(cell) or number!r}"
        if error.ename == NOT_RUN:
            not_run.append(grade_id(cell) or str(number))
        elif error.ename in (TIMED_OUT, DIED):
            found.append(f"{name}: {describe(error)}; look there for a loop without end or a crash")
        elif options.get("solution") and error.ename == "NotImplementedError":
            found.append(f"answer {name} was left as it was given out")
        elif options.get("solution"):
            found.append(f"answer {name} does not run: {describe(error)}")
    if not_run:
        found.append(f"not run after that: {', '.join(not_run)}")
    return found


def main(arguments: list[str]) -> int:
    """Grade, and write the result where the parent looks for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--course", type=Path, required=True)
    parser.add_argument("--student", required=True)
    parser.add_argument("--assignment", required=True)
    parser.add_argument("--result", type=Path)
    parser.add_argument("--timeout-s", type=float)
    parser.add_argument("--cell-timeout-s", type=float)
    parser.add_argument("--forget", action="store_true", help="only remove an earlier grading's marks")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    if given.forget:
        forget(course_directory(given.course, read_config(given.course)), given.student, given.assignment)
        return 0
    result = grade(given.course, given.student, given.assignment, given.timeout_s, given.cell_timeout_s)
    given.result.write_text(json.dumps(result))
    return 0
