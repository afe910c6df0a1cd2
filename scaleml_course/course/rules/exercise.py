"""An exercise as the rules see it: its tests parsed, and what its answers define and read."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from IPython.core.inputtransformer2 import TransformerManager

from scaleml_course.course.regions import hidden_regions, solution_regions
from scaleml_course.course.rules.names import (
    bound_names,
    dotted,
    local_names,
    named_in,
    origins,
    outside_functions,
    root,
)
from scaleml_course.course.rules.names import read_names as globals_read
from scaleml_course.course.source import Cell, Source

#: A line of code that says less than this may stand anywhere by chance.
DISTINCTIVE = 12


@dataclass(frozen=True)
class Code:
    """A cell's code: as Python, magics and shell commands made calls of `get_ipython`, as IPython makes them.

    Attributes
    ----------
    tree : ast.Module
        Empty when it is not Python.
    fault : str
        Why it is not.
    """

    text: str
    tree: ast.Module
    fault: str = ""


@dataclass(frozen=True)
class ExerciseTest:
    """One test cell.

    Attributes
    ----------
    cell : Cell
        Of the exercise's source.
    code : Code
        Parsed.
    """

    cell: Cell
    exercise: ExerciseCells = field(repr=False)
    code: Code

    @property
    def name(self) -> str:
        return str(self.cell.options["test"])

    @property
    def tree(self) -> ast.Module:
        return self.code.tree

    @cached_property
    def lines(self) -> list[str]:
        return self.cell.text.split("\n")

    @cached_property
    def hidden(self) -> set[int]:
        """Numbers of the hidden lines, counted from 1 within the cell."""
        return {line + 1 for first, last in hidden_regions(self.lines) for line in range(first, last + 1)}

    def is_hidden(self, node: ast.AST) -> bool:
        return getattr(node, "lineno", 0) in self.hidden

    @cached_property
    def binds(self) -> dict[str, str]:
        return bound_names(self.tree)

    @cached_property
    def reads(self) -> set[str]:
        return globals_read(self.code.text)

    @cached_property
    def imported(self) -> dict[str, str]:
        return self.exercise.imported | origins(self.tree)

    @cached_property
    def students(self) -> set[str]:
        """Names that are the answers' here: the test gives them no other meaning, not even within a function."""
        return set(self.exercise.answers) - set(self.binds) - local_names(self.code.text)

    @cached_property
    def callables(self) -> set[str]:
        """The student's functions and classes, which a test holds as handles."""
        return {name for name in self.students if self.exercise.answers[name] in ("function", "class")}

    @cached_property
    def results(self) -> set[str]:
        """Names that the test gives only to what the student's functions return."""
        found: set[str] = set()
        while (more := self._given_by(self.students | found)) != found:
            found = more  # a result of a result: `model = fit(x)`, then `y = model.predict(x)`
        return found

    def _given_by(self, known: set[str]) -> set[str]:
        """Names whose every binding here is an assignment of a call of something `known`."""
        bindings = Counter(named_in(self.tree, ast.Store))
        from_known: Counter[str] = Counter()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and root(node.value) in known:
                from_known.update(name for target in node.targets for name in named_in(target, ast.Store))
        return {name for name, times in from_known.items() if times == bindings[name]}

    def is_callable(self, node: ast.AST) -> bool:
        """Whether an expression is the name of a student's function or class."""
        return isinstance(node, ast.Name) and node.id in self.callables

    def is_result(self, node: ast.AST) -> bool:
        """Whether an expression is what a student's function returned, or a part of it."""
        name = root(node)
        called = any(isinstance(part, ast.Call) for part in ast.walk(node))
        return name in self.results or (name in self.students and (called or name not in self.callables))

    def full_name(self, node: ast.AST) -> str:
        """What an expression names, in full; see `names.dotted`."""
        return dotted(node, self.imported, set(self.binds) | self.exercise.bound)

    def calls(self) -> list[tuple[ast.Call, str]]:
        """Every call with the full name of what is called."""
        return [(node, self.full_name(node.func)) for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    def top_level(self) -> list[ast.AST]:
        return list(outside_functions(self.tree))


class ExerciseCells:
    """All cells of an exercise's source, read for the rules.

    Attributes
    ----------
    tests : list of ExerciseTest
    answers : dict of str to str
        Names that answer cells define, and as what; what they import is not among them.
    reads : dict of str to str
        Global names that answers read, each with the first answer cell that does.
    given : dict of str to str
        Names that cells given out define, and what answers import, and as what.
    """

    def __init__(self, source: Source) -> None:
        self.answers: dict[str, str] = {}
        self.reads: dict[str, str] = {}
        self.given: dict[str, str] = {}
        self.imported: dict[str, str] = {}
        self.solution_lines: set[str] = set()
        self.answer_trees: list[ast.Module] = []
        self.cells = source.cells
        self.tests: list[ExerciseTest] = []
        for cell in source.cells:
            if cell.kind == "code" and "test" not in cell.options:
                self._read(cell)
        for cell in source.cells:
            if cell.kind == "code" and "test" in cell.options:
                self.tests.append(ExerciseTest(cell, self, parse(cell.text)))

    def _read(self, cell: Cell) -> None:
        code = parse(cell.text)
        tree, names = code.tree, bound_names(code.tree)
        self.imported |= origins(tree)
        if "solution" not in cell.options:
            self.given |= names
            return
        self.answer_trees.append(tree)
        self.answers |= {name: kind for name, kind in names.items() if kind != "import"}
        self.given |= {name: kind for name, kind in names.items() if kind == "import"}
        for name in globals_read(code.text):
            self.reads.setdefault(name, str(cell.options["solution"]))
        lines = cell.text.split("\n")
        for first, last in solution_regions(lines):
            self.solution_lines |= telling(lines[first + 1 : last])

    @property
    def bound(self) -> set[str]:
        """Everything that is bound before any test runs."""
        return set(self.given) | set(self.answers)


def parse(text: str) -> Code:
    """A cell's code as Python."""
    fault = ""
    for code in (text, TransformerManager().transform_cell(text)):
        try:
            return Code(code, ast.parse(code))
        except (SyntaxError, ValueError, RecursionError) as error:
            fault = f"line {getattr(error, 'lineno', '?')} of the cell: {getattr(error, 'msg', error)}"
    return Code("", ast.Module(body=[], type_ignores=[]), fault)


def telling(lines: list[str]) -> set[str]:
    """Lines of code that would give something away, single-spaced: long enough, and more than a word."""
    plain = {" ".join(line.split()) for line in lines}
    code = {line for line in plain if not line.startswith("#") and set(line) & set("([=.")}
    return {line for line in code if len(line) >= DISTINCTIVE}
