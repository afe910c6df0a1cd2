"""The children that grade one course folder: started watched, and found again after a killed run."""

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from scaleml_course.course.processes import Ended, run_watched

MARKER = "SCALEML_GRADING"


def course_marker(course: Path) -> str:
    """What all children that grade one course folder carry in their environment."""
    return hashlib.sha256(str(Path(course).resolve()).encode()).hexdigest()[:16]


def run_child(
    arguments: Sequence[str], *, course: Path, timeout_s: float, memory_bytes: int | None = None
) -> Ended:
    """Run ``python -m <arguments>`` in the course folder, then end everything it started.

    Parameters
    ----------
    arguments : sequence of str
        Module name, then its arguments.
    course : Path
        Working folder, and what the marker is made from.
    timeout_s : float
        Wall seconds after which all of it is killed.
    memory_bytes : int, optional
        What all of it may hold together.
    """
    return run_watched(
        arguments,
        cwd=course,
        timeout_s=timeout_s,
        memory_bytes=memory_bytes,
        environment={
            MARKER: course_marker(course),
            # nbgrader starts `alembic` by name, and this environment need not be an activated one.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        },
    )


def leftovers(course: Path) -> list[psutil.Process]:
    """Living processes that grade, or were started by grading, this course folder."""
    marker, found = course_marker(course), []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARKER) == marker:
                found.append(process)
    return found


def end_leftovers(course: Path, *, patience_s: float = 10.0) -> int:
    """Kill the leftovers of a run that was itself killed, until none is left; returns how many."""
    deadline = time.monotonic() + patience_s
    killed: set[int] = set()
    while (remaining := leftovers(course)) and time.monotonic() < deadline:
        for process in remaining:
            with contextlib.suppress(psutil.Error, OSError):
                process.kill()
                killed.add(process.pid)
        time.sleep(0.02)  # one that forks between two looks is caught by the next
    return len(killed)
