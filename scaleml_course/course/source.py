"""Reads a lesson's or an exercise's py:percent source, the only text that people edit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scaleml_course.course.errors import UserError

FENCE = "# ---"
CELL_MARKER = "# %%"


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
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise UserError(
            f"{path} does not exist.", remedy="Check the name, or make it: scaleml new-lesson."
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text: {error}", remedy="Save it as UTF-8.") from None
    end = _front_matter_end(path, lines)
    return Source(path, _front_matter(path, lines[1:end]), _cells(path, lines, end + 1))


def read_front_matter(path: Path) -> dict[str, Any]:
    """Only the front matter of a source: quick, for the catalogue."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return _front_matter(path, lines[1 : _front_matter_end(path, lines)])


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
        raise UserError(f"{path}: the front matter is not YAML: {error}", remedy="Mend that line.") from None
    if not isinstance(values, dict):
        raise UserError(f"{path}: the front matter holds no fields.", remedy="Give it at least a title.")
    return values


def _cells(path: Path, lines: list[str], start: int) -> list[Cell]:
    import jupytext  # slow to import, and the catalogue does not need it

    markers = [n for n, line in enumerate(lines[start:], start=start) if line.startswith(CELL_MARKER)]
    if not markers or any(line.strip() for line in lines[start : markers[0]]):
        raise UserError(
            f"{path}, line {start + 1}: text stands before the first cell.",
            remedy=f"Begin every cell with a line '{CELL_MARKER}'.",
        )
    notebook = jupytext.reads("\n".join(lines[markers[0] :]) + "\n", fmt="py:percent")
    if len(markers) != len(notebook.cells):
        raise UserError(
            f"{path}: {len(markers)} lines begin with '{CELL_MARKER}', yet {len(notebook.cells)} cells were read.",
            remedy=f"Keep '{CELL_MARKER}' at the beginning of a line for cells alone.",
        )
    return [
        Cell(str(cell.cell_type), str(cell.source), dict(cell.metadata), line + 1)
        for cell, line in zip(notebook.cells, markers, strict=True)
    ]
