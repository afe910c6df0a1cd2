"""What a rule is: a name, a sentence, a remedy, and the function that finds what is against it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scaleml_course.course.rules.exercise import ExerciseCells, ExerciseTest
from scaleml_course.course.source import Cell

#: What a rule yields: where in the test, and what is wrong there.
Found = Iterator[tuple[ast.AST | int, str]]


@dataclass(frozen=True)
class Finding:
    """One place that is against a rule: line in the file, cell, and cause."""

    line: int
    cell: str
    cause: str


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    name : str
        Stands in brackets behind each finding.
    sentence : str
        What holds for every test, for CONTRIBUTING.md.
    remedy : str
        What to do instead.
    find : callable
        Takes the exercise, yields findings.
    """

    name: str
    sentence: str
    remedy: str
    find: Callable[[ExerciseCells], Iterator[Finding]]


def of_each_test(find: Callable[[ExerciseTest], Found]) -> Callable[[ExerciseCells], Iterator[Finding]]:
    """Make a rule's function from one that looks at a single test."""

    def find_in_all(exercise: ExerciseCells) -> Iterator[Finding]:
        for test in exercise.tests:
            for place, cause in find(test):
                yield at(test.cell, place, cause)

    return find_in_all


def at(cell: Cell, place: ast.AST | int, cause: str) -> Finding:
    """A finding at a node or a line (counted from 1) of a cell."""
    line = place if isinstance(place, int) else getattr(place, "lineno", 1)
    kind = "test" if "test" in cell.options else "solution"
    called = f"{'test' if kind == 'test' else 'answer'} {cell.options[kind]!r}" if kind in cell.options else "cell"
    return Finding(cell.line + line, called, cause)
