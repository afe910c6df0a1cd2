"""A Dask cluster for one `with` block: worker processes with a memory cap, gone when the block ends."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import dask

if TYPE_CHECKING:
    from distributed import Client

MEGABYTE = 10**6


class ClusterUnreachable(ConnectionError):
    """No scheduler answered at the address; the message names the address, its source and the remedy."""


@contextmanager
def local_cluster(
    n_workers: int = 2,
    *,
    memory_limit_bytes: int | None = 600 * MEGABYTE,
    threads_per_worker: int = 1,
    dashboard: bool = False,
    address: str | None = None,
    timeout_s: float = 30.0,
) -> Iterator[Client]:
    """Start workers as separate processes, give a client, and end all of it however the block ends.

    With a scheduler address, from the argument or from Dask's configuration (`scheduler-address`, which
    the variable `DASK_SCHEDULER_ADDRESS` sets), no process is started: the client joins that cluster, and
    the end of the block closes the client alone.

    Parameters
    ----------
    n_workers : int
        Worker processes. Ignored, as are the next three, where there is an address.
    memory_limit_bytes : int or None
        Cap of each worker process, libraries included. The worker spills and pauses below it, and its
        nanny ends it at 95%; see `memory_thresholds`. None: no cap.
    threads_per_worker : int
        Tasks that one worker runs at a time. All of them share the worker's memory.
    dashboard : bool
        Serve the dashboard on a free port of this machine (`client.dashboard_link`).
    address : str, optional
        A scheduler, such as "tcp://10.0.0.4:8786".
    timeout_s : float
        Longest wait for a scheduler to answer, or for the workers to report, in seconds.

    Yields
    ------
    distributed.Client

    Raises
    ------
    ValueError
        If a number makes no cluster.
    ClusterUnreachable
        If no scheduler answers at the address within `timeout_s`.

    Notes
    -----
    In a script, call it under ``if __name__ == "__main__":``, because each worker imports the script
    again. Spilled data lie in a temporary folder, which is removed with the cluster.
    """
    address = address or dask.config.get("scheduler-address", None)
    if address:
        with _join(address, timeout_s) as client:
            yield client
        return
    if n_workers < 1 or threads_per_worker < 1:
        raise ValueError(
            f"n_workers is {n_workers}, threads_per_worker is {threads_per_worker}: each must be 1 or more"
        )
    if memory_limit_bytes is not None and memory_limit_bytes < 200 * MEGABYTE:
        raise ValueError(
            f"memory_limit_bytes is {memory_limit_bytes:,}: a worker with NumPy and pandas imported holds about "
            "140,000,000 before its first task, so give it 200,000,000 or more"
        )
    with ExitStack() as ending:
        # Ended in reverse: client, then cluster, then the folder its workers spilled to.
        folder = ending.enter_context(
            tempfile.TemporaryDirectory(prefix="scaleml-spill-", ignore_cleanup_errors=True)
        )
        from distributed import Client, LocalCluster

        cluster = ending.enter_context(
            LocalCluster(
                n_workers=n_workers,
                threads_per_worker=threads_per_worker,
                processes=True,
                memory_limit=memory_limit_bytes or 0,
                local_directory=folder,
                # Port 0, whether or not there is a dashboard: two clusters never ask for the same one.
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": dashboard},
                # Near its cap a worker logs every pause: wanted in production, noise on a page.
                silence_logs=logging.CRITICAL,
            )
        )
        client = ending.enter_context(Client(cluster, timeout=timeout_s))
        client.wait_for_workers(n_workers, timeout=timeout_s)
        yield client


@contextmanager
def _join(address: str, timeout_s: float) -> Iterator[Client]:
    """Connect to a scheduler that somebody else runs."""
    from distributed import Client

    try:
        client = Client(address, timeout=timeout_s)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterUnreachable(
            f"no Dask scheduler answered at {address!r} within {timeout_s:g} s ({type(error).__name__}: {error}). "
            "Start one there with `dask scheduler`, correct the address (the argument, or the variable "
            "DASK_SCHEDULER_ADDRESS), or unset it to use worker processes of this machine"
        ) from error
    with client:
        yield client


def memory_thresholds(client: Client) -> dict[str, int]:
    """The bytes at which a worker of this cluster acts, as its own settings say.

    Returns
    -------
    dict of str to int
        In rising order: "target" (Dask's own data beyond it move to disk), "spill" (the whole process is
        beyond it: more data move to disk), "pause" (no new task starts), "terminate" (the nanny ends the
        process) and "limit". A step that is switched off is left out. Of the first worker: they are alike.
    """

    def of_worker(dask_worker):  # type: ignore[no-untyped-def]
        memory = dask_worker.memory_manager
        return {
            "target": (memory.memory_target_fraction, memory.memory_limit),
            "spill": (memory.memory_spill_fraction, memory.memory_limit),
            "pause": (memory.memory_pause_fraction, memory.memory_limit),
        }

    def of_nanny(dask_worker):  # type: ignore[no-untyped-def]
        memory = dask_worker.memory_manager
        return {
            "terminate": (memory.memory_terminate_fraction, memory.memory_limit),
            "limit": (1.0, memory.memory_limit),
        }

    settings = next(iter(client.run(of_worker).values())) | next(iter(client.run(of_nanny, nanny=True).values()))
    return {step: int(fraction * limit) for step, (fraction, limit) in settings.items() if fraction and limit}
