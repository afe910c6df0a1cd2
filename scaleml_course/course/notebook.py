"""Builds notebooks from sources: the same source always gives the same bytes, cell ids included."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from scaleml_course.course.catalogue import Entry, Exercise, Lesson
from scaleml_course.course.errors import UserError
from scaleml_course.course.quiz import QuizError, parse_quiz, render_quiz
from scaleml_course.course.source import Cell, Source, read_source

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
STRICT = "strict"
NBVAL_STRICT = "nbval-check-output"


def lesson_notebook(lesson: Lesson) -> NotebookNode:
    """A lesson's notebook without outputs."""
    source = read_source(lesson.path)
    cells = [_lesson_cell(source, cell) for cell in source.cells]
    if not cells or not cells[0].source.startswith("# "):
        raise UserError(f"{lesson.path}: the first cell is no title.", remedy="Begin it with '# NN · Title'.")
    title, _, rest = cells[0].source.partition("\n")
    cells[0].source = "\n\n".join(filter(None, [title, _at_a_glance(lesson), rest.strip()]))
    return _assemble(lesson, cells)


def exercise_notebook(exercise: Exercise) -> NotebookNode:
    """An exercise's notebook as nbgrader's source: solutions and hidden tests still inside."""
    source = read_source(exercise.path)
    cells = []
    for number, cell in enumerate(source.cells):
        made = _plain_cell(cell)
        made.metadata["nbgrader"] = _nbgrader(source, cell, f"locked_{number:02d}")
        cells.append(made)
    return _assemble(exercise, cells)


def cell_lines(path: Path) -> dict[str, int]:
    """For every cell id of the notebook built from `path`, the line where the cell stands in the source."""
    source = read_source(path)
    ids = _cell_ids(path.stem, [cell.text for cell in source.cells])
    return {cell_id: cell.line for cell_id, cell in zip(ids, source.cells, strict=True)}


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write `notebook` whole or not at all: beside its place first, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(nbformat.writes(notebook, version=4) + "\n", encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _lesson_cell(source: Source, cell: Cell) -> NotebookNode:
    made = _plain_cell(cell)
    if "quiz" in cell.tags:
        try:
            made.source = render_quiz(parse_quiz(cell.text))
        except QuizError as error:
            raise UserError(f"{source.path}, line {cell.line}: {error}.", remedy="Mend the quiz.") from None
    return made


def _plain_cell(cell: Cell) -> NotebookNode:
    made = (new_code_cell if cell.kind == "code" else new_markdown_cell)(cell.text)
    if cell.tags:
        made.metadata["tags"] = cell.tags + ([NBVAL_STRICT] if STRICT in cell.tags else [])
    return made


def _nbgrader(source: Source, cell: Cell, default_id: str) -> dict[str, Any]:
    """nbgrader's metadata for one exercise cell; see its documentation, "nbgrader cell metadata"."""
    solution, test = cell.options.get("solution"), cell.options.get("test")
    known = {"tags", "solution", "test", "points"}
    if (solution and test) or (unknown := set(cell.options) - known):
        wrong = "both solution and test" if solution and test else f"unknown options {sorted(unknown)}"
        raise UserError(
            f"{source.path}, line {cell.line}: {wrong}.",
            remedy="A cell is '# %% solution=\"name\"', or '# %% test=\"name\" points=1', or plain.",
        )
    if test and not isinstance(cell.options.get("points"), int):
        raise UserError(
            f"{source.path}, line {cell.line}: test {test!r} has no whole points.",
            remedy=f'Write # %% test="{test}" points=1',
        )
    made: dict[str, Any] = {
        "grade": bool(test),
        "grade_id": solution or test or default_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": bool(solution),
        "task": False,
    }
    if test:
        made["points"] = cell.options["points"]
    return made


def _at_a_glance(lesson: Lesson) -> str:
    """What stands under every title: time, needs, and what the reader will be able to do."""
    needs = f" · needs {', '.join(lesson.needs)}" if lesson.needs else ""
    times = f"{lesson.minutes} minutes to read · about {lesson.seconds['laptop']} seconds to run on two cores"
    aims = "\n".join(f"- {objective}" for objective in lesson.objectives)
    return f"*{times}{needs}*\n\n**After this lesson you can**\n\n{aims}"


def _assemble(entry: Entry, cells: list[NotebookNode]) -> NotebookNode:
    ids = _cell_ids(entry.slug, [cell.text for cell in read_source(entry.path).cells])
    for cell_id, cell in zip(ids, cells, strict=True):
        cell.id = cell_id
    metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    return new_notebook(cells=cells, metadata=metadata)


def _cell_ids(slug: str, texts: list[str]) -> list[str]:
    """An id a cell, from its lesson and its text: editing one cell leaves the ids of all others as they were."""
    seen: Counter[str] = Counter()
    ids = []
    for text in texts:
        digest = hashlib.sha256(f"{slug}\0{text}".encode()).hexdigest()[:10]
        seen[digest] += 1
        ids.append(f"{slug[:2]}-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else ""))
    return ids
