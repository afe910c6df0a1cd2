"""The whole course in one go: `scaleml course`, which `make course` calls."""

from __future__ import annotations

import time
from collections.abc import Callable

from scaleml_course.course import stages
from scaleml_course.course.catalogue import Course
from scaleml_course.course.console import out, show_error, table
from scaleml_course.course.errors import UserError
from scaleml_course.course.stages import StageResult


def whole_course(course: Course, tier: str, *, scheduler: str | None = None) -> bool:
    """Run every stage, later ones also when an earlier one failed; then say where each result lies.

    Returns
    -------
    bool
        Whether all of it went well.
    """
    from scaleml_course.grading.stages import grade_sample_class

    lessons = course.lessons
    work: dict[str, Callable[[], StageResult]] = {
        "run": lambda: stages.run(course, lessons, tier, scheduler=scheduler),
        "check": lambda: stages.check(course, lessons),
        "release": lambda: stages.release(course),
        "grade": lambda: grade_sample_class(course),
        "book": lambda: stages.book(course, tier),
    }
    done: list[tuple[str, StageResult, float]] = []
    for name, stage in work.items():
        out.rule(f"[bold]{name}", align="left", style="dim")
        start = time.monotonic()
        try:
            result = stage()
        except UserError as error:
            show_error(error)
            result = StageResult(False, error.message.splitlines()[0])
        done.append((name, result, time.monotonic() - start))
    _summary(course, done)
    return all(result.good for _, result, _ in done)


def _summary(course: Course, done: list[tuple[str, StageResult, float]]) -> None:
    out.rule("[bold]summary", align="left", style="dim")
    shown = table("", "part", "seconds", "what", "where")
    if once := _setup_seconds(course):
        shown.add_row("[green]✓[/]", "setup", once, "packages as locked; done once", ".venv")
    for name, result, seconds in done:
        sign = "[green]✓[/]" if result.good else "[red]✗[/]"
        where = str(result.where.relative_to(course.root)) if result.where else ""
        shown.add_row(sign, name, f"{seconds:.1f}", result.summary, where)
    shown.add_row("", "all", f"{sum(seconds for *_, seconds in done):.1f}", "", "")
    out.print(shown)
    if all(result.good for _, result, _ in done):
        out.print("Read the book with: make serve")


def _setup_seconds(course: Course) -> str:
    """What `make setup` took, which it leaves in a file; empty where something else made the environment."""
    try:
        return f"{float((course.root / '.venv' / 'ready').read_text()):.1f}"
    except (OSError, ValueError):
        return ""
