"""The Dask workers that grade: processes of this machine, reached by nobody else, or those of a scheduler."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing.resource_tracker
import os
import time
from collections.abc import Iterator

import dask.config
from distributed import Client, LocalCluster, Security

from scaleml_course.course.errors import UserError
from scaleml_course.grading.pool_worker import Bench
from scaleml_course.grading.processes import MARKER

#: What a worker must declare to be given submissions.
RESOURCE = "grader"
#: How long to wait for a worker before the batch ends with a message.
PATIENCE_S = 120.0
START_WORKERS = (
    "Start workers from this environment, one process a core: "
    "dask worker {address} --nworkers CORES --nthreads 1 --memory-limit 0 --no-dashboard --resources grader=1"
)

#: Settings of the local pool; those of a scheduler elsewhere are its owner's.
LOCAL = {
    # Sizes are bounded by the sandbox; a worker paused for its memory would stop the batch.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    # One death may be an accident; after the second a submission is tried alone.
    "distributed.scheduler.allowed-failures": 1,
    # A worker that was stopped, not ended, is replaced.
    "distributed.scheduler.worker-ttl": "120s",
    "distributed.admin.low-level-log-length": 1000,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@contextlib.contextmanager
def open_workers(n_workers: int, scheduler: str | None, bench: Bench, marker: str) -> Iterator[Client]:
    """A client of workers, this bench set up in each.

    Parameters
    ----------
    n_workers : int
        Processes of a local pool.
    scheduler : str or None
        Address of a scheduler to use instead.
    bench : Bench
        What the workers need.
    marker : str
        What local workers carry in their environment, to be found again (`processes.MARKER`).

    Raises
    ------
    UserError
        When the scheduler cannot be reached, or has no worker with the resource ``grader``.
    """
    with contextlib.ExitStack() as stack:
        # A submission travels in its task: it is no mistake that some are large.
        stack.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}))
        if scheduler is None:
            client = stack.enter_context(_local_client(n_workers, marker))
            bench.owned = True
        else:
            client = stack.enter_context(_remote_client(scheduler, bench.level))
        client.register_plugin(bench, name=bench.name)
        try:
            yield client
        finally:
            if scheduler is not None and client.status == "running":
                client.unregister_worker_plugin(bench.name)


@contextlib.contextmanager
def _local_client(n_workers: int, marker: str) -> Iterator[Client]:
    """A client of worker processes on this machine, one thread each, reached by nobody else."""
    # The process that tracks shared resources lives as long as this one: it must not carry the marker.
    multiprocessing.resource_tracker.ensure_running()
    environment = dask.config.get("distributed.nanny.pre-spawn-environ") | {
        MARKER: marker,
        "DASK_LOGGING__DISTRIBUTED": "critical",
    }
    before = {name: os.environ.get(name) for name in environment}
    settings = LOCAL | {"distributed.nanny.pre-spawn-environ": environment}
    with dask.config.set(settings):
        try:
            cluster = LocalCluster(
                n_workers=n_workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                memory_limit=0,
                resources={RESOURCE: 1},
                dashboard_address=None,
                # It opens a port all the same, on which nothing is served (`LOCAL`).
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                silence_logs=logging.CRITICAL,
                # Without a key of its own, whatever runs on this machine could hand tasks to the workers.
                security=Security.temporary(),
            )
            with cluster, Client(cluster, set_as_default=False) as client:
                yield client
        finally:
            for name, value in before.items():  # Dask leaves these set
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _remote_client(scheduler: str, level: str) -> Iterator[Client]:
    """A client of a scheduler that somebody started."""
    if level == "landlock" and not scheduler.startswith("tls://"):
        raise UserError(
            f"Student code confined by Landlock may reach the scheduler {scheduler} and its workers, which "
            "obey everyone.",
            remedy="Install bubblewrap on this machine and on the workers', or set up Dask with TLS (tls://…).",
        )
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"There is no Dask scheduler at {scheduler}: {reason}.",
            remedy="Start one from this environment: dask scheduler --no-dashboard; its address is printed.",
            exit_status=2,
        ) from error
    with client:
        deadline = time.monotonic() + PATIENCE_S
        while not count_places(client):
            if time.monotonic() > deadline:
                raise no_workers(scheduler, "")
            time.sleep(0.2)
        yield client


def count_places(client: Client) -> int:
    """Submissions that the workers can grade at once: the sum of what they declare of the resource."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    return int(sum(worker["resources"].get(RESOURCE, 0) for worker in workers.values()))


def no_workers(address: str, when: str) -> UserError:
    """What to say when nobody grades."""
    return UserError(
        " ".join(f"No worker at {address} declares the resource {RESOURCE} {when}".split()) + ".",
        remedy=START_WORKERS.format(address=address),
    )
