"""Turns how a lesson's process ended into a sentence that names file, cell, cause and remedy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from scaleml_course.course.catalogue import Course, Entry, Lesson
from scaleml_course.course.notebook import cell_lines
from scaleml_course.course.processes import Ended
from scaleml_course.measure.claims import MIME_TYPE

NUMBERS = ("value", "low", "high")  # recorded as null where they are no number
NO_SPACE = "No space left on device"


@dataclass(frozen=True)
class LessonResult:
    """How one lesson's run ended.

    Attributes
    ----------
    status : {"ok", "error", "died", "timeout", "memory", "left_running", "no_space", "skipped"}
    seconds : float
        Wall time of the run that made the result, start of the kernel included.
    peak_memory_bytes : int
        Of the lesson's whole process tree.
    message : str
        For a reader in a hurry: file, cell, cause and remedy. Empty when all is well.
    detail : str
        The failing cell and its traceback, whole.
    claims : list of dict
        What the lesson claimed, as `scaleml_course.measure.claim` recorded it.
    cached : bool
        True when nothing ran, since nothing it depends on has changed.
    """

    slug: str
    tier: str
    status: str
    seconds: float = 0.0
    peak_memory_bytes: int = 0
    n_cells: int = 0
    message: str = ""
    detail: str = ""
    claims: list[dict[str, Any]] = field(default_factory=list)
    hardware: dict[str, Any] = field(default_factory=dict)
    cached: bool = False

    @property
    def good(self) -> bool:
        return self.status in ("ok", "skipped")


def explain(course: Course, lesson: Lesson, tier: str, ended: Ended, report: dict[str, Any]) -> LessonResult:
    """The result of one run, with its message where something went wrong."""
    status, cause, remedy = _judge(lesson, ended, report)
    left = report.get("left_running") or []
    cell = left[0]["cell"] if status == "left_running" else report.get("cell", "")
    detail = ""
    if status not in ("ok", "left_running"):
        detail = f"{cell_source(lesson, cell)}\n\n{report.get('traceback') or ended.stderr[-3000:]}".strip()
    message = "" if status == "ok" else f"{place(course, lesson, cell)}: {cause} {remedy}"
    return LessonResult(
        lesson.slug, tier, status, ended.seconds, ended.peak_memory_bytes, message=message, detail=detail
    )


def _judge(lesson: Lesson, ended: Ended, report: dict[str, Any]) -> tuple[str, str, str]:
    """Status, cause and remedy."""
    held = f"{ended.peak_memory_bytes / 1e6:.0f} MB"
    if ended.reason == "timeout":
        return (
            "timeout",
            f"still running when the lesson's {lesson.timeout_s} s were over; it was ended.",
            "Make it shorter, or raise timeout_s in the front matter.",
        )
    if ended.reason == "memory":
        return (
            "memory",
            f"the lesson held {held}, more than its {lesson.memory_mb} MB; it was ended.",
            "Use smaller sizes, or raise memory_mb in the front matter.",
        )
    error = report.get("error", "")
    if NO_SPACE in error or NO_SPACE in ended.stderr:
        return "no_space", "the disk is full.", "Free some space, or point TMPDIR at a larger disk; run again."
    if report["status"] == "error":
        return "error", error, "Mend the cell; its traceback stands below."
    if report["status"] == "died":
        return "died", f"{error}.", f"The lesson held {held} at most; look for a crash in compiled code."
    if report["status"] == "ok" and (left := report.get("left_running")):
        names = "; ".join(one["process"] for one in left[:3]) + ("; …" if len(left) > 3 else "")
        return (
            "left_running",
            f"left {len(left)} process{'es' * (len(left) > 1)} running after the last cell, started here: {names}.",
            "What was left has been ended. Close what you start: with LocalCluster(…) as cluster, "
            "Client(cluster) as client: …",
        )
    if report["status"] == "ok":
        return "ok", "", ""
    last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
    return "died", f"its process ended with status {ended.returncode}: {last}.", "Run it again alone to see more."


def place(course: Course, entry: Entry, cell_id: str) -> str:
    """Where a cell stands: the file, the number of the cell and its line."""
    path = entry.path.relative_to(course.root)
    lines = cell_lines(entry.path)
    if cell_id not in lines:
        return str(path)
    return f"{path}, cell {list(lines).index(cell_id) + 1} (line {lines[cell_id]})"


def cell_source(lesson: Lesson, cell_id: str) -> str:
    """The text of one cell, as the author wrote it."""
    from scaleml_course.course.notebook import lesson_notebook

    return next((str(cell.source) for cell in lesson_notebook(lesson).cells if cell.id == cell_id), "")


def read_claims(notebook: Path) -> list[dict[str, Any]]:
    """Every claim that an executed notebook recorded in its outputs."""
    return [
        _as_made(output.data[MIME_TYPE])
        for cell in nbformat.read(notebook, as_version=4).cells
        for output in cell.get("outputs", [])
        if MIME_TYPE in output.get("data", {})
    ]


def _as_made(record: dict[str, Any]) -> dict[str, Any]:
    """The claim as its maker had it: JSON's null stands for a value that was no number."""
    return {key: math.nan if entry is None and key in NUMBERS else entry for key, entry in record.items()}
