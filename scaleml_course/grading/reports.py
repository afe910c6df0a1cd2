"""Marks as CSV: one row a student and assignment, and one a check."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.feedback import feedback
from scaleml_course.grading.outcome import Outcome

__all__ = ["export_marks", "feedback"]

MARKS = ("student", "assignment", "status", "score", "max_score", "late_seconds", "reason")
CHECKS = ("student", "assignment", "test", "score", "max_score", "message")


def export_marks(course: Path, outcomes: Iterable[Outcome], path: Path | None = None) -> tuple[Path, Path]:
    """Write the marks.

    Parameters
    ----------
    course : Path
        nbgrader's course folder.
    outcomes : iterable of Outcome
        From `batch.grade`; each gets a row, with or without a score.
    path : Path, optional
        The file; ``<course>/marks.csv`` when left out.

    Returns
    -------
    tuple of Path
        The marks, and beside them ``<name>_checks.csv`` with one row a test.

    Raises
    ------
    UserError
        When a file cannot be written.
    """
    path = Path(path) if path else CourseFolder(course).root / "marks.csv"
    checks_path = path.with_name(f"{path.stem}_checks{path.suffix}")
    rows = [outcome.as_dict() for outcome in outcomes]
    checks = [
        {"student": row["student"], "assignment": row["assignment"], **check}
        for row in rows
        for check in row["checks"]
    ]
    try:
        write_rows(path, MARKS, rows)
        write_rows(checks_path, CHECKS, checks)
    except OSError as error:
        raise UserError(
            f"The marks cannot be written: {error}.", remedy="Name another file, or free the disk."
        ) from error
    return path, checks_path


def write_rows(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """A CSV file of these columns, replaced whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([plain(row[column]) for column in columns] for row in rows)
    temporary.replace(path)


def plain(value: Any) -> Any:
    """A value for a cell: nothing for None, whole numbers without a fraction, and no formula.

    A spreadsheet runs a text that begins like a formula, and a student writes some of these texts.
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if value != int(value) or abs(value) >= 1e15 else int(value)
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
