"""In a child process: nbgrader's feedback pages of one assignment, those that are not up to date."""

import argparse
import hashlib
import json
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from scaleml_course.grading.feedback import SECONDS_A_PAGE
from scaleml_course.grading.hidden import HideTests
from scaleml_course.grading.nbgrader_course import ErrorLog, FeedbackOne, course_directory, read_config
from scaleml_course.grading.student_page import StudentPage

NAME_OF_HIDE_TESTS = f"{HideTests.__module__}.{HideTests.__qualname__}"


def make_pages(course: Path, assignment: str, stamps: dict[str, str]) -> dict[str, dict[str, str]]:
    """Make the pages whose graded notebook, marks or comments are not those of the stamp.

    Parameters
    ----------
    course : Path
        The course folder.
    assignment : str
        Which.
    stamps : dict of student to str
        Whom to look at, and the stamp of the page that each has; empty when there is none.

    Returns
    -------
    dict of student to dict
        ``stamp`` of the page now there, or ``error``.
    """
    config = read_config(course)
    coursedir = course_directory(course, config)
    results = {}
    for student, stamp in stamps.items():
        try:
            now = stamp_of(coursedir, student, assignment)
            folder = Path(coursedir.format_path(coursedir.feedback_directory, student, assignment))
            if now != stamp or not (folder / f"{assignment}.html").is_file():
                with at_most(SECONDS_A_PAGE, "the notebook takes too long to show"):
                    make_page(coursedir, config, student, assignment)
            results[student] = {"stamp": now}
        except Exception as error:  # one notebook that cannot be shown must not cost the others theirs
            results[student] = {"error": f"{type(error).__name__}: {error}"}
    return results


def make_page(coursedir: Any, config: Any, student: str, assignment: str) -> None:
    """One student's page by nbgrader's generate_feedback.

    Raises
    ------
    RuntimeError
        With nbgrader's own cause.
    """
    log = ErrorLog()
    coursedir.student_id, coursedir.assignment_id = student, assignment
    converter = FeedbackOne(coursedir=coursedir, config=config, log=log.logger)
    converter.force = True
    # A course folder with a configuration of its own hides its tests all the same.
    converter.exporter_class = StudentPage
    others = [one for one in converter.preprocessors if one not in (HideTests, NAME_OF_HIDE_TESTS)]
    converter.preprocessors = [*others, HideTests]
    try:
        converter.start()
    except Exception as error:
        raise RuntimeError(log.cause() or str(error)) from error


@contextmanager
def at_most(seconds: float, reason: str) -> Iterator[None]:
    """End what runs here, in the main thread, when it takes too long.

    Raises
    ------
    TimeoutError
        With the reason, after `seconds`.
    """

    def stop(signal_number: int, frame: Any) -> None:
        raise TimeoutError(reason)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def stamp_of(coursedir: Any, student: str, assignment: str) -> str:
    """What a page shows: the graded notebook, marks and comments, those given by hand too."""
    folder = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment))
    digest = hashlib.sha256((folder / f"{assignment}.ipynb").read_bytes())
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            shown = gradebook.find_submission_notebook(assignment, assignment, student)
        except MissingEntry:
            return digest.hexdigest()
        marks = sorted((grade.name, grade.score, grade.max_score) for grade in shown.grades)
        comments = sorted((comment.name, comment.comment or "") for comment in shown.comments)
    digest.update(json.dumps([marks, comments]).encode())
    return digest.hexdigest()


def main(arguments: list[str]) -> int:
    """Make pages, and write what became of each where the parent looks for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--course", type=Path, required=True)
    parser.add_argument("--assignment", required=True)
    parser.add_argument("--stamps", type=Path, required=True, help="JSON: student to stamp")
    parser.add_argument("--result", type=Path, required=True)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    stamps = json.loads(given.stamps.read_text())
    given.result.write_text(json.dumps(make_pages(given.course, given.assignment, stamps)))
    return 0
