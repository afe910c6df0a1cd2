"""Runs Jupyter Book on a staged tree, in a watched process of its own, and turns its warnings into remedies.

`python -m scaleml_course.course.book.sphinx_build` is that process: Jupyter Book's own command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat

from scaleml_course.course.book.stage import CONFIG, TOC, Staged
from scaleml_course.course.catalogue import Course
from scaleml_course.course.errors import UserError
from scaleml_course.course.outcome import NO_SPACE, place
from scaleml_course.course.processes import Ended, run_watched

TIMEOUT_S = 900
MANY = 5
# myst-nb counts lines in a notebook as ten thousand a cell, the first cell being the first ten thousand.
LINES_A_CELL = 10_000
COMPLAINT = re.compile(
    r"^(?:(?P<path>/[^\n:]*?)(?::(?P<line>\d+))?: )?(?P<level>WARNING|ERROR|CRITICAL|SEVERE): (?P<text>.+)$",
    re.MULTILINE,
)
COLOURS = re.compile(r"\x1b\[[\d;]*m")
REMEDIES = {
    "myst.xref_missing": "The link's target does not exist: mend the link, or write the page.",
    "cross-reference target not found": "The link's target does not exist: mend the link, or write the page.",
    "image file not readable": "The picture is not where the page looks for it: mend the path.",
    "myst.header": "Headings must not skip a level: after # comes ##, then ###.",
    "term not in glossary": "Add the term to book/glossary.md, or spell it as it stands there.",
    "duplicate label": "Two headings have the same label: rename one.",
    "myst-nb": "myst-nb cannot show this output: show a figure, a table or text.",
}
OTHERWISE = "Mend the page; warnings are errors here."


def run_sphinx(course: Course, staged: Staged, output: Path, log: Path, on_line: Callable[[str], None]) -> Path:
    """Build HTML from `staged` below `output`; returns the folder that holds it.

    Raises
    ------
    UserError
        When Jupyter Book warns or fails; names page, cell, warning and remedy, and the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as written:

        def keep(line: str) -> None:
            line = COLOURS.sub("", line)
            written.write(line)
            on_line(line.rstrip("\n"))

        ended = run_watched(
            ["scaleml_course.course.book.sphinx_build", *_arguments(staged.folder, output)],
            cwd=staged.folder,
            timeout_s=TIMEOUT_S,
            on_line=keep,
            environment={"PYTHONWARNINGS": "ignore"},
        )
        ended = replace(ended, stderr=COLOURS.sub("", ended.stderr))  # Sphinx colours what no terminal shows
        written.write(ended.stderr)
    if ended.reason != "exit" or ended.returncode != 0:
        raise _failure(course, staged, ended, log)
    return output / "_build" / "html"


def complaints(course: Course, staged: Staged, text: str) -> list[tuple[str, str]]:
    """Every warning in what Sphinx wrote: where it is in the repository, and what it says."""
    found = []
    for match in COMPLAINT.finditer(text):
        where = _where(course, staged, match["path"], int(match["line"] or 0)) if match["path"] else CONFIG
        found.append((where, match["text"]))
    return list(dict.fromkeys(found))


def _arguments(source: Path, output: Path) -> list[str]:
    places = ["--config", str(source / CONFIG), "--toc", str(source / TOC), "--path-output", str(output)]
    return ["build", str(source), *places, "-W", "-n", "--keep-going", "--all"]


def _failure(course: Course, staged: Staged, ended: Ended, log: Path) -> UserError:
    kept = f"The whole log is in {log.relative_to(course.root)}."
    if ended.reason == "timeout":
        return UserError(f"The book was not built within {TIMEOUT_S} s.", remedy=kept)
    if NO_SPACE in ended.stderr:
        return UserError("The book was not built: the disk is full.", remedy="Free some space, and build again.")
    found = complaints(course, staged, ended.stderr)
    if not found:
        last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return UserError(f"Jupyter Book ended with status {ended.returncode}: {last}", remedy=kept)
    lines = [f"{where}: {text} {_remedy(text)}" for where, text in found[:MANY]]
    lines += [f"… and {len(found) - MANY} more."] if len(found) > MANY else []
    count = "a warning" if len(found) == 1 else f"{len(found)} warnings"
    return UserError("\n".join([f"The book was not built: {count}.", *lines]), remedy=kept)


def _where(course: Course, staged: Staged, path: str, line: int) -> str:
    """A place in the staged tree as a place in the repository's sources."""
    try:
        relative = Path(path).resolve().relative_to(staged.folder.resolve())
    except ValueError:
        return path
    lesson = next((one.lesson for one in staged.shown if one.lesson.slug == relative.stem), None)
    if relative.suffix != ".ipynb" or lesson is None:
        return f"{relative}, line {line}" if line else str(relative)
    if relative.parts[0] != "notebooks":
        return f"solutions/{lesson.slug}.py"
    cells = nbformat.read(staged.folder / relative, as_version=4).cells
    number = line // LINES_A_CELL - 1
    return place(course, lesson, cells[number].id if 0 <= number < len(cells) else "")


def _remedy(text: str) -> str:
    return next((remedy for words, remedy in REMEDIES.items() if words in text), OTHERWISE)


if __name__ == "__main__":
    from jupyter_book.cli.main import main  # type: ignore[import-untyped]

    main()
