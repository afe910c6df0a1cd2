"""Grade one submission in a process of its own: the seam where isolation goes in.

The parent looks at the files, starts `scaleml_course.grading.submission`, waits, and ends everything
that the child or the student's code started. It imports no nbgrader and runs no student code. A
sandbox wraps the child that `run_child` starts; a split execution replaces one entry of
``Autograde.autograde_preprocessors``; neither changes what is returned.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from scaleml_course.course.processes import Ended
from scaleml_course.grading.course_folder import CourseFolder, read_notebook
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.outcome import Outcome
from scaleml_course.grading.processes import run_child

#: Seconds on top of a notebook's own limit for starting and ending the child.
GRACE_S = 45.0
#: What nbgrader itself holds, on top of the submission's own limit.
GRADER_MB = 300.0


def grade_submission(
    course: Path,
    student: str,
    assignment: str,
    *,
    timeout_s: float = Limits.timeout_s,
    cell_timeout_s: float | None = None,
    memory_mb: float | None = None,
) -> Outcome:
    """Grade one submission; whatever is wrong with it, an outcome comes back.

    Parameters
    ----------
    course : Path
        nbgrader's course folder; the assignment must be in its gradebook (`batch.register`).
    student, assignment : str
        Whose, and which.
    timeout_s, cell_timeout_s, memory_mb : float
        See `Limits`.

    Returns
    -------
    Outcome
        Only with status ``graded`` has it a score.
    """
    folder = CourseFolder(course)
    limits = Limits(timeout_s, cell_timeout_s, memory_mb)
    started = time.monotonic()
    trouble = look(folder, student, assignment)
    if trouble is None:
        result = in_child(folder, student, assignment, limits)
        if result["status"] not in ("graded", "failed"):
            forget(folder, student, assignment)  # the child had no time to
    else:
        result = {"status": trouble[0], "reason": trouble[1]}
        if folder.autograded(student, assignment).exists():
            # Marks of an earlier hand-in must not stand for one that cannot be read.
            forget(folder, student, assignment)
    # Only status, score, checks and reason come from the child.
    return Outcome.from_dict(
        {
            "student": student,
            "assignment": assignment,
            "score": None,
            "max_score": sum(folder.points(assignment).values()),
            "checks": [],
            **result,
            "seconds": round(time.monotonic() - started, 3),
        }
    )


def look(folder: CourseFolder, student: str, assignment: str) -> tuple[str, str] | None:
    """Status and reason when there is nothing that could be graded, else None."""
    submitted = folder.submitted(student, assignment)
    if not submitted.is_dir():
        return "absent", "nothing was handed in"
    expected = submitted / f"{assignment}.ipynb"
    if not expected.is_file():
        others = sorted(p.name for p in submitted.glob("*.ipynb"))
        found = f"found {', '.join(others)} instead" if others else "no notebook is there"
        return "missing", (
            f"{assignment}.ipynb is not among the files handed in ({found}). "
            f"Rename the notebook to {assignment}.ipynb and hand it in again."
        )
    try:
        read_notebook(expected)
    except (OSError, ValueError) as error:
        return "unreadable", (
            f"{expected.name} cannot be read: {error}. "
            "Save it again in Jupyter, or copy the answers into a newly released one, and hand it in again."
        )
    return None


def in_child(folder: CourseFolder, student: str, assignment: str, limits: Limits) -> dict[str, Any]:
    """Run the child to its end or a limit, and read what it found."""
    with tempfile.TemporaryDirectory(prefix="scaleml-grade-") as scratch:
        result = Path(scratch) / "result.json"
        ended = run_child(
            [
                *child(folder, student, assignment),
                f"--result={result}",
                f"--timeout-s={limits.timeout_s}",
                f"--cell-timeout-s={limits.seconds_for_a_cell}",
            ],
            course=folder.root,
            timeout_s=limits.timeout_s + GRACE_S,
            memory_bytes=int((limits.memory_mb + GRADER_MB) * 2**20) if limits.memory_mb else None,
        )
        try:
            return dict(json.loads(result.read_text()))
        except (OSError, ValueError):
            return ended_early(ended, assignment, limits)


def ended_early(ended: Ended, assignment: str, limits: Limits) -> dict[str, Any]:
    """Status and reason for a child that left no result."""
    if ended.reason == "timeout":
        return {
            "status": "timed_out",
            "reason": f"{assignment}.ipynb was ended as a whole after {ended.seconds:.0f} s: its code "
            "stopped the grader itself. Look for a loop without end, or output without end.",
        }
    if ended.reason == "memory":
        return {
            "status": "out_of_memory",
            "reason": f"{assignment}.ipynb was ended as a whole: it held "
            f"{ended.peak_memory_bytes / 2**20:.0f} MB, more than its {limits.memory_mb:.0f} MB. "
            "Look for data that grow with every step.",
        }
    said = ended.stderr.strip().splitlines()[-1:] or [f"exit status {ended.returncode}"]
    return {
        "status": "failed",
        "reason": f"the grader ended while it graded {assignment}.ipynb ({said[0][:300]}). Grade it again; "
        "if it ends the same way, open the notebook.",
    }


def forget(folder: CourseFolder, student: str, assignment: str) -> None:
    """Remove an earlier grading's files and automatic marks."""
    run_child([*child(folder, student, assignment), "--forget"], course=folder.root, timeout_s=GRACE_S)


def child(folder: CourseFolder, student: str, assignment: str) -> list[str]:
    """The child's module, and what it is about."""
    return [
        "scaleml_course.grading.child",
        "submission",
        f"--course={folder.root}",
        f"--student={student}",
        f"--assignment={assignment}",
    ]
