"""Rules that follow from the order: all answers run first, then each test by itself."""

from __future__ import annotations

import ast
import builtins

from scaleml_course.course.rules.exercise import ExerciseTest
from scaleml_course.course.rules.names import bound_names, origins
from scaleml_course.course.rules.rule import Found, Rule, of_each_test


def name_for_an_answer(test: ExerciseTest) -> Found:
    """A name that a test defines and an answer reads, or that is an answer's own."""
    exercise = test.exercise
    for name in test.binds:
        if name in exercise.answers:
            yield binding(test, name), f"it gives another meaning to {name!r}, which an answer defines"
        elif name in exercise.reads and not same_import(test, name):
            yield (
                binding(test, name),
                f"answer {exercise.reads[name]!r} reads {name!r}, and does not see what the test makes of it",
            )


def same_import(test: ExerciseTest, name: str) -> bool:
    """Whether the test imports what stands under this name anyway."""
    imported = origins(test.tree).get(name)
    return test.binds[name] == "import" and imported == test.exercise.imported.get(name)


def binding(test: ExerciseTest, name: str) -> ast.AST | int:
    """Where a test binds a name."""
    return next((node for node in test.tree.body if name in bound_names(ast.Module([node], []))), 1)


def name_of_another_test(test: ExerciseTest) -> Found:
    """A name that a test reads and only another test defines."""
    known = test.exercise.bound | set(test.binds)
    for other in test.exercise.tests:
        for name in sorted(test.reads & set(other.binds) - known):
            if other is not test and not hasattr(builtins, name):
                known.add(name)
                yield reading(test, name), f"it reads {name!r}, which only test {other.name!r} defines"


def reading(test: ExerciseTest, name: str) -> ast.AST | int:
    """Where a test first reads a name."""
    return next((node for node in ast.walk(test.tree) if isinstance(node, ast.Name) and node.id == name), 1)


RULES = (
    Rule(
        "answers-first",
        "Answers run before all tests and see nothing of them: a test defines no name that an answer uses.",
        "Define the name in a cell of its own before the answer, pass it as an argument, or choose another name.",
        of_each_test(name_for_an_answer),
    ),
    Rule(
        "stands-alone",
        "A test defines what it needs, or a cell that is given does.",
        "Define it in this test too: when the other test fails, this one must not.",
        of_each_test(name_of_another_test),
    ),
)
