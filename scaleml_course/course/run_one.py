"""One lesson in a process of its own: `python -m scaleml_course.course.run_one ORDER`.

The parent (`execute`) watches time and memory and ends what is left over. This side runs papermill, says on
standard output which cell it has reached, and leaves a report of how it went.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
from nbclient.exceptions import DeadKernelError

from scaleml_course.course.processes import MARKER, Family, describe

# Pools that belong to the kernel and end with it; joblib keeps its workers for the next call on purpose.
REUSED = ("loky", "resource_tracker", "forkserver")
PATIENCE_SECONDS = 3.0  # a cluster that was closed takes a moment to be gone


class Listener:
    """Follows papermill from cell to cell, and looks around after the last."""

    def __init__(self, notebook: Path, marker: str) -> None:
        cells = nbformat.read(notebook, as_version=4).cells
        code = [cell.id for cell in cells if cell.cell_type == "code" and cell.source.strip()]
        self.places = {cell_id: place for place, cell_id in enumerate(code, start=1)}
        self.family = Family(marker)
        self.reached = ""  # id of the cell that started last
        self.origins: dict[int, str] = {}  # by process id, the cell that started it
        self.left_running: list[dict[str, Any]] = []

    def on_cell_execute(self, cell: Any, cell_index: int) -> None:
        if cell.id in self.places:  # papermill's own parameters cell is not the author's
            self.reached = cell.id
            place = {"cell": cell.id, "place": self.places[cell.id], "of": len(self.places)}
            print(json.dumps(place), flush=True)

    def on_cell_executed(self, cell: Any, cell_index: int, execute_reply: Any) -> None:
        for process in self._others():
            self.origins.setdefault(process.pid, self.reached)
        if self.places.get(cell.id) == len(self.places):
            self.left_running = [self._tell(process) for process in self._strays()]

    def _strays(self) -> list[psutil.Process]:
        """Processes that the lesson leaves after its last cell: neither the kernel nor a reusable pool."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (strays := self._others()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return strays

    def _others(self) -> list[psutil.Process]:
        others = []
        for process in self.family.members():
            with contextlib.suppress(psutil.Error):  # one that has just ended is no stray
                words = " ".join(process.cmdline())
                # A process that the kernel forked has the kernel's words, but not its parent.
                kernel = "ipykernel" in words and process.ppid() == os.getpid()
                if words and not kernel and not any(word in words for word in REUSED):
                    others.append(process)
        return others

    def _tell(self, process: psutil.Process) -> dict[str, Any]:
        try:
            words = describe(process)
        except psutil.Error:  # gone at last
            words = str(process.pid)
        return {"process": words, "cell": self.origins.get(process.pid, self.reached)}


def _end_with_parent(parent: int) -> None:
    """When the parent is gone, killed before it could end us, end ourselves and all that the lesson started."""
    while os.getppid() == parent:
        time.sleep(1.0)
    Family(os.environ[MARKER]).end()
    os._exit(1)


def _watch_parent() -> None:
    """See to it that this process does not outlive the one that watches it."""
    parent = os.getppid()
    watcher = threading.Thread(target=_end_with_parent, args=(parent,), daemon=True)
    watcher.start()
    # Papermill returns as soon as its kernel is killed, and must not take the watcher with it half-way.
    atexit.register(lambda: watcher.join(60) if os.getppid() != parent else None)


def main(order_path: Path) -> int:
    """Run the lesson that `order_path` describes; returns 0 when every cell ran."""
    order = json.loads(order_path.read_text(encoding="utf-8"))
    _watch_parent()
    listener = Listener(Path(order["notebook"]), os.environ[MARKER])
    report: dict[str, Any] = {"status": "ok"}
    try:
        papermill.execute_notebook(
            order["notebook"],
            order["output"],
            parameters=order["parameters"],
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=order["cwd"],
            start_timeout=120,
            on_cell_execute=listener.on_cell_execute,
            on_cell_executed=listener.on_cell_executed,
        )
    except papermill.PapermillExecutionError as error:
        report = {
            "status": "error",
            "error": f"{error.ename}: {error.evalue}",
            "traceback": "\n".join(error.traceback),
        }
    except DeadKernelError:
        report = {"status": "died", "error": "the kernel died while this cell ran"}
    report |= {"cell": listener.reached, "left_running": listener.left_running}
    Path(order["report"]).write_text(json.dumps(report), encoding="utf-8")
    return 0 if report["status"] == "ok" else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
