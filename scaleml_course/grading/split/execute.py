"""Split execution: the student's cells in one kernel, the tests in a checker that this kernel cannot reach.

`execute` runs one rebuilt notebook; `preprocessor` makes an nbgrader preprocessor of it.
"""

import ast
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat.v4 import new_output

from scaleml_course.grading.limits import Limits
from scaleml_course.grading.sanitize import grade_id
from scaleml_course.grading.split import kernel
from scaleml_course.grading.split.check import CheckerProcess, Verdict
from scaleml_course.grading.split.kernel import StudentKernel
from scaleml_course.grading.split.order import Cell, checks_of

TIMED_OUT, NOT_RUN, DIED, OUT_OF_MEMORY = "CellTimeoutError", "CellNotRun", "KernelDied", "OverTheLimit"
ISOLATION = "scaleml_isolation"
#: How often a kernel that a test call ended is made anew for the tests after it.
RECOVERIES = 3
USED_UP = {
    kernel.OUT_OF_MEMORY: "held more memory",
    kernel.OUT_OF_DISK: "wrote more to the disk",
    kernel.TOO_MANY: "had more processes",
}
#: Packages that start threads when they are imported, which a warmed process must not.
NOT_WARMED = frozenset(("jax", "tensorflow", "torch", "keras", "cudf", "cuml", "cupy", "dask_cudf", "dask_cuda"))


def execute(
    notebook: Any,
    source: Mapping[str, Any],
    limits: Limits,
    level: str,
    files: Mapping[str, bytes],
    given: Mapping[str, bytes],
) -> Any:
    """Run a rebuilt notebook and put outputs under its cells; those under tests come from the checker alone.

    Parameters
    ----------
    notebook : NotebookNode
        From `sanitize.rebuild`; changed in place.
    source : mapping
        The instructor's notebook, with solutions and hidden tests.
    limits : Limits
    level : str
        See `isolation.levels`.
    files, given : mapping of str to bytes
        What lies beside the notebook for the student's code, and for the checker.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    run = _Run(notebook, checks_of(source), limits, level, files, given, warmed_modules(source))
    run.answers()
    run.tests()
    notebook.metadata[ISOLATION] = level
    return notebook


@dataclass
class _Run:
    """One notebook's way through both processes."""

    notebook: Any
    cells: list[Cell]
    limits: Limits
    level: str
    files: Mapping[str, bytes]
    given: Mapping[str, bytes]
    modules: list[str]
    _deadline: float = 0.0
    _student: StudentKernel | None = None
    _checker_end: socket.socket | None = None
    #: Cells of the notebook that ended, by index, in the order they ran.
    _ran: list[int] = field(default_factory=list)
    #: Why nothing runs any more, and since which test cell; empty while all is well.
    _lost: str = ""
    _beyond: set[str] = field(default_factory=set)

    def answers(self) -> None:
        """Run every cell that is no test, with a snapshot at the place of each test."""
        self._deadline = time.monotonic() + self.limits.timeout_s
        self._start()
        number = 0
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code":
                continue
            if is_test(cell):
                if self._lost:
                    self._beyond.add(grade_id(cell) or "")
                self._snapshot(cell)
                continue
            self._snapshot(cell)
            cell.outputs, cell.execution_count = [], None
            if cell.source.strip():
                number += 1
                self._answer(index, cell, number)

    def _answer(self, index: int, cell: Any, number: int) -> None:
        """Run one cell of the student's kernel, or say on it why it does not run."""
        remaining = self._deadline - time.monotonic()
        if not self._lost and remaining <= 0:
            self._lost = f"the notebook's {self.limits.timeout_s:.0f} s were used up"
        if self._lost or self._student is None:
            fail(cell, NOT_RUN, self._lost)
            return
        ran = self._student.run(cell.source, min(remaining, self.limits.seconds_for_a_cell))
        cell.outputs, cell.execution_count = ran.outputs, number
        if self._student.over_budget:
            text = kernel.DROPPED.format(limit=self.limits.output_bytes)
            cell.outputs.append(new_output("stream", name="stdout", text=text))
        name, message, lost = ending(ran.ending, alive=self._student.alive)
        if name:
            fail(cell, name, message)
        if not lost:
            self._ran.append(index)
            return
        # What ran before keeps its marks: a new kernel runs those cells again, and no more.
        self._lost = lost
        self._recover()

    def _start(self) -> None:
        """A fresh kernel, and the checker's end of the link to it."""
        self._checker_end, theirs = socket.socketpair()
        try:
            self._student = StudentKernel(self.level, self.modules, self.limits, self.files, theirs.fileno())
        finally:
            theirs.close()

    def _recover(self) -> None:
        """Replace a kernel that is gone by one in which the cells that ended well have run."""
        self._stop()
        self._start()
        again = set(self._ran)
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code" or self._student is None or not self._student.alive:
                continue
            self._snapshot(cell)
            if index in again:
                remaining = self._deadline - time.monotonic()
                self._student.run(cell.source, max(0.1, min(remaining, self.limits.seconds_for_a_cell)))

    def _snapshot(self, cell: Any) -> None:
        """Have the kernel hold on to what the checker may ask for at this place."""
        wanted = next((each for each in self.cells if each.id in (grade_id(cell), cell.get("id"))), None)
        if wanted is None or not wanted.names or wanted.id in self._beyond:
            return
        if self._student is not None and self._student.alive:
            call = f"{STUDENT}.snapshot({wanted.id!r}, {list(wanted.names)!r})"
            self._student.run(call, self.limits.seconds_for_a_cell, silent=True)

    def tests(self) -> None:
        """Run the tests in the checker, in their order; each gets its outputs and nothing else."""
        by_name = {grade_id(cell): cell for cell in self.notebook.cells if is_test(cell)}
        for cell in by_name.values():
            cell.outputs, cell.execution_count = [], None
        verdicts: dict[str, Verdict] = {}
        try:
            for _ in range(1 + RECOVERIES):
                waiting = [c for c in self.cells if c.kind == "test" and c.id in by_name]
                waiting = [c for c in waiting if c.id not in verdicts and c.id not in self._beyond]
                if not waiting or time.monotonic() > self._deadline:
                    break
                if self._student is None or not self._student.alive:
                    self._recover()
                self._check(waiting, verdicts)
                self._stop()
        finally:
            self._stop()
        used_up = f"the notebook's {self.limits.timeout_s:.0f} s were used up"
        for name, cell in by_name.items():
            if name in verdicts:
                cell.outputs = verdicts[name].outputs
            else:
                fail(cell, NOT_RUN, self._lost or used_up)

    def _check(self, waiting: list[Cell], verdicts: dict[str, Verdict]) -> None:
        """One checker's run over the tests that have no verdict, until its end or the kernel's."""
        assert self._student is not None
        passed = {name for name, verdict in verdicts.items() if verdict.passed}
        wanted = {cell.id for cell in waiting}
        # Tests that passed run again, unjudged: a later one may use what they define.
        order = [
            cell.as_order("again" if cell.kind == "test" and cell.id not in wanted else cell.kind)
            for cell in self.cells
            if cell.kind == "given" or cell.id in wanted or cell.id in passed
        ]
        assert self._checker_end is not None
        self._student.begin(f"{STUDENT}.serve()")
        with CheckerProcess(
            self.level, self.modules, self.limits, self.given, self._checker_end.fileno()
        ) as checker:
            self._checker_end.close()
            checker.run(order, self._student, self._deadline, verdicts)

    def _stop(self) -> None:
        if self._student is not None:
            self._student.close()
            self._student = None
        if self._checker_end is not None:
            self._checker_end.close()
            self._checker_end = None


STUDENT = "__import__('scaleml_course.grading.split.student', fromlist=['serve'])"


def is_test(cell: Any) -> bool:
    """Whether a cell is the instructor's test, which no student's kernel may see."""
    options = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(options.get("grade")) and not options.get("solution")


def ending(how: str, *, alive: bool) -> tuple[str, str, str]:
    """Error name and message for a cell, and why the kernel is gone, empty when it lives."""
    if how == kernel.TIMED_OUT and alive:
        return TIMED_OUT, "no end within the time for one cell; it was interrupted", ""
    if how == kernel.TIMED_OUT:
        message = "no end within the time for one cell, not even after an interrupt"
        return TIMED_OUT, message, "an earlier cell did not stop when interrupted"
    if how in USED_UP:
        return (
            OUT_OF_MEMORY,
            f"the kernel {USED_UP[how]} than allowed and was ended",
            "the kernel was ended in an earlier cell",
        )
    if how == kernel.DIED or not alive:
        return DIED, "the kernel died while this cell ran", "the kernel had died in an earlier cell"
    return "", "", ""


def fail(cell: Any, name: str, message: str) -> None:
    """Put an error under a cell: without one, nbgrader would give its full points."""
    cell.outputs = [
        *cell.get("outputs", []),
        new_output("error", ename=name, evalue=message, traceback=[message]),
    ]


def warmed_modules(source: Mapping[str, Any]) -> list[str]:
    """What the instructor's notebook imports: a warmed process has it imported before any student needs it."""
    found: set[str] = set()
    for cell in source["cells"]:
        if cell["cell_type"] != "code":
            continue
        text = "".join(cell["source"]) if isinstance(cell["source"], list) else cell["source"]
        try:
            tree = ast.parse(text)
        except SyntaxError:  # magics
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return sorted(name for name in found if name.partition(".")[0] not in NOT_WARMED)


def rename_stderr(cell: Any) -> None:
    """Let a code cell's standard error stand among its ordinary output."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            output.name = "stdout"
