"""Rules by which a failed test tells students what was expected, and not how the test is made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scaleml_course.course.rules.exercise import ExerciseTest, telling
from scaleml_course.course.rules.names import texts_in
from scaleml_course.course.rules.rule import Found, Rule, of_each_test

SEEDED = re.compile(r"(numpy\.random\.(default_rng|RandomState|seed|PCG64|SeedSequence)|random\.(seed|Random))\Z")


def no_message(test: ExerciseTest) -> Found:
    """An assert that says nothing when it fails."""
    for node in ast.walk(test.tree):
        if isinstance(node, ast.Assert) and (
            node.msg is None or (isinstance(node.msg, ast.Constant) and not str(node.msg.value or "").strip())
        ):
            yield node, f"`assert {ast.unparse(node.test)[:60]}` has no message"


def telling_message(test: ExerciseTest) -> Found:
    """A message that holds a line of a solution, of a hidden part, or the very check it belongs to."""
    hidden = [line for number, line in enumerate(test.lines, start=1) if number in test.hidden]
    secrets = test.exercise.solution_lines | telling(hidden)
    for message, check in messages(test):
        texts = [" ".join(text.split()) for text in texts_in(message)]
        if line := next((secret for secret in secrets for text in texts if secret in text), ""):
            yield message, f"the message quotes `{line[:60]}`, a line that students must not see"
        if not test.is_hidden(message):
            continue
        if check is not None and any(isinstance(part, ast.Call) for part in ast.walk(check)):
            squeezed = "".join(ast.unparse(check).split())
            if any(squeezed in "".join(text.split()) for text in texts):
                yield message, "the message is the hidden check itself"
        for shown in self_documenting(message):
            yield message, f"`{{{shown}=}}` writes a piece of the hidden test into the message"


def messages(test: ExerciseTest) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Every message that a student may see, with the check that it belongs to."""
    for node in ast.walk(test.tree):
        if isinstance(node, ast.Assert) and node.msg is not None:
            yield node.msg, node.test
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from ((argument, None) for argument in node.exc.args)
        elif isinstance(node, ast.keyword) and node.arg == "err_msg":
            yield node.value, None


def self_documenting(message: ast.AST) -> Iterator[str]:
    """Expressions in an f-string's `{expression=}`, save for plain names."""
    for text in ast.walk(message):
        if not isinstance(text, ast.JoinedStr):
            continue
        for before, shown in zip(text.values, text.values[1:], strict=False):
            if not isinstance(shown, ast.FormattedValue) or isinstance(shown.value, ast.Name):
                continue
            source = "".join(ast.unparse(shown.value).split())
            if isinstance(before, ast.Constant) and "".join(str(before.value).split()).endswith(f"{source}="):
                yield ast.unparse(shown.value)


def fixed_seed(test: ExerciseTest) -> Found:
    """A hidden part whose random inputs are the same every time, without a word why."""
    for node, name in test.calls():
        given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "seed")]
        if not test.is_hidden(node) or not SEEDED.match(name) or not given or not is_literal(given[0]):
            continue
        nearby = test.lines[max(0, node.lineno - 2) : node.lineno]
        if not any("seed" in line.partition("#")[2].lower() for line in nearby):
            yield node, f"`{ast.unparse(node)[:60]}` gives the same hidden inputs every time"


def is_literal(node: ast.expr) -> bool:
    """A number, or a row of numbers."""
    if isinstance(node, ast.Tuple | ast.List):
        return all(is_literal(part) for part in node.elts)
    return isinstance(node, ast.Constant) and node.value is not None


RULES = (
    Rule(
        "message",
        "Every assert has a message, in the student's terms.",
        'Write `assert total == 6, f"total([1, 2, 3]) should be 6, got {total}"`.',
        of_each_test(no_message),
    ),
    Rule(
        "telling",
        "A message says what was expected, and quotes neither the solution nor a hidden check.",
        "Name the case and the value that was expected, in words.",
        of_each_test(telling_message),
    ),
    Rule(
        "fresh-inputs",
        "Hidden inputs are random and new each time.",
        "Leave the seed out: `default_rng()`; or say in a comment why there must be a seed.",
        of_each_test(fixed_seed),
    ),
)
