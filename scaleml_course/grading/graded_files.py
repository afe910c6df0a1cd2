"""The files that nbgrader keeps of a graded submission: written beside their place, then renamed into it."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from scaleml_course.grading.course_folder import CourseFolder


class GradedFiles:
    """Writes ``autograded/<student>/<assignment>`` for one batch.

    Parameters
    ----------
    folder : CourseFolder
        Whose.
    """

    def __init__(self, folder: CourseFolder) -> None:
        self.folder = folder

    def stage(
        self,
        student: str,
        assignment: str,
        notebook: bytes,
        submitted: Mapping[str, bytes],
        given: Mapping[str, bytes],
    ) -> None:
        """Write all files beside their place.

        Parameters
        ----------
        student, assignment : str
            Whose, and which.
        notebook : bytes
            As it ran.
        submitted, given : mapping of str to bytes
            What was handed in and what was released beside the notebook; the latter wins, as in nbgrader.

        Raises
        ------
        OSError
            When they cannot be written; nothing is left then.
        """
        place = self._beside(student, assignment)
        shutil.rmtree(place, ignore_errors=True)
        files = {f"{assignment}.ipynb": notebook, **given}
        # A student's name for a file may be that of a folder given out; then the one given out stays.
        folders = {str(above) for path in files for above in PurePosixPath(path).parents}
        for path, content in submitted.items():
            above = {str(one) for one in PurePosixPath(path).parents}
            if path not in files and path not in folders and not above & set(files) and not path.endswith(".ipynb"):
                files[path] = content
        try:
            for path, content in files.items():
                target = place / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise

    def settle(self, student: str, assignment: str) -> None:
        """Make the staged notebook safe on the disk."""
        file = os.open(self._beside(student, assignment) / f"{assignment}.ipynb", os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def publish(self, student: str, assignment: str) -> None:
        """Put the staged files in their place, instead of those of an earlier grading."""
        self.forget(student, assignment)
        self._beside(student, assignment).rename(self.folder.autograded(student, assignment))

    def forget(self, student: str, assignment: str) -> None:
        """Remove what an earlier grading left, its feedback page too."""
        for place in (self.folder.autograded(student, assignment), self.folder.feedback(student, assignment)):
            if place.exists():
                shutil.rmtree(place)

    def drop(self, student: str, assignment: str) -> None:
        """Remove what is staged."""
        shutil.rmtree(self._beside(student, assignment), ignore_errors=True)

    def _beside(self, student: str, assignment: str) -> Path:
        return self.folder.autograded(student, assignment).with_name(f".{assignment}.writing")
