"""Landlock: keep a process to given files, off TCP, and away from other processes, without any privilege.

The second level of isolation, for machines without user namespaces. Linux 5.13 has the first version
(ABI) of Landlock; each later one stops more, and `describe` says in plain words what a version stops and
what it does not. What Landlock never does is limit memory, time or the number of processes
(`process_limits`).

See landlock(7) and https://docs.kernel.org/userspace-api/landlock.html; the system calls have no wrapper
in libc, and no well-kept Python package wraps them, so they are called through ctypes.
"""

import ctypes
import errno
import functools
import os
import socket
import stat
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The newest version whose rules are known here; a newer kernel is treated as this one.
NEWEST_ABI = 7

# The same numbers on every architecture that has Landlock.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1 << 0
_RULE_PATH, _RULE_PORT = 1, 2
_LOG_SAME_EXEC_OFF = 1 << 0
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_SCOPE_ABSTRACT_SOCKET, _SCOPE_SIGNAL = 1 << 0, 1 << 1

#: Every right of the first version: 13 of them, bits 0 to 12.
_FIRST_RIGHTS = (1 << 13) - 1
_READ_RIGHTS = _EXECUTE | _READ_FILE | _READ_DIR
#: The rights that a rule about a single file may carry; the others are about what a folder holds.
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _PortRule(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


@dataclass(frozen=True)
class Applied:
    """What `restrict` put in place.

    Attributes
    ----------
    abi : int
        The version of Landlock that was applied; `describe` says what it stops.
    readable, writable : tuple of Path
        What stays open.
    absent : tuple of Path
        Paths that were to be readable and do not exist.
    tcp : str
        ``"refused"``, ``"ports"`` (only the given ones), ``"open"`` (asked for) or ``"not covered"``
        (a version before 4).
    """

    abi: int
    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    absent: tuple[Path, ...]
    tcp: str


def abi() -> int:
    """The version of Landlock that this kernel has, at most `NEWEST_ABI`; 0 where there is none.

    Asked by a trial, because some distributions' kernels name a version and lack a part of it (Red Hat's
    5.14 says 6 and cannot confine signals): such a kernel counts as the version that it has in full.
    """
    if sys.platform != "linux":
        return 0
    try:
        claimed = _system_call(_CREATE_RULESET, None, 0, _ASK_VERSION, doing="ask for Landlock")
    except OSError:
        return 0
    for version in range(min(claimed, NEWEST_ABI), 0, -1):
        try:
            os.close(_create(version, network=False))
        except OSError:
            continue
        return version
    return 0


def restrict(
    readable: Sequence[Path],
    writable: Sequence[Path],
    *,
    network: bool = False,
    tcp_ports: Sequence[int] = (),
    at_most: int = NEWEST_ABI,
) -> Applied:
    """Confine this process, and every process it starts from now on, for good.

    Files that are open already stay usable, so close what must not be inherited. It also sets
    ``no_new_privs``: no program that is started later gains rights by set-user-ID or file capabilities.

    Parameters
    ----------
    readable : sequence of Path
        Files and folders to read, list and execute, with everything below them. One that does not exist
        is passed over. With ``/proc`` among them the command lines of all processes can be read, though
        not their memory, environment, or open files.
    writable : sequence of Path
        Files and folders with everything below them, where all is allowed but making device nodes.
    network : bool
        Leave TCP open. Otherwise no TCP socket binds or connects, not even on the loopback: Landlock
        knows ports and no addresses, and a port that is open towards the loopback is open towards
        the world. A Dask ``LocalCluster`` then does not start, of threads or of processes.
    tcp_ports : sequence of int
        With ``network=False``: ports to bind and connect to nevertheless, on **any** address. A
        ``LocalCluster`` needs about 4 a worker, and `bind_within` so that it takes these. Name ports
        that nothing else on this machine listens on, and others for each process confined at the same
        time. Port 0 (any free port) is refused: connecting would need the whole ephemeral range,
        where the grader's own Dask scheduler may listen, which runs whatever it is sent.
    at_most : int
        Apply no more than this version has, to see what an older kernel would do.

    Returns
    -------
    Applied

    Raises
    ------
    OSError
        ENOSYS without Landlock; EBUSY when the process has other threads, which would stay free; ENOENT
        when a writable path does not exist; EINVAL for a port outside 1 to 65535; otherwise the system's
        own reason, with what was being done. After an error the process may be unconfined: end it.
    """
    version = min(abi(), at_most)
    if version < 1:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock (Linux 5.13 with `landlock` in its LSM list has)")
    n_threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    if n_threads > 1:
        raise OSError(errno.EBUSY, f"Landlock confines one thread, and this process has {n_threads}: fork first")
    if any(not 1 <= port <= 65535 for port in tcp_ports):
        raise OSError(errno.EINVAL, f"TCP ports go from 1 to 65535, and these do not: {list(tcp_ports)}")
    ruleset = _create(version, network=network)
    try:
        handled = _file_rights(version)
        present = tuple(path for path in readable if path.exists())
        _allow_paths(ruleset, present, handled & _READ_RIGHTS)
        _allow_paths(ruleset, writable, handled & ~(_MAKE_CHAR | _MAKE_BLOCK))
        if version >= 4 and not network:
            _allow_ports(ruleset, tcp_ports)
        if _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "set no_new_privs")
        # Untrusted code could fill the system's audit log with refused acts.
        flags = _LOG_SAME_EXEC_OFF if version >= 7 else 0
        _system_call(_RESTRICT_SELF, ruleset, flags, doing="confine this process with Landlock")
    finally:
        os.close(ruleset)
    return Applied(
        abi=version,
        readable=present,
        writable=tuple(writable),
        absent=tuple(path for path in readable if path not in present),
        tcp="open" if network else "not covered" if version < 4 else "ports" if tcp_ports else "refused",
    )


def bind_within(ports: Sequence[int]) -> None:
    """In this process, let sockets that ask for any free TCP port (0) take one of `ports`.

    Dask asks so. This is no protection, since code may undo it: `restrict` with the same `tcp_ports`
    is, and this makes honest code work under it. Call it in child processes too (``sitecustomize``).
    """
    original = socket.socket.bind

    def bind(self: socket.socket, address: Any) -> None:
        is_tcp = self.family in (socket.AF_INET, socket.AF_INET6) and self.type == socket.SOCK_STREAM
        if not is_tcp or address[1] != 0:
            return original(self, address)
        for port in ports:
            try:
                return original(self, (address[0], port, *address[2:]))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, f"all TCP ports given to this process are in use: {list(ports)}")

    socket.socket.bind = bind  # type: ignore[assignment, method-assign]


def _file_rights(version: int) -> int:
    """Every right about files that this version can refuse."""
    later = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}
    return _FIRST_RIGHTS | sum(right for since, right in later.items() if version >= since)


def _create(version: int, *, network: bool) -> int:
    """File descriptor of a ruleset that refuses everything this version can refuse."""
    ruleset = _Ruleset(files=_file_rights(version))
    if version >= 4 and not network:
        ruleset.network = _BIND_TCP | _CONNECT_TCP
    if version >= 6:
        ruleset.scopes = _SCOPE_ABSTRACT_SOCKET | _SCOPE_SIGNAL
    # Older kernels take a longer structure than they know as long as its tail is zero.
    return _system_call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0, doing="make a ruleset")


def _allow_paths(ruleset: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError as error:
            raise OSError(error.errno, f"open {path} for a Landlock rule: {error.strerror}") from error
        try:
            is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            rule = _PathRule(allowed=rights if is_folder else rights & _FILE_RIGHTS, folder=descriptor)
            _system_call(_ADD_RULE, ruleset, _RULE_PATH, ctypes.byref(rule), 0, doing=f"allow {path}")
        finally:
            os.close(descriptor)


def _allow_ports(ruleset: int, ports: Iterable[int]) -> None:
    for port in ports:
        rule = _PortRule(allowed=_BIND_TCP | _CONNECT_TCP, port=port)
        _system_call(_ADD_RULE, ruleset, _RULE_PORT, ctypes.byref(rule), 0, doing=f"allow TCP port {port}")


@functools.cache
def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def _system_call(number: int, *arguments: object, doing: str) -> int:
    # A variadic function: without a type, ctypes would pass integers as 32 bits.
    typed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result = int(_libc().syscall(ctypes.c_long(number), *typed))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{doing}: {os.strerror(ctypes.get_errno())}")
    return result


#: (since which version it is stopped, what). Each line is proven by a test of the same protection.
_STOPPED = (
    (1, "reading, listing, executing, writing, making or removing a file or folder that was not given"),
    (1, "reading the memory, environment, open files or working folder of processes outside, and tracing them"),
    (1, "mounting file systems"),
    (1, "moving or linking a file into a folder where it could be used in more ways"),
    (3, "emptying or shortening a file that was not given for writing"),
    (
        4,
        "connecting and binding TCP sockets the ordinary way, the loopback included (except ports that were given)",
    ),
    (5, "controlling devices (ioctl) that were not given for writing, terminals for one"),
    (6, "signals to processes outside"),
    (6, "abstract Unix sockets that were made outside"),
)
#: What no version known here stops.
_OPEN = (
    "asking whether a path exists that can be guessed, and its size, owner and times",
    "changing mode, owner, times and attributes of the same user's files by their path, wherever they are",
    "connecting to Unix sockets that have a path (a database's, Docker's), where file permissions allow it",
    "a TCP connection that begins with data (Fast Open), and listening on a port that the kernel chooses",
    "UDP and every protocol but plain TCP: Multipath TCP, SCTP, raw and vsock sockets",
    "System V shared memory, semaphores and message queues of the same user",
    "lowering the priority or the resource limits of the same user's processes",
    "command lines of other processes, where /proc was given",
    "use of memory, disk, CPU time and processes; processes that outlive (see process_limits)",
    "faults of the kernel itself",
)


def describe(version: int) -> list[str]:
    """What a version (as from `abi`) stops and what not: lines of ``"stopped: …"`` and ``"not stopped: …"``."""
    if version < 1:
        return ["not stopped: anything; this kernel has no Landlock"]
    stopped = [f"stopped: {what}" for since, what in _STOPPED if version >= since]
    missing = [f"not stopped: {what} (from Landlock ABI {since})" for since, what in _STOPPED if version < since]
    return stopped + missing + [f"not stopped: {what}" for what in _OPEN]
