"""Turns lessons and exercises into the notebooks that the book shows: text from the source, outputs from a run."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from scaleml_course.course.catalogue import Course, Exercise, Lesson
from scaleml_course.course.content_key import Stamps, notebook_key
from scaleml_course.course.errors import UserError
from scaleml_course.course.execute import result_notebook
from scaleml_course.course.notebook import lesson_notebook
from scaleml_course.course.outcome import LessonResult, place, read_claims
from scaleml_course.course.sync import REFERENCE_TIER, exercise_paths
from scaleml_course.measure.claims import MIME_TYPE as CLAIM
from scaleml_course.measure.hardware import Hardware

PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
SHOWN_BEFORE_PICTURES = ("application/vnd.jupyter.widget-view+json", "application/javascript", "text/html")
FOR_THE_MACHINERY = {"strict", "nbval-check-output"}
PARAMETER = re.compile(r'^tier = "\w+"', re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """Which run a lesson's page shows.

    Attributes
    ----------
    origin : {"run", "reference", "none"}
        A run on this machine; the reference outputs in the repository; or no run of the code as it is now.
    tier : str
        Of that run.
    path : Path or None
        The executed notebook.
    result : LessonResult
        Its time, memory and claims; for the reference only what its outputs tell.
    when : str
        The day of the run, ISO 8601; empty when nobody noted it.
    notice : str
        What the person who builds should know and could do; empty when all is as asked.
    """

    lesson: Lesson
    origin: str
    tier: str
    path: Path | None
    result: LessonResult
    when: str = ""
    notice: str = ""

    @property
    def machine(self) -> str:
        """The hardware stamp of the run, or nothing when it left none."""
        told = self.result.hardware
        return Hardware(**(told | {"gpus": tuple(told["gpus"])})).stamp() if told else ""


def find_run(course: Course, lesson: Lesson, tier: str) -> Shown:
    """The run that `lesson`'s page will show: at `tier` if there is a good one, else the reference."""
    code = _code(lesson_notebook(lesson))
    run = result_notebook(course, lesson, tier)
    result = _kept_result(run.with_suffix(".json"))
    advice = f"Run it: scaleml run {lesson.number} --tier {tier}"
    if result is not None and _holds(run, code):
        key = notebook_key(course.root, lesson.path, tier, "")
        current = tier == "cluster" or Stamps(run.parent).read(lesson.slug, key) is not None
        changed = f"{lesson.slug} is shown from a run that is older than its source or the package. {advice}"
        return Shown(lesson, "run", tier, run, result, _day(run, result), "" if current else changed)
    if _holds(lesson.notebook, code):
        claims = read_claims(lesson.notebook)
        told = LessonResult(
            lesson.slug,
            REFERENCE_TIER,
            "ok",
            n_cells=len(code),
            claims=claims,
            hardware=claims[0]["hardware"] if claims else {},
        )
        notice = f"{lesson.slug} is shown from its reference outputs: no good run at {tier}. {advice}"
        return Shown(lesson, "reference", REFERENCE_TIER, lesson.notebook, told, _day(None, told), notice)
    notice = f"{lesson.slug} is shown without outputs: its code has not been run since it changed. {advice}"
    return Shown(lesson, "none", tier, None, LessonResult(lesson.slug, tier, "skipped"), notice=notice)


def lesson_page(course: Course, shown: Shown) -> NotebookNode:
    """The notebook for a lesson's page.

    Raises
    ------
    UserError
        For a picture without alt text; names the cell.
    """
    page = lesson_notebook(shown.lesson)
    executed = nbformat.read(shown.path, as_version=4).cells if shown.path else []
    outputs = {cell.id: cell.outputs for cell in executed if cell.cell_type == "code"}
    cells: list[NotebookNode] = []
    for cell in page.cells:
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        cell.outputs = outputs.get(cell.id, [])
        _tidy(cell, shown.tier)
        cells += _one_picture_a_cell(cell, place(course, shown.lesson, cell.id))
    cells.insert(1, _note(f"{shown.lesson.number}-run-stamp", run_stamp(shown)))
    page.cells = cells
    return _counted(page)


def exercise_page(course: Course, exercise: Exercise) -> NotebookNode:
    """The notebook for an exercise's page: the released one, which holds no answers.

    Raises
    ------
    UserError
        When it has not been released.
    """
    release = exercise_paths(course, exercise.slug)[1]
    if not release.is_file():
        raise UserError(
            f"{release.relative_to(course.root)} is missing: the exercise has not been released.",
            remedy="Release it: scaleml release",
        )
    page = nbformat.read(release, as_version=4)
    text = "Open this notebook with the rocket button at the top of the page, or in your own copy, and work there."
    page.cells.insert(1, _note(f"{exercise.number}-where-to-work", f":::{{div}} run-stamp\n{text}\n:::"))
    return page


def run_stamp(shown: Shown) -> str:
    """Where the outputs of a page come from, in MyST markdown."""
    if shown.origin == "none":
        text = "This lesson's code has changed since it was last run, so the page shows no outputs."
        return f":::{{warning}}\n{text}\n:::"
    if shown.origin == "run":
        text = f"Outputs: run at tier **{shown.tier}** in {shown.result.seconds:.0f} s"
    else:
        text = f"Outputs: the reference run at tier **{shown.tier}**, as kept with the notebook"
    text += f", {shown.when}" if shown.when else ""
    text += f", on {shown.machine}" if shown.machine else ""
    return f":::{{div}} run-stamp\n{text}. [All runs and versions](../book/runs.md).\n:::"


def _tidy(cell: NotebookNode, tier: str) -> None:
    """Leave in a code cell what a reader should see, and mark a cell that makes a claim."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag not in FOR_THE_MACHINERY]
    if "parameters" in tags:
        cell.source = PARAMETER.sub(f'tier = "{tier}"', cell.source)
    claims = [output for output in cell.outputs if output.get("data", {}).pop(CLAIM, None) is not None]
    if claims:
        tags.append("claim")
    # Papermill leaves times, and nbclient protocol details, in the metadata; neither is for a reader.
    cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})


def _one_picture_a_cell(cell: NotebookNode, where: str) -> list[NotebookNode]:
    """Split a cell behind each picture but the last: myst-nb takes alt text from a cell, not from an output."""
    parts: list[NotebookNode] = [cell]
    waiting, cell.outputs = cell.outputs, []
    for output in waiting:
        if (alt := _alt_text(output, where)) is not None:
            if "mystnb" in parts[-1].metadata:
                tags = ["remove-input", *parts[-1].metadata.get("tags", [])]
                # myst-nb leaves out a cell without source, its outputs too.
                more = new_code_cell(
                    "# a further output of the cell above", id=f"{cell.id}-{len(parts)}", metadata={"tags": tags}
                )
                parts.append(more)
            parts[-1].metadata["mystnb"] = {"image": {"alt": alt}}
        parts[-1].outputs.append(output)
    return parts


def _alt_text(output: NotebookNode, where: str) -> str | None:
    """The alt text of the picture that this output shows; None when it shows none."""
    data = output.get("data", {})
    kind = next((kind for kind in PICTURES if kind in data), None)
    if kind is None or any(kind in data for kind in SHOWN_BEFORE_PICTURES):
        return None
    alt = str(output.get("metadata", {}).get(kind, {}).get("alt", "")).strip()
    if not alt:
        raise UserError(
            f"{where}: a picture without alt text.",
            remedy='Show it with scaleml_course.measure.figure(fig, alt="its finding in a sentence").',
        )
    return " ".join(alt.split())


def _note(cell_id: str, text: str) -> NotebookNode:
    return new_markdown_cell(text, id=cell_id)


def _counted(page: NotebookNode) -> NotebookNode:
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count if cell.outputs else None
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = count
    return page


def _code(notebook: NotebookNode) -> set[tuple[str, str]]:
    return {(cell.id, cell.source) for cell in notebook.cells if cell.cell_type == "code"}


def _holds(path: Path, code: set[tuple[str, str]]) -> bool:
    """Whether the notebook at `path` is a whole run of `code`."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError, nbformat.ValidationError):
        return False
    ran = {(cell.id, cell.source) for cell in cells if cell.get("execution_count") is not None}
    return code <= ran


def _kept_result(path: Path) -> LessonResult | None:
    """What `run_lessons` noted about the last good run, whatever has changed since."""
    try:
        return LessonResult(**json.loads(path.read_text(encoding="utf-8"))["value"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _day(path: Path | None, result: LessonResult) -> str:
    """The day of a run: as its claims noted it, else of the file that it left."""
    if dates := sorted(claim["date"] for claim in result.claims if claim.get("date")):
        return str(dates[-1])[:10]
    if path is None:
        return ""
    return datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).date().isoformat()
