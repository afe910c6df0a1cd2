"""Runs one cell in the checker, and puts what came of it into outputs that reveal no line of a hidden test."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import traceback
from dataclasses import dataclass, field
from typing import Any

from scaleml_course.grading.split.failures import clean, message_of
from scaleml_course.grading.split.order import without_wrappers

#: Characters of what a test prints, and of a message, that are kept.
SHOWN_CHARACTERS = 64 * 1024
MESSAGE_CHARACTERS = 4000
LINE_CHARACTERS = 200
HIDDEN = "A hidden check of this test failed."
TIME_UP = "the time for this test was used up"


@dataclass(frozen=True)
class CheckedCell:
    """A cell as it came in the order; see `split.checker`."""

    id: str
    kind: str
    source: str
    hidden: list[tuple[int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def file(self) -> str:
        """What stands for a file name in its frames. No such file: no line of it can be looked up."""
        return f"<test {self.id}>" if self.kind == "test" else f"<cell {self.id}>"

    def is_hidden(self, line: int) -> bool:
        """Whether this line, counted from 1, is a student's to see."""
        return any(first <= line <= last for first, last in self.hidden)


class Bounded(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self, limit: int = SHOWN_CHARACTERS) -> None:
        self._parts: list[str] = []
        self._left = limit

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    def text(self) -> str:
        """What was kept."""
        return "".join(self._parts) + ("\n[…]\n" if self._left < 0 else "")


def run_cell(cell: CheckedCell, namespace: dict[str, Any], others: dict[str, CheckedCell]) -> list[dict[str, Any]]:
    """Run one cell.

    Parameters
    ----------
    cell : CheckedCell
    namespace : dict
        Its globals.
    others : dict
        All cells run so far by `CheckedCell.file`, for functions that they have left behind.

    Returns
    -------
    list of dict
        nbformat outputs: what was printed, then the last expression's value or an error.
    """
    printed = Bounded()
    outcome: dict[str, Any] | None = None
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(Bounded(0)):
            value = execute(cell, namespace)
            if value is not None:
                outcome = result_output(value)
    except KeyboardInterrupt:
        outcome = error("TimeoutError", TIME_UP)
    except BaseException as failure:  # SystemExit among them: a test that ends early is no pass
        outcome = error_output(failure, cell, others)
    text = clean_text(printed.text())
    shown = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
    return shown + ([outcome] if outcome else [])


def execute(cell: CheckedCell, namespace: dict[str, Any]) -> Any:
    """Run the source; the value of its last line if that is an expression, which no semicolon ends."""
    tree = parse(cell)
    last: ast.Expr | None = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not cell.source.rstrip().endswith(";"):
        last = tree.body.pop()  # type: ignore[assignment]
    run_code(compile_cell(tree, cell, "exec"), namespace)
    if last is None:
        return None
    return run_code(compile_cell(ast.Expression(last.value), cell, "eval"), namespace)


def parse(cell: CheckedCell) -> ast.Module:
    """The source as a tree; what IPython adds to Python is understood in given cells."""
    try:
        return ast.parse(cell.source, cell.file)
    except SyntaxError:
        if cell.kind == "test":
            raise
    from IPython.core.inputtransformer2 import TransformerManager

    return ast.parse(TransformerManager().transform_cell(without_wrappers(cell.source)), cell.file)


def compile_cell(tree: ast.AST, cell: CheckedCell, mode: str) -> Any:
    """Code, in which `await` may stand at the top as it may in a notebook."""
    return compile(tree, cell.file, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)  # type: ignore[call-overload]


def run_code(code: Any, namespace: dict[str, Any]) -> Any:
    """Run compiled code, in an event loop if it awaits something."""
    value = eval(code, namespace)
    return asyncio.run(value) if code.co_flags & inspect.CO_COROUTINE else value


def result_output(value: Any) -> dict[str, Any]:
    """The value of the last expression. nbgrader reads partial credit from it."""
    text = clean_text(repr(value)[:SHOWN_CHARACTERS])
    return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": {"text/plain": text}}


def error_output(failure: BaseException, cell: CheckedCell, others: dict[str, CheckedCell]) -> dict[str, Any]:
    """What failed, in the student's terms: the line only if it is in the open."""
    lines = [
        (others[frame.f_code.co_filename], line)
        for frame, line in traceback.walk_tb(failure.__traceback__)
        if frame.f_code.co_filename in others
    ]
    hidden = any(one.is_hidden(line) for one, line in lines)
    message = failure.msg if isinstance(failure, SyntaxError) else message_of(failure)
    code = "" if hidden or not lines else line_of(*lines[0])
    if isinstance(failure, AssertionError) and not message:
        message = HIDDEN if hidden else f"this does not hold: {code.removeprefix('assert ')}" if code else HIDDEN
    if place := getattr(failure, "student_place", ""):
        message = f"{message} ({place})"
    name = type(failure).__name__
    return error(name, message, f"at: {code}" if code else "")


def line_of(cell: CheckedCell, number: int) -> str:
    """One line of a cell's source."""
    lines = cell.source.splitlines()
    return lines[number - 1].strip()[:LINE_CHARACTERS] if 0 < number <= len(lines) else ""


def error(name: str, message: str, place: str = "") -> dict[str, Any]:
    """An nbformat output that fails a test."""
    message = clean(message, MESSAGE_CHARACTERS)
    line = f"{name}: {message}" + (f"\n{place}" if place else "")
    return {"output_type": "error", "ename": clean(name, 80), "evalue": message, "traceback": [line]}


def clean_text(text: str) -> str:
    """Printed text that every notebook reader and msgpack take."""
    return text.encode("utf-8", "replace").decode()
