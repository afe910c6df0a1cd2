"""Reads a lesson's or an exercise's py:percent source, the only text that people edit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scaleml_course.course.errors import UserError

FENCE = "# ---"
CELL_MARKER = "# %%"
KINDS = ("code", "markdown")
OPTIONS = ("tags", "solution", "test", "points")


@dataclass(frozen=True)
class Cell:
    """One cell of a source file.

    Attributes
    ----------
    kind : {"code", "markdown"}
    text : str
        The cell's content, comment signs of markdown taken off.
    options : dict
        What stands behind `# %%`: `tags`, `solution`, `test`, `points`.
    line : int
        Where the cell begins in the file, counted from 1.
    """

    kind: str
    text: str
    options: dict[str, Any] = field(default_factory=dict)
    line: int = 0

    @property
    def tags(self) -> list[str]:
        return list(self.options.get("tags", []))


@dataclass(frozen=True)
class Source:
    """A source file, read: its front matter and its cells in order."""

    path: Path
    front_matter: dict[str, Any]
    cells: list[Cell]


def read_source(path: Path) -> Source:
    """Read one py:percent file.

    Raises
    ------
    UserError
        If the file is missing, has no front matter, or its front matter is not YAML.
    """
    lines = _lines(path)
    end = _front_matter_end(path, lines)
    return Source(path, _front_matter(path, lines[1:end]), _cells(path, lines, end + 1))


def read_front_matter(path: Path) -> dict[str, Any]:
    """Only the front matter of a source: quick, for the catalogue."""
    lines = _lines(path)
    return _front_matter(path, lines[1 : _front_matter_end(path, lines)])


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"{path} does not exist.", remedy="Check the name, or make it: scaleml new-lesson."
        ) from None
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}, line {line}: not UTF-8 text.", remedy="Save the file as UTF-8.") from None


def _front_matter_end(path: Path, lines: list[str]) -> int:
    """Index of the line that closes the front matter."""
    if lines and lines[0].rstrip() == FENCE:
        for number, line in enumerate(lines[1:], start=1):
            if line.rstrip() == FENCE:
                return number
    raise UserError(
        f"{path}, line 1: no front matter between two lines '{FENCE}'.",
        remedy="Begin the file as the other sources do; CONTRIBUTING.md lists the fields.",
    )


def _front_matter(path: Path, lines: list[str]) -> dict[str, Any]:
    text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 2  # YAML counts from 0, and the fence is line 1
        what = getattr(error, "problem", None) or str(error)
        raise UserError(
            f"{path}, line {line}: the front matter is not YAML: {what}.",
            remedy="Mend that line; text with a colon in it stands in quotes.",
        ) from None
    if not isinstance(values, dict):
        raise UserError(f"{path}, line 2: the front matter holds no fields.", remedy="Give it at least a title.")
    return values


def _cells(path: Path, lines: list[str], start: int) -> list[Cell]:
    import jupytext  # slow to import, and the catalogue does not need it
    import nbformat

    markers = [n for n, line in enumerate(lines[start:], start=start) if line.startswith(CELL_MARKER)]
    if not markers or any(line.strip() for line in lines[start : markers[0]]):
        raise UserError(
            f"{path}, line {start + 1}: text stands before the first cell.",
            remedy=f"Begin every cell with a line '{CELL_MARKER}'.",
        )
    try:
        notebook = jupytext.reads("\n".join(lines[markers[0] :]) + "\n", fmt="py:percent")
    except nbformat.ValidationError as error:
        raise UserError(
            f"{path}: an option of a cell cannot be read: {error.message}.", remedy='Write tags=["strict"].'
        ) from None
    if len(markers) != len(notebook.cells):
        raise UserError(
            f"{path}, line {_odd_marker(lines, markers) + 1}: unclear whether a cell begins here.",
            remedy=f"Begin every cell with '{CELL_MARKER}' at the start of a line, and no other line so, "
            "a line within a string included.",
        )
    return [_cell(path, cell, line + 1) for cell, line in zip(notebook.cells, markers, strict=True)]


def _cell(path: Path, cell: Any, line: int) -> Cell:
    """One cell, once it is sure that its options mean what their author thinks."""
    options = {name: value for name, value in cell.metadata.items() if name != "lines_to_next_cell"}
    wrong = ", ".join(f"{name}: {value}" for name, value in options.items() if name not in OPTIONS)
    if wrong or cell.cell_type not in KINDS or not isinstance(options.get("tags", []), list):
        raise UserError(
            f"{path}, line {line}: this cell marker is not understood ({wrong or cell.cell_type}).",
            remedy="Write '# %%', '# %% [markdown]', or options behind them, such as tags=[\"strict\"].",
        )
    return Cell(str(cell.cell_type), str(cell.source), options, line)


def _odd_marker(lines: list[str], markers: list[int]) -> int:
    """Index of the line where our count of cells and jupytext's part: for the message, so it may be slow."""
    import jupytext

    first = markers[0]
    for end in range(first + 1, len(lines) + 1):
        cells = len(jupytext.reads("\n".join(lines[first:end]) + "\n", fmt="py:percent").cells)
        if cells > sum(marker < end for marker in markers):
            return end - 1
    for end in reversed(markers):
        cells = len(jupytext.reads("\n".join(lines[first:end]) + "\n", fmt="py:percent").cells)
        if cells == sum(marker < end for marker in markers):
            return end
    return first
