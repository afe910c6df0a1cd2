"""Everything that a confined process started, as seen from outside: counted, measured, and ended.

Linux limits a process, not a tree, and where there is no pid namespace it ends no tree either. Linux only.
"""

import contextlib
import os
import resource
import signal
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_PAGE_BYTES = resource.getpagesize()
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """One living process, from ``/proc/PID/stat``.

    Attributes
    ----------
    pid, started : int
        Its id as seen here, and the clock tick of its start: together they name it for good.
    threads : int
        1 or more.
    cpu_seconds : float
        Of all its threads, and of its children that ended and were waited for.
    rss_bytes : int
        What is resident, with all of what it shares.
    """

    pid: int
    started: int
    threads: int
    cpu_seconds: float
    rss_bytes: int


@dataclass(frozen=True)
class Usage:
    """What a tree holds at one moment.

    Attributes
    ----------
    processes, threads : int
        How many.
    cpu_seconds : float
        Used so far by the living ones, and by their children that were waited for.
    memory_bytes : int
        If `exact`, proportional set sizes: what several share counts once. Else the sum of resident sizes,
        which is never less.
    exact : bool
        See `memory_bytes`.
    """

    processes: int
    threads: int
    cpu_seconds: float
    memory_bytes: int
    exact: bool


class Tree:
    """Everything that a trusted process started, directly or not: counted, and ended.

    Parameters
    ----------
    root_pid : int
        The trusted process, a subreaper (`process_limits.become_subreaper`) or the first process of a pid
        namespace, by its id as seen here. It is neither counted nor ended, and should live until `kill_all` has
        returned: it is what orphans are found by. Those that a look has found before are remembered without it.

    Raises
    ------
    ProcessLookupError
        When there is no such process.
    """

    def __init__(self, root_pid: int) -> None:
        root = _look(root_pid)
        if root is None:
            raise ProcessLookupError(f"there is no process {root_pid}")
        self._root = root
        self._known: dict[int, Process] = {}

    def processes(self) -> list[Process]:
        """The living ones; one that has ended and was not yet waited for is not among them."""
        return list(self._walk())

    def usage(self, memory_limit_bytes: float = 0.0) -> Usage:
        """What the tree holds now.

        Parameters
        ----------
        memory_limit_bytes : float
            Where resident sizes add up to no more than this they are taken as they are, which is quick;
            else shared memory is counted once, which takes about 20 ms for each GB.
        """
        processes = self.processes()
        memory = sum(process.rss_bytes for process in processes)
        exact = memory > memory_limit_bytes
        if exact:
            memory = sum(_proportional_bytes(process) for process in processes)
        return Usage(
            processes=len(processes),
            threads=sum(process.threads for process in processes),
            cpu_seconds=sum(process.cpu_seconds for process in processes),
            memory_bytes=memory,
            exact=exact,
        )

    def unlinked_bytes(self) -> int:
        """What is held in open files without a name: deleted ones, and memory files. `disk_usage` misses them."""
        sizes: dict[tuple[int, int], int] = {}
        for process in self.processes():
            for descriptor in _entries(f"/proc/{process.pid}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(f"/proc/{process.pid}/fd/{descriptor}")  # noqa: PTH116 (called very often)
                    if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                        sizes[status.st_dev, status.st_ino] = status.st_blocks * 512
        return sum(sizes.values())

    def kill_all(self, deadline_s: float = 5.0) -> int:
        """End all of them, also while they multiply.

        First each is stopped, on sight, until a look finds none that was not: one that is stopped starts no
        other. Then each is killed. All of it again, until none lives.

        Parameters
        ----------
        deadline_s : float
            Seconds after which to give up.

        Returns
        -------
        int
            How many still live; 0 unless the deadline passed.
        """
        deadline = time.monotonic() + deadline_s
        while True:
            stopped: set[Process] = set()
            is_new = True
            while is_new and time.monotonic() < deadline:
                is_new = False
                for process in self._walk():
                    identity = process._replace(threads=0, cpu_seconds=0.0, rss_bytes=0)
                    if identity not in stopped:
                        _send(process, signal.SIGSTOP)
                        stopped.add(identity)
                        is_new = True
            for process in self._walk():
                _send(process, signal.SIGKILL)
            living = len(self.processes())
            if not living or time.monotonic() > deadline:
                return living
            time.sleep(0.001)

    def _walk(self) -> Iterator[Process]:
        """Each living process as soon as it is found, parents before their children."""
        found: dict[int, Process] = {}
        now = [(process, _look(process.pid)) for process in (self._root, *self._known.values())]
        queue = [new for old, new in now if new is not None and new.started == old.started]
        children = _children if _HAS_CHILDREN_FILES else _children_by_scan()
        while queue:
            process = queue.pop()
            if process.pid not in found:
                found[process.pid] = process
                if process.pid != self._root.pid:
                    yield process
            queue += [new for pid in children(process) if pid not in found and (new := _look(pid))]
        # Only now, as another thread may be walking too.
        found.pop(self._root.pid, None)
        self._known = found


def _look(pid: int) -> Process | None:
    """A process that lives, else None."""
    fields = _stat_fields(f"/proc/{pid}/stat")
    if not fields:
        return None
    threads, rss_pages = int(fields[17]), int(fields[21])
    if fields[0] in b"ZX":
        if threads < 2:
            return None
        # Its first thread ended and others live on: their memory is not shown as that of the process.
        others = (_stat_fields(f"/proc/{pid}/task/{thread}/stat") for thread in _entries(f"/proc/{pid}/task"))
        rss_pages = max((int(other[21]) for other in others if other), default=0)
    cpu_ticks = sum(map(int, fields[11:15]))
    return Process(pid, int(fields[19]), threads, cpu_ticks / _TICKS_PER_SECOND, rss_pages * _PAGE_BYTES)


def _stat_fields(path: str) -> list[bytes]:
    """The fields from the third on, which is the state; the second may hold anything but ends the last ``)``."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (called very often)
            return file.read().rpartition(b") ")[2].split()
    except OSError:
        return []


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (called very often)
    except OSError:
        return []


_HAS_CHILDREN_FILES = Path("/proc/thread-self/children").exists()


def _children(process: Process) -> list[int]:
    """Process ids of the children of each of its threads."""
    found: list[int] = []
    folder = f"/proc/{process.pid}/task"
    for thread in _entries(folder) if process.threads > 1 else (process.pid,):
        with (
            contextlib.suppress(OSError),
            open(f"{folder}/{thread}/children", "rb", buffering=0) as file,  # noqa: PTH123
        ):
            found += map(int, file.read().split())
    return found


def _children_by_scan() -> Callable[[Process], list[int]]:
    """As `_children`, from all processes of the machine, for kernels without those files."""
    found: dict[int, list[int]] = {}
    for pid in filter(str.isdigit, _entries("/proc")):
        if fields := _stat_fields(f"/proc/{pid}/stat"):
            found.setdefault(int(fields[1]), []).append(int(pid))
    return lambda process: found.get(process.pid, [])


def _proportional_bytes(process: Process) -> int:
    """Proportional set size; the resident size where the process may not be looked at so closely."""
    for thread in (process.pid, *_entries(f"/proc/{process.pid}/task")):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{process.pid}/task/{thread}/smaps_rollup").read_text()
            if "Pss:" in text:
                return 1024 * int(text.partition("Pss:")[2].split(maxsplit=1)[0])
    return process.rss_bytes


def _send(process: Process, number: int) -> None:
    # One that may not be signalled is counted as living in the end.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process.pid, number)
