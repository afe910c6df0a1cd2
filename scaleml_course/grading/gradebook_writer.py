"""The one connection of a batch to its gradebook: opened again when it breaks, one transaction for many marks."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from scaleml_course.course.errors import UserError
from scaleml_course.grading.gradebook_rows import (
    AssignmentRows,
    Entry,
    assignment_rows,
    write_marks,
    write_penalties,
)
from scaleml_course.grading.nbgrader_course import course_directory, read_config

#: How long a lost or busy database is asked again.
RECONNECT_S = 60.0


class GradebookWriter:
    """Writes what a batch finds out into nbgrader's gradebook.

    What is written follows from the marks and from what the gradebook holds already, so a transaction whose
    end is not known, because the connection broke, is done over without harm.

    Parameters
    ----------
    course : Path
        The course folder; its gradebook knows the assignments and the students already.
    """

    def __init__(self, course: Path) -> None:
        config = read_config(course)
        coursedir = course_directory(course, config)
        self._url, self._course_id = coursedir.db_url, coursedir.course_id
        self._penalties = penalty_plugin(config)
        self._gradebook: Gradebook | None = None
        self._rows: dict[str, AssignmentRows] = {}

    def __enter__(self) -> "GradebookWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def write(self, entries: Sequence[Entry]) -> None:
        """Write these in one transaction.

        Raises
        ------
        UserError
            When the database does not come back within `RECONNECT_S`, has no room, or lost the assignment.
        """
        if entries:
            self._insistently(lambda gradebook: self._write(gradebook, entries))

    def _write(self, gradebook: Gradebook, entries: Sequence[Entry]) -> None:
        db = gradebook.db
        for name in sorted({entry.assignment for entry in entries}):
            if name not in self._rows:
                self._rows[name] = assignment_rows(gradebook, name)
            of_student = {entry.student: entry for entry in entries if entry.assignment == name}
            notebooks = write_marks(db, self._rows[name], of_student)
            if self._penalties is not None:
                write_penalties(db, notebooks, self._penalties)
        db.commit()
        db.remove()  # nothing of what is written stays in memory

    def _insistently(self, work: Callable[[Gradebook], None]) -> None:
        """Do a piece of work, over again on a new connection when the old one is lost."""
        deadline, pause = time.monotonic() + RECONNECT_S, 0.1
        while True:
            try:
                if self._gradebook is None:
                    self._gradebook = Gradebook(self._url, self._course_id)
                return work(self._gradebook)
            except MissingEntry as error:
                self._close()
                raise UserError(
                    f"The gradebook does not know an assignment that is being graded: {error}.",
                    remedy="Somebody changed it meanwhile. Run this again.",
                ) from error
            except DBAPIError as error:
                self._close()
                if not passes(error) or time.monotonic() + pause > deadline:
                    raise cannot_write(error) from error
            except BaseException:
                self._close()
                raise
            time.sleep(pause)
            pause = min(2 * pause, 5.0)

    def _close(self) -> None:
        if self._gradebook is not None:
            gradebook, self._gradebook = self._gradebook, None
            gradebook.close()


def penalty_plugin(config: Any) -> Any | None:
    """The late submission plugin that the configuration names, None when it leaves AssignLatePenalties out."""
    listed = config.Autograde.get("autograde_preprocessors")
    if listed and not any("AssignLatePenalties" in str(one) for one in listed):
        return None
    penalties = AssignLatePenalties(config=config)
    penalties.init_plugin()
    return penalties.plugin_inst


def passes(error: DBAPIError) -> bool:
    """Whether an error is one that passes: a lost connection, a server that starts, a database in use."""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    # SQLite calls whatever the disk does an OperationalError too.
    is_sqlite = type(error.orig).__module__.startswith("sqlite3")
    return isinstance(error, OperationalError) and (not is_sqlite or "locked" in str(error))


def cannot_write(error: DBAPIError) -> UserError:
    """What to say when a gradebook cannot be written."""
    cause = str(error.orig).strip().splitlines()[0].rstrip(".")  # without the statement and its values
    if "disk is full" in cause or "No space left on device" in cause:
        return UserError(
            "The disk of the gradebook is full.",
            remedy="What was graded before is kept. Free some space, then run this again.",
        )
    return UserError(
        f"The gradebook cannot be written: {cause}.",
        remedy="What was graded before is kept. See that the database runs, then run this again.",
    )
