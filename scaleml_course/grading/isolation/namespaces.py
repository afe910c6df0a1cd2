"""The walls of one submission: fresh Linux namespaces for a forked process, by system calls.

bubblewrap builds the outer walls once for a warmed process (`policy`). What is forked from it takes
namespaces of its own here, so that two submissions share no process, no file, no socket and no shared
memory. See namespaces(7), user_namespaces(7) and mount_namespaces(7).
"""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_REMOUNT = 0x1, 0x20
MS_BIND = 0x1000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x4000, 0x40000
PR_SET_DUMPABLE = 4

#: Who student code is inside, and outside where the grader runs as root.
STUDENT_ID, OUTSIDE_ID = 1000, 64000
INODES = 200_000
#: Where every submission has a file system of its own.
OWN_PLACES = ("/tmp", "/home/student", "/dev/shm", "/run/kernel")

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, doing: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing}: {os.strerror(number)}")


def mount(kind: str, target: str, flags: int = MS_NOSUID | MS_NODEV, options: str = "") -> None:
    """Mount a file system that has no device: tmpfs, proc.

    Raises
    ------
    OSError
        Naming the target and the cause.
    """
    result = _libc.mount(kind.encode(), target.encode(), kind.encode(), flags, options.encode())
    _check(result, f"mount {kind} on {target}")


def stay_visible() -> None:
    """Let /proc/self belong to the process again, which a change of user takes away."""
    _check(_libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(PR_SET_DUMPABLE)")


def become_ordinary() -> None:
    """Where the grader is root: an uncovered /proc for the forks to mount their own, then no root any more."""
    if os.getuid() == 0:
        # bubblewrap covers parts of /proc for root, and Linux refuses a new /proc where one is covered.
        mount("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        os.setgroups([])
        os.setresgid(OUTSIDE_ID, OUTSIDE_ID, OUTSIDE_ID)
        os.setresuid(OUTSIDE_ID, OUTSIDE_ID, OUTSIDE_ID)
    stay_visible()


def unshare_all() -> None:
    """Give this process new namespaces; its next child is the first process of the new pid namespace."""
    user, group = os.getuid(), os.getgid()
    everything = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
    _check(_libc.unshare(everything), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{STUDENT_ID} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{STUDENT_ID} {group} 1")


def furnish(disk_mb: int, memory_mb: int, kept: Iterable[Path] = ()) -> None:
    """In the new namespaces' first process: own file systems of limited size, own /proc, a loopback.

    Parameters
    ----------
    disk_mb, memory_mb : int
        Sizes in MiB of the home and of /tmp, and of /dev/shm.
    kept : iterable of Path
        Folders that stay visible where they are, also below /tmp: a course may be checked out there.
    """
    _check(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "make mounts private")
    mount("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    hidden = [folder for folder in kept if any(Path(place) in folder.parents for place in OWN_PLACES)]
    held = {folder: os.open(folder, os.O_PATH) for folder in hidden}
    inodes = f"nr_inodes={INODES}"
    mount("tmpfs", "/tmp", options=f"size={disk_mb}m,mode=1777,{inodes}")
    mount("tmpfs", "/home/student", options=f"size={disk_mb}m,mode=700,{inodes}")
    mount("tmpfs", "/dev/shm", options=f"size={memory_mb}m,mode=1777,{inodes}")
    mount("tmpfs", "/run/kernel", options="size=1m,mode=700,nr_inodes=100")
    for folder, descriptor in held.items():
        folder.mkdir(parents=True, exist_ok=True)
        source = f"/proc/self/fd/{descriptor}".encode()
        _check(_libc.mount(source, str(folder).encode(), None, MS_BIND | MS_REC, None), f"keep {folder}")
        os.close(descriptor)
    raise_loopback()
    # Nobody needs a further user namespace, and they are a common way to faults of the system.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def seal(folder: str) -> None:
    """Make a file system that this process mounted read-only, for all that share its mount namespace."""
    flags = MS_NOSUID | MS_NODEV | MS_REMOUNT | MS_RDONLY
    _check(_libc.mount(b"none", folder.encode(), None, flags, None), f"make {folder} read-only")


def raise_loopback() -> None:
    """Switch the loopback of this network namespace on; there is no other interface in it."""
    get_flags, set_flags, is_up = 0x8913, 0x8914, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack_from("h", fcntl.ioctl(any_socket, get_flags, request), 16)[0]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh22x", b"lo", flags | is_up))
