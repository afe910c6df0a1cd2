"""Invented hand-ins: what students do to a notebook, and what each must earn.

A notebook is a plain dictionary here. An exercise comes as its source (with solutions and tests) and
its release; every function returns the bytes of a file handed in and the points it must get.
"""

import ast
import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Exercise:
    """One exercise: its name, source and release notebook."""

    name: str
    source: Notebook
    release: Notebook

    def ids(self, kind: str) -> list[str]:
        """Ids of its answer cells (``solution``) or tests (``grade``), in order."""
        return [grade_id(cell) for cell in self.source["cells"] if options(cell).get(kind)]

    @property
    def points(self) -> dict[str, float]:
        """Points by test."""
        return {
            grade_id(cell): float(options(cell)["points"])
            for cell in self.source["cells"]
            if options(cell).get("grade")
        }

    @property
    def reference(self) -> dict[str, str]:
        """The reference solution of each answer cell, without its marks."""
        return {
            grade_id(cell): "\n".join(
                line for line in text(cell).splitlines() if not re.search(r"(BEGIN|END) SOLUTION", line)
            )
            for cell in self.source["cells"]
            if options(cell).get("solution")
        }

    def answered(self, answers: dict[str, str]) -> Notebook:
        """The release with these answers, the reference where there is none."""
        notebook = copy.deepcopy(self.release)
        given = {**self.reference, **answers}
        for cell in notebook["cells"]:
            if options(cell).get("solution"):
                cell["source"] = given[grade_id(cell)]
        return notebook

    def without(self, fails: set[str]) -> float:
        """Points when these tests fail."""
        return sum(points for test, points in self.points.items() if test not in fails)

    def needing(self, answer: str) -> set[str]:
        """Tests that use a name which only this answer cell, or a cell that uses it, defines."""
        lost = bound_names(self.reference[answer])
        tests = set()
        for cell in self.source["cells"]:
            if cell["cell_type"] != "code" or grade_id(cell) == answer or not used_names(text(cell)) & lost:
                continue
            if options(cell).get("grade"):
                tests.add(grade_id(cell))
            lost |= bound_names(text(cell))
        return tests


@dataclass(frozen=True)
class HandIn:
    """What one invented student handed in.

    Attributes
    ----------
    content : bytes
        The notebook file.
    expected : float or None
        Points it must earn; None when it must get none at all.
    status : str
        The status its outcome must have.
    file_name : str
        When it is not the exercise's own.
    """

    content: bytes
    expected: float | None
    status: str = "graded"
    file_name: str = ""


def reference(exercise: Exercise) -> HandIn:
    """The reference solution itself."""
    return HandIn(as_bytes(exercise.answered({})), exercise.without(set()))


def untouched(exercise: Exercise) -> HandIn:
    """The notebook as it was given out: not one point."""
    return HandIn(as_bytes(exercise.release), 0.0)


def unreadable(exercise: Exercise) -> HandIn:
    """A file that broke off while it was saved."""
    whole = as_bytes(exercise.answered({}))
    return HandIn(whole[: len(whole) // 2], None, "unreadable")


def renamed_file(exercise: Exercise) -> HandIn:
    """Right answers under another file name."""
    return HandIn(as_bytes(exercise.answered({})), None, "missing", "my answers (final).ipynb")


def deleted_cells(exercise: Exercise) -> HandIn:
    """The last answer cell and the first test deleted: the test is put back, the answer is not."""
    answer = exercise.ids("solution")[-1]
    gone = {answer, exercise.ids("grade")[0]}
    notebook = exercise.answered({})
    notebook["cells"] = [cell for cell in notebook["cells"] if grade_id(cell) not in gone]
    return HandIn(as_bytes(notebook), exercise.without(exercise.needing(answer)))


def duplicated_cell(exercise: Exercise) -> HandIn:
    """The first answer and the first test copied, with their metadata: as good as without the copies."""
    notebook = exercise.answered({})
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if grade_id(cell) in (exercise.ids("solution")[0], exercise.ids("grade")[0]):
            cells.append({**copy.deepcopy(cell), "id": f"copy-of-{grade_id(cell)}"[:64]})
    notebook["cells"] = cells
    return HandIn(as_bytes(notebook), exercise.without(set()))


def syntax_error(exercise: Exercise) -> HandIn:
    """The last answer does not parse; the others are right."""
    answer = exercise.ids("solution")[-1]
    notebook = exercise.answered({answer: "def answer(:\n    return\n"})
    return HandIn(as_bytes(notebook), exercise.without(exercise.needing(answer)))


def endless_loop(exercise: Exercise) -> HandIn:
    """The last answer never comes to an end; the others are right."""
    answer = exercise.ids("solution")[-1]
    notebook = exercise.answered({answer: "while True:\n    pass\n"})
    return HandIn(as_bytes(notebook), exercise.without(exercise.needing(answer)))


def kernel_exit(exercise: Exercise) -> HandIn:
    """The last answer ends the kernel: what stands after it cannot run, what stood before it counts."""
    answer = exercise.ids("solution")[-1]
    order = [grade_id(cell) for cell in exercise.source["cells"]]
    after = set(order[order.index(answer) :])
    notebook = exercise.answered({answer: "import os\n\nos._exit(1)\n"})
    return HandIn(as_bytes(notebook), exercise.without(after))


def warns(exercise: Exercise) -> HandIn:
    """Right answers whose functions warn when they are called: a warning costs nothing."""
    notebook = exercise.answered({name: with_warning(code) for name, code in exercise.reference.items()})
    return HandIn(as_bytes(notebook), exercise.without(set()))


#: One student each, in every exercise. The student named late hands in the reference, too late.
STUDENTS: dict[str, Callable[[Exercise], HandIn]] = {
    "reference": reference,
    "late": reference,
    "untouched": untouched,
    "unreadable": unreadable,
    "renamed-file": renamed_file,
    "deleted-cells": deleted_cells,
    "duplicated-cell": duplicated_cell,
    "syntax-error": syntax_error,
    "endless-loop": endless_loop,
    "kernel-exit": kernel_exit,
    "warns": warns,
}


def as_bytes(notebook: Notebook) -> bytes:
    """The notebook as Jupyter would save it."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def options(cell: Notebook) -> dict[str, Any]:
    """nbgrader's metadata of a cell."""
    found: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return found


def grade_id(cell: Notebook) -> str:
    """nbgrader's id of a cell, empty when it has none."""
    return str(options(cell).get("grade_id", ""))


def text(cell: Notebook) -> str:
    """A cell's source as one string."""
    return "".join(cell["source"])


def parse(code: str) -> ast.Module:
    """A cell's Python, IPython's own lines left out; empty when it does not parse."""
    lines = ["pass" if line.startswith(("%", "!")) else line for line in code.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def bound_names(code: str) -> set[str]:
    """Names that a cell defines at its top level."""
    names: set[str] = set()
    waiting: list[ast.AST] = list(parse(code).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue  # what is defined inside stays inside
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        waiting.extend(ast.iter_child_nodes(node))
    return names


def used_names(code: str) -> set[str]:
    """Names that a cell reads anywhere."""
    return {
        node.id for node in ast.walk(parse(code)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def with_warning(code: str) -> str:
    """The same code, each of its plain functions warning first."""
    lines = code.splitlines()
    for node in reversed(parse(code).body):
        # A decorator may compile the function, and compiled functions cannot warn.
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            continue
        first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
        if first.lineno > node.lineno:
            warning = f'{" " * first.col_offset}__import__("warnings").warn("old", FutureWarning, stacklevel=2)'
            lines.insert(first.lineno - 1, warning)
    return "\n".join(lines)
