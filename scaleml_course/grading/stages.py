"""Grading as stages of the course: each shows its progress and says how it went."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from scaleml_course.course.catalogue import Course
from scaleml_course.course.console import Board, out, show_trouble
from scaleml_course.course.stages import StageResult
from scaleml_course.grading import batch, reports
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.outcome import Outcome

#: Statuses that are this side's trouble, not the student's: they make the command fail.
OURS = ("failed",)


def grade(
    course: Course,
    folder: Path,
    *,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
    n_workers: int | None = None,
    retry_failed: bool = False,
) -> tuple[StageResult, list[Outcome]]:
    """Grade what lies in `folder`/submitted and is not graded yet; one line a submission."""
    started = time.monotonic()
    limits = {
        exercise.slug: Limits(timeout_s=exercise.timeout_s, memory_mb=exercise.memory_mb)
        for exercise in course.exercises
    }
    with Board("submission") as board:

        def on_outcome(done: int, total: int, outcome: Outcome) -> None:
            board.step("grading", done, total)
            if not out.is_terminal and outcome.status != "absent" and done * 10 // total > (done - 1) * 10 // total:
                board.line(f"{done} of {total} submissions")
            if outcome.status in OURS:
                board.line(f"{outcome.student}, {outcome.assignment}: {outcome.reason}", good=False)

        outcomes = batch.grade(
            folder,
            assignments,
            students,
            n_workers,
            limits=limits,
            retry_failed=retry_failed,
            progress=on_outcome,
        )
    counts = Counter(outcome.status for outcome in outcomes)
    absent = counts.pop("absent", 0)
    told = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.most_common())
    seconds = time.monotonic() - started
    summary = f"{counts.total()} submissions ({told}) in {seconds:.0f} s, {absent} not handed in"
    good = not any(outcome.status in OURS for outcome in outcomes)
    return StageResult(good, summary, folder), outcomes


def export(folder: Path, outcomes: list[Outcome], path: Path | None = None) -> StageResult:
    """Write the marks as CSV, one row a submission and one a check."""
    marks, checks = reports.export_marks(folder, outcomes, path)
    return StageResult(True, f"{len(outcomes)} rows of marks; every check in {checks.name}", marks)


def feedback(folder: Path, outcomes: list[Outcome]) -> StageResult:
    """Write a feedback page for every submission."""
    pages = reports.feedback(folder, outcomes)
    return StageResult(len(pages) == len(outcomes), f"{len(pages)} feedback pages", folder / "feedback")


def grade_sample_class(course: Course) -> StageResult:
    """Build the sample class, grade it, and compare every mark with the one it must have."""
    from scaleml_course.grading.sample_class import build

    sample = build(course.root, course.build / "sample_class")
    result, outcomes = grade(course, sample.course)
    marks = export(sample.course, outcomes)
    pages = feedback(sample.course, outcomes)
    disagreements = sample.disagreements(outcomes)
    for disagreement in disagreements:
        show_trouble(disagreement)
    told = f"{len(disagreements)} marks are not as expected" if disagreements else "every mark as expected"
    good = result.good and pages.good and not disagreements
    return StageResult(good, f"sample class: {result.summary}, {told}; {pages.summary}", marks.where)
