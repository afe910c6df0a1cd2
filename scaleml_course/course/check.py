"""Checks lessons with nbval: each notebook runs again, and outputs that are deterministic must be the same."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from scaleml_course.course.catalogue import Course, Lesson
from scaleml_course.course.content_key import Stamps, file_key, notebook_key
from scaleml_course.course.machine import environment_for, unmet
from scaleml_course.course.notebook import NBVAL_STRICT, lesson_notebook
from scaleml_course.course.outcome import place
from scaleml_course.course.processes import run_watched

MISMATCH = (
    "the output is not the reference output",
    "If the new output is right, run: scaleml sync --refresh; "
    "if it varies by nature, take the tag 'strict' off the cell.",
)
FAILED = ("the cell failed", "Mend the cell; what it said stands below. Then run: make sync")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class CheckResult:
    """How nbval's second run of one lesson compared with the reference outputs.

    Attributes
    ----------
    status : {"ok", "failed", "skipped"}
    n_cells, n_strict : int
        Code cells that ran; those whose output was compared exactly.
    """

    slug: str
    status: str
    seconds: float = 0.0
    n_cells: int = 0
    n_strict: int = 0
    message: str = ""
    detail: str = ""
    cached: bool = False

    @property
    def good(self) -> bool:
        return self.status in ("ok", "skipped")


def check_lessons(
    course: Course,
    lessons: list[Lesson],
    *,
    force: bool = False,
    on_result: Callable[[CheckResult], None] = lambda result: None,
) -> list[CheckResult]:
    """Run nbval over the reference notebooks of `lessons`, one after the other.

    One at a time, so that a lesson never fails its claims because of its neighbour.
    """
    results = []
    for lesson in lessons:
        results.append(check_lesson(course, lesson, force=force))
        on_result(results[-1])
    return results


def check_lesson(course: Course, lesson: Lesson, *, force: bool = False) -> CheckResult:
    """Run nbval over one lesson's reference notebook, unless nothing it depends on has changed."""
    if reason := unmet(lesson):
        return CheckResult(lesson.slug, "skipped", message=f"{lesson.slug} is skipped: {reason}.")
    if not lesson.notebook.exists():
        path = lesson.notebook.relative_to(course.root)
        return CheckResult(lesson.slug, "failed", message=f"{path} is missing. Run: make sync")
    stamps = Stamps(course.build / "check")
    key = notebook_key(course.root, lesson.path, file_key([lesson.notebook]))
    if not force and (kept := stamps.read(lesson.slug, key)) is not None:
        with contextlib.suppress(TypeError):  # a record of another version is none
            return replace(CheckResult(**kept), cached=True)
    result = _run_nbval(course, lesson)
    if result.status == "ok":
        stamps.write(lesson.slug, key, asdict(result))
    return result


def _run_nbval(course: Course, lesson: Lesson) -> CheckResult:
    with tempfile.TemporaryDirectory(prefix="scaleml-") as scratch:
        report = Path(scratch, "report.xml")
        ended = run_watched(
            ["pytest", "--nbval-lax", str(lesson.notebook), *_options(lesson, Path(scratch), report)],
            cwd=lesson.notebook.parent,
            timeout_s=lesson.timeout_s + 60,
            memory_bytes=lesson.memory_mb * 1_000_000 + 300_000_000,  # pytest and nbval themselves
            environment={"TMPDIR": scratch, "SCALEML_STATE_DIR": scratch, **environment_for(lesson)},
        )
        failures, n_cells = _read_report(report)
    built = lesson_notebook(lesson)
    code = [cell for cell in built.cells if cell.cell_type == "code"]
    n_strict = sum(NBVAL_STRICT in cell.metadata.get("tags", []) for cell in code)
    if ended.reason == "exit" and ended.returncode == 0 and not failures:
        return CheckResult(lesson.slug, "ok", ended.seconds, n_cells, n_strict)
    if failures:
        number, detail = failures[0]
        cell_id = code[number].id if number < len(code) else ""
        cause, remedy = MISMATCH if "mismatch" in detail else FAILED
        message = f"{place(course, lesson, cell_id)}: {cause} when nbval ran the notebook again. {remedy}"
    else:
        why = {"timeout": "took too long", "memory": "held too much memory"}.get(ended.reason, "did not run")
        message = f"{lesson.notebook.relative_to(course.root)}: {why} under nbval. Its last words stand below."
        detail = ended.stderr[-2000:]
    return CheckResult(lesson.slug, "failed", ended.seconds, n_cells, n_strict, message, detail)


def _options(lesson: Lesson, scratch: Path, report: Path) -> list[str]:
    """pytest as nbval needs it: none of this repository's own settings, nothing written beside the notebook."""
    own = [f"--rootdir={scratch}", "--override-ini=addopts=", "-c", os.devnull, "-q"]
    plugins = [word for name in ("cacheprovider", "xdist", "timeout") for word in ("-p", f"no:{name}")]
    return [f"--nbval-cell-timeout={lesson.timeout_s}", f"--junitxml={report}", *own, *plugins]


def _read_report(report: Path) -> tuple[list[tuple[int, str]], int]:
    """From nbval's JUnit file: failures as (place among the code cells, what nbval said), and the cells run."""
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return [], 0
    failures = []
    for case in cases:
        for trouble in [*case.iter("failure"), *case.iter("error")]:
            number = re.search(r"(\d+)$", case.get("name", ""))
            text = ANSI.sub("", f"{trouble.get('message', '')}\n{trouble.text or ''}")
            failures.append((int(number[1]) if number else 0, text.strip()))
    return failures, len(cases)
