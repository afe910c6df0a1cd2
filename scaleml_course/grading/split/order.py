"""What the checker runs of an exercise: given cells and tests in order, with the student's names that each uses.

Read from the instructor's notebook alone, by its syntax: nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
#: Methods that change what they are called on: a student who calls one has made the object theirs.
CHANGES = {
    *("append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "clear", "remove", "discard"),
    *("sort", "reverse", "fill", "put", "fit", "partial_fit", "set_params", "register"),
}


@dataclass(frozen=True)
class Cell:
    """One cell for the checker.

    Attributes
    ----------
    id : str
        Its grade_id; for a given cell without one the cell's own id, or its place.
    kind : {"given", "test"}
    source : str
    hidden : tuple of (int, int)
        First and last line of each hidden region, its marks included, counted from 1.
    names : tuple of str
        The student's names that it uses, sorted. The student's kernel takes a snapshot of them at the place of
        this cell, under this id.
    index : int
        Its place among the cells of the notebook; that of the answer cell for imports taken from one.
    """

    id: str
    kind: str
    source: str
    hidden: tuple[tuple[int, int], ...] = ()
    names: tuple[str, ...] = ()
    index: int = 0

    def as_order(self, kind: str | None = None) -> dict[str, Any]:
        """The cell as the checker is sent it, as another kind if one is given ("again": a test, unjudged)."""
        return {
            "id": self.id,
            "kind": kind or self.kind,
            "source": self.source,
            "hidden": [list(lines) for lines in self.hidden],
            "names": list(self.names),
        }


def checks_of(source_notebook: Mapping[str, Any]) -> list[Cell]:
    """Given cells and tests of the instructor's notebook, in order.

    Parameters
    ----------
    source_notebook : mapping
        With nbgrader's metadata, solutions and hidden tests. A cell to be graded that is no answer is a test;
        an answer (also one that a person grades) defines the student's names; any other code cell is given.

    Returns
    -------
    list of Cell
        What an answer cell of the model imports comes as a given cell of its own, ``imports_INDEX``: the
        checker imports for itself.
    """
    names = _Names()
    cells: list[Cell] = []
    for index, cell in enumerate(source_notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        options = cell["metadata"].get("nbgrader", {})
        tree = _parse(source)
        if options.get("solution"):
            if imports := names.answer(tree):
                cells.append(Cell(f"imports_{index}", "given", "\n".join(imports), index=index))
            continue
        test = bool(options.get("grade"))
        where = str(options.get("grade_id") or cell.get("id") or f"given_{index}")
        used = tuple(sorted(names.used(tree)))
        hidden = tuple(hidden_lines(source)) if test else ()
        cells.append(Cell(where, "test" if test else "given", source, hidden, used, index))
        names.ours(tree)
    return cells


def hidden_lines(source: str) -> Iterator[tuple[int, int]]:
    """First and last line of each hidden region, counted from 1, marks included; to the end without an end mark."""
    begin = None
    lines = source.split("\n")
    for number, line in enumerate(lines, 1):
        if BEGIN in line and begin is None:
            begin = number
        elif END in line and begin is not None:
            yield begin, number
            begin = None
    if begin is not None:
        yield begin, len(lines)


def _parse(source: str) -> ast.Module:
    """The tree of a cell; lines that only IPython understands count as empty, and an unreadable cell too."""
    try:
        return ast.parse(source)
    except SyntaxError:
        plain = re.sub(r"^(\s*)[%!].*$", r"\1pass", without_wrappers(source), flags=re.MULTILINE)
    try:
        return ast.parse(plain)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def without_wrappers(source: str) -> str:
    """A cell without the magics that run what stands behind them, such as ``%%time``; line numbers stay."""
    source = re.sub(r"\A\s*%%(time|capture|prun)\b.*$", "", source, flags=re.MULTILINE)
    return re.sub(r"^(\s*)%(time|prun)[ \t]+", r"\1", source, flags=re.MULTILINE)


class _Names:
    """Whose each name is while the cells go by, and what else whoever uses it uses."""

    def __init__(self) -> None:
        self._students: set[str] = set()
        self._uses: dict[str, set[str]] = {}

    def answer(self, tree: ast.Module) -> list[str]:
        """Take note of an answer cell; its imports, as source."""
        imports = []
        for statement in tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                imports.append(ast.unparse(statement))
                self._forget(bound_by(statement))
            else:
                self._students |= bound_by(statement) | changed_by(statement)
        return imports

    def ours(self, tree: ast.Module) -> None:
        """Take note of a given cell or a test: what it binds is no longer the student's."""
        for statement in tree.body:
            # What a function reads, it reads when it is called; what the statement itself reads, it has read.
            loads = loaded_later(statement) | (loaded_by(statement) - self._students)
            bound = bound_by(statement)
            self._forget(bound)
            for name in bound:
                self._uses[name] = self._uses.get(name, set()) | loads

    def _forget(self, names: set[str]) -> None:
        self._students -= names

    def used(self, tree: ast.Module) -> set[str]:
        """The student's names that this cell uses, itself or through what earlier cells have defined."""
        reached: set[str] = set()
        waiting = loaded_by(tree)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting |= self._uses.get(name, set())
        return reached & self._students


def loaded_by(tree: ast.AST) -> set[str]:
    """All names that are read anywhere inside, nested functions included."""
    loads = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            loads.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            loads.add(node.target.id)
    return loads


def loaded_later(statement: ast.AST) -> set[str]:
    """Names that are read inside of functions, lambdas and classes alone."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    return {name for node in ast.walk(statement) if isinstance(node, kinds) for name in loaded_by(node)}


def bound_by(statement: ast.stmt) -> set[str]:
    """Names that a statement at the top of a cell binds in the notebook's namespace."""
    bound: set[str] = set()
    for node in _outside_functions(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            bound |= _root(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.add(node.rest)
    for node in ast.walk(statement):
        if isinstance(node, ast.Global):
            bound |= set(node.names)
    return bound


def changed_by(statement: ast.stmt) -> set[str]:
    """Names whose objects a statement changes by calling one of their methods."""
    changed: set[str] = set()
    for node in _outside_functions(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            changed |= _root(node.func)
    return changed


def _root(node: ast.AST) -> set[str]:
    """The name at the left end of `name.attribute[key]`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _outside_functions(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run in the notebook's own namespace: not the bodies of functions, lambdas and classes."""
    waiting: list[ast.AST] = [statement]
    comprehensions = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        for child in ast.iter_child_nodes(node):
            if isinstance(node, comprehensions) and isinstance(child, ast.comprehension):
                continue  # its targets are its own
            waiting.append(child)
