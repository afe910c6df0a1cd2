"""The student's kernel, driven from outside: run a cell, collect what it shows, end it when it will not end.

A small client of Jupyter's messages instead of nbclient's: whatever arrives was sent by student code, so a
message is weighed before it is read, counted against a budget, and obeyed in nothing but what it shows.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nbformat
import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

from scaleml_course.grading.isolation.disk import disk_usage
from scaleml_course.grading.isolation.nursery import NurseryError
from scaleml_course.grading.isolation.spawned import Spawned
from scaleml_course.grading.limits import Limits

#: Seconds between an interrupt and the end of a kernel that does not heed it.
PATIENCE_S = 2.0
CONNECT_S = 30.0
#: Seconds to wait for the last outputs once a cell has replied.
LAST_OUTPUTS_S = 1.0
POLL_S = 0.2
LOOKS_A_DISK_LOOK = 5
SHOWN = ("stream", "display_data", "execute_result", "error")
MAX_OUTPUTS = 1000
#: What printing for a moment can fill; a larger message is never in memory here.
MAX_MESSAGE_BYTES = 64 * 2**20
#: What a message weighs that shows nothing: the kernel's own ones are below this, and are always read.
ENVELOPE_BYTES = 1500
DROPPED = "\n[What this notebook shows past {limit:,} bytes was dropped.]\n"

OK, ERROR, TIMED_OUT, DIED = "ok", "error", "timed out", "died"
OUT_OF_MEMORY, OUT_OF_DISK, TOO_MANY = "out of memory", "out of disk", "too many processes"


@dataclass
class Ran:
    """What came of one cell.

    Attributes
    ----------
    ending : str
        ``ok``, ``error``, ``timed out`` (interrupted; the kernel lives), or why the kernel is gone:
        ``died``, ``out of memory``, ``out of disk``, ``too many processes``; ``timed out`` with a
        kernel that is gone did not heed the interrupt.
    outputs : list
        nbformat outputs.
    """

    ending: str = OK
    outputs: list[Any] = field(default_factory=list)


class StudentKernel:
    """One kernel behind the walls, for one submission.

    Parameters
    ----------
    level, modules
        See `isolation.nursery.Nursery`.
    limits : Limits
        What it may use.
    files : mapping of str to bytes
        What lies in its working folder.
    link : int
        File descriptor through which a checker will call the student's functions.
    """

    def __init__(
        self, level: str, modules: Sequence[str], limits: Limits, files: Mapping[str, bytes], link: int
    ) -> None:
        provisioner = {
            "provisioner_name": "scaleml-sandbox",
            "config": {"level": level, "modules": list(modules)},
        }
        self._manager = KernelManager(transport="ipc")
        self._manager._kernel_spec = KernelSpec(
            argv=[], display_name="Python 3", language="python", metadata={"kernel_provisioner": provisioner}
        )
        self._manager.start_kernel(files=files, limits=limits, link=link)
        self.process: Spawned = self._manager.provisioner.spawned
        self._context = zmq.Context()
        # A message larger than this ends the connection before it is in memory.
        self._context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        self._context.setsockopt(zmq.RCVHWM, 4)
        self._context.setsockopt(zmq.LINGER, 0)
        # Connected once, before any student code runs: what is at that path afterwards is the student's.
        self._context.setsockopt(zmq.RECONNECT_IVL, -1)
        self._client = self._manager.client(context=self._context)
        self._client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)
        self._limits = limits
        self._left_bytes = limits.output_bytes
        self._watch = _Watch(self.process, limits)
        self._await_connection()

    def _await_connection(self) -> None:
        """Until the kernel has answered on both channels."""
        iopub = self._client.iopub_channel.socket
        for _ in range(int(CONNECT_S / 0.1)):
            asked = self._client.session.msg("kernel_info_request")
            self._client.session.send(self._client.shell_channel.socket, asked)
            if iopub.poll(100):
                return
        raise NurseryError("the kernel does not answer")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    @property
    def lost_to(self) -> str:
        """Why a kernel that is gone has gone."""
        return self._watch.too_much or DIED

    def run(self, source: str, timeout_s: float, *, silent: bool = False) -> Ran:
        """Run one cell.

        Parameters
        ----------
        source : str
            The cell.
        timeout_s : float
            Wall seconds, after which it is interrupted, and killed if that does not help.
        silent : bool
            Not the student's cell: no execution count, no output.

        Returns
        -------
        Ran
        """
        ran = Ran()
        with contextlib.suppress(zmq.ZMQError):
            asked = self._ask(source, silent)
            self._follow(asked, ran, time.monotonic() + timeout_s)
        if not self.alive and ran.ending in (OK, ERROR):
            ran.ending = self.lost_to
        return ran

    def begin(self, source: str) -> None:
        """Start something that is not waited for; nothing it shows is collected."""
        self._client.iopub_channel.stop()
        self._ask(source, silent=True)

    def _ask(self, source: str, silent: bool) -> str:
        content = {"code": source, "silent": silent, "store_history": not silent, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": False}
        message = self._client.session.msg("execute_request", content)
        self._client.session.send(self._client.shell_channel.socket, message)
        return str(message["header"]["msg_id"])

    def _follow(self, asked: str, ran: Ran, deadline: float) -> None:
        """Read both channels until the cell has replied and shown everything, or its time is over."""
        shell, iopub = self._client.shell_channel.socket, self._client.iopub_channel.socket
        poller = zmq.Poller()
        poller.register(shell, zmq.POLLIN)
        poller.register(iopub, zmq.POLLIN)
        replied = idle = interrupted = False
        while not (replied and idle):
            ready = dict(poller.poll(int(1000 * min(POLL_S, max(0.01, deadline - time.monotonic())))))
            if iopub in ready:
                idle |= self._show(iopub, asked, ran)
            if shell in ready and not replied:
                reply = self._read(shell)
                if reply and reply["parent_header"].get("msg_id") == asked:
                    replied = True
                    failed = reply["content"].get("status") != "ok"
                    ran.ending = TIMED_OUT if interrupted else ERROR if failed else OK
                    # An endless flood of outputs must not be waited for.
                    deadline = min(deadline, time.monotonic() + LAST_OUTPUTS_S) if not interrupted else deadline
            if not ready and not self.alive:
                ran.ending = self.lost_to
                return
            if time.monotonic() < deadline:
                continue
            if replied:  # and it did not show that it is done: a message was too large, or there is no end of them
                self._left_bytes = 0
                return
            ran.ending = TIMED_OUT
            if interrupted:
                self.process.kill()
                return
            interrupted = True
            self.process.signal(signal.SIGINT)
            deadline = time.monotonic() + PATIENCE_S

    def _show(self, iopub: Any, asked: str, ran: Ran) -> bool:
        """Take one message of what the cell shows; True when it says that the cell is done."""
        message = self._read(iopub)
        if message is None or message["parent_header"].get("msg_id") != asked:
            return False
        kind, content = message["header"].get("msg_type"), message["content"]
        if kind == "status":
            return bool(content.get("execution_state") == "idle")
        if kind == "clear_output":
            ran.outputs.clear()
        elif kind in SHOWN and len(ran.outputs) < MAX_OUTPUTS and self._left_bytes > 0:
            # Whatever is malformed is not shown.
            with contextlib.suppress(Exception):
                _add(ran.outputs, nbformat.v4.output_from_msg(message))
        return False

    def _read(self, channel: Any) -> dict[str, Any] | None:
        """The next message, None when it is not one, or past the budget of bytes."""
        frames = channel.recv_multipart(zmq.NOBLOCK)
        if channel is self._client.iopub_channel.socket:
            weight = max(0, sum(map(len, frames)) - ENVELOPE_BYTES)
            self._left_bytes -= weight
            if weight and self._left_bytes <= 0:
                return None
        session = self._client.session
        try:
            _, frames = session.feed_identities(frames, copy=True)
            message = session.deserialize(frames, copy=True)
        except Exception:  # forged, or in pieces
            return None
        whole = all(isinstance(message.get(part), dict) for part in ("header", "parent_header", "content"))
        return dict(message) if whole else None

    @property
    def over_budget(self) -> bool:
        """Whether something was dropped because the notebook showed too much."""
        return self._left_bytes <= 0

    def close(self) -> None:
        """End it and everything it started."""
        self._watch.stop()
        with contextlib.suppress(Exception):
            self._client.stop_channels()
        self.process.close()
        self._manager.cleanup_connection_file()
        self._context.destroy(linger=0)


def _add(outputs: list[Any], output: Any) -> None:
    """Append an output; text of one stream in a row is one output."""
    nbformat.validate(output, ref="output", version=4)
    last = outputs[-1] if outputs else None
    if output.output_type == "stream" and last and last.output_type == "stream" and last.name == output.name:
        last.text += output.text
    else:
        outputs.append(output)


class _Watch:
    """Looks at what a kernel and everything it started hold, and ends it when that is too much."""

    def __init__(self, process: Spawned, limits: Limits) -> None:
        self.too_much = ""
        self._process, self._limits = process, limits
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True, name="kernel-watch")
        self._thread.start()

    def _look(self) -> None:
        looks = 0
        while not self._done.wait(POLL_S):
            looks += 1
            self.too_much = self._over(disk_too=looks % LOOKS_A_DISK_LOOK == 0)
            if self.too_much:
                self._process.kill()
                return

    def _over(self, *, disk_too: bool) -> str:
        """What there is too much of; empty while all is well."""
        limits, folder = self._limits, self._process.folder
        memory_bytes = (limits.memory_mb or float("inf")) * 2**20
        usage = self._process.tree.usage(memory_bytes)
        # Files without a name are nobody's pages and lie in no folder.
        if usage.memory_bytes + self._process.tree.unlinked_bytes() > memory_bytes:
            return OUT_OF_MEMORY
        # Within namespaces Linux itself limits these two.
        if folder and usage.threads > limits.processes:
            return TOO_MANY
        if folder and disk_too:
            disk = disk_usage(folder)
            return OUT_OF_DISK if not disk.complete or disk.disk_bytes > limits.disk_mb * 2**20 else ""
        return ""

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join(timeout=5)
