"""Make the gradebook know all assignments and students before anything is graded, in a process of its own."""

import json
import tempfile
from pathlib import Path

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.journal import Journal
from scaleml_course.grading.processes import run_child

TIMEOUT_S = 600.0


def register(folder: CourseFolder, journal: Journal, students: list[str]) -> None:
    """Register assignments and students, and note it.

    Raises
    ------
    UserError
        When an exercise cannot be released, or the process ended without a word.
    """
    with tempfile.TemporaryDirectory(prefix="scaleml-register-") as scratch:
        result = Path(scratch) / "result.json"
        task = ["gradebook", f"--course={folder.root}", f"--result={result}"]
        finished = run_child(["scaleml_course.grading.child", *task], course=folder.root, timeout_s=TIMEOUT_S)
        values = json.loads(result.read_text()) if result.is_file() else {}
    if "db_url" not in values:
        last = (finished.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise UserError(
            values.get("message", f"The gradebook of {folder.root} could not be prepared: {last}"),
            remedy=values.get("remedy", "See that the folder can be written and its disk is not full."),
        )
    journal.note_registered(students, values["db_url"])
