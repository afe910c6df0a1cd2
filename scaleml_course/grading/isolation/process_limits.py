"""What one submission's processes may use and may do, set in a forked child before student code runs in it.

Linux limits a process, not all that it starts: their sum is watched from outside (`process_tree`). Linux only.
"""

import contextlib
import ctypes
import functools
import os
import resource
import signal
import struct
from pathlib import Path

_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _DROP_BOUNDING, _SET_SECURE_BITS = 1, 4, 24, 28
_SET_SUBREAPER, _SET_NO_NEW_PRIVS, _AMBIENT, _CLEAR_ALL_AMBIENT = 36, 38, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
#: User 0 is like any other, and neither that nor kept or ambient capabilities can be changed back.
_ORDINARY_ROOT_LOCKED = 0b11101111


def apply_limits(
    *,
    processes: int | None = None,
    memory_bytes: int | None = None,
    cpu_seconds: int | None = None,
    open_files: int | None = 1024,
    file_bytes: int | None = None,
    niceness: int = 5,
) -> None:
    """Limit this process, and each process that it starts from now on, for good. No core dumps either.

    A limit that is already lower stays. Every limit but `processes` is one of each process for itself:
    `process_tree.Tree` watches their sum.

    Parameters
    ----------
    processes : int, optional
        Processes and threads that the *user* of this process may have, in its user namespace and in those
        below it (Linux 5.14 and later). In a user namespace of its own that counts the submission; otherwise
        all that the user runs elsewhere counts too (`tasks_of_user`). Linux does not hold user 0 of
        the machine to it, nor holders of CAP_SYS_ADMIN or CAP_SYS_RESOURCE: become another user, and drop
        capabilities.
    memory_bytes : int, optional
        Private writable memory (RLIMIT_DATA) on top of what is mapped now. What is only reserved, as a JVM
        does with its heap, is not counted; thread stacks are, in full. Beyond it an allocation fails:
        Python raises MemoryError.
    cpu_seconds : int, optional
        CPU seconds from the process's start, after which it gets SIGXCPU, and a second later SIGKILL.
    open_files : int, optional
        File descriptors.
    file_bytes : int, optional
        Length of a file, holes included; writing on gives EFBIG. None where an exercise makes a sparse file.
    niceness : int
        Added to the niceness: 0 to 19, where 19 gives way to everything.

    Raises
    ------
    OSError
        When ``/proc/self/status`` cannot be read, which tells what is mapped.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_MSGQUEUE, 0)  # POSIX message queues outlive the process that made them
    _lower(resource.RLIMIT_NPROC, processes)
    _lower(resource.RLIMIT_NOFILE, open_files)
    _lower(resource.RLIMIT_FSIZE, file_bytes)
    if memory_bytes is not None:
        status = Path("/proc/self/status").read_text()
        mapped = 1024 * int(status.partition("VmData:")[2].split(maxsplit=1)[0])
        _lower(resource.RLIMIT_DATA, mapped + memory_bytes)
    _lower(resource.RLIMIT_CPU, cpu_seconds, grace=1)
    os.nice(niceness)


def _lower(kind: int, value: int | None, *, grace: int = 0) -> None:
    """Set the soft limit to `value` and the hard one `grace` above it, none higher than it was."""
    if value is None:
        return
    soft, hard = (float("inf") if limit == resource.RLIM_INFINITY else limit for limit in resource.getrlimit(kind))
    resource.setrlimit(kind, (int(min(value, soft, hard)), int(min(value + grace, hard))))


def tasks_of_user(user: int) -> int:
    """Processes and threads that a user runs now; what `apply_limits` adds to where the user is shared."""
    found = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 (names are wanted)
        with contextlib.suppress(OSError):
            folder = Path(f"/proc/{pid}")
            if folder.stat().st_uid == user:
                found += sum(1 for _ in folder.joinpath("task").iterdir())
    return found


def drop_capabilities() -> None:
    """Give up every privilege of this process and of what it starts, so that no program can bring it back.

    Sets ``no_new_privs``. The process stays visible in ``/proc`` to processes of the same user, which a
    change of user would take away: the grader reads its memory use there. The user stays as it is: one
    who owns the gradebook can still write to it unless files are kept away too.

    Raises
    ------
    OSError
        With the step that failed.
    """
    libc = _libc()
    _prctl(_SET_NO_NEW_PRIVS, 1, doing="set no_new_privs")
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text()) if os.access("/proc/sys", os.R_OK) else 63
    # These two want CAP_SETPCAP. Whoever lacks it cannot raise anything in them either.
    for capability in range(last + 1):
        libc.prctl(_DROP_BOUNDING, capability, 0, 0, 0)
    libc.prctl(_SET_SECURE_BITS, _ORDINARY_ROOT_LOCKED, 0, 0, 0)
    _prctl(_AMBIENT, _CLEAR_ALL_AMBIENT, doing="clear ambient capabilities")
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    if libc.capset(header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), f"drop capabilities: {os.strerror(ctypes.get_errno())}")
    _prctl(_SET_DUMPABLE, 1, doing="stay visible in /proc")


def become_subreaper() -> None:
    """Make this process the parent of every orphan among its descendants, so that none gets away.

    Raises
    ------
    OSError
        Where the system refuses, which Linux 3.4 and later does not.
    """
    _prctl(_SET_SUBREAPER, 1, doing="become a subreaper")


def die_with_parent(parent: int) -> None:
    """Let Linux kill this process when its parent ends; at once if it has ended already.

    Student code can switch this off again, and so does a change of user: call it after one, and do not
    rely on it alone. It is the end of the *thread* that forked which counts.

    Parameters
    ----------
    parent : int
        The parent's process id, as the parent knew it before it forked; 0 inside a new pid namespace.

    Raises
    ------
    OSError
        Where the system refuses.
    """
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, doing="die with the parent")
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int, *, doing: str) -> None:
    if _libc().prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"{doing}: {os.strerror(ctypes.get_errno())}")
