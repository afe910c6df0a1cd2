"""A filter on system calls (seccomp), for what Landlock and namespaces leave open.

Landlock knows files and the ordinary ways to a TCP connection. It does not know UDP, Multipath TCP, TCP Fast
Open, the mode of files elsewhere, or the resource limits of the grader's own processes. Neither it nor a
namespace counts memory that belongs to no process. This filter refuses such calls to a process and
all its children, for good and without any privilege. Linux on x86-64 and arm64. See seccomp(2).
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence

#: What the filter stops as it comes, for `scaleml doctor` and the threat model.
DESCRIPTION = (
    "stopped: every socket but Unix ones, so UDP, Multipath TCP, TCP Fast Open, raw and vsock too",
    "stopped: changing mode, owner, times or attributes of any file (the call reports success and does nothing)",
    "stopped: changing limits, priority or processors of other processes, and signals to all processes at once",
    "stopped: System V shared memory, semaphores and queues; POSIX message queues; the kernel's keyrings",
    "stopped: files that are nothing but memory (memfd)",
    "stopped: watching folders for changes, which would tell the names of files elsewhere",
    "stopped: new namespaces, io_uring, BPF, performance events: the commonest ways to faults of the kernel",
)

# By name: the number on x86-64 and on arm64, None where that has no such call.
_PRETENDED: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
}
#: Programs take the older way when these do not exist.
_ABSENT: dict[str, tuple[int | None, int | None]] = {
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "clone3": (435, 435),  # its flags lie where a filter cannot look
}
#: Which argument names a process; 0 is the caller, and for everyone else the call is refused.
_OF_A_PROCESS: dict[str, tuple[tuple[int | None, int | None], int]] = {
    "prlimit64": ((302, 261), 0),
    "setpriority": ((141, 140), 1),
    "ioprio_set": ((251, 30), 1),
}
#: The same, but programs end when these fail for one of their own threads (ZeroMQ does): success is pretended.
_OF_A_THREAD: dict[str, tuple[tuple[int | None, int | None], int]] = {
    "sched_setparam": ((142, 118), 0),
    "sched_setscheduler": ((144, 119), 0),
    "sched_setaffinity": ((203, 122), 0),
    "sched_setattr": ((314, 274), 0),
}
_SOCKET, _SENDTO, _SENDMSG, _SENDMMSG = (41, 198), (44, 206), (46, 211), (307, 269)
_CLONE, _KILL = (56, 220), (62, 129)
_SECCOMP = (317, 277)
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)

_CLONE_NEW_NAMESPACE = 0x7E020000  # every CLONE_NEW flag that clone takes
_MSG_FASTOPEN = 0x20000000
_LOAD, _AND, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_SET_FILTER, _ALL_THREADS = 1, 1
_PR_SET_NO_NEW_PRIVS = 38
_X32 = 0x40000000

Instruction = tuple[int, int, int, int]  # operation, steps if true, steps if false, operand


def refuse_system_calls(*, network: str = "none", change_files: bool = False) -> None:
    """Put the filter on this process, its threads, and every process it starts from now on, for good.

    Sets ``no_new_privs``.

    Parameters
    ----------
    network : {"none", "tcp", "all"}
        ``"none"``: Unix sockets only. ``"tcp"``: TCP too, for Landlock to confine to ports; a socket that
        listens without having been bound gets a free port, which neither refuses. ``"all"``: any socket,
        for a process in a network namespace of its own.
    change_files : bool
        Allow changing mode, owner, times and attributes, where no file of others is in sight.

    Raises
    ------
    OSError
        ENOSYS on another machine than x86-64 and arm64; otherwise the system's own reason.
    """
    try:
        machine = ("x86_64", "aarch64").index(platform.machine())
    except ValueError:
        raise OSError(errno.ENOSYS, f"no system call filter was written for {platform.machine()}") from None
    program = b"".join(struct.pack("HBBI", *step) for step in _program(machine, network, change_files))
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "set no_new_privs")
    result = libc.syscall(ctypes.c_long(_SECCOMP[machine]), _SET_FILTER, _ALL_THREADS, header)
    if result != 0:
        number = ctypes.get_errno() if result < 0 else errno.EBUSY  # positive: a thread that has another filter
        raise OSError(number, f"filter system calls: {os.strerror(number)}")


def _program(machine: int, network: str, change_files: bool) -> list[Instruction]:
    """The filter: each block ends in a return, and what no block is about is allowed."""
    allow, refuse = _answer(_ALLOW), _answer(_ERRNO | errno.EPERM)
    steps = [_load(4), (_EQUAL, 1, 0, _AUDIT_ARCH[machine]), _answer(_KILL_PROCESS), _load(0)]
    if machine == 0:
        steps += [(_AT_LEAST, 0, 1, _X32), _answer(_ERRNO | errno.ENOSYS)]
    answers = [(_REFUSED, _ERRNO | errno.EPERM), (_ABSENT, _ERRNO | errno.ENOSYS)]
    answers += [] if change_files else [(_PRETENDED, _ERRNO)]
    for calls, value in answers:
        for numbers in calls.values():
            steps += _block(numbers[machine], [_answer(value)])
    for others, answer in ((_OF_A_PROCESS, refuse), (_OF_A_THREAD, _answer(_ERRNO))):
        for numbers, argument in others.values():
            steps += _block(numbers[machine], [_argument(argument), (_EQUAL, 0, 1, 0), allow, answer])
    everyone = 0xFFFFFFFF
    steps += _block(_KILL[machine], [_argument(0), (_EQUAL, 0, 1, everyone), refuse, allow])
    steps += _block(_CLONE[machine], [_argument(0), (_ANY_BIT, 0, 1, _CLONE_NEW_NAMESPACE), refuse, allow])
    if network != "all":
        for numbers, flags in ((_SENDTO, 3), (_SENDMSG, 2), (_SENDMMSG, 3)):
            steps += _block(numbers[machine], [_argument(flags), (_ANY_BIT, 0, 1, _MSG_FASTOPEN), refuse, allow])
        steps += _block(_SOCKET[machine], _sockets(tcp=network == "tcp"))
    return [*steps, allow]


def _sockets(*, tcp: bool) -> list[Instruction]:
    """Unix sockets; the kernel's list of network interfaces; TCP when asked for; nothing else."""
    unix, netlink, internet, internet_6, stream, only_type = 1, 16, 2, 10, 1, 0xF
    allow, refuse = _answer(_ALLOW), _answer(_ERRNO | errno.EACCES)
    steps = [_argument(0), (_EQUAL, 0, 1, unix), allow]
    steps += [(_EQUAL, 0, 4, netlink), _argument(2), (_EQUAL, 0, 1, 0), allow, refuse]
    if tcp:
        steps += [(_EQUAL, 2, 0, internet), (_EQUAL, 1, 0, internet_6), refuse]
        steps += [_argument(1), (_AND, 0, 0, only_type), (_EQUAL, 1, 0, stream), refuse]
        steps += [_argument(2), (_EQUAL, 1, 0, 0), (_EQUAL, 0, 1, 6), allow]
    return [*steps, refuse]


def _block(number: int | None, steps: Sequence[Instruction]) -> list[Instruction]:
    """Steps for one system call, passed over for any other."""
    return [] if number is None else [(_EQUAL, 0, len(steps), number), *steps]


def _load(offset: int) -> Instruction:
    return (_LOAD, 0, 0, offset)


def _argument(index: int) -> Instruction:
    """The lower half of an argument, which is all that the system reads of an int."""
    return _load(16 + 8 * index)


def _answer(value: int) -> Instruction:
    return (_RETURN, 0, 0, value)
