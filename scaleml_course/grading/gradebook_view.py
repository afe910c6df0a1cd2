"""What stands in the gradebook, asked in two questions, without nbgrader, whose import takes a second."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from traitlets.config.loader import PyFileConfigLoader

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder

Pair = tuple[str, str]

WITH_ROWS = """
select student_id, assignment.name from submitted_assignment
join assignment on assignment.id = submitted_assignment.assignment_id
"""
BY_HAND = """
select student_id, assignment.name, base_cell.name, manual_score, auto_score, extra_credit from grade
join base_cell on base_cell.id = grade.cell_id
join submitted_notebook on submitted_notebook.id = grade.notebook_id
join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
join assignment on assignment.id = submitted_assignment.assignment_id
where manual_score is not null or extra_credit is not null
"""


class GradebookView:
    """Reads the gradebook of one course folder.

    Parameters
    ----------
    folder : CourseFolder
        Its nbgrader configuration names the database; ``gradebook.db`` in the folder when it names none.
    """

    def __init__(self, folder: CourseFolder) -> None:
        config = PyFileConfigLoader(str(folder.config())).load_config()
        default = f"sqlite:///{folder.root / 'gradebook.db'}"
        self.url = str(config.CourseDirectory.get("db_url", default))

    @property
    def sqlite_file(self) -> Path | None:
        """The file of a SQLite gradebook, None for one on a server."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None

    def with_rows(self) -> set[Pair]:
        """Student and assignment of every submission that the gradebook has rows for."""
        return {(str(student), str(assignment)) for student, assignment in self._ask(WITH_ROWS)}

    def by_hand(self) -> dict[Pair, dict[str, float]]:
        """Points of the cells that a person gave marks or extra credit: by student and assignment, then cell."""
        found: dict[Pair, dict[str, float]] = {}
        for student, assignment, cell, manual, automatic, extra in self._ask(BY_HAND):
            given = automatic if manual is None else manual
            found.setdefault((str(student), str(assignment)), {})[str(cell)] = (given or 0.0) + (extra or 0.0)
        return found

    def _ask(self, question: str) -> list[Any]:
        """Answers to a question; none when there is no gradebook yet."""
        return self._ask_server(question) if self.sqlite_file is None else self._ask_file(question)

    def _ask_file(self, question: str) -> list[Any]:
        file = self.sqlite_file
        if file is None or not file.is_file():
            return []
        try:
            with contextlib.closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                return connection.execute(question).fetchall()
        except sqlite3.DatabaseError as error:
            if "no such table" in str(error):
                return []
            raise self._unreadable(error) from error

    def _ask_server(self, question: str) -> list[Any]:
        from sqlalchemy import create_engine, inspect, text
        from sqlalchemy.exc import SQLAlchemyError

        try:
            engine = create_engine(self.url)
            try:
                with engine.connect() as connection:
                    known = inspect(connection).has_table("submitted_assignment")
                    return list(connection.execute(text(question))) if known else []
            finally:
                engine.dispose()
        except (SQLAlchemyError, ImportError) as error:
            raise self._unreadable(getattr(error, "orig", None) or error) from error

    def _unreadable(self, error: BaseException) -> UserError:
        cause = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        return UserError(
            f"The gradebook cannot be read: {cause}.",
            remedy="See that the database that c.CourseDirectory.db_url names runs, then run this again.",
        )
