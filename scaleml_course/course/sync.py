"""Brings what is built from sources up to date, and tells where it has drifted from them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from scaleml_course.course.catalogue import Course, Exercise, Lesson
from scaleml_course.course.content_key import Stamps, file_key
from scaleml_course.course.execute import LessonResult, Progress, result_notebook, run_lesson
from scaleml_course.course.notebook import cell_lines, exercise_notebook, lesson_notebook, write_notebook

REFERENCE_TIER = "quick"
REMEDY = "Sources are edited, notebooks are built: move your edit into {source}, then run: make sync"


@dataclass(frozen=True)
class Drift:
    """One built file that does not match its source."""

    path: Path
    message: str


def sync_lesson(
    course: Course, lesson: Lesson, *, refresh: bool = False, on_progress: Progress | None = None
) -> LessonResult | None:
    """Rebuild a lesson's notebook with reference outputs of the tier "quick".

    It is run only when its code has changed (or `refresh` is set): a change of prose keeps the outputs.

    Returns
    -------
    LessonResult or None
        The run, or None when none was needed.
    """
    built = lesson_notebook(lesson)
    committed = _read(lesson.notebook)
    if committed is not None and not refresh and _code(built) == _code(committed) and _ran_whole(committed):
        write_notebook(_with_outputs(built, committed), lesson.notebook)
        return None
    progress = on_progress or (lambda slug, place, of: None)
    result = run_lesson(course, lesson, REFERENCE_TIER, force=refresh, on_progress=progress)
    if result.status == "ok":
        executed = nbformat.read(result_notebook(course, lesson, REFERENCE_TIER), as_version=4)
        write_notebook(_with_outputs(built, executed), lesson.notebook)
    return result


def sync_exercise(course: Course, exercise: Exercise) -> bool:
    """Rebuild an exercise's `grader/source` and `grader/release`; returns whether anything changed."""
    stamps = Stamps(course.build / "sync")
    if stamps.read(exercise.slug, _exercise_key(course, exercise)) is not None:
        return False
    with tempfile.TemporaryDirectory(prefix="scaleml-") as scratch:
        changed = False
        for fresh, place in _build_exercise(course, exercise, Path(scratch)):
            if not place.exists() or place.read_bytes() != fresh.read_bytes():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(fresh.read_bytes())
                changed = True
    stamps.write(exercise.slug, _exercise_key(course, exercise), {})
    return changed


def drift(course: Course) -> list[Drift]:
    """Everything built and committed that does not match its source."""
    found: list[Drift] = []
    for lesson in course.lessons:
        found += lesson_drift(course, lesson)
    for exercise in course.exercises:
        found += exercise_drift(course, exercise)
    return found + _orphans(course)


def lesson_drift(course: Course, lesson: Lesson) -> list[Drift]:
    """Where a lesson's notebook differs from its source, or shows a run that was not clean."""
    source = lesson.path.relative_to(course.root)
    path = lesson.notebook.relative_to(course.root)
    committed = _read(lesson.notebook)
    if committed is None:
        return [Drift(path, f"{path} is missing or is no notebook. Run: make sync")]
    built, lines = lesson_notebook(lesson), cell_lines(lesson.path)
    for number, cell in enumerate(committed.cells, start=1):
        twin = built.cells[number - 1] if number <= len(built.cells) else None
        if twin is None or _identity(cell) != _identity(twin):
            line = f" (line {lines[twin.id]} of {source})" if twin is not None else ""
            remedy = REMEDY.format(source=source)
            return [Drift(path, f"{path}, cell {number}{line} differs from the source. {remedy}")]
    if len(committed.cells) < len(built.cells):
        return [Drift(path, f"{path} lacks the last cells of {source}. Run: make sync")]
    if not _ran_whole(committed):
        return [Drift(path, f"{path} was not run from top to bottom. Run: make sync")]
    if committed.metadata != built.metadata:
        return [Drift(path, f"{path} has metadata of its own, as an editor leaves behind. Run: make sync")]
    return []


def exercise_drift(course: Course, exercise: Exercise) -> list[Drift]:
    """Where an exercise's built notebooks differ from its source."""
    stamps = Stamps(course.build / "sync")
    if stamps.read(exercise.slug, _exercise_key(course, exercise)) is not None:
        return []
    source = exercise.path.relative_to(course.root)
    with tempfile.TemporaryDirectory(prefix="scaleml-") as scratch:
        for fresh, place in _build_exercise(course, exercise, Path(scratch)):
            path = place.relative_to(course.root)
            if not place.exists():
                return [Drift(path, f"{path} is missing. Run: make sync")]
            if place.read_bytes() != fresh.read_bytes():
                number = _first_difference(nbformat.read(fresh, as_version=4), _read(place))
                where = f"{path}, cell {number}" if number else str(path)
                return [Drift(path, f"{where} differs from the source. {REMEDY.format(source=source)}")]
    stamps.write(exercise.slug, _exercise_key(course, exercise), {})
    return []


def exercise_paths(course: Course, slug: str) -> tuple[Path, Path]:
    """Where an exercise's source and release notebooks lie."""
    return tuple(  # type: ignore[return-value]
        course.root / "grader" / kind / slug / f"{slug}.ipynb" for kind in ("source", "release")
    )


def _build_exercise(course: Course, exercise: Exercise, scratch: Path) -> list[tuple[Path, Path]]:
    """Build both notebooks in `scratch`; returns pairs of fresh file and its place."""
    from scaleml_course.grading.release import generate_release

    source, release = (scratch / kind / f"{exercise.slug}.ipynb" for kind in ("source", "release"))
    write_notebook(exercise_notebook(exercise), source)
    generate_release(source, release)
    return list(zip((source, release), exercise_paths(course, exercise.slug), strict=True))


def _exercise_key(course: Course, exercise: Exercise) -> str:
    """Changes when the source, its builders or a built file does."""
    built = [path for path in exercise_paths(course, exercise.slug) if path.exists()]
    contents = [file_key([path]) for path in built]
    package = course.root / "scaleml_course"
    builders = [package / "course" / "notebook.py", package / "course" / "source.py"]
    builders += [package / "grading" / "release.py", course.root / "requirements" / "course.txt"]
    return file_key([exercise.path, *(path for path in builders if path.exists())], *contents)


def _orphans(course: Course) -> list[Drift]:
    """Built notebooks whose source is gone."""
    # By name, not from the catalogue: a source whose front matter is broken is still a source.
    lessons, exercises = (
        {path.stem for path in course.root.glob(f"{name}/*.py")} for name in ("notebooks", "solutions")
    )
    built = [path for path in sorted(course.root.glob("notebooks/*.ipynb")) if path.stem not in lessons]
    for kind in ("source", "release"):
        folders = sorted((course.root / "grader" / kind).glob("*/"))
        built += [folder for folder in folders if folder.name not in exercises]
    return [
        Drift(path, f"{path.relative_to(course.root)} has no source. Add the source, or delete it.")
        for path in built
    ]


def _with_outputs(built: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """`built`, with the outputs that its cells have in `executed`, counted afresh from 1."""
    outputs = {cell.id: cell.get("outputs", []) for cell in executed.cells}
    count = 0
    for cell in built.cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = outputs.get(cell.id, [])
            for output in cell.outputs:
                if "execution_count" in output:
                    output["execution_count"] = count
    return built


def _ran_whole(notebook: NotebookNode) -> bool:
    """Whether the code cells were run once each, in order."""
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    return counts == list(range(1, len(counts) + 1))


def _identity(cell: NotebookNode) -> tuple[object, ...]:
    return cell.id, cell.cell_type, cell.source, tuple(cell.metadata.get("tags", []))


def _code(notebook: NotebookNode) -> list[tuple[object, ...]]:
    return [_identity(cell) for cell in notebook.cells if cell.cell_type == "code"]


def _first_difference(fresh: NotebookNode, placed: NotebookNode | None) -> int:
    """Number of the first cell in which two notebooks differ; 0 when it is not a cell."""
    if placed is None:
        return 0
    for number, (one, other) in enumerate(zip(fresh.cells, placed.cells, strict=False), start=1):
        if one != other:
            return number
    return min(len(fresh.cells), len(placed.cells)) + 1 if len(fresh.cells) != len(placed.cells) else 0


def _read(path: Path) -> NotebookNode | None:
    """The notebook at `path`; None where there is none, nbformat being no more careful than a dict."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, nbformat.ValidationError):
        return None
