"""Submissions out to the workers and back: a few ahead of each, none lost, the one that kills workers found."""

from __future__ import annotations

import contextlib
import itertools
import queue
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distributed import Client, Future
from distributed.scheduler import KilledWorker

from scaleml_course.course.errors import UserError
from scaleml_course.grading import workers
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.pool_worker import Work, grade_at_bench
from scaleml_course.grading.workers import RESOURCE, count_places, no_workers

if TYPE_CHECKING:
    from scaleml_course.grading.one import Submission

#: Submissions sent to a worker ahead of the one it grades, that one included.
AHEAD = 4
#: Bytes of submissions under way; one larger than that goes alone.
BYTES_AHEAD = 256 * 2**20
#: What a submission may take beyond its own limits before its worker is taken to hang.
GRACE_S = 120.0
TICK_S = 0.25


class Lost(Exception):
    """A result that was there, or under way, and went with its worker."""


@dataclass
class Job:
    """One submission on its way through the pool."""

    submission: Submission
    limits: Limits
    key: str
    sent: float = 0.0
    alone: bool = False

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(len(content) for content in self.submission.files.values())


@dataclass
class Pool:
    """Workers to hand submissions to.

    Attributes
    ----------
    client : distributed.Client
    bench : str
        Name of the `Bench` registered with the workers.
    address : str
        The scheduler's, for messages.
    """

    client: Client
    bench: str
    address: str
    _finished: queue.SimpleQueue[Future] = field(default_factory=queue.SimpleQueue)
    _jobs: dict[str, Job] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _seen_workers: float = field(default_factory=time.monotonic)
    _looked: float = 0.0
    _places: int = 0

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Work | Exception] | None]:
        """Grade submissions; yields each with what came of it as it is ready, None when nothing was for a while.

        A submission whose worker dies is tried again, at last alone, so that it cannot be blamed for
        another's doing; what then comes back is the KilledWorker, or `Lost`.

        Raises
        ------
        UserError
            When the scheduler or its workers are gone, or a worker cannot give what was asked for.
        """
        waiting, suspects = iter(jobs), deque[Job]()
        self._places = count_places(self.client)
        more = True
        while more or self._jobs or suspects:
            while more and self._has_room():
                job = next(waiting, None)
                if job is None:
                    more = False
                else:
                    self._send(job)
            if not more and not self._jobs and suspects:
                job = suspects.popleft()
                job.alone = True
                self._send(job)
            if not self._jobs:
                break
            ready = self._ready()
            if not ready:
                self._look_after()
                yield None
            for job, result in ready:
                if isinstance(result, KilledWorker | Lost) and not job.alone:
                    suspects.append(job)
                else:
                    yield job, result

    def _has_room(self) -> bool:
        """Whether one more may be sent ahead."""
        few = len(self._jobs) < AHEAD * max(1, self._places)
        return few and sum(job.size for job in self._jobs.values()) < BYTES_AHEAD

    def _send(self, job: Job) -> None:
        job.sent = time.monotonic()
        # A name of its own: two students may hand in the same bytes.
        name = f"{self.bench}-{next(self._numbers)}"
        future = self.client.submit(
            grade_at_bench,
            self.bench,
            job.submission.assignment,
            job.submission,
            job.limits,
            key=name,
            resources={RESOURCE: 1},
            pure=False,
        )
        self._jobs[name] = job
        future.add_done_callback(self._finished.put)

    def _ready(self) -> list[tuple[Job, Work | Exception]]:
        """All that has finished by now, after waiting a moment for the first."""
        futures: list[Future] = []
        with contextlib.suppress(queue.Empty):
            futures.append(self._finished.get(timeout=TICK_S))
            while True:
                futures.append(self._finished.get_nowait())
        works = self._gather([future for future in futures if future.status == "finished"])
        results: list[tuple[Job, Work | Exception]] = []
        for future in futures:
            result = works[future.key] if future.key in works else self._result(future)
            results.append((self._jobs.pop(future.key), result))
            future.release()
        return results

    def _gather(self, futures: list[Future]) -> dict[str, Work]:
        """Fetch many results at once; none when one cannot be had, because its worker died with it."""
        try:
            return dict(zip((future.key for future in futures), self.client.gather(futures), strict=True))
        except Exception:
            return {}

    def _result(self, future: Future) -> Work | Exception:
        """One result, or why there is none; what ends the whole batch is raised."""
        try:
            return future.result()
        except UserError:
            raise
        except Exception as error:
            if self.client.status != "running":
                raise self._gone() from error
            # The grader's own error, or Dask's: then the submission is sent once more, by another name.
            return error if future.status == "error" else Lost(str(error))

    def _gone(self) -> UserError:
        return UserError(
            f"The Dask scheduler at {self.address} went away.",
            remedy="What is graded is kept. Start the scheduler and its workers again, then run this again.",
        )

    def _look_after(self) -> None:
        """Now and then: is there a worker left, and has none of them hung?"""
        now = time.monotonic()
        if now - self._looked < 5.0:
            return
        self._looked = now
        if self.client.status != "running":
            raise self._gone()
        self._places = count_places(self.client)
        if self._places:
            self._seen_workers = now
        elif now - self._seen_workers > workers.PATIENCE_S:
            raise no_workers(self.address, "any more")
        overdue = {name for name, job in self._jobs.items() if now - job.sent > self._longest(job)}
        if overdue:
            busy = self.client.processing()
            hung = [worker for worker, names in busy.items() if overdue & {str(name) for name in names}]
            for job in self._jobs.values():
                job.sent = now
            self.client.restart_workers(hung, raise_for_error=False)

    @staticmethod
    def _longest(job: Job) -> float:
        """Seconds in which a submission must be back, were all those before it as slow as they may be."""
        # The student's part and the checker's may each take the whole time.
        return (1 if job.alone else AHEAD) * (2 * job.limits.timeout_s + GRACE_S)
