"""Starts a new lesson from the templates: files that already run, with every place still to be written marked."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from string import Template

from scaleml_course.course.catalogue import SLUG, Course
from scaleml_course.course.errors import UserError

# Answers that fit the template's exercise: what each does, and the tests it must fail.
ANSWERS = {
    "right_loop": (
        "adds in a loop",
        "",
        "total = 0\n    for value in values:\n        total += value\n    return total",
    ),
    "right_fsum": ("lets the standard library add", "", "import math\n\n    return round(math.fsum(values))"),
    "right_builtin": ("lets the built-in add", "", "return sum(iter(values))"),
    "wrong_constant": ("copies the visible answer", "[total_hidden]", "return 6"),
    "wrong_skips_first": (
        "skips the first number",
        "[total_small, total_hidden]",
        "return sum(list(values)[1:])",
    ),
    "wrong_empty": (
        "fails on nothing",
        "[total_hidden]",
        "import functools\n\n    return functools.reduce(lambda a, b: a + b, values)",
    ),
}


def new_lesson(course: Course, number: str, name: str, title: str) -> list[Path]:
    """Write lesson, exercise and answers for a new lesson; returns the files written.

    Parameters
    ----------
    number : str
        Two digits, not in use yet.
    name : str
        The rest of the slug, in lower-case words joined by underscores.
    title : str
        As the reader sees it.

    Raises
    ------
    UserError
        If the number or name does not fit, or is taken; nothing is written then.
    """
    number = number.zfill(2)
    slug = f"{number}_{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}"
    if not SLUG.match(slug):
        raise UserError(f"{slug!r} is no name for a lesson.", remedy="Give two digits and words.", exit_status=2)
    taken = [
        path for folder in ("notebooks", "solutions") for path in (course.root / folder).glob(f"{number}_*.py")
    ]
    if taken:
        raise UserError(
            f"Number {number} is taken by {taken[0].relative_to(course.root)}.",
            remedy="Choose another number.",
            exit_status=2,
        )
    if not title.strip() or "\n" in title:
        raise UserError(f"{title!r} is no title.", remedy="Give one line of text.", exit_status=2)
    # In the front matter the title is JSON, which is YAML too: it may hold a colon or a quote.
    words = {"number": number, "slug": slug, "title": title, "quoted_title": json.dumps(title, ensure_ascii=False)}
    folder = course.root / "tests" / "answers" / slug
    texts = {
        course.root / "notebooks" / f"{slug}.py": _fill("lesson.py.txt", words),
        course.root / "solutions" / f"{slug}.py": _fill("exercise.py.txt", words),
    }
    texts |= {folder / f"{kind}.py": _answer(*parts) for kind, parts in ANSWERS.items()}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _fill(template: str, words: dict[str, str]) -> str:
    text = resources.files("scaleml_course.course").joinpath("templates", template).read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _answer(why: str, fails: str, body: str) -> str:
    head = ["# ---", f"# why: {why}", *([f"# fails: {fails}"] if fails else []), "# ---"]
    return "\n".join([*head, "", '# %% solution="total"', "def total(values):", f"    {body}", ""])
