"""Rules for tests that grade untrusted work, found in an exercise's source without running it.

A test runs in another process than the answers. What it fetches of theirs arrives as a value (Python's own
types, NumPy, pandas, SciPy's sparse matrices) or, for anything else, as a handle: an object that can be
called and whose methods can be called, and nothing more. `scaleml check` reports every test that would need more,
and every test whose mark could not be an honest one.
"""

from __future__ import annotations

from collections.abc import Iterator

from scaleml_course.course.rules.boundary import RULES as OF_THE_BOUNDARY
from scaleml_course.course.rules.checks import RULES as OF_CHECKS
from scaleml_course.course.rules.exercise import ExerciseCells
from scaleml_course.course.rules.messages import RULES as OF_MESSAGES
from scaleml_course.course.rules.order import RULES as OF_ORDER
from scaleml_course.course.rules.rule import Rule
from scaleml_course.course.rules.running import RULES as OF_RUNNING
from scaleml_course.course.source import Source

RULES: tuple[Rule, ...] = (*OF_CHECKS, *OF_MESSAGES, *OF_THE_BOUNDARY, *OF_ORDER, *OF_RUNNING)

__all__ = ["RULES", "Rule", "check_tests"]


def check_tests(source: Source, name: str) -> Iterator[str]:
    """What is against the rules in an exercise's tests, one finding each.

    Parameters
    ----------
    source : Source
        The exercise.
    name : str
        What the findings call its file.

    Yields
    ------
    str
        File, line, test, cause, remedy, and the rule's name in brackets.
    """
    exercise = ExerciseCells(source)
    for rule in RULES:
        for finding in rule.find(exercise):
            where = f"{name}, line {finding.line}, {finding.cell}"
            yield f"{where}: {finding.cause}. {rule.remedy} [{rule.name}]"
