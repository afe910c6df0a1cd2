"""What stands in an nbgrader course folder, read without importing nbgrader.

Layout: ``source/<assignment>/``, ``release/``, ``submitted/<student>/<assignment>/``, ``autograded/``,
``feedback/``, ``gradebook.db``, and two files that nbgrader's own import commands also read:
``students.csv`` (column ``id``) and ``assignments.csv`` (columns ``name``, ``duedate``).
"""

import csv
import json
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scaleml_course.course.errors import UserError

#: The course's nbgrader configuration, for a course folder that has none of its own.
COURSE_CONFIG = Path(__file__).resolve().parents[2] / "grader" / "nbgrader_config.py"


class CourseFolder:
    """Paths, roster, due dates and points of one course folder.

    Parameters
    ----------
    root : Path
        The folder that holds ``source`` and ``submitted``.

    Raises
    ------
    UserError
        When there is no ``source`` folder in it.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root).resolve()
        if not (self.root / "source").is_dir():
            raise UserError(
                f"{self.root} is not a course folder: it has no folder named source.",
                remedy="Name a folder made by `scaleml release`, or the one that holds your nbgrader course.",
                exit_status=2,
            )

    def config(self) -> Path:
        """The nbgrader configuration that applies here."""
        own = self.root / "nbgrader_config.py"
        return own if own.is_file() else COURSE_CONFIG

    def assignments(self) -> list[str]:
        """Names of the assignments, from the folders in ``source``."""
        return sorted(p.name for p in (self.root / "source").iterdir() if (p / f"{p.name}.ipynb").is_file())

    def source(self, assignment: str) -> Path:
        """The instructor's notebook."""
        return self.root / "source" / assignment / f"{assignment}.ipynb"

    def submitted(self, student: str, assignment: str) -> Path:
        """The folder that a student handed in."""
        return self.root / "submitted" / student / assignment

    def autograded(self, student: str, assignment: str) -> Path:
        """The folder that nbgrader's grading leaves."""
        return self.root / "autograded" / student / assignment

    def feedback(self, student: str, assignment: str) -> Path:
        """The folder of a student's feedback pages."""
        return self.root / "feedback" / student / assignment

    def students(self) -> list[str]:
        """Everyone known: ``students.csv``, the folders in ``submitted``, and a local gradebook."""
        known = {row["id"].strip() for row in read_rows(self.root / "students.csv", "id")}
        if (self.root / "submitted").is_dir():
            folders = [p for p in (self.root / "submitted").iterdir() if p.is_dir()]
            known |= {folder.name for folder in folders if not folder.name.startswith(".")}
        return sorted((known | self._students_in_gradebook()) - {""})

    def _students_in_gradebook(self) -> set[str]:
        path = self.root / "gradebook.db"
        if not path.is_file():
            return set()
        try:
            # Read only, and closed at once: nbgrader is not imported for a question this small.
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
            try:
                return {str(row[0]) for row in connection.execute("select id from student")}
            finally:
                connection.close()
        except sqlite3.OperationalError:  # no such table yet
            return set()

    def due_dates(self) -> dict[str, datetime]:
        """Due date of each assignment that has one in ``assignments.csv``."""
        path = self.root / "assignments.csv"
        dates = {}
        for row in read_rows(path, "name", "duedate"):
            if row["duedate"].strip():
                try:
                    dates[row["name"].strip()] = parse_time(row["duedate"])
                except ValueError as error:
                    raise UserError(
                        f"{path}: the due date of {row['name']} cannot be read: {row['duedate']!r}.",
                        remedy="Write it as 2027-01-31 23:59:00 UTC.",
                    ) from error
        return dates

    def points(self, assignment: str) -> dict[str, float]:
        """Points of each test cell of an assignment, in the notebook's order."""
        notebook = read_notebook(self.source(assignment))
        points = {}
        for cell in notebook["cells"]:
            options = cell["metadata"].get("nbgrader", {})
            if options.get("grade"):
                points[options["grade_id"]] = float(options["points"])
        return points


def read_rows(path: Path, *columns: str) -> list[dict[str, str]]:
    """Rows of a CSV file with a heading; none when there is no such file.

    Raises
    ------
    UserError
        When a column is missing.
    """
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            raise UserError(
                f"{path} has no column named {' or '.join(missing)}.",
                remedy=f"Its first line names the columns: {','.join(columns)}.",
            )
        return [{name: row[name] or "" for name in columns} for row in reader]


def parse_time(text: str) -> datetime:
    """A time as nbgrader writes it: date, clock, and a zone by name or offset (UTC when left out).

    Raises
    ------
    ValueError
        When it is no such time.
    """
    parts = text.split()
    if len(parts) > 3 or not parts:
        raise ValueError(f"not a time: {text!r}")
    moment = datetime.fromisoformat(" ".join(parts[:2]))
    if len(parts) < 3:
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    zone = parts[2]
    if zone[0] in "+-" and zone[1:].replace(":", "").isdigit():
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        return moment.replace(tzinfo=timezone(-offset if zone[0] == "-" else offset))
    try:
        return moment.replace(tzinfo=ZoneInfo(zone))
    except (KeyError, OSError, ValueError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"unknown time zone {zone!r}") from error


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook of format 4, as plain dictionaries.

    Raises
    ------
    OSError
        When the file cannot be read.
    ValueError
        When it holds no notebook, saying in plain words what it holds.
    """
    return parse_notebook(path.read_bytes())


def parse_notebook(raw: bytes) -> dict[str, Any]:
    """The notebook in the bytes of a file; `read_notebook` says how it fails."""
    if not raw.strip():
        raise ValueError("the file is empty")
    try:
        notebook = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError("the file is not text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"the file is cut short or damaged at line {error.lineno}") from error
    except RecursionError as error:
        raise ValueError("the file nests too deeply to be a notebook") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("the file holds no notebook of format 4")
    for number, cell in enumerate(notebook["cells"], 1):
        if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
            raise ValueError(f"cell {number} is no notebook cell")
    return notebook
