"""The cluster of one `with` block: it works, it is capped, and nothing of it is left."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

import dask
import numpy as np
import psutil
import pytest
from distributed import KilledWorker

from scaleml_course.distributed import ClusterUnreachable, local_cluster, memory_thresholds, watch


def folder_of(dask_worker: Any) -> str:
    return str(dask_worker.local_directory)


def pid() -> int:
    return os.getpid()


def still_running(pids: set[int], within_s: float = 15.0) -> set[int]:
    """Those of `pids` that have not ended after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    alive = pids
    while alive and time.monotonic() < deadline:
        alive = {p for p in alive if psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE}
        time.sleep(0.1)
    return alive


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Interrupted(Exception):
    pass


def test_workers_are_other_processes_and_end_with_their_spill_folder_even_after_an_error() -> None:
    with pytest.raises(Interrupted), local_cluster(n_workers=2) as client:
        pids = set(client.run(pid).values())
        folders = [Path(folder) for folder in client.run(folder_of).values()]
        assert len(pids) == 2 and os.getpid() not in pids
        assert all(folder.is_relative_to(tempfile.gettempdir()) and folder.exists() for folder in folders)
        raise Interrupted
    assert client.status == "closed"
    assert still_running(pids) == set()
    assert not any(folder.exists() for folder in folders)
    assert not any("scaleml-spill-" in str(parent) and parent.exists() for f in folders for parent in f.parents)


def test_thresholds_rise_to_the_limit_given(client: Any) -> None:
    steps = memory_thresholds(client)
    assert list(steps) == ["target", "spill", "pause", "terminate", "limit"]
    assert list(steps.values()) == sorted(steps.values())
    assert steps["limit"] == 600_000_000
    assert steps["terminate"] < steps["limit"]


def test_the_work_stays_under_the_cap_though_the_data_do_not_fit(client: Any) -> None:
    import dask.array as da

    numbers = da.random.default_rng(0).random((100_000_000,), chunks=1_000_000)  # 800 MB
    assert numbers.nbytes > 600_000_000
    with watch(client) as run:
        mean = float(numbers.mean().compute())
    assert mean == pytest.approx(0.5, abs=1e-3)
    assert run.workers_lost == 0
    assert 0 < run.max_peak_bytes < 600_000_000


def test_a_task_beyond_the_cap_is_ended_from_outside() -> None:
    def hog() -> float:
        held = np.ones(400_000_000 // 8)
        time.sleep(60)
        return float(held[0])

    def no_second_try(dask_scheduler: Any) -> None:
        dask_scheduler.allowed_failures = 0

    with local_cluster(n_workers=1, memory_limit_bytes=300_000_000) as client:
        client.run_on_scheduler(no_second_try)
        with pytest.raises(KilledWorker):
            client.submit(hog).result(timeout=50)


def test_results_beyond_the_target_are_spilled_and_come_back() -> None:
    def block(number: int) -> np.ndarray:
        return np.full(5_000_000, number, dtype="float64")  # 40 MB

    with local_cluster(n_workers=1, memory_limit_bytes=400_000_000) as client:
        with watch(client) as run:
            kept = client.map(block, range(10))
            total = client.submit(len, client.gather(client.map(np.max, kept))).result()
        assert total == 10
        assert run.spilled_bytes > 0
        assert run.workers_lost == 0
        assert float(client.submit(np.max, kept[0]).result()) == 0.0


@pytest.mark.parametrize("source", ["argument", "configuration"])
def test_a_scheduler_address_is_joined_and_left_running(client: Any, source: str) -> None:
    address = client.scheduler.address
    by_argument = address if source == "argument" else None
    with (
        dask.config.set({"scheduler-address": address if source == "configuration" else None}),
        local_cluster(address=by_argument) as joined,
    ):
        assert joined.scheduler.address == address
        assert joined.submit(sum, [1, 2, 3]).result() == 6
    assert joined.status == "closed"
    assert client.submit(sum, [4, 5]).result() == 9, "leaving must not stop somebody else's cluster"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "127.0.0.1:{port}", "no-such-scheme://x:1"])
def test_a_bad_address_is_refused_in_bounded_time_by_name_and_with_a_remedy(address: str) -> None:
    address = address.format(port=free_port())
    start = time.monotonic()
    with (
        pytest.raises(ClusterUnreachable, match="DASK_SCHEDULER_ADDRESS") as caught,
        local_cluster(address=address, timeout_s=2),
    ):
        pass  # pragma: no cover
    assert time.monotonic() - start < 30  # not a speed: the difference between waiting and hanging
    assert address in str(caught.value) and "dask scheduler" in str(caught.value)


@pytest.mark.parametrize(
    "settings", [{"n_workers": 0}, {"threads_per_worker": 0}, {"memory_limit_bytes": 50_000_000}]
)
def test_numbers_that_make_no_cluster_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))), local_cluster(**settings):
        pass  # pragma: no cover
