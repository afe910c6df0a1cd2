"""Stages the book's sources: a tree that mirrors the repository, so that launch buttons open the right file."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scaleml_course.course.book.measured import grading_speed, redteam_table
from scaleml_course.course.book.notebooks import Shown, exercise_page, find_run, lesson_page
from scaleml_course.course.book.pages import NAMES, claims_page, lesson_cards, runs_page
from scaleml_course.course.catalogue import Course, Exercise, Lesson
from scaleml_course.course.errors import UserError
from scaleml_course.course.notebook import write_notebook

CONFIG, TOC = "book/_config.yml", "book/_toc.yml"
RESULTS = "benchmarks/results"
GENERATED = {"runs.md", "claims.md", "lesson_cards.md", "redteam_table.md", "grading_speed.md"}
PICTURE_FILES = (".png", ".svg", ".jpg", ".jpeg", ".gif", ".webp")


@dataclass(frozen=True)
class Staged:
    """A tree that Jupyter Book can build.

    Attributes
    ----------
    folder : Path
        Its root; configuration and table of contents lie in `folder/book`.
    first_page : str
        Where a reader begins, without suffix.
    title : str
    n_pages : int
    shown : tuple of Shown
        Which run each lesson's page shows.
    """

    folder: Path
    first_page: str
    title: str
    n_pages: int
    shown: tuple[Shown, ...]

    @property
    def notices(self) -> tuple[str, ...]:
        return tuple(one.notice for one in self.shown if one.notice)


def stage_book(course: Course, tier: str, folder: Path) -> Staged:
    """Fill `folder` with everything that the book is built from; what lay there before is removed.

    Raises
    ------
    UserError
        For a lesson without a part, an exercise without a release, a picture without alt text.
    """
    config = _read_yaml(course, CONFIG, "title")
    toc = expand_toc(_read_yaml(course, TOC, "root", "parts"), course.lessons, course.exercises)
    shown = tuple(find_run(course, lesson, tier) for lesson in course.lessons)
    shutil.rmtree(folder, ignore_errors=True)
    _copy_book(course.root / "book", folder / "book")
    (folder / TOC).write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")
    for one in shown:
        write_notebook(lesson_page(course, one), folder / "notebooks" / f"{one.lesson.slug}.ipynb")
    for exercise in course.exercises:
        write_notebook(exercise_page(course, exercise), folder / f"{_exercise_file(exercise.slug)}.ipynb")
    for tree in ("notebooks", "grader/release"):
        _copy_pictures(course.root / tree, folder / tree)
    pages = {
        "runs.md": runs_page(shown, course.root / NAMES),
        "claims.md": claims_page(shown),
        "lesson_cards.md": lesson_cards(shown),
        "redteam_table.md": redteam_table(course.root / RESULTS / "redteam.json"),
        "grading_speed.md": grading_speed(course.root / RESULTS / "grading.json"),
    }
    for name, text in pages.items():
        (folder / "book" / name).write_text(text, encoding="utf-8")
    return Staged(folder, toc["root"], config["title"], len(toc_files(toc)), shown)


def expand_toc(toc: dict[str, Any], lessons: Sequence[Lesson], exercises: Sequence[Exercise]) -> dict[str, Any]:
    """The table of contents with every lesson named, its exercise below it, and no empty part.

    Raises
    ------
    UserError
        When a lesson or an exercise falls into no part, or into two.
    """
    pages = {lesson.slug: {"file": f"notebooks/{lesson.slug}"} for lesson in lessons}
    for exercise in exercises:
        page: dict[str, Any] = {"file": _exercise_file(exercise.slug)}
        if exercise.slug in pages:
            pages[exercise.slug]["sections"] = [page]  # type: ignore[assignment]
        else:
            pages[exercise.slug] = page
    places: dict[str, list[str]] = {slug: [] for slug in pages}
    parts = []
    for part in toc["parts"]:
        chapters: list[dict[str, Any]] = []
        for chapter in part["chapters"]:
            pattern = chapter.get("glob")
            if pattern is None:
                chapters.append(chapter)
                continue
            for slug in sorted(slug for slug in pages if fnmatch.fnmatch(f"notebooks/{slug}", pattern)):
                places[slug].append(part.get("caption", pattern))
                chapters.append(pages[slug])
        if chapters:
            parts.append(part | {"chapters": chapters})
    for slug, found in places.items():
        if len(found) != 1:
            where = "no part" if not found else "several parts (" + "; ".join(found) + ")"
            raise UserError(f"{slug} falls into {where} of {TOC}.", remedy="Mend the patterns of its parts.")
    return toc | {"parts": parts}


def toc_files(toc: Any) -> list[str]:
    """Every page that a table of contents names, the root first."""
    if isinstance(toc, list):
        return [file for entry in toc for file in toc_files(entry)]
    if not isinstance(toc, dict):
        return []
    own = [toc[key] for key in ("root", "file") if key in toc]
    return own + [file for value in toc.values() for file in toc_files(value)]


def _read_yaml(course: Course, path: str, *needed: str) -> dict[str, Any]:
    remedy = "Mend it, or take it from the repository."
    try:
        fields = yaml.safe_load((course.root / path).read_text(encoding="utf-8"))
        missing = [name for name in needed if not fields.get(name)]
    except (OSError, yaml.YAMLError, AttributeError) as error:
        raise UserError(f"{path} cannot be read: {error}", remedy=remedy) from None
    if missing:
        raise UserError(f"{path} lacks {' and '.join(missing)}.", remedy=remedy)
    return dict(fields)


def _exercise_file(slug: str) -> str:
    return f"grader/release/{slug}/{slug}"


def _copy_book(source: Path, target: Path) -> None:
    """The authors' own files; one that has the name of a generated page would be lost unseen."""
    if taken := sorted(GENERATED & {path.name for path in source.iterdir()}):
        raise UserError(
            f"book/{taken[0]} has the name of a generated page.", remedy="Give it another name, and mend the links."
        )
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*", "__pycache__"))


def _copy_pictures(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.suffix.lower() in PICTURE_FILES and ".ipynb_checkpoints" not in path.parts:
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
