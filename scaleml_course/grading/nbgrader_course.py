"""nbgrader's view of a course folder: its configuration, its directory object, its error log."""

import logging
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from scaleml_course.grading.course_folder import CourseFolder


def read_config(course: Path) -> Config:
    """The configuration in the course folder, else the repository's own."""
    return PyFileConfigLoader(str(CourseFolder(course).config())).load_config()


class LenientCourseDirectory(CourseDirectory):
    """A course directory that takes an unreadable ``timestamp.txt`` for none.

    nbgrader 0.9.6 calls a method that does not exist there (``self.fail``), and the submission is lost.
    """

    def get_existing_timestamp(self, dest_path: str) -> Any:
        """The time of submission, None when there is none that can be read."""
        try:
            return super().get_existing_timestamp(dest_path)
        except (AttributeError, ValueError, OverflowError, OSError):
            return None


def course_directory(course: Path, config: Config, student: str = "", assignment: str = "") -> CourseDirectory:
    """nbgrader's directory object for a course folder, pointed at one student and assignment."""
    root = str(Path(course).resolve())
    return LenientCourseDirectory(config=config, root=root, student_id=student, assignment_id=assignment)


class OneNotebook:
    """Makes an nbgrader converter take exactly one student's notebook, named after the assignment.

    nbgrader reads both names as patterns: a student named ``*`` would select the whole class, and one
    named ``a[b]`` nobody.
    """

    notebooks: Any

    def init_notebooks(self: Any) -> None:
        """In the place of nbgrader's search."""
        assignment = self.coursedir.assignment_id
        folder = self._format_source(assignment, self.coursedir.student_id)
        self.notebooks = []
        self.assignments = {folder: [str(Path(folder) / f"{assignment}.ipynb")]}


class AutogradeOne(OneNotebook, Autograde):
    """nbgrader's Autograde for one notebook."""


class FeedbackOne(OneNotebook, GenerateFeedback):
    """nbgrader's GenerateFeedback for one notebook."""


class ErrorLog:
    """A logger that keeps nbgrader's errors to be put in one sentence."""

    def __init__(self) -> None:
        self.logger = logging.Logger("nbgrader")
        self._records: list[str] = []
        handler = logging.Handler(logging.ERROR)
        handler.emit = lambda record: self._records.append(record.getMessage())  # type: ignore[method-assign]
        self.logger.addHandler(handler)

    def cause(self) -> str:
        """Last line of the first traceback logged, else the first error; empty when there is none."""
        for text in self._records:
            if text.startswith("Traceback"):
                return text.strip().splitlines()[-1].rstrip(".")
        return self._records[0].strip().rstrip(".") if self._records else ""
