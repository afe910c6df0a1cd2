"""The stages of the course, each a function that shows its progress and says how it went."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scaleml_course.course.catalogue import Course, Exercise, Lesson
from scaleml_course.course.console import Board, out, show_trouble
from scaleml_course.course.errors import UserError


@dataclass(frozen=True)
class StageResult:
    """How a stage ended.

    Attributes
    ----------
    good : bool
    summary : str
        One line: what was done, and how much of it was found done already.
    where : Path or None
        Where its result lies.
    """

    good: bool
    summary: str
    where: Path | None = None


def faultless(course: Course) -> bool:
    """Tell every front matter that cannot be read; returns whether there is none."""
    for fault in course.faults:
        show_trouble(str(fault))
    return not course.faults


def run(
    course: Course, lessons: list[Lesson], tier: str, *, scheduler: str | None = None, force: bool = False
) -> StageResult:
    """Run lessons with papermill."""
    from scaleml_course.course.execute import LessonResult, run_lessons

    with Board() as board:

        def on_result(result: LessonResult) -> None:
            board.done(result.slug)
            how = "unchanged" if result.cached else f"{result.seconds:.0f} s"
            if result.status == "ok":
                memory = f"{result.peak_memory_bytes / 1e6:.0f} MB"
                what = f"{result.n_cells} cells, {len(result.claims)} claims, {memory}"
                board.line(f"{result.slug} at {tier}: {what} ({how})")
            elif result.status == "skipped":
                board.line(result.message)
            else:
                board.line(f"{result.slug} at {tier}: {result.status.replace('_', ' ')}", good=False)

        results = run_lessons(
            course, lessons, tier, scheduler=scheduler, force=force, on_progress=board.step, on_result=on_result
        )
    for result in results:
        if not result.good:
            show_trouble(result.message, result.detail)
    good = [result for result in results if result.status == "ok"]
    cells, claims = sum(one.n_cells for one in good), sum(len(one.claims) for one in good)
    unchanged = sum(one.cached for one in good)
    skipped = sum(one.status == "skipped" for one in results)
    summary = f"{len(good)} of {len(results)} lessons, {cells} cells, {claims} claims hold"
    summary += f", {skipped} skipped" if skipped else ""
    summary += f" ({unchanged} unchanged)" if unchanged else ""
    good_run = faultless(course) and all(one.good for one in results)
    return StageResult(good_run, summary, course.build / "lessons" / tier)


def check(course: Course, lessons: list[Lesson], *, force: bool = False) -> StageResult:
    """Hold sources to the spine, built files to their sources, and lessons to their reference outputs."""
    from scaleml_course.course.check import CheckResult, check_lessons
    from scaleml_course.course.spine import check_course
    from scaleml_course.course.sync import drift

    troubles = check_course(course) + [one.message for one in drift(course)]
    for trouble in troubles:
        show_trouble(trouble)
    with Board() as board:

        def on_result(result: CheckResult) -> None:
            how = "unchanged" if result.cached else f"{result.seconds:.0f} s"
            what = f"nbval: {result.n_cells} cells ran again, {result.n_strict} compared exactly ({how})"
            if result.status == "failed":
                what = "nbval: failed"
            board.line(result.message if result.status == "skipped" else f"{result.slug} {what}", good=result.good)

        results = check_lessons(course, lessons, force=force, on_result=on_result)
    for result in results:
        if not result.good:
            show_trouble(result.message, result.detail)
    good = faultless(course) and not troubles and all(result.good for result in results)
    strict = sum(result.n_strict for result in results)
    summary = f"{sum(one.status == 'ok' for one in results)} of {len(results)} lessons, {strict} outputs equal"
    summary += f", {len(troubles)} findings in the sources" if troubles else ", sources and builds agree"
    return StageResult(good, summary, course.root / "notebooks")


def sync(course: Course, lessons: list[Lesson], *, refresh: bool = False) -> StageResult:
    """Rebuild what is built from the sources: lessons' notebooks with outputs, exercises' two notebooks."""
    from scaleml_course.course.sync import sync_lesson

    good, ran = faultless(course), 0
    with Board() as board:
        for lesson in lessons:
            try:
                result = sync_lesson(course, lesson, refresh=refresh, on_progress=board.step)
            except UserError as error:
                good = False
                show_trouble(str(error))
                continue
            board.done(lesson.slug)
            if result is None or result.good:
                how = "up to date" if result is None else result.message or f"ran in {result.seconds:.0f} s"
                board.line(f"{lesson.slug}: {how}")
                ran += result is not None
            else:
                good = False
                show_trouble(result.message, result.detail)
    chosen = {lesson.slug for lesson in lessons}
    every = len(lessons) == len(course.lessons)
    exercises = [exercise for exercise in course.exercises if every or exercise.slug in chosen]
    good_exercises, changed = _build_exercises(course, exercises)
    summary = f"{ran} lessons run anew, {changed} exercises rebuilt"
    return StageResult(good and good_exercises, summary, course.root / "notebooks")


def release(course: Course) -> StageResult:
    """Make the students' notebooks with nbgrader, and say where they lie."""
    good, changed = _build_exercises(course, course.exercises)
    summary = f"{len(course.exercises)} exercises, {changed} of them changed"
    return StageResult(good and faultless(course), summary, course.root / "grader" / "release")


def _build_exercises(course: Course, exercises: list[Exercise]) -> tuple[bool, int]:
    """Build source and release notebooks; returns whether all could be, and how many changed."""
    from scaleml_course.course.sync import sync_exercise

    good, changed = True, 0
    with Board() as board:
        for exercise in exercises:
            try:
                is_new = sync_exercise(course, exercise)
            except UserError as error:
                good = False
                show_trouble(str(error))
                continue
            changed += is_new
            board.line(f"exercise {exercise.slug}: {'built anew' if is_new else 'up to date'}")
    return good, changed


def book(course: Course, tier: str, *, force: bool = False) -> StageResult:
    """Build the book."""
    from scaleml_course.course.book import build_book

    result = build_book(course, tier, force=force)
    how = "unchanged" if result.cached else f"built in {result.seconds:.0f} s, no warnings"
    for notice in result.notices:
        out.print(f"note: {notice}")
    return StageResult(True, f"{result.n_pages} pages ({how})", result.path)
