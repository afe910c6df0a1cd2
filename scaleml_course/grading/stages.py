"""Grading as stages of the course: each shows its progress and says how it went."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from scaleml_course.course.catalogue import Course
from scaleml_course.course.console import show_trouble
from scaleml_course.course.stages import StageResult
from scaleml_course.grading import batch, reports
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.outcome import Outcome
from scaleml_course.grading.progress import GradingProgress

#: Statuses that are this side's trouble, not the student's: they make the command fail.
OURS = ("failed",)


def grade(
    course: Course,
    folder: Path,
    *,
    assignments: Iterable[str] | None = None,
    only: Collection[str] = (),
    n_workers: int | None = None,
    retry_failed: bool = False,
    trust_students: bool = False,
    scheduler: str | None = None,
    report: Path | None = None,
) -> tuple[StageResult, list[Outcome]]:
    """Grade what lies in `folder`/submitted and is not graded yet; `batch.grade` has the parameters.

    With `report`, a file with everything that is known of every row is written too.
    """
    started = time.time()
    limits = {
        exercise.slug: Limits(timeout_s=exercise.timeout_s, memory_mb=exercise.memory_mb)
        for exercise in course.exercises
    }
    with GradingProgress(OURS) as shown:
        outcomes = batch.grade(
            folder,
            assignments,
            None,
            n_workers,
            limits=limits,
            retry_failed=retry_failed,
            only=only,
            trust_students=trust_students,
            scheduler=scheduler,
            progress=shown.outcome,
            on_plan=shown.begin,
        )
    plan = shown.plan
    assert plan is not None  # `batch.grade` has returned
    counts = Counter(outcome.status for outcome in outcomes)
    absent = counts.pop("absent", 0)
    told = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.most_common())
    seconds = time.time() - started
    summary = f"{counts.total()} submissions ({told}) in {seconds:.0f} s, {absent} not handed in"
    summary += f", isolation: {levels_told(outcomes, plan.isolation.level)}"
    where = folder
    if report is not None:
        where = reports.write_report(folder, outcomes, report, plan, started)
    good = not any(outcome.status in OURS for outcome in outcomes)
    return StageResult(good, summary, where), outcomes


def levels_told(outcomes: Iterable[Outcome], now: str) -> str:
    """The levels that the marks were given under; those of an earlier run may be stronger ones."""
    counts = Counter(outcome.isolation for outcome in outcomes if outcome.isolation)
    if len(counts) <= 1:
        return next(iter(counts), now)
    return ", ".join(f"{level} ({count})" for level, count in counts.most_common())


def export(folder: Path, outcomes: list[Outcome], path: Path | None = None) -> StageResult:
    """Write the marks as CSV, one row a submission and one a check."""
    marks, checks = reports.export_marks(folder, outcomes, path)
    return StageResult(True, f"{len(outcomes)} rows of marks; every check in {checks.name}", marks)


def feedback(folder: Path, outcomes: list[Outcome]) -> StageResult:
    """Write a feedback page for every submission."""
    pages = reports.feedback(folder, outcomes)
    return StageResult(len(pages) == len(outcomes), f"{len(pages)} feedback pages", folder / "feedback")


def grade_sample_class(course: Course) -> StageResult:
    """Build the sample class, grade it, and compare every mark with the one it must have.

    Its notebooks are the course's own, so they are graded unconfined where nothing can confine them.
    """
    from scaleml_course.grading.sample_class import build

    sample = build(course.root, course.build / "sample_class")
    result, outcomes = grade(course, sample.course, trust_students=True)
    marks = export(sample.course, outcomes)
    pages = feedback(sample.course, outcomes)
    disagreements = sample.disagreements(outcomes)
    for disagreement in disagreements:
        show_trouble(disagreement)
    told = f"{len(disagreements)} marks are not as expected" if disagreements else "every mark as expected"
    good = result.good and pages.good and not disagreements
    return StageResult(good, f"sample class: {result.summary}, {told}; {pages.summary}", marks.where)
