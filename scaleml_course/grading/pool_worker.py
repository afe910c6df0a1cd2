"""In a worker of the pool: what it keeps of a batch, and the one task that it runs for each submission."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distributed.diagnostics.plugin import WorkerPlugin

from scaleml_course.course.errors import UserError
from scaleml_course.grading.journal import grader_key
from scaleml_course.grading.limits import Limits

if TYPE_CHECKING:
    from scaleml_course.grading.one import Exercise, Graded, Submission

GradeOne = Callable[["Exercise", "Submission", Limits, str], "Graded"]

#: The batches that this worker takes part in, by name.
_benches: dict[str, Bench] = {}


@dataclass(frozen=True)
class Work:
    """What came back from a worker.

    Attributes
    ----------
    graded : Graded
        From `one.grade_one`.
    unanswered : tuple of str
        Grade ids of the answer cells left as they were given out.
    seconds : float
        Wall seconds it took.
    """

    graded: Graded
    unanswered: tuple[str, ...]
    seconds: float


@dataclass
class Bench(WorkerPlugin):
    """What every worker of a batch must have, also one that starts in the middle of it.

    Attributes
    ----------
    name : str
        Of this batch.
    grader : str
        `grader_key` of the coordinator.
    level : str
        The isolation level that every notebook must get.
    exercises : dict of str to Exercise
        By assignment.
    grade_one : callable or None
        In the place of `one.grade_one`.
    owned : bool
        Whether the worker was started by the coordinator, and must end with it.
    """

    name: str
    grader: str
    level: str
    exercises: dict[str, Exercise] = field(repr=False)
    grade_one: GradeOne | None = None
    owned: bool = False

    def setup(self, worker: Any) -> None:
        """Called by Dask in each worker, before its first task."""
        _benches[self.name] = self
        if self.owned:
            from scaleml_course.grading.child import die_with_parent

            die_with_parent()
            # A terminal sends Ctrl-C to all; the coordinator decides. (Ignoring it would be inherited by
            # the kernels, which must be interruptible.)
            signal.signal(signal.SIGINT, lambda number, frame: None)

    def teardown(self, worker: Any) -> None:
        """Called by Dask when the batch is over: end the warmed processes when no other batch needs them."""
        _benches.pop(self.name, None)
        if not _benches and self.grade_one is None:
            from scaleml_course.grading.one import close_all

            close_all()


def grade_at_bench(bench_name: str, assignment: str, submission: Submission, limits: Limits) -> Work:
    """Grade one submission in this worker.

    Raises
    ------
    UserError
        When this worker runs another version of the grader, or cannot give the isolation asked for.
    """
    bench = _benches[bench_name]
    if bench.grader != grader_key():
        raise UserError(
            "A worker runs another version of the grader than this command does.",
            remedy="Start the scheduler and its workers from the same checkout and environment.",
        )
    started = time.monotonic()
    grade_one = bench.grade_one or real_grader()
    exercise = bench.exercises[assignment]
    graded = grade_one(exercise, submission, limits, bench.level)
    return Work(graded, unanswered(exercise.release, graded.notebook), round(time.monotonic() - started, 3))


def real_grader() -> GradeOne:
    """The function that grades with kernels; imported in workers only, with all that it needs."""
    from scaleml_course.grading.one import grade_one

    return grade_one


def unanswered(release: bytes, notebook: bytes | None) -> tuple[str, ...]:
    """Answer cells whose text is that of the release; nbgrader's feedback says "No response." there."""
    if notebook is None:
        return ()
    given = answer_texts(release)
    return tuple(sorted(name for name, text in answer_texts(notebook).items() if given.get(name) == text))


def answer_texts(notebook: bytes) -> dict[str, str]:
    """The text of each answer cell, by grade id; tasks are never "not answered"."""
    texts = {}
    for cell in json.loads(notebook)["cells"]:
        options = cell["metadata"].get("nbgrader", {})
        if options.get("solution") and not options.get("task"):
            source = cell["source"]
            texts[options["grade_id"]] = source if isinstance(source, str) else "".join(source)
    return texts
