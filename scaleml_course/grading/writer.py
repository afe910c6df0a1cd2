"""The one place that writes what a batch finds out: files, gradebook, journal, in this order, a few at a time.

A submission counts as graded once the journal says so, which is last. Killed before, at whatever moment, it is
graded again by the next run, and what that writes takes the place of what this one left.
"""

import errno
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.graded_files import GradedFiles
from scaleml_course.grading.journal import Journal
from scaleml_course.grading.outcome import Outcome

if TYPE_CHECKING:
    from scaleml_course.grading.gradebook_rows import Entry
    from scaleml_course.grading.gradebook_writer import GradebookWriter

#: A transaction is closed after so many submissions, or so many seconds.
BATCH = 25
BATCH_S = 1.0
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Finding:
    """What became of one submission, on its way to the disk.

    Attributes
    ----------
    outcome : Outcome
    key : str
        The journal's.
    entry : Entry
        What the gradebook must say.
    staged : bool
        Whether graded files wait beside their place.
    """

    outcome: Outcome
    key: str
    entry: "Entry"
    staged: bool


class Writer:
    """Gathers findings and writes them in batches.

    Parameters
    ----------
    folder : CourseFolder
    journal : Journal
    gradebook : GradebookWriter
    """

    def __init__(self, folder: CourseFolder, journal: Journal, gradebook: "GradebookWriter") -> None:
        self.folder = folder
        self.files = GradedFiles(folder)
        self._journal = journal
        self._gradebook = gradebook
        self._waiting: list[Finding] = []
        self._since = 0.0

    def add(self, finding: Finding) -> list[Outcome]:
        """Take a finding; returns the outcomes that are written for good by now."""
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append(finding)
        return self.flush() if len(self._waiting) >= BATCH else []

    def tick(self) -> list[Outcome]:
        """Write what has waited long enough."""
        return self.flush() if self._waiting and time.monotonic() - self._since >= BATCH_S else []

    def flush(self) -> list[Outcome]:
        """Write everything that waits.

        Raises
        ------
        UserError
            When the disk is full, the gradebook is gone, or a folder cannot be written.
        """
        batch, self._waiting = self._waiting, []
        try:
            self._write(batch)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        finally:
            for finding in batch:
                if finding.staged:  # those in their place are not there any more
                    self.files.drop(finding.outcome.student, finding.outcome.assignment)
        return [finding.outcome for finding in batch]

    def _write(self, batch: list[Finding]) -> None:
        for finding in batch:
            if finding.staged:
                self.files.settle(finding.outcome.student, finding.outcome.assignment)
        for finding in batch:
            student, assignment = finding.outcome.student, finding.outcome.assignment
            self._journal.strike(student, assignment)
            if finding.staged:
                self.files.publish(student, assignment)
            else:
                # Marks of an earlier hand-in must not stand for one that has none.
                self.files.forget(student, assignment)
        self._gradebook.write([finding.entry for finding in batch])
        for finding in batch:
            self._journal.note(finding.outcome, finding.key)


def cannot_write(folder: CourseFolder, error: OSError) -> UserError:
    """What to say when the course folder cannot be written."""
    kept = "What was graded before is kept."
    if error.errno in NO_ROOM:
        return UserError(
            f"The disk of {folder.root} is full.", remedy=f"{kept} Free some space, then run this again."
        )
    return UserError(f"{folder.root} cannot be written: {error}.", remedy=f"{kept} Mend that, then run this again.")
