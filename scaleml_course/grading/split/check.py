"""The checker, driven from outside: send it the tests, watch its time, take down its verdicts."""

import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nbformat import NotebookNode
from nbformat.v4 import new_output

from scaleml_course.grading.isolation.provisioner import fork
from scaleml_course.grading.isolation.spawned import Spawned
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.split import wire
from scaleml_course.grading.split.kernel import PATIENCE_S, StudentKernel
from scaleml_course.measure.memory import RESET_PEAK

#: A checker holds the tests' own data and whatever the student's code returns.
CHECKER_MEMORY_MB = 4096.0
POLL_S = 0.2
TIMED_OUT, DIED = "CellTimeoutError", "CheckerDied"


@dataclass
class Verdict:
    """What the checker said of one test.

    Attributes
    ----------
    outputs : list
        nbformat outputs; an error among them means no points.
    """

    outputs: list[Any] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not any(output["output_type"] == "error" for output in self.outputs)


class CheckerProcess:
    """One checker for one submission, in a sandbox of its own.

    Parameters
    ----------
    level, modules, limits
        As for the student's kernel.
    files : mapping of str to bytes
        What the instructor released beside the notebook.
    link : int
        File descriptor of the link to the student's kernel.
    """

    def __init__(
        self, level: str, modules: Sequence[str], limits: Limits, files: Mapping[str, bytes], link: int
    ) -> None:
        self._control, theirs = socket.socketpair()
        self._limits = limits
        own = Limits(limits.timeout_s, limits.cell_timeout_s, CHECKER_MEMORY_MB, limits.disk_mb)
        try:
            self._process = fork("checker", level, modules, own, files, [link, theirs.fileno()])
        finally:
            theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._control.close()
        self._process.close()

    def run(
        self,
        cells: list[dict[str, Any]],
        student: StudentKernel,
        deadline: float,
        verdicts: dict[str, Verdict],
    ) -> None:
        """Run the cells; returns when all are done, or the student's process or the checker is gone.

        Parameters
        ----------
        cells : list of dict
            The order, see `split.order`.
        student : StudentKernel
            Already serving.
        deadline : float
            `time.monotonic` after which nothing more is begun.
        verdicts : dict
            Filled as they come: a test without one has no points.
        """
        wire.send(self._control, {"cells": cells})
        tests = {cell["id"] for cell in cells if cell["kind"] == "test"}
        clock = _Clock(self._limits.seconds_for_a_cell, deadline, student, self._process)
        window = _MemoryWindow(student)
        current = ""
        while clock.look():
            window.look()
            try:
                report = wire.receive(self._control, POLL_S)
            except TimeoutError:
                continue
            except (OSError, ValueError):
                break
            if report is None:  # it is gone
                break
            if "begin" in report:
                current = report["begin"]
                clock.start()
            elif "memory" in report:
                if report.get("timed_out"):
                    student.process.signal(signal.SIGINT)
                wire.send(self._control, window.answer(report))
            elif "end" in report:
                if report["end"] == current and current in tests:
                    verdicts[current] = Verdict([NotebookNode(output) for output in report["outputs"]])
                current = ""
                if not student.alive or time.monotonic() > deadline:
                    break
            else:
                break
        if current in tests:
            name, message = (
                (TIMED_OUT, "no end within the time for one test") if clock.fired else (DIED, "the test was ended")
            )
            verdicts[current] = Verdict([new_output("error", ename=name, evalue=message, traceback=[message])])


class _Clock:
    """The time of one test: an interrupt to the student's process, then its end, then the checker's."""

    def __init__(self, seconds: float, deadline: float, student: StudentKernel, checker: Spawned) -> None:
        self._seconds, self._deadline = seconds, deadline
        self._student, self._checker = student, checker
        self.start()

    def start(self) -> None:
        """A test begins."""
        self.fired = 0
        self._next = min(time.monotonic() + self._seconds, max(self._deadline, time.monotonic() + 0.1))

    def look(self) -> bool:
        """Do what is due; False once the checker itself had to be ended."""
        if time.monotonic() < self._next:
            return True
        self._next = time.monotonic() + PATIENCE_S
        self.fired += 1
        if self.fired == 1:
            self._student.process.signal(signal.SIGINT)
        elif self.fired == 2:
            self._student.process.kill()
        elif self.fired == 3:
            self._checker.signal(signal.SIGINT)
        else:
            self._checker.kill()
        return self.fired < 4


class _MemoryWindow:
    """Peak memory of the student's processes between two moments, limited, and read from outside.

    The limit is the student's own to lift, since only a hard one could not be and nobody may raise that again;
    what was held is not. So what went far past the limit is said to have gone past it.
    """

    def __init__(self, student: StudentKernel) -> None:
        self._process = student.process
        self._open = False
        self._others = 0

    def look(self) -> None:
        """See what other processes of the student hold; only a main process remembers its peak."""
        if self._open:
            held = (each.rss_bytes for each in self._process.tree.processes() if each.pid != self._process.pid)
            self._others = max(self._others, sum(held))

    def answer(self, report: Mapping[str, Any]) -> dict[str, int]:
        """What the checker asked for: the resident bytes at the start, or the highest since."""
        try:
            return self._begin(report.get("limit_bytes")) if report["memory"] == "begin" else self._end()
        except (ProcessLookupError, FileNotFoundError):  # the student's process is gone
            return {"start_rss_bytes": 0, "peak_rss_bytes": 0}

    def _begin(self, limit_bytes: int | None) -> dict[str, int]:
        Path(f"/proc/{self._process.pid}/clear_refs").write_text(RESET_PEAK)
        self._process.limit_data(limit_bytes)
        self._open, self._others = True, 0
        self.look()
        self._before = self._others
        return {"start_rss_bytes": self._status("VmRSS")}

    def _end(self) -> dict[str, int]:
        self.look()
        self._open = False
        self._process.limit_data(None)
        return {"peak_rss_bytes": self._status("VmHWM") + max(0, self._others - self._before)}

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        return 0
