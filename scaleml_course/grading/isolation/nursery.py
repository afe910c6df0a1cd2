"""The grader's side of `nest`: start a warmed process behind the walls, and fork processes from it."""

import contextlib
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scaleml_course.grading.isolation import policy
from scaleml_course.grading.isolation.process_tree import Tree
from scaleml_course.grading.isolation.spawned import Spawned, receive
from scaleml_course.grading.limits import Limits

START_S = 120.0
FORK_S = 20.0
#: Memory when an exercise names none, in MiB.
MEMORY_MB = 2048.0
#: What a small Dask cluster on the loopback takes.
TCP_PORTS = 24
_ports = itertools.count(os.getpid() * TCP_PORTS * 7)


class NurseryError(RuntimeError):
    """The sandbox could not be started, or a process in it not be forked."""


class Nursery:
    """A warmed process behind the walls of one level.

    Parameters
    ----------
    level : {"bubblewrap", "landlock", "trusted"}
        See `levels`.
    modules : sequence of str
        What to import beforehand.
    bare : bool
        Import nothing at all: good for a look at whether the walls stand.

    Raises
    ------
    NurseryError
        When it does not start, with its last words.
    """

    def __init__(self, level: str, modules: Sequence[str] = (), *, bare: bool = False) -> None:
        self.level = level
        self._lock = threading.Lock()
        self._control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as this)
        command = [sys.executable, "-m", "scaleml_course.grading.isolation.nest", str(inside.fileno()), level]
        command += ["--bare"] if bare else modules
        passed = [inside.fileno()]
        if level == "bubblewrap":
            files = policy.small_files()
            passed += files.values()
            command = policy.bubblewrap(command, files)
        self._process = subprocess.Popen(
            command,
            env=policy.environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            pass_fds=passed,
            start_new_session=True,
        )
        for descriptor in passed[1:]:
            os.close(descriptor)
        inside.close()
        ready = receive(self._control, START_S)
        if ready is None or not ready[0]:
            self.close()
            raise NurseryError(f"The sandbox ({level}) did not start: {self.last_words()}")

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        self._complaints.seek(0)
        return self._complaints.read()[-2000:].decode(errors="replace").strip() or "it said nothing"

    def spawn(
        self,
        role: str,
        limits: Limits,
        files: Mapping[str, bytes],
        descriptors: Sequence[int],
        **order: Any,
    ) -> Spawned:
        """Fork a confined process.

        Parameters
        ----------
        role : {"kernel", "checker"}
            What it becomes.
        limits : Limits
            What it may use.
        files : mapping of str to bytes
            What lies in its working folder, by relative path.
        descriptors : sequence of int
            What the role needs: the link; for a checker also the control socket.
        **order
            For a kernel: ``connection``, ``connection_file``.

        Raises
        ------
        NurseryError
            When the process could not be confined; it does not run then.
        """
        folder = None if self.level == "bubblewrap" else _private_folder()
        report, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        report.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        archive = _archive(files)
        message = {
            "role": role,
            "folder": str(folder),
            "readable": [str(path) for path in readable()] if self.level == "landlock" else [],
            "ports": free_ports() if self.level == "landlock" else [],
            "limits": {
                "memory_mb": int(limits.memory_mb or MEMORY_MB),
                "disk_mb": limits.disk_mb,
                "processes": limits.processes,
                "cpu_s": int(limits.timeout_s * 8) + 60,
            },
            **order,
        }
        try:
            with self._lock:
                socket.send_fds(
                    self._control, [json.dumps(message).encode()], [inside.fileno(), archive, *descriptors]
                )
        except OSError as error:
            raise NurseryError(f"The sandbox ({self.level}) has ended: {self.last_words()}") from error
        finally:
            os.close(archive)
            inside.close()
        return self._await(report, folder)

    def _await(self, report: socket.socket, folder: Path | None) -> Spawned:
        """Wait until the new process has said that it is confined and where it is."""
        seen: dict[str, tuple[int, int]] = {}
        while "started" not in seen:
            received = receive(report, FORK_S)
            message, pid = received if received else ({}, 0)
            step = next(iter(message), "failed")
            if step not in ("overseer", "started"):
                report.close()
                why = message.get(step, self.last_words())
                raise NurseryError(f"A confined process could not be started: {why}")
            seen[step] = (pid, os.pidfd_open(pid))
        overseer, overseer_fd = seen["overseer"]
        pid, pid_fd = seen["started"]
        namespaced = self.level == "bubblewrap"
        root = Path(f"/proc/{pid}/root") if namespaced else Path("/")
        return Spawned(overseer, pid, root, overseer_fd, pid_fd, report, folder, namespaced, Tree(overseer))

    def close(self) -> None:
        """End the warmed process and everything forked from it."""
        self._control.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _archive(files: Mapping[str, bytes]) -> int:
    """A file descriptor of a tar archive of these files."""
    descriptor = os.memfd_create("files")
    with tarfile.open(fileobj=io.FileIO(os.dup(descriptor), "w"), mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def probe(level: str) -> None:
    """Start and end a confined process, to see whether this machine can.

    Raises
    ------
    NurseryError
        With the cause, when it cannot.
    """
    nursery = Nursery(level, bare=True)
    try:
        nursery.spawn("probe", Limits(), {}, []).close()
    finally:
        nursery.close()


def _private_folder() -> Path:
    """Where there is no mount namespace: a folder of this submission's own."""
    folder = Path(tempfile.mkdtemp(prefix="scaleml-box-"))
    for name in ("home", "tmp", "run"):
        (folder / name).mkdir()
    return folder


def free_ports() -> list[int]:
    """TCP ports that nobody listens on, below those the system gives out, others each time."""
    found: list[int] = []
    while len(found) < TCP_PORTS:
        port = 20_000 + next(_ports) % 12_000
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("", port))
            found.append(port)
    return found


def readable() -> list[Path]:
    """What a process confined by Landlock may read."""
    system = [
        Path("/", name)
        for name in ("usr", "bin", "sbin", "lib", "lib64", "proc", "sys/devices/system", "sys/fs/cgroup")
    ]
    etc = [Path("/etc", name) for name in policy.ETC]
    etc += Path("/etc").glob("java*")
    etc += [Path("/etc", name) for name in ("passwd", "group", "hosts", "nsswitch.conf")]
    devices = [Path("/dev", name) for name in ("null", "zero", "random", "urandom")]
    return [path for path in (*system, *etc, *devices, *policy.python_folders()) if path.exists()]
