"""Quizzes: written once as a list in the lesson's source, rendered so that each choice opens its explanation."""

from __future__ import annotations

import re
from dataclasses import dataclass

QUESTION = re.compile(r"^\*\*(\d+)\.\s+(.+?)\*\*\s*$")
CHOICE = re.compile(r"^- \[( |x)\]\s+(.+?)\s+::\s+(.+)$")


class QuizError(ValueError):
    """A quiz that a reader could not learn from; the message names the question."""


@dataclass(frozen=True)
class Choice:
    """One choice, and the explanation a reader sees on taking it."""

    text: str
    right: bool
    explanation: str


@dataclass(frozen=True)
class Question:
    """One question with its choices."""

    number: int
    text: str
    choices: tuple[Choice, ...]


def parse_quiz(text: str) -> list[Question]:
    """Read a quiz cell.

    Raises
    ------
    QuizError
        When a line is neither question nor choice, a choice has no explanation, a question has not exactly
        one right choice, or the questions are not numbered 1, 2, 3 …
    """
    questions: list[tuple[int, str, list[Choice]]] = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        if line.startswith("## "):
            continue
        if match := QUESTION.match(line):
            if int(match[1]) != len(questions) + 1:
                raise QuizError(f"question {match[1]} stands where question {len(questions) + 1} should: {line!r}")
            questions.append((int(match[1]), match[2], []))
        elif match := CHOICE.match(line):
            if not questions:
                raise QuizError(f"a choice stands before the first question: {line!r}")
            questions[-1][2].append(Choice(match[2], match[1] == "x", match[3]))
        else:
            raise QuizError(
                f"not a quiz line: {line!r}; write '**1. Question?**' or '- [ ] choice :: its explanation'"
            )
    return [_checked(Question(number, text, tuple(choices))) for number, text, choices in questions]


def _checked(question: Question) -> Question:
    right = sum(choice.right for choice in question.choices)
    if right != 1 or len(question.choices) < 3:
        raise QuizError(
            f"question {question.number} has {len(question.choices)} choices, {right} of them right; "
            "it needs at least three, and exactly one right"
        )
    return question


def render_quiz(questions: list[Question]) -> str:
    """Markdown for a notebook or the book: native `<details>`, so keyboard and screen reader work unaided."""
    from markdown_it import MarkdownIt

    # A choice may name list<int>: raw HTML is text here, or the browser would swallow it.
    inline = MarkdownIt("commonmark", {"html": False}).renderInline
    lines = ["## Quiz", "", "Choose an answer to read what it says about your picture of the matter."]
    for question in questions:
        lines += ["", f"**{question.number}. {question.text}**", ""]
        lines += ['<div class="quiz">']
        for choice in question.choices:
            verdict = "Right." if choice.right else "No."
            kind = "right" if choice.right else "wrong"
            lines.append(
                f'<details class="quiz-choice quiz-{kind}"><summary>{inline(choice.text)}</summary>'
                f"<p><strong>{verdict}</strong> {inline(choice.explanation)}</p></details>"
            )
        lines += ["</div>"]
    return "\n".join(lines)
