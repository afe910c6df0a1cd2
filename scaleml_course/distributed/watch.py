"""What a piece of work cost the cluster: peak memory of each worker, tasks run, bytes spilled, seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaleml_course.measure import high_water_bytes, resident_bytes
from scaleml_course.measure.memory import reset_high_water

if TYPE_CHECKING:
    from distributed import Client


@dataclass
class ClusterRun:
    """Filled in when the `with watch(client)` block ends.

    Attributes
    ----------
    seconds : float
        Wall time of the block, once and unpaired: to read, not to compare closely.
    start_bytes, peak_bytes : dict of str to int
        Resident memory of each worker process, libraries included, by address: when the block began, and
        the most it held during the block.
    spilled_bytes : int
        What lies on the workers' disks at the end of the block.
    n_tasks : int
        Tasks that the cluster finished.
    tasks : dict of str to int
        The same by kind of task, as Dask names them.
    workers_lost : int
        Worker processes that ended during the block; their peaks are lost with them.
    """

    seconds: float = 0.0
    start_bytes: dict[str, int] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)
    spilled_bytes: int = 0
    tasks: dict[str, int] = field(default_factory=dict)
    workers_lost: int = 0

    @property
    def n_tasks(self) -> int:
        """All tasks finished, of every kind."""
        return sum(self.tasks.values())

    @property
    def max_peak_bytes(self) -> int:
        """The highest peak of any one worker."""
        return max(self.peak_bytes.values(), default=0)

    @property
    def max_added_bytes(self) -> int:
        """The most that any one worker took on top of what it held before (new workers left out)."""
        both = self.start_bytes.keys() & self.peak_bytes.keys()
        return max((self.peak_bytes[worker] - self.start_bytes[worker] for worker in both), default=0)

    def count(self, name: str) -> int:
        """Tasks whose kind contains `name`: Dask joins the names of tasks that it fuses."""
        return sum(number for kind, number in self.tasks.items() if name in kind)


@contextmanager
def watch(client: Client) -> Iterator[ClusterRun]:
    """Measure what happens on the cluster inside the block.

    The object it gives is empty until the block has ended. Nothing is sampled: the operating system keeps
    each process's high-water mark, and the scheduler counts its tasks.
    """
    run = ClusterRun()
    client.run(reset_high_water)
    run.start_bytes = client.run(resident_bytes)
    before, pids = client.run_on_scheduler(_tasks_done), client.run(_pid)
    start = time.perf_counter()
    try:
        yield run
    finally:
        run.seconds = time.perf_counter() - start
        run.peak_bytes = client.run(high_water_bytes)
        run.spilled_bytes = sum(client.run(_spilled_bytes).values())
        after = client.run_on_scheduler(_tasks_done)
        changes = {kind: count - before.get(kind, 0) for kind, count in after.items()}
        run.tasks = {kind: change for kind, change in changes.items() if change > 0}
        run.workers_lost = len(set(pids.values()) - set(client.run(_pid).values()))


def _pid() -> int:
    import os

    return os.getpid()


def _tasks_done(dask_scheduler) -> dict[str, int]:  # type: ignore[no-untyped-def]
    return {name: prefix.state_counts["memory"] for name, prefix in dask_scheduler.task_prefixes.items()}


def _spilled_bytes(dask_worker) -> int:  # type: ignore[no-untyped-def]
    data = dask_worker.data
    return int(getattr(getattr(data, "spilled_total", None), "disk", 0))
