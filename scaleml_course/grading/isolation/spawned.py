"""A confined process, seen from outside: ask whether it lives, signal it, limit it, end it whole."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaleml_course.grading.isolation.process_tree import Tree

ANSWER_S = 20.0
END_S = 10.0
_CREDENTIALS = struct.Struct("3i")


@dataclass
class Spawned:
    """One confined process and everything it starts, seen from outside.

    Attributes
    ----------
    overseer : int
        Process id, here, of its first process; killing that one ends all of them.
    pid : int
        Process id, here, of the kernel or checker itself.
    root : Path
        What it sees as ``/``.
    folder : Path or None
        Where there is no file system of its own: the folder here that it may write to.
    tree : Tree
        Everything its first process started.
    """

    overseer: int
    pid: int
    root: Path
    _overseer_fd: int
    _pid_fd: int
    _report: socket.socket
    folder: Path | None
    _namespaced: bool
    tree: Tree
    _exit: int | None = None
    _closed: bool = False

    def poll(self) -> int | None:
        """Exit status once it has ended (negative for a signal), else None."""
        if self._exit is None and not self._closed:
            message = receive(self._report, timeout_s=0.0)
            if message is not None:
                self._exit = int(message[0].get("exit", -signal.SIGKILL)) if message[0] else -signal.SIGKILL
        return self._exit

    def signal(self, number: int) -> None:
        """Send a signal to the kernel or checker itself; nothing happens when it has ended."""
        if self._closed:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pid_fd, number)

    def limit_data(self, added_bytes: int | None) -> None:
        """Let the process map this many more bytes of private memory, or as many as at first.

        Raises
        ------
        ProcessLookupError
            When it has ended.
        """
        self._ask({"limit_data": added_bytes})

    def seal(self, folder: str) -> None:
        """Let nobody inside change a folder any more that has a file system of its own there.

        The kernel's sockets are in one. Whoever could replace a socket by a link would choose, at the next
        connection, which socket of this machine the grader talks to.
        """
        if self._namespaced:
            self._ask({"seal": folder})

    def _ask(self, order: dict[str, Any]) -> None:
        try:
            self._report.send(json.dumps(order).encode())
            answer = receive(self._report, ANSWER_S)
        except OSError:
            answer = None
        if answer is None or "done" not in answer[0]:
            self._exit = int((answer[0] if answer else {}).get("exit", -signal.SIGKILL))
            raise ProcessLookupError(f"process {self.pid} has ended")

    def outside(self, path: str) -> str:
        """The path here of what the process sees under `path`."""
        if self.folder:
            return str(self.folder) + path
        return str(self.root) + path

    def kill(self) -> None:
        """End it and everything it started."""
        if self._closed:
            return
        # Said first: without a namespace, ending a crowd takes a while, and nobody should wait for its outputs.
        self._exit = self._exit if self._exit is not None else -signal.SIGKILL
        if not self._namespaced:
            self.tree.kill_all()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._overseer_fd, signal.SIGKILL)
            # The first process of a pid namespace has ended only when all others in it have.
            select.select([self._overseer_fd], [], [], END_S)

    def close(self) -> None:
        """Kill, and let go of what it held here; a second time does nothing."""
        if self._closed:
            return
        self.kill()
        self._closed = True
        self._report.close()
        for descriptor in (self._overseer_fd, self._pid_fd):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def receive(channel: socket.socket, timeout_s: float) -> tuple[dict[str, Any], int] | None:
    """One message and the process id, here, of who sent it; None on silence, an empty one at the end."""
    channel.settimeout(timeout_s)
    try:
        data, ancillary, _, _ = channel.recvmsg(65536, socket.CMSG_SPACE(_CREDENTIALS.size))
    except (TimeoutError, BlockingIOError):
        return None
    except OSError:
        return {}, 0
    pid = 0
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            pid = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0]
    return (json.loads(data) if data else {}), pid
