"""What has been graded already, so that nothing is graded twice and a killed run goes on where it was.

One file a submission, ``<course>/journal/<assignment>/<student>.json``, written under another name and
then renamed: a file is there whole or not at all. Its key says what the outcome depends on.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scaleml_course.course.content_key import LOCK, file_key, tree_key
from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.outcome import Outcome

_HERE = Path(__file__).resolve().parent


@functools.cache
def grader_key() -> str:
    """A hash over everything that grades: this package's modules and the locked packages."""
    modules = sorted(_HERE.rglob("*.py"))
    lock = _HERE.parents[1] / LOCK
    names = "\n".join(str(path.relative_to(_HERE)) for path in modules)
    return file_key([*modules, *([lock] if lock.is_file() else [])], names)


def write_whole(path: Path, values: dict[str, Any]) -> None:
    """Write JSON so that a reader, at any moment, finds the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w") as file:
        json.dump(values, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


class Journal:
    """The journal of one course folder.

    Parameters
    ----------
    folder : CourseFolder
        Whose.
    """

    def __init__(self, folder: CourseFolder) -> None:
        self.folder = folder
        self.root = folder.root / "journal"
        self._grader = file_key([folder.config()], grader_key())
        self._sources = {name: tree_key(folder.source(name).parent) for name in folder.assignments()}

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the course folder: two runs at once would write over each other's marks.

        Raises
        ------
        UserError
            When another run holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as file:
            try:
                # The kernel lets go when the process ends, however it ends.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UserError(
                    f"{self.folder.root} is being graded by another run.",
                    remedy="Wait for it to end, or end it; what it has graded stays graded.",
                ) from error
            yield

    def key(self, assignment: str, submitted: str, limits: str) -> str:
        """What an outcome depends on: the exercise, the files handed in, the lock, the grader, the limits.

        Parameters
        ----------
        assignment : str
            The exercise's name.
        submitted : str
            `HandedIn.key` of what was handed in.
        limits : str
            In any spelling that tells two different ones apart.
        """
        parts = [self._grader, self._sources[assignment], submitted, limits]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def find(self, student: str, assignment: str, key: str) -> Outcome | None:
        """The outcome noted under this key, None when there is none or its files are gone."""
        values = self._read(self._path(student, assignment))
        if values.get("key") != key:
            return None
        try:
            outcome = Outcome.from_dict(values["outcome"])
        except (KeyError, TypeError, ValueError):
            return None
        graded_notebook = self.folder.autograded(student, assignment) / f"{assignment}.ipynb"
        return None if outcome.status == "graded" and not graded_notebook.is_file() else outcome

    def note(self, outcome: Outcome, key: str) -> None:
        """Note an outcome under its key."""
        write_whole(self._path(outcome.student, outcome.assignment), {"key": key, "outcome": outcome.as_dict()})

    def strike(self, student: str, assignment: str) -> None:
        """Forget an outcome: from here until `note`, the submission counts as not graded."""
        self._path(student, assignment).unlink(missing_ok=True)

    def registration(self, students: list[str]) -> str:
        """What the gradebook's assignments and students depend on."""
        dates = {name: str(due) for name, due in self.folder.due_dates().items()}
        parts = [self._grader, json.dumps([self._sources, dates, students], sort_keys=True)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def registered(self, students: list[str]) -> bool:
        """Whether the gradebook knows all of these already."""
        return self._registration().get("key") == self.registration(students) and self.has_gradebook()

    def note_registered(self, students: list[str], db_url: str) -> None:
        """Note that the gradebook at `db_url` knows all of these."""
        # Not the address itself, which may hold a password.
        sqlite = ""
        if db_url.startswith("sqlite:///"):
            path = Path(db_url.removeprefix("sqlite:///"))
            # Relative where it can be: a course folder may be moved.
            sqlite = str(path.relative_to(self.folder.root) if path.is_relative_to(self.folder.root) else path)
        write_whole(self.root / "registered.json", {"key": self.registration(students), "sqlite_file": sqlite})

    def has_gradebook(self) -> bool:
        """Whether the gradebook noted last is still there; a server's is taken to be."""
        noted = self._registration().get("sqlite_file")
        return noted is not None and (noted == "" or (self.folder.root / noted).is_file())

    def _registration(self) -> dict[str, Any]:
        return self._read(self.root / "registered.json")

    def _path(self, student: str, assignment: str) -> Path:
        return self.root / assignment / f"{student}.json"

    @staticmethod
    def _read(path: Path) -> dict[str, Any]:
        try:
            values = json.loads(path.read_text())
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}
