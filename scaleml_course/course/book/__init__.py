"""Builds the book: staged, built beside the old one, swapped in, and not built again while nothing changes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scaleml_course.course.book.finish import finish_book
from scaleml_course.course.book.pages import NAMES
from scaleml_course.course.book.sphinx_build import run_sphinx
from scaleml_course.course.book.stage import PICTURE_FILES, stage_book
from scaleml_course.course.catalogue import Course
from scaleml_course.course.content_key import LOCK, Stamps, file_key, imported_modules, tree_key
from scaleml_course.course.execute import result_notebook
from scaleml_course.course.processes import PACKAGE_PARENT
from scaleml_course.course.sync import exercise_paths


@dataclass(frozen=True)
class BookResult:
    """A built book.

    Attributes
    ----------
    path : Path
        The folder that holds its `index.html`.
    seconds : float
        Wall time of this call.
    n_pages : int
    cached : bool
        True when nothing was built, since nothing has changed.
    notices : tuple of str
        Lessons that are not shown from a fresh run at the asked tier, and what to do.
    """

    path: Path
    seconds: float
    n_pages: int
    cached: bool = False
    notices: tuple[str, ...] = ()


def book_folder(course: Course) -> Path:
    """Where the built book lies."""
    return course.build / "book" / "html"


def build_book(
    course: Course, tier: str, *, force: bool = False, on_line: Callable[[str], None] | None = None
) -> BookResult:
    """Build the book from the lessons as they ran at `tier`; a failed build leaves the old book whole.

    Parameters
    ----------
    tier : {"quick", "laptop", "cluster"}
        Whose runs to show. A lesson without a good one is shown from its reference outputs, and says so.
    force : bool
        Build even when nothing has changed.
    on_line : callable, optional
        Called with each line of Jupyter Book's progress.

    Raises
    ------
    UserError
        When a page cannot be staged, or Jupyter Book warns; the message names page, cause and remedy.
    """
    started = time.monotonic()
    place = book_folder(course)
    stamps = Stamps(place.parent)
    key = _key(course, tier)
    kept = None if force or not (place / "index.html").is_file() else stamps.read("book", key)
    if kept is not None:
        seconds = time.monotonic() - started
        return BookResult(place, seconds, kept["n_pages"], cached=True, notices=tuple(kept["notices"]))
    staged = stage_book(course, tier, place.parent / "source")
    work = place.parent / "work"
    shutil.rmtree(work, ignore_errors=True)
    try:
        built = run_sphinx(course, staged, work, place.parent / "build.log", on_line or (lambda line: None))
        finish_book(built, staged)
        _swap(built, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    stamps.write("book", key, {"n_pages": staged.n_pages, "notices": staged.notices})
    return BookResult(place, time.monotonic() - started, staged.n_pages, notices=staged.notices)


def _key(course: Course, tier: str) -> str:
    """Everything that the book is made of: text, runs, releases, pictures, the lock, and this code."""
    files = {course.root / LOCK, course.root / NAMES}
    for lesson in course.lessons:
        run = result_notebook(course, lesson, tier)
        files |= {lesson.path, lesson.notebook, run, run.with_suffix(".json")}
    for exercise in course.exercises:
        files |= {exercise.path, exercise_paths(course, exercise.slug)[1]}
    for folder in (course.root / "notebooks", course.root / "grader" / "release"):
        files |= {path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_FILES}
    own = Path(__file__).resolve()
    code = file_key({own} | imported_modules(PACKAGE_PARENT, own))
    return file_key([path for path in files if path.is_file()], tier, code, tree_key(course.root / "book"))


def _swap(built: Path, place: Path) -> None:
    """Put the new book in the old one's place by two renames, so that a reader never meets half a book."""
    old = place.with_name("html.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    built.rename(place)
    shutil.rmtree(old, ignore_errors=True)
