"""The catalogue: every lesson and exercise, read from the files' own front matter. There is no second list."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from scaleml_course.course.errors import UserError
from scaleml_course.course.source import read_front_matter

TIERS = ("quick", "laptop", "cluster")
NEEDS = ("jvm", "gpu", "cluster")
SLUG = re.compile(r"^(\d\d)_[a-z0-9_]+$")
WORDS = {int: "a whole number", str: "text", list: "a list, such as [jvm]", dict: "pairs, such as {quick: 5}"}
MARKER_OF_A_COURSE = "requirements/course.in"


@dataclass(frozen=True)
class Entry:
    """What a lesson and an exercise have in common.

    Attributes
    ----------
    path : Path
        The source, `NN_slug.py`.
    title : str
    minutes : int
        To read or to work.
    timeout_s : int
        The whole notebook may take this long; then it is ended.
    memory_mb : int
        Its whole process tree may hold this much.
    needs : tuple of str
        Any of "jvm", "gpu", "cluster".
    """

    path: Path
    title: str
    minutes: int
    timeout_s: int
    memory_mb: int
    needs: tuple[str, ...]

    @property
    def slug(self) -> str:
        return self.path.stem

    @property
    def number(self) -> str:
        return self.slug[:2]


@dataclass(frozen=True)
class Lesson(Entry):
    """A lesson.

    Attributes
    ----------
    seconds : dict of str to int
        Expected run time by tier.
    cores : int
        Cores it wants to itself: a lesson that measures parallel speed shares them with no other.
    disk_mb : int
        Scratch space it needs.
    objectives : tuple of str
        Three to five things the reader will be able to do.
    """

    seconds: dict[str, int]
    cores: int
    disk_mb: int
    objectives: tuple[str, ...]

    @property
    def notebook(self) -> Path:
        """The built notebook, beside the source."""
        return self.path.with_suffix(".ipynb")


@dataclass(frozen=True)
class Exercise(Entry):
    """An exercise, whose source holds prompt, solution and tests."""


E = TypeVar("E", Lesson, Exercise)


@dataclass(frozen=True)
class Course:
    """The repository as a course."""

    root: Path

    @property
    def lessons(self) -> list[Lesson]:
        """The lessons whose front matter can be read, in the order of their numbers; see `faults`."""
        return self._lessons[0]

    @property
    def exercises(self) -> list[Exercise]:
        """The exercises whose front matter can be read, in the order of their numbers; see `faults`."""
        return self._exercises[0]

    @property
    def faults(self) -> list[UserError]:
        """What is wrong with the front matter of the others: they cost no lesson but themselves."""
        return self._lessons[1] + self._exercises[1]

    @cached_property
    def _lessons(self) -> tuple[list[Lesson], list[UserError]]:
        return _read_all(self.root / "notebooks", _lesson)

    @cached_property
    def _exercises(self) -> tuple[list[Exercise], list[UserError]]:
        return _read_all(self.root / "solutions", _exercise)

    @property
    def build(self) -> Path:
        """Where everything goes that is not committed."""
        return self.root / "_build"

    def select(self, numbers: list[str]) -> list[Lesson]:
        """The lessons named by number or slug; all of them when none is named.

        Raises
        ------
        UserError
            For a name that no lesson has.
        """
        if not numbers:
            return self.lessons
        known = {lesson.number: lesson for lesson in self.lessons} | {one.slug: one for one in self.lessons}
        chosen: dict[str, Lesson] = {}  # by slug: a lesson named twice is meant once
        for name in numbers:
            key = Path(name).stem
            key = key.zfill(2) if key.isdigit() else key
            if key not in known:
                for path in (self.root / "notebooks").glob(f"{key}*.py"):
                    for fault in self.faults:
                        if str(path) in fault.message:
                            raise fault
                have = ", ".join(lesson.slug for lesson in self.lessons)
                raise UserError(f"No lesson {name!r}.", remedy=f"The lessons are: {have}", exit_status=2)
            chosen[known[key].slug] = known[key]
        return list(chosen.values())


def load_course(start: Path | None = None) -> Course:
    """The course whose repository holds `start` (the working directory if not given).

    Raises
    ------
    UserError
        When no folder above `start` is a course.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER_OF_A_COURSE).is_file():
            return Course(folder)
    raise UserError(
        f"{here} is not inside a course repository (no {MARKER_OF_A_COURSE} above it).",
        remedy="Change to the folder you cloned.",
        exit_status=2,
    )


def _read_all(folder: Path, read: Callable[[Path], E]) -> tuple[list[E], list[UserError]]:
    """Every source of `folder` that can be read, and what is wrong with the others."""
    good: list[E] = []
    faults: list[UserError] = []
    for path in _sources(folder):
        try:
            good.append(read(path))
        except UserError as fault:
            faults.append(fault)
    return good, faults


def _sources(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.py"))
    for path in paths:
        if not SLUG.match(path.stem):
            raise UserError(f"{path} is not named NN_slug.py.", remedy="Two digits, then lower-case words.")
    numbers = [path.stem[:2] for path in paths]
    for number in numbers:
        if numbers.count(number) > 1:
            twins = ", ".join(str(path) for path in paths if path.stem[:2] == number)
            raise UserError(f"Number {number} is used twice: {twins}.", remedy="Give one of them another number.")
    return paths


def _lesson(path: Path) -> Lesson:
    fields = _Fields(path)
    seconds = fields.take("seconds", dict)
    if missing := [tier for tier in ("quick", "laptop") if not isinstance(seconds.get(tier), int)]:
        raise UserError(
            f"{path}: 'seconds' has no whole number for {' and '.join(missing)}.",
            remedy="Write seconds: {quick: 10, laptop: 40}.",
        )
    if unknown := [str(tier) for tier in seconds if tier not in TIERS]:
        raise UserError(
            f"{path}: 'seconds' names {', '.join(unknown)}, which is no tier.",
            remedy=f"The tiers are: {', '.join(TIERS)}.",
        )
    objectives = fields.take("objectives", list)
    if odd := [one for one in objectives if not isinstance(one, str)]:
        raise UserError(
            f"{path}: objective {odd[0]!r} is no text.", remedy="Put it in quotes: a colon means something in YAML."
        )
    lesson = Lesson(
        **fields.common(),
        seconds=seconds,
        cores=fields.take("cores", int, 1),
        disk_mb=fields.take("disk_mb", int, 0),
        objectives=tuple(objectives),
    )
    fields.end()
    return lesson


def _exercise(path: Path) -> Exercise:
    fields = _Fields(path)
    exercise = Exercise(**fields.common())
    fields.end()
    return exercise


class _Fields:
    """Takes fields out of a front matter one by one, and knows what is left over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.left = read_front_matter(path)

    def take(self, name: str, kind: type, default: Any = None) -> Any:
        value = self.left.pop(name, default)
        if value is None:
            raise UserError(f"{self.path}: the front matter lacks '{name}'.", remedy=f"Add '# {name}: …'.")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise UserError(
                f"{self.path}: '{name}' is {value!r}, not {WORDS[kind]}.", remedy="Mend the front matter."
            )
        return value

    def common(self) -> dict[str, Any]:
        needs = tuple(self.take("needs", list, []))
        if unknown := [need for need in needs if need not in NEEDS]:
            raise UserError(
                f"{self.path}: unknown need {', '.join(map(repr, unknown))}.",
                remedy=f"Needs are: {', '.join(NEEDS)}.",
            )
        return {
            "path": self.path,
            "title": self.take("title", str),
            "minutes": self.take("minutes", int),
            "timeout_s": self.take("timeout_s", int, 300),
            "memory_mb": self.take("memory_mb", int, 1000),
            "needs": needs,
        }

    def end(self) -> None:
        if self.left:
            raise UserError(
                f"{self.path}: unknown field {', '.join(map(repr, self.left))} in the front matter.",
                remedy="CONTRIBUTING.md lists the fields; look for a slip of the pen.",
            )
