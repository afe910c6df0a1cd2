"""The sample class: invented students whose marks are known beforehand, to try the grader on."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from scaleml_course.course.errors import UserError
from scaleml_course.grading.answers import Answer, read_answers
from scaleml_course.grading.course_folder import read_notebook
from scaleml_course.grading.invented import STUDENTS, Exercise, HandIn, as_bytes
from scaleml_course.grading.outcome import Outcome

DUE = "2026-09-30 23:59:00 UTC"
IN_TIME = "2026-09-29 12:00:00 UTC"
LATE = "2026-10-01 01:59:00 UTC"
LATE_SECONDS = 7200.0
ABSENT = "absent"

Pair = tuple[str, str]


@dataclass
class SampleClass:
    """A class that was built, and what grading it must give.

    Attributes
    ----------
    course : Path
        Its course folder.
    expected : dict of (student, assignment) to float or None
        Points; None where there must be none. Every pair is here.
    statuses : dict of (student, assignment) to str
        The status each outcome must have.
    origins : dict of (student, assignment) to Path
        The answer file behind a submission, where there is one.
    """

    course: Path
    expected: dict[Pair, float | None] = field(default_factory=dict)
    statuses: dict[Pair, str] = field(default_factory=dict)
    origins: dict[Pair, Path] = field(default_factory=dict)

    def disagreements(self, outcomes: list[Outcome]) -> list[str]:
        """One sentence for each outcome that is not the expected one, naming the answer file."""
        got = {(outcome.student, outcome.assignment): outcome for outcome in outcomes}
        found = []
        for pair, points in self.expected.items():
            outcome = got.get(pair)
            if outcome is None:
                found.append(f"{pair[0]}, {pair[1]}: no outcome")
            elif (outcome.status, outcome.score) != (self.statuses[pair], points):
                where = self.origins.get(pair, f"{pair[0]}, {pair[1]}")
                lost = [check.test for check in outcome.checks if check.score < check.max_score]
                found.append(
                    f"{where}: expected {self.statuses[pair]}, {points} points; got {outcome.status}, "
                    f"{outcome.score} of {outcome.max_score} (failed: {', '.join(lost) or 'none'}). "
                    f"{outcome.reason}".strip()
                )
        return found


def build(root: Path, course: Path | None = None) -> SampleClass:
    """Build the sample class from the released notebooks and ``tests/answers``.

    The same inputs give the same bytes. What grading left in the folder stays.

    Parameters
    ----------
    root : Path
        The repository.
    course : Path, optional
        The course folder to fill; ``<root>/_build/sample_class`` when left out.

    Returns
    -------
    SampleClass

    Raises
    ------
    UserError
        When there is no exercise, or an exercise has no release or no answers.
    """
    course = Path(course) if course else root / "_build" / "sample_class"
    names = sorted(path.parent.name for path in (root / "grader" / "source").glob("*/*.ipynb"))
    if not names:
        raise UserError(f"{root / 'grader' / 'source'} holds no exercise.", remedy="Run `make sync`.")
    sample = SampleClass(course)
    wanted: dict[Path, bytes] = {}
    students = {ABSENT}
    for name in names:
        exercise = read_exercise(root, name)
        answers = read_answers(
            root / "tests" / "answers" / name, set(exercise.ids("solution")), set(exercise.ids("grade"))
        )
        for step in ("source", "release"):
            for path in sorted((root / "grader" / step / name).rglob("*")):
                if path.is_file():
                    wanted[Path(step, name, path.relative_to(root / "grader" / step / name))] = path.read_bytes()
        hand_ins = {student: invent(exercise) for student, invent in STUDENTS.items()}
        hand_ins |= {answer.student: hand_in(exercise, answer) for answer in answers}
        sample.origins |= {(answer.student, name): answer.path for answer in answers}
        for student, given in hand_ins.items():
            folder = Path("submitted", student, name)
            wanted[folder / (given.file_name or f"{name}.ipynb")] = given.content
            wanted[folder / "timestamp.txt"] = (LATE if student == "late" else IN_TIME).encode()
            sample.expected[student, name] = given.expected
            sample.statuses[student, name] = given.status
        students |= set(hand_ins)
    for pair in ((student, name) for name in names for student in students):
        sample.expected.setdefault(pair, None)
        sample.statuses.setdefault(pair, "absent")
    wanted[Path("students.csv")] = "".join(f"{row}\n" for row in ["id", *sorted(students)]).encode()
    wanted[Path("assignments.csv")] = "".join(
        f"{row}\n" for row in ["name,duedate", *(f"{name},{DUE}" for name in names)]
    ).encode()
    fill(course, wanted)
    return sample


def read_exercise(root: Path, name: str) -> Exercise:
    """An exercise's two built notebooks.

    Raises
    ------
    UserError
        When one is missing or cannot be read.
    """
    notebooks = []
    for step in ("source", "release"):
        path = root / "grader" / step / name / f"{name}.ipynb"
        try:
            notebooks.append(read_notebook(path))
        except (OSError, ValueError) as error:
            raise UserError(f"{path} cannot be read: {error}.", remedy="Run `make sync`.") from error
    return Exercise(name, *notebooks)


def hand_in(exercise: Exercise, answer: Answer) -> HandIn:
    """The notebook with a sample answer in it, and its points."""
    return HandIn(as_bytes(exercise.answered(answer.cells)), exercise.without(set(answer.fails)))


def fill(course: Path, wanted: dict[Path, bytes]) -> None:
    """Make the class's own folders hold exactly these files; a file that is right is not touched."""
    for path, content in wanted.items():
        target = course / path
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    folders = {parent for path in wanted for parent in path.parents}
    for step in ("source", "release", "submitted"):
        for target in sorted((course / step).rglob("*"), reverse=True):
            path = target.relative_to(course)
            if target.is_dir() and not target.is_symlink():
                if path not in folders:
                    shutil.rmtree(target)
            elif path not in wanted:
                target.unlink()
