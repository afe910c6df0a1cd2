"""The part of a run that grades: submissions go out to the workers, and what comes back is written."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from distributed.scheduler import KilledWorker

from scaleml_course.grading.batch import Desk
from scaleml_course.grading.gradebook_rows import Entry
from scaleml_course.grading.gradebook_writer import GradebookWriter
from scaleml_course.grading.intake import HandedIn
from scaleml_course.grading.journal import grader_key
from scaleml_course.grading.nbgrader_course import read_config
from scaleml_course.grading.outcome import Outcome
from scaleml_course.grading.pool import Job, Lost, Pool
from scaleml_course.grading.pool_worker import Bench, GradeOne, Work
from scaleml_course.grading.processes import course_marker, end_leftovers
from scaleml_course.grading.selection import Pair
from scaleml_course.grading.workers import open_workers
from scaleml_course.grading.writer import NO_ROOM, Finding, Writer, cannot_write

if TYPE_CHECKING:
    from scaleml_course.grading.one import Exercise


def mark(
    desk: Desk,
    pairs: list[Pair],
    level: str,
    n_workers: int,
    scheduler: str | None,
    grade_one: GradeOne | None = None,
) -> Iterator[Outcome]:
    """Grade these pairs; yields each outcome once it is written for good.

    Parameters
    ----------
    desk : Desk
        The course folder, held by this run, its gradebook knowing all assignments and students.
    pairs : list of (student, assignment)
    level : str
        The isolation level that each notebook must get.
    n_workers, scheduler
        See `workers.open_workers`.
    grade_one : callable, optional
        In the place of `one.grade_one`.

    Raises
    ------
    UserError
        See `batch.grade`.
    """
    with GradebookWriter(desk.folder.root) as gradebook:
        marking = Marking(desk, Writer(desk.folder, desk.journal, gradebook))
        to_run = []
        for pair in pairs:
            handed_in = desk.read(pair)
            if handed_in.trouble:
                yield from marking.settle(pair, handed_in)
            else:
                to_run.append(pair)
        yield from marking.flush()
        if not to_run:
            return
        exercises = {name: marking.exercise(name) for name in sorted({pair[1] for pair in to_run})}
        bench = Bench(f"scaleml-{uuid.uuid4().hex[:12]}", grader_key(), level, exercises, grade_one)
        try:
            with open_workers(n_workers, scheduler, bench, course_marker(desk.folder.root)) as client:
                pool = Pool(client, bench.name, scheduler or "this machine")
                for result in pool.run(marking.jobs(to_run)):
                    yield from marking.take(*result) if result else marking.tick()
                yield from marking.rest()
        finally:
            try:
                marking.flush()  # what is back when somebody presses Ctrl-C is not lost
            finally:
                end_leftovers(desk.folder.root)


class Marking:
    """Turns what was handed in into jobs, and what came back into findings for the writer.

    Parameters
    ----------
    desk : Desk
    writer : Writer
    """

    def __init__(self, desk: Desk, writer: Writer) -> None:
        self.desk = desk
        self.writer = writer
        self.flush, self.tick = writer.flush, writer.tick
        self._exercises: dict[str, Exercise] = {}
        # What is out, held until it is back: a few submissions a worker.
        self._out: dict[Pair, HandedIn] = {}
        self._settled: list[Outcome] = []

    def exercise(self, name: str) -> Exercise:
        """What a worker needs of an assignment."""
        from scaleml_course.grading.one import Exercise

        if name not in self._exercises:
            folder = self.desk.folder
            released = folder.root / "release" / name
            # nbgrader's own option: files that students may hand in changed.
            config = read_config(folder.root)
            kept = set(config.Autograde.get("exclude_overwriting", {}).get(name, []))
            files = {
                str(path.relative_to(released)): path.read_bytes()
                for path in sorted(released.rglob("*"))
                if path.is_file() and path.suffix != ".ipynb"
            }
            self._exercises[name] = Exercise(
                name,
                folder.source(name).read_bytes(),
                (released / f"{name}.ipynb").read_bytes(),
                {path: content for path, content in files.items() if path not in kept},
            )
        return self._exercises[name]

    def jobs(self, pairs: list[Pair]) -> Iterator[Job]:
        """One job a submission, its files read when its turn comes."""
        from scaleml_course.grading.one import Submission

        for pair in pairs:
            handed_in = self.desk.read(pair)
            if handed_in.trouble:  # it changed since the run began
                self._settled += self.settle(pair, handed_in)
                continue
            self._out[pair] = handed_in
            submission = Submission(*pair, handed_in.files)
            yield Job(submission, self.desk.limits[pair[1]], self.desk.key(pair, handed_in))

    def settle(self, pair: Pair, handed_in: HandedIn) -> list[Outcome]:
        """Write the outcome of a submission that has nothing to run."""
        assert handed_in.trouble is not None
        status, reason = handed_in.trouble
        outcome = self.outcome(pair, handed_in, {"status": status, "reason": reason})
        return self.writer.add(Finding(outcome, self.desk.key(pair, handed_in), Entry(*pair), staged=False))

    def take(self, job: Job, result: Work | Exception) -> list[Outcome]:
        """Write the outcome of a submission that is back from a worker."""
        pair = (job.submission.student, job.submission.assignment)
        handed_in = self._out.pop(pair)
        if isinstance(result, Exception):
            said = {"status": "failed", "reason": lost(pair[1], result)}
            finding = Finding(self.outcome(pair, handed_in, said), job.key, Entry(*pair), staged=False)
        else:
            finding = self.finding(pair, handed_in, job.key, result)
        return self.writer.add(finding) + self.tick() + self._taken_settled()

    def rest(self) -> list[Outcome]:
        """Write what still waits."""
        return self.flush() + self._taken_settled()

    def _taken_settled(self) -> list[Outcome]:
        settled, self._settled = self._settled, []
        return settled

    def finding(self, pair: Pair, handed_in: HandedIn, key: str, work: Work) -> Finding:
        """The finding of a submission that a worker has graded, its files staged."""
        graded = work.graded
        result = {**graded.result, "seconds": work.seconds}
        if handed_in.left_out:
            left_out = f"not taken: {'; '.join(handed_in.left_out)}"
            result["reason"] = "; ".join(filter(None, [result.get("reason"), left_out]))
        outcome = self.outcome(pair, handed_in, result)
        if graded.notebook is None:
            return Finding(outcome, key, Entry(*pair), staged=False)
        try:
            self.writer.files.stage(*pair, graded.notebook, handed_in.files, self.exercise(pair[1]).files)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise cannot_write(self.desk.folder, error) from error
            reason = f"{pair[1]}.ipynb was graded, but cannot be kept: {error}. Mend that and grade again."
            outcome = self.outcome(pair, handed_in, {"status": "failed", "reason": reason})
            return Finding(outcome, key, Entry(*pair), staged=False)
        time = handed_in.timestamp()
        entry = Entry(*pair, graded.scores, tuple(graded.by_hand), work.unanswered, time)
        return Finding(outcome, key, entry, staged=True)

    def outcome(self, pair: Pair, handed_in: HandedIn, result: dict[str, Any]) -> Outcome:
        """An outcome with all that only this side knows."""
        late = self.desk.late_seconds(pair, handed_in)
        own = {"student": pair[0], "assignment": pair[1], "max_score": self.desk.points[pair[1]]}
        # Whoever graded it, these are not for it to say.
        outcome = Outcome.from_dict({"score": None, "checks": [], **result, **own})
        return dataclasses.replace(outcome, late_seconds=late)


def lost(assignment: str, error: Exception) -> str:
    """Why there are no marks when the grader itself failed."""
    if isinstance(error, KilledWorker | Lost):
        return (
            f"the grader ended each time it graded {assignment}.ipynb, last with no other beside it. "
            "Open the notebook: it may use more memory than there is."
        )
    cause = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"the grader failed while it graded {assignment}.ipynb ({cause}). Grade it again with --retry-failed."
