"""Child processes that are watched while they run and ended whole: time, memory, and everything they started.

Every child carries a marker in its environment, which whatever it starts inherits, also a process that
leaves the session, as kernels, cluster workers and Java do. A process that empties its environment escapes;
closing that hole takes a sandbox, not a search.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MARKER = "SCALEML_FAMILY"
PACKAGE_PARENT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Ended:
    """How a watched child ended.

    Attributes
    ----------
    reason : {"exit", "timeout", "memory", "stopped"}
        "exit" when it ended by itself.
    returncode : int
        Its exit status; negative for a signal.
    seconds : float
        Wall time.
    peak_memory_bytes : int
        The most that it and everything it started held together, shared pages counted once.
    stderr : str
        The end of what it wrote to standard error.
    """

    reason: str
    returncode: int
    seconds: float
    peak_memory_bytes: int
    stderr: str


@dataclass
class Family:
    """All living processes that carry one marker."""

    marker: str
    _known: dict[tuple[int, float], bool] = field(default_factory=dict)

    def members(self) -> list[psutil.Process]:
        """Its living processes, this one excepted."""
        found, seen = [], {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                key = (process.pid, process.create_time())
                # An environment is read once a process; a fresh fork may still be about to execute.
                young = time.time() - key[1] < 1.0
                belongs = self._known.get(key)
                if belongs is None or (young and not belongs):
                    belongs = process.pid != os.getpid() and self._carries(process)
                seen[key] = belongs
                if belongs and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        self._known = seen
        return found

    def _carries(self, process: psutil.Process) -> bool:
        value = process.environ().get(MARKER, "")
        return value == self.marker or value.startswith(self.marker + "/")

    def memory_bytes(self) -> int:
        """What its processes hold together: proportional set size where the system tells it, else resident."""
        total = 0
        for process in self.members():
            with contextlib.suppress(psutil.Error, OSError):
                try:
                    total += _proportional_bytes(process.pid)
                except OSError:
                    total += process.memory_info().rss
        return total

    def end(self, *, patience_s: float = 10.0) -> list[str]:
        """Kill every member, again and again until none is left; returns what was killed, one line each."""
        killed: dict[int, str] = {}
        deadline = time.monotonic() + patience_s
        while members := self.members():
            for process in members:
                with contextlib.suppress(psutil.Error, OSError):
                    killed.setdefault(process.pid, describe(process))
                    process.send_signal(signal.SIGKILL)
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)  # one that forks between two looks is caught by the next
        return list(killed.values())


def describe(process: psutil.Process) -> str:
    """A process in one short line: its id and how it was called."""
    words = " ".join(process.cmdline()) or process.name()
    return f"{process.pid} ({words[:90]}{'…' if len(words) > 90 else ''})"


def new_family() -> Family:
    """A fresh marker; inside another family's process the marker is that one's descendant."""
    outer = os.environ.get(MARKER)
    name = uuid.uuid4().hex[:12]
    return Family(f"{outer}/{name}" if outer else name)


def child_environment(family: Family, **more: str) -> dict[str, str]:
    """This process's environment for a member of `family`."""
    environment = dict(os.environ)
    # Without a bytecode cache every child compiles what it imports once more, which takes seconds.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.pop("JPY_PARENT_PID", None)
    path = [str(PACKAGE_PARENT), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    return environment | {
        MARKER: family.marker,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "agg",
        **more,
    }


def run_watched(
    arguments: Sequence[str],
    *,
    cwd: Path,
    timeout_s: float,
    memory_bytes: int | None = None,
    on_line: Callable[[str], None] | None = None,
    environment: dict[str, str] | None = None,
    stop: threading.Event | None = None,
) -> Ended:
    """Run `python -m <arguments>`; end it and everything it started when it exits or passes a limit.

    Parameters
    ----------
    arguments : sequence of str
        A module's name, then its arguments.
    timeout_s : float
        Wall seconds for all of it.
    memory_bytes : int, optional
        What the whole family may hold.
    on_line : callable, optional
        Called with each line the child prints, from another thread: how a child reports progress.
    environment : dict, optional
        Variables to set for the child.
    stop : threading.Event, optional
        Once it is set the child is ended: how a Ctrl-C, which only the main thread sees, reaches other threads.

    Returns
    -------
    Ended
    """
    family = new_family()
    started = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env=child_environment(family, **(environment or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    complaints: list[str] = []
    readers = [
        threading.Thread(target=_drain, args=(child.stdout, on_line or (lambda line: None)), daemon=True),
        threading.Thread(target=_drain, args=(child.stderr, complaints.append), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        reason, peak = _watch(child, family, started + timeout_s, memory_bytes, stop or threading.Event())
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        child.wait()
        family.end()
        for reader in readers:
            reader.join(timeout=5)
    seconds = time.monotonic() - started
    return Ended(reason, child.returncode, seconds, peak, "".join(complaints)[-20_000:])


def _watch(
    child: subprocess.Popen[str],
    family: Family,
    deadline: float,
    memory_bytes: int | None,
    stop: threading.Event,
) -> tuple[str, int]:
    """Wait for the child; returns why the wait ended and the highest memory seen."""
    peak = 0
    while child.poll() is None:
        peak = max(peak, family.memory_bytes())
        if memory_bytes is not None and peak > memory_bytes:
            return "memory", peak
        if time.monotonic() > deadline:
            return "timeout", peak
        if stop.is_set():
            return "stopped", peak
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(POLL_SECONDS)
    return "exit", peak


def _drain(stream: object, on_line: Callable[[str], None]) -> None:
    """Pass on every line; a stream that breaks off is at its end."""
    with contextlib.suppress(ValueError, OSError):
        for line in stream:  # type: ignore[attr-defined]
            on_line(line)


def _proportional_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no Pss for {pid}")
