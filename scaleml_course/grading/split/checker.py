"""The checker: runs given cells and tests in their order, and reports to the worker what came of each test.

Student code is in another process, at the other end of the link. A test finds the student's names in its
namespace as it would in a notebook: values as copies, everything else as handles.
"""

from __future__ import annotations

import signal
import socket
import sys
import time
import types
from types import FrameType
from typing import Any

from scaleml_course.grading.split import wire
from scaleml_course.grading.split.checker_end import CheckerEnd, StudentGone
from scaleml_course.grading.split.failures import message_of
from scaleml_course.grading.split.measured import measured_in_student_process
from scaleml_course.grading.split.verdicts import CheckedCell, error, run_cell


def main(control: socket.socket, link: socket.socket) -> None:
    """Receive one order, run it, report.

    Parameters
    ----------
    control : socket.socket
        To the worker; blocking. See `split.wire` for the form of a message. The order is ``{"cells": [...]}``,
        each cell with ``id``, ``kind`` ("given", "test", or "again" for a test that has run before and is not
        judged now), ``source``, ``hidden`` (pairs of first and last line, counted from 1) and ``names`` (to be
        fetched from the snapshot of this id). Reported are ``{"begin": id}`` and
        ``{"end": id, "outputs": [...], "seconds": float}`` for each cell, outputs for tests alone, then
        ``{"done": True}``. A call of `peak_memory` sends ``{"memory": "begin", "limit_bytes": int or None}`` and
        ``{"memory": "end", "timed_out": bool}``, and waits for the answer to each.
    link : socket.socket
        To the process that serves the student's objects. SIGINT ends the cell in progress.
    """
    order = wire.receive(control)
    if order is None:
        return
    Checker(control, link).run([_cell(each) for each in order["cells"]])


def _cell(order: dict[str, Any]) -> CheckedCell:
    hidden = [(int(first), int(last)) for first, last in order.get("hidden", [])]
    return CheckedCell(order["id"], order["kind"], order["source"], hidden, list(order.get("names", [])))


class Checker:
    """One run of one notebook's given cells and tests."""

    def __init__(self, control: socket.socket, link: socket.socket) -> None:
        self._control = control
        self._module = types.ModuleType("__main__")
        self._names: dict[str, Any] = vars(self._module)
        self._end = CheckerEnd(link, self._names)
        self._cells: dict[str, CheckedCell] = {}
        self._fetched: set[str] = set()
        self._unreadable: dict[str, str] = {}
        self._running = False

    def run(self, cells: list[CheckedCell]) -> None:
        """Run all cells, and report each."""
        self._names["get_ipython"] = _NoShell
        before = sys.modules.get("__main__"), signal.signal(signal.SIGINT, self._interrupt)
        # As in a notebook: what a cell defines belongs to `__main__`.
        sys.modules["__main__"] = self._module
        try:
            with measured_in_student_process(self._control, self._end):
                for cell in cells:
                    self._report(cell)
            wire.send(self._control, {"done": True})
        finally:
            sys.modules["__main__"] = before[0]  # type: ignore[assignment]
            signal.signal(signal.SIGINT, before[1])

    def _report(self, cell: CheckedCell) -> None:
        wire.send(self._control, {"begin": cell.id})
        start = time.perf_counter()
        try:
            outputs = self._outputs(cell)
        except KeyboardInterrupt:  # between two lines of ours
            outputs = [error("TimeoutError", "the time for this test was used up")]
        self._running = False
        self._end.settle()
        seconds = time.perf_counter() - start
        shown = outputs if cell.kind == "test" else []
        wire.send(self._control, {"end": cell.id, "outputs": shown, "seconds": seconds})

    def _outputs(self, cell: CheckedCell) -> list[dict[str, Any]]:
        self._cells[cell.file] = cell
        self._running = True
        try:
            self._fetch(cell)
        except StudentGone as gone:
            if cell.kind == "test":
                return [error("StudentGone", str(gone))]
        except KeyboardInterrupt:
            return [error("TimeoutError", "the process that runs your code did not answer in time")]
        before = dict(self._names)
        outputs = run_cell(cell, self._names, self._cells)
        if cell.kind == "given":
            self._end.given |= {name for name, value in self._names.items() if before.get(name, self) is not value}
        return self._explained(outputs)

    def _fetch(self, cell: CheckedCell) -> None:
        """Bind the student's names that this cell uses, and unbind those that are no longer there."""
        if not cell.names:
            return
        found: dict[str, Any] = {}
        self._unreadable = {}
        try:
            found = self._end.fetch(cell.id, cell.names)
        except StudentGone:
            raise
        except Exception:  # something cannot be passed on: find out what
            for name in cell.names:
                try:
                    found |= self._end.fetch(cell.id, [name])
                except StudentGone:
                    raise
                except Exception as failure:
                    self._unreadable[name] = message_of(failure)
        for name in self._fetched & set(cell.names) - found.keys():
            self._names.pop(name, None)
        self._names |= found
        self._fetched |= found.keys()

    def _explained(self, outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A name that is missing because it could not be passed on says so."""
        for output in outputs:
            for name, reason in self._unreadable.items():
                if output.get("ename") == "NameError" and f"'{name}'" in output["evalue"]:
                    output |= error("NameError", f"your {name} could not be passed on: {reason}")
        return outputs

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._running and not self._end.interrupt():
            raise KeyboardInterrupt


class _NoShell:
    """In the place of IPython's shell: what a given cell asks of it does not happen."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None
