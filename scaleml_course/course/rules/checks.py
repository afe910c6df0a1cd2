"""Rules by which a mark is one: a test can fail, has points and a name of its own, and shows a part of itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scaleml_course.course.regions import BEGIN_HIDDEN
from scaleml_course.course.rules.exercise import ExerciseCells, ExerciseTest
from scaleml_course.course.rules.rule import Finding, Found, Rule, at, of_each_test

MARK = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)")


def duplicate_names(exercise: ExerciseCells) -> Iterator[Finding]:
    """Answers and tests that share a name."""
    seen: set[str] = set()
    for cell in exercise.cells:
        name = str(cell.options.get("solution") or cell.options.get("test") or "")
        if name and name in seen:
            yield at(cell, 0, f"two cells are called {name!r}; marks would be mixed up")
        seen.add(name)


def missing_points(test: ExerciseTest) -> Found:
    """Points that are none."""
    points = test.cell.options.get("points")
    if isinstance(points, bool) or not isinstance(points, int) or points <= 0:
        yield 0, f"its points are {'missing' if points is None else repr(points)}"


def unbalanced_marks(exercise: ExerciseCells) -> Iterator[Finding]:
    """BEGIN without END, END without BEGIN, one within another, or hidden tests outside a test."""
    for cell in exercise.cells:
        opened = ""
        for number, line in enumerate(cell.text.split("\n"), start=1):
            if not (mark := MARK.search(line)):
                continue
            hidden = mark[2] == "HIDDEN TESTS"
            if ("test" if hidden else "solution") not in cell.options:
                yield at(cell, number, f"{mark[0]} stands in a cell that is no {'test' if hidden else 'answer'}")
            elif (mark[1] == "BEGIN") == bool(opened):
                yield at(cell, number, f"{mark[0]} {'stands within another region' if opened else 'has no BEGIN'}")
            opened = mark[2] if mark[1] == "BEGIN" else ""
        if opened:
            yield at(cell, cell.text.count("\n") + 1, f"BEGIN {opened} has no END")


def nothing_visible(test: ExerciseTest) -> Found:
    """A hidden part, and no check in the open."""
    if BEGIN_HIDDEN in test.cell.text and not any(not test.is_hidden(node) for node in checks(test)):
        yield 0, "all of its checks are hidden, so a student cannot tell what it wants"


def cannot_fail(test: ExerciseTest) -> Found:
    """A test of nothing that an answer defines, or without a check, or with one that always holds."""
    if test.code.fault:
        return
    if not test.reads & set(test.exercise.answers):
        yield 0, "it uses nothing that an answer defines, so it says nothing about the answer"
    if not checks(test):
        yield 0, "it has no check, so everyone earns its points whose code runs"
    for node in ast.walk(test.tree):
        if isinstance(node, ast.Assert) and always_true(node.test):
            yield node, f"the check `{ast.unparse(node.test)[:40]}` always holds"


def always_true(node: ast.expr) -> bool:
    """A constant that counts as true, or a tuple, as `assert (a == b, "message")` has it."""
    return bool(node.elts) if isinstance(node, ast.Tuple) else isinstance(node, ast.Constant) and bool(node.value)


def checks(test: ExerciseTest) -> list[ast.AST]:
    """Where a test can fail: `assert`, `raise`, and calls of functions called assert-something."""
    called = [node for node, _ in test.calls() if called_name(node.func).lower().startswith("assert")]
    return [*called, *(node for node in ast.walk(test.tree) if isinstance(node, ast.Assert | ast.Raise))]


def called_name(node: ast.expr) -> str:
    """The last part of what is called."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


RULES = (
    Rule("own-name", "Every answer and test has a name of its own.", "Name one of them anew.", duplicate_names),
    Rule(
        "points", "A test has points.", "Write points=1, or more, in its '# %%' line.", of_each_test(missing_points)
    ),
    Rule(
        "marks",
        "BEGIN and END come in pairs, hidden tests in a test, the solution in an answer.",
        "Each ### BEGIN has its ### END in the same cell, and none stands within another.",
        unbalanced_marks,
    ),
    Rule(
        "visible-part",
        "Before its hidden part, a test checks something in the open.",
        "Let a small example stand before ### BEGIN HIDDEN TESTS.",
        of_each_test(nothing_visible),
    ),
    Rule(
        "can-fail",
        "A test uses what an answer defines, and has a check that can fail.",
        "Call the student's function and assert what comes back.",
        of_each_test(cannot_fail),
    ),
)
