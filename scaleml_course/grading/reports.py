"""Marks as files: CSV with one row a student and assignment and one a check, and JSON with everything."""

from __future__ import annotations

import csv
import dataclasses
import importlib.metadata
import platform
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.feedback import feedback
from scaleml_course.grading.journal import grader_key, write_whole
from scaleml_course.grading.outcome import Outcome

if TYPE_CHECKING:
    from scaleml_course.grading.batch import Plan

__all__ = ["export_marks", "feedback", "write_report"]

MARKS = ("student", "assignment", "status", "score", "max_score", "late_seconds", "isolation", "reason")
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


#: Packages whose versions a mark may depend on.
PACKAGES = ("scaleml-course", "nbgrader", "nbclient", "ipykernel", "distributed", "numpy", "pandas", "scikit-learn")
REPORT_FORMAT = 1


def write_report(course: Path, outcomes: Iterable[Outcome], path: Path, plan: Plan, started: float) -> Path:
    """Write everything that is known of a run and its rows as JSON.

    Parameters
    ----------
    course : Path
        nbgrader's course folder.
    outcomes : iterable of Outcome
        From `batch.grade`.
    path : Path
        The file.
    plan : Plan
        What the run was about to do.
    started : float
        When it began, as `time.time` gives it.

    Returns
    -------
    Path
        The file, an object with ``format``, ``course``, ``started`` and ``ended`` (UTC), ``seconds``,
        ``isolation`` (``level``, ``why``), ``run``, ``versions``, ``totals`` (rows by status) and
        ``outcomes`` (`Outcome.as_dict` of each).

    Raises
    ------
    UserError
        When the file cannot be written.
    """
    rows = list(outcomes)
    ended = time.time()
    values = {
        "format": REPORT_FORMAT,
        "course": str(CourseFolder(course).root),
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "ended": datetime.fromtimestamp(ended, UTC).isoformat(timespec="seconds"),
        "seconds": round(ended - started, 3),
        "isolation": dataclasses.asdict(plan.isolation),
        "run": {
            "found": plan.found,
            "graded": plan.to_grade,
            "without_a_notebook": plan.without,
            "n_workers": plan.n_workers,
            "scheduler": plan.scheduler,
        },
        "versions": versions(),
        "totals": dict(Counter(outcome.status for outcome in rows)),
        "outcomes": [outcome.as_dict() for outcome in rows],
    }
    try:
        write_whole(Path(path), values)
    except OSError as error:
        raise UserError(
            f"The report cannot be written: {error}.", remedy="Name another file, or free the disk."
        ) from error
    return Path(path)


def versions() -> dict[str, str]:
    """What the marks may depend on: system, Python, packages, and a hash over the grader itself."""
    found = {"system": platform.platform(), "python": platform.python_version(), "grader": grader_key()[:16]}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


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
