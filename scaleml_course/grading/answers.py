"""Sample answers, ``tests/answers/NN_slug/{right,wrong}_name.py``: what each gives and what it must earn."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaleml_course.course.errors import UserError
from scaleml_course.course.source import read_source


@dataclass(frozen=True)
class Answer:
    """One sample answer.

    Attributes
    ----------
    path : Path
        Its file.
    why : str
        What it is an example of.
    fails : tuple of str
        Ids of the tests that must give it no points; none for a right answer.
    cells : dict of str to str
        Source by answer cell; a cell that is not there takes the reference solution.
    """

    path: Path
    why: str
    fails: tuple[str, ...]
    cells: dict[str, str]

    @property
    def student(self) -> str:
        """The invented student who handed it in, such as ``wrong-off-by-one``."""
        return self.path.stem.replace("_", "-")


def read_answers(folder: Path, answer_cells: set[str], tests: set[str]) -> list[Answer]:
    """All answers of one exercise, sorted by name.

    Parameters
    ----------
    folder : Path
        ``tests/answers/NN_slug``.
    answer_cells, tests : set of str
        The exercise's ids, which an answer may name.

    Raises
    ------
    UserError
        When there is no right or no wrong answer, or one names a cell that does not exist.
    """
    answers = [read_answer(path, answer_cells, tests) for path in sorted(folder.glob("*.py"))]
    for kind in ("right", "wrong"):
        if not any(answer.path.name.startswith(f"{kind}_") for answer in answers):
            raise UserError(
                f"{folder} holds no {kind} answer.",
                remedy=f"Write at least one {kind}_name.py: the grader is tried on them.",
            )
    return answers


def read_answer(path: Path, answer_cells: set[str], tests: set[str]) -> Answer:
    """One answer file.

    Raises
    ------
    UserError
        When its name, front matter or cells are not as they must be.
    """

    def refuse(what: str, remedy: str) -> UserError:
        return UserError(f"{path}: {what}.", remedy=remedy)

    if not path.name.startswith(("right_", "wrong_")):
        raise refuse("the name begins with neither right_ nor wrong_", "Rename it.")
    source = read_source(path)
    fails = source.front_matter.get("fails", [])
    if not isinstance(fails, list) or not set(map(str, fails)) <= tests:
        raise refuse(f"fails is {fails!r}", f"List test ids of this exercise: {', '.join(sorted(tests))}.")
    if bool(fails) != path.name.startswith("wrong_"):
        raise refuse("a wrong answer, and no other, names in fails the tests it fails", "Mend its front matter.")
    cells = given_cells(source.cells)
    if not cells or not set(cells) <= answer_cells:
        raise refuse(
            f"it answers {', '.join(sorted(cells)) or 'nothing'}",
            f'Begin each answer with # %% solution="id"; ids: {", ".join(sorted(answer_cells))}.',
        )
    return Answer(path, str(source.front_matter.get("why", "")), tuple(map(str, fails)), cells)


def given_cells(cells: list[Any]) -> dict[str, str]:
    """Source by answer cell, from a source file's cells."""
    return {cell.options["solution"]: cell.text for cell in cells if "solution" in cell.options}
