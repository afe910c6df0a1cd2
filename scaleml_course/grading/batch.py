"""Grade a class: every registered student and assignment gets an outcome, whatever was handed in."""

import dataclasses
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from pathlib import Path

from scaleml_course.course.errors import UserError
from scaleml_course.grading.autograde import grade_submission
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.journal import Journal
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.outcome import Outcome
from scaleml_course.grading.processes import end_leftovers, run_child

#: What `retry_failed` grades again: it may have been the machine.
RETRIED = ("failed", "timed_out", "out_of_memory")
REGISTRATION_TIMEOUT_S = 600.0

Progress = Callable[[int, int, Outcome], None]


def grade(
    course: Path,
    assignments: Iterable[str] | None = None,
    students: Iterable[str] | None = None,
    n_workers: int | None = None,
    *,
    limits: Limits | Mapping[str, Limits] | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Grade everything handed in that is not graded yet.

    Parameters
    ----------
    course : Path
        nbgrader's course folder.
    assignments, students : iterable of str, optional
        Only these; all when left out.
    n_workers : int, optional
        Submissions graded at once; as many as cores when left out.
    limits : Limits or mapping of assignment to Limits, optional
        What each submission may use.
    retry_failed : bool
        Grade again what ended ``failed``, ``timed_out`` or ``out_of_memory`` before.
    progress : callable, optional
        Called with (done, total, outcome) after each outcome, found or graded.

    Returns
    -------
    list of Outcome
        One for each student and assignment, sorted by assignment, then student.

    Raises
    ------
    UserError
        When an assignment or a student is unknown, an exercise cannot be released, or another run is
        grading this folder. A submission never raises.
    """
    folder = CourseFolder(course)
    journal = Journal(folder)
    everyone = folder.students()
    wanted_assignments = known(assignments, folder.assignments(), "assignment", folder)
    wanted_students = known(students, everyone, "student", folder)
    of_each = limits if isinstance(limits, Mapping) else dict.fromkeys(wanted_assignments, limits or Limits())
    with journal.alone():
        end_leftovers(folder.root)  # what a killed run may have left grading
        run = _Run(folder, journal, of_each, retry_failed)
        pairs = [(student, name) for name in wanted_assignments for student in wanted_students]
        return run.all(pairs, everyone, n_workers or count_cores(), progress)


class _Run:
    """One call of `grade`: what it looks up, grades and notes."""

    def __init__(
        self,
        folder: CourseFolder,
        journal: Journal,
        limits: Mapping[str, Limits],
        retry_failed: bool,
    ) -> None:
        self.folder = folder
        self.journal = journal
        self.limits = {name: limits.get(name, Limits()) for name in folder.assignments()}
        self.retry_failed = retry_failed
        self.due = folder.due_dates()
        self.stopping = threading.Event()

    def all(
        self, pairs: list[tuple[str, str]], everyone: list[str], n_workers: int, progress: Progress | None
    ) -> list[Outcome]:
        """Outcomes of all pairs of student and assignment, from the journal or by grading."""
        found: dict[tuple[str, str], Outcome] = {}

        def done(outcome: Outcome) -> None:
            late = self.folder.late_seconds(outcome.student, outcome.assignment, self.due.get(outcome.assignment))
            outcome = dataclasses.replace(outcome, late_seconds=late)
            found[outcome.assignment, outcome.student] = outcome
            if progress:
                progress(len(found), len(pairs), outcome)

        to_do = []
        for pair in pairs:
            outcome = self.look_up(*pair)
            if outcome is None:
                to_do.append(pair)
            else:
                done(outcome)
        # The gradebook knows every student, also one who handed in nothing.
        if not self.journal.registered(everyone):
            register(self.folder, self.journal, everyone)
        with ThreadPoolExecutor(max_workers=max(1, n_workers)) as pool:
            futures = [pool.submit(self.grade_and_note, *pair) for pair in to_do]
            try:
                for future in as_completed(futures):
                    done(future.result())
            except BaseException:  # Ctrl-C above all: end the children, note nothing they were doing
                self.stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                # A worker may have been about to start one more.
                while not all(future.done() for future in futures):
                    end_leftovers(self.folder.root)
                    wait(futures, timeout=0.1)
                raise
        return [found[key] for key in sorted(found)]

    def key(self, student: str, assignment: str) -> str:
        """The journal's key for this submission and these limits."""
        return self.journal.key(student, assignment, repr(self.limits[assignment]))

    def look_up(self, student: str, assignment: str) -> Outcome | None:
        """The outcome noted earlier, if it still holds."""
        if not self.journal.has_gradebook():
            return None
        try:
            outcome = self.journal.find(student, assignment, self.key(student, assignment))
        except OSError:  # a file that cannot be read: grading will say which
            return None
        again = outcome is not None and outcome.status in RETRIED and self.retry_failed
        return None if again else outcome

    def grade_and_note(self, student: str, assignment: str) -> Outcome:
        """Grade one submission and note it; an error of this program's own becomes its outcome."""
        try:
            self.stop_here()
            key = self.key(student, assignment)
            self.journal.strike(student, assignment)
            outcome = grade_submission(
                self.folder.root,
                student,
                assignment,
                **dataclasses.asdict(self.limits[assignment]),
            )
            self.stop_here()
            self.journal.note(outcome, key)
        except OSError as error:  # a full disk, a file without permission
            return Outcome(
                student,
                assignment,
                "failed",
                None,
                sum(self.folder.points(assignment).values()),
                f"{assignment}.ipynb could not be graded or its outcome not be written: {error}. "
                "Mend that and grade again.",
            )
        return outcome

    def stop_here(self) -> None:
        """Leave this worker when the run is being stopped."""
        if self.stopping.is_set():
            raise KeyboardInterrupt


def known(wanted: Iterable[str] | None, existing: list[str], what: str, folder: CourseFolder) -> list[str]:
    """The wanted names, checked against those that exist.

    Raises
    ------
    UserError
        Naming the first unknown one and those that exist.
    """
    if wanted is None:
        return existing
    names = sorted(set(wanted))
    for name in names:
        if name not in existing:
            raise UserError(
                f"There is no {what} named {name!r} in {folder.root}.",
                remedy=f"Known: {', '.join(existing) or 'none'}.",
                exit_status=2,
            )
    return names


def register(folder: CourseFolder, journal: Journal, students: list[str]) -> None:
    """Make the gradebook know all assignments and students, in a process of its own.

    Raises
    ------
    UserError
        When an exercise cannot be released, or the process ended without a word.
    """
    with tempfile.TemporaryDirectory(prefix="scaleml-register-") as scratch:
        result = Path(scratch) / "result.json"
        task = ["gradebook", f"--course={folder.root}", f"--result={result}"]
        finished = run_child(
            ["scaleml_course.grading.child", *task], course=folder.root, timeout_s=REGISTRATION_TIMEOUT_S
        )
        values = json.loads(result.read_text()) if result.is_file() else {}
    if "db_url" not in values:
        last = (finished.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise UserError(
            values.get("message", f"The gradebook of {folder.root} could not be prepared: {last}"),
            remedy=values.get("remedy", "See that the folder can be written and its disk is not full."),
        )
    journal.note_registered(students, values["db_url"])


def count_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
