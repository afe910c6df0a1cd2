"""The submission made regular before it runs: the released notebook's cells, the student's answers in them.

nbgrader's own repairs stop at the first surprise: one duplicated locked cell or one deleted test ends
the grading of that notebook. Here the order, types, ids, points and tags come from the released
notebook, and only the text of answer cells, and cells that the student added, from the student.
"""

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

#: Where the notes for the instructor stand in the metadata of the graded notebook.
NOTES = "scaleml_notes"


class Rebuild(NbGraderPreprocessor):
    """An nbgrader preprocessor for ``Autograde.sanitize_preprocessors``; comes before OverwriteCells."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the rebuilt notebook; see `rebuild`."""
        names = resources["nbgrader"]
        coursedir = self.parent.parent.coursedir  # exporter, then converter
        folder = Path(coursedir.format_path(coursedir.release_directory, ".", names["assignment"]))
        released = nbformat.read(folder / f"{names['notebook']}.ipynb", as_version=4)
        return rebuild(released, nb), resources


def grade_id(cell: Any) -> str | None:
    """The nbgrader id of a cell, None when it has none that could be one."""
    options = cell.metadata.get("nbgrader")
    found = options.get("grade_id") if isinstance(options, dict) else None
    return found if isinstance(found, str) and found else None


def rebuild(released: Any, submitted: Any) -> Any:
    """Put the student's answers and added cells into a copy of the released notebook.

    Parameters
    ----------
    released, submitted : NotebookNode
        The notebook given out, and the one handed in.

    Returns
    -------
    NotebookNode
        Its metadata carry, under `NOTES`, one sentence for each deleted or repeated cell.
    """
    known = {grade_id(cell): cell for cell in released.cells if grade_id(cell)}
    answers = {name for name, cell in known.items() if cell.metadata.nbgrader.get("solution")}
    given_sources = {cell.source for cell in released.cells if not grade_id(cell)}
    last_seen = {grade_id(cell): number for number, cell in enumerate(submitted.cells)}

    added: dict[str | None, list[Any]] = {}
    sources: dict[str, str] = {}
    notes: list[str] = []
    place: str | None = None
    for number, cell in enumerate(submitted.cells):
        name = grade_id(cell)
        if name is None or name not in known:
            if cell.source.strip() and cell.source not in given_sources:
                added.setdefault(place, []).append(plain(cell))
            continue
        if number != last_seen[name]:
            notes.append(f"cell {name!r} stands there more than once: the last one counts")
            if name in answers:  # an earlier copy runs before the one that counts, as it did for the student
                added.setdefault(place, []).append(plain(cell))
            continue
        place = name
        sources[name] = cell.source

    cells = list(added.get(None, []))
    for cell in released.cells:
        cell, name = copy.deepcopy(cell), grade_id(cell)
        if name is not None and name in answers:
            cell.source = sources.get(name, f"# The answer cell {name!r} was deleted from this notebook.")
        if name is not None and name not in sources:
            notes.append(f"{kind(cell)} {name!r} was deleted: {consequence(cell)}")
        cells.append(cell)
        cells.extend(added.get(name, []) if name else [])
    return numbered(released, cells, notes)


def plain(cell: Any) -> Any:
    """A student's own cell, without anything that nbgrader or the runner would obey."""
    new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    return new(cell.source)


def kind(cell: Any) -> str:
    """What a cell of the released notebook is called in a message."""
    options = cell.metadata.nbgrader
    return "answer cell" if options.get("solution") else "test cell" if options.get("grade") else "cell"


def consequence(cell: Any) -> str:
    """What the deletion of a cell means for the marks."""
    if cell.metadata.nbgrader.get("solution"):
        return "its tests found nothing to test; hand in the notebook again with the cell restored"
    return "it was put back"


def numbered(released: Any, cells: list[Any], notes: list[str]) -> Any:
    """A notebook of these cells, their ids unique and the same every time."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if not grade_id(cell) or cell.get("id") in seen:
            cell["id"] = f"cell-{number}"
        seen.add(cell["id"])
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(released.metadata))
    notebook.metadata[NOTES] = list(dict.fromkeys(notes))
    return notebook
