"""Grade a class: every registered student and assignment gets an outcome, whatever was handed in."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from scaleml_course.grading import registration
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.gradebook_view import GradebookView
from scaleml_course.grading.intake import HandedIn, late_seconds, read_submission
from scaleml_course.grading.isolation import levels
from scaleml_course.grading.isolation.levels import LEVELS, Isolation
from scaleml_course.grading.journal import Journal
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.outcome import Outcome
from scaleml_course.grading.processes import end_leftovers
from scaleml_course.grading.selection import Pair, choose_pairs

if TYPE_CHECKING:
    from scaleml_course.grading.pool_worker import GradeOne

#: What `retry_failed` grades again: it may have been the machine.
RETRIED = ("failed", "timed_out", "out_of_memory")

Progress = Callable[[int, int, Outcome], None]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run is about to do.

    Attributes
    ----------
    found : int
        Outcomes that an earlier run noted and that still hold.
    to_grade : int
        Submissions to be run now.
    without : int
        Rows for which there is nothing to run: not handed in, or without the expected notebook.
    isolation : Isolation
        How the code is confined.
    n_workers : int
        Processes on this machine; 0 with a scheduler.
    scheduler : str or None
        Its address.
    """

    found: int
    to_grade: int
    without: int
    isolation: Isolation
    n_workers: int
    scheduler: str | None


def grade(
    course: Path,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
    n_workers: int | None = None,
    *,
    limits: Limits | Mapping[str, Limits] | None = None,
    retry_failed: bool = False,
    only: Collection[str] = (),
    isolation: Isolation | None = None,
    trust_students: bool = False,
    scheduler: str | None = None,
    progress: Progress | None = None,
    on_plan: Callable[[Plan], None] | None = None,
    grade_one: GradeOne | None = None,
) -> list[Outcome]:
    """Grade everything handed in that is not graded yet.

    Parameters
    ----------
    course : Path
        nbgrader's course folder.
    assignments, students : iterable of str, optional
        Only these; all when left out.
    n_workers : int, optional
        Worker processes on this machine; as many as cores when left out.
    limits : Limits or mapping of assignment to Limits, optional
        What each submission may use.
    retry_failed : bool
        Grade again what ended ``failed``, ``timed_out`` or ``out_of_memory`` before.
    only : collection of str
        ``STUDENT`` or ``STUDENT/ASSIGNMENT``: no others; all when empty.
    isolation : Isolation, optional
        How to confine the code; the strongest that this machine has when left out.
    trust_students : bool
        Run unconfined where nothing can confine the code; without it that is an error.
    scheduler : str, optional
        Address of a Dask scheduler whose workers declare the resource ``grader``; workers of this
        machine when left out.
    progress : callable, optional
        Called with (done, total, outcome) after each outcome is found, or graded and written for good.
    on_plan : callable, optional
        Called once with the `Plan`, before anything is graded.
    grade_one : callable, optional
        In the place of `one.grade_one`, to try the batch without kernels.

    Returns
    -------
    list of Outcome
        One for each student and assignment, sorted by assignment, then student.

    Raises
    ------
    UserError
        When an assignment or a student is unknown, an exercise cannot be released, another run is grading
        this folder, nothing can confine the code, or the disk, the gradebook or the scheduler fails. What
        was graded before is kept, and the next run goes on from there. A submission never raises.
    """
    folder = CourseFolder(course)
    journal = Journal(folder)
    pairs = choose_pairs(folder, assignments, students, only)
    done: dict[Pair, Outcome] = {}

    def is_done(outcome: Outcome) -> None:
        done[outcome.student, outcome.assignment] = outcome
        if progress:
            progress(len(done), len(pairs), outcome)

    with journal.alone():
        end_leftovers(folder.root)  # what a killed run may have left grading
        desk = Desk(folder, journal, limits)
        least = (isolation or levels.strongest()).level
        found = desk.look_up(pairs, least, retry_failed)
        to_run = [pair for pair in found.open if pair not in found.troubled]
        if isolation is None:
            isolation = levels.choose(trust_students) if to_run else levels.strongest()
        workers = 0 if scheduler else min(n_workers or count_cores(), max(1, len(to_run)))
        if on_plan:
            on_plan(Plan(len(found.noted), len(to_run), len(found.troubled), isolation, workers, scheduler))
        for outcome in found.noted:
            is_done(outcome)
        everyone = folder.students()
        # The gradebook knows every student, also one who handed in nothing.
        if not journal.registered(everyone):
            registration.register(folder, journal, everyone)
        if found.open:
            from scaleml_course.grading.marking import mark  # Dask and nbgrader, which take two seconds

            for outcome in mark(desk, found.open, isolation.level, workers, scheduler, grade_one):
                is_done(outcome)
    return [done[pair] for pair in sorted(done, key=lambda pair: (pair[1], pair[0]))]


@dataclasses.dataclass(frozen=True)
class Found:
    """What there was when a run began: outcomes that hold, and the pairs that have none.

    Attributes
    ----------
    noted : list of Outcome
    open : list of Pair
    troubled : set of Pair
        Those of `open` that have nothing to run.
    """

    noted: list[Outcome]
    open: list[Pair]
    troubled: set[Pair]


class Desk:
    """One course folder while it is graded: what was handed in, when, for how many points, within which limits.

    Parameters
    ----------
    folder : CourseFolder
    journal : Journal
    limits : Limits or mapping of assignment to Limits, optional
    """

    def __init__(
        self, folder: CourseFolder, journal: Journal, limits: Limits | Mapping[str, Limits] | None
    ) -> None:
        self.folder = folder
        self.journal = journal
        names = folder.assignments()
        of_each = limits if isinstance(limits, Mapping) else dict.fromkeys(names, limits or Limits())
        self.limits = {name: of_each.get(name, Limits()) for name in names}
        self.points = {name: sum(folder.points(name).values()) for name in names}
        self._due = folder.due_dates()

    def look_up(self, pairs: list[Pair], least: str, retry_failed: bool) -> Found:
        """Sort out what an earlier run graded at least at this isolation level, and what is to be done."""
        found = Found([], [], set())
        view = GradebookView(self.folder)
        known = self.journal.has_gradebook()
        with_rows = view.with_rows() if known else set()
        by_hand = view.by_hand() if known else {}
        for pair in pairs:
            handed_in = self.read(pair)
            outcome = self.journal.find(*pair, self.key(pair, handed_in)) if known else None
            if outcome is None or not holds(outcome, with_rows, least, retry_failed):
                found.open.append(pair)
                if handed_in.trouble:
                    found.troubled.add(pair)
                continue
            late = self.late_seconds(pair, handed_in)
            outcome = outcome.with_marks_by_hand(by_hand.get(pair, {}))
            found.noted.append(dataclasses.replace(outcome, late_seconds=late))
        return found

    def read(self, pair: Pair) -> HandedIn:
        """What was handed in; a folder that cannot be read is a row's reason, not the batch's end."""
        try:
            return read_submission(self.folder, *pair)
        except OSError as error:
            reason = f"what was handed in cannot be read: {error.strerror}. Mend that and grade again."
            return HandedIn(trouble=("failed", reason))

    def key(self, pair: Pair, handed_in: HandedIn) -> str:
        """The journal's key for this submission and these limits."""
        return self.journal.key(pair[1], handed_in.key(), repr(self.limits[pair[1]]))

    def late_seconds(self, pair: Pair, handed_in: HandedIn) -> float | None:
        """Seconds after the due date, 0 in time, None when either time is not known."""
        return late_seconds(handed_in, self._due.get(pair[1]))


def holds(outcome: Outcome, with_rows: set[Pair], least: str, retry_failed: bool) -> bool:
    """Whether an outcome that was noted may stand."""
    if retry_failed and outcome.status in RETRIED:
        return False
    if outcome.status == "graded" and (outcome.student, outcome.assignment) not in with_rows:
        return False  # somebody removed it from the gradebook, or brought an older one back
    # A mark from a weaker level than can be had is not good enough; one from a stronger level is.
    return outcome.isolation not in LEVELS or LEVELS.index(outcome.isolation) <= LEVELS.index(least)


def count_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
