"""Reads the notebooks of the red team, ``notebooks/CLASS/NAME.py`` and ``honest/NAME.py``, and hands them in.

A file is a py:percent source. Its front matter says its ``class``, what it ``tries`` and what would count as
``success`` (for an honest one: ``why`` it is unusual). Its cells:

* ``# %% solution="total"``: what stands in that answer cell. An answer that the file does not give stays as it
  was given out, or is the reference solution if ``right`` in the front matter lists it.
* ``# %%``: a cell that the student added, at that place.
* ``# %% tags=["hand_in"]``: run on this side, never graded; it defines ``hand_in(notebook, folder)``, which may
  change the notebook (a dictionary) and put files into the folder handed in. What it returns, if anything, is the
  content of the notebook's file.

``@COURSE@`` and the other names of `Places` in the text are replaced by where the canaries are, so that an
attacker knows more than any student would.
"""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaleml_course.course.source import Cell, read_source
from scaleml_course.grading.invented import Exercise, Notebook, as_bytes, options, text

HERE = Path(__file__).resolve().parent
ANSWERS = ("total", "scaler", "frame", "number")
HONEST = "honest but unusual"


@dataclass(frozen=True)
class Attack:
    """One notebook of the red team.

    Attributes
    ----------
    path : Path
        Its file.
    kind : str
        Its class, `HONEST` for an honest one.
    tries : str
        What it does.
    success : str
        What would count as success.
    right : tuple of str
        Answers that are honest in it; their points, and no others, are deserved.
    keeps : bool
        Whether its honest part must keep its points, because it comes before the harm or apart from it.
    dangerous : bool
        Whether it might harm this machine where nothing confines it.
    cells : list of Cell
        As in the file.
    """

    path: Path
    kind: str
    tries: str
    success: str
    right: tuple[str, ...]
    keeps: bool
    dangerous: bool
    cells: list[Cell]

    @property
    def name(self) -> str:
        """The invented student who hands it in, such as ``always-equal-int-subclass``."""
        return f"{self.path.parent.name}-{self.path.stem}".replace("_", "-")

    @property
    def listens(self) -> bool:
        """Whether it makes others speak to a listener, who cannot say that it was this attack's doing."""
        return any("@LISTENER@" in cell.text for cell in self.cells)

    @property
    def honest(self) -> bool:
        """Whether it must get full marks."""
        return self.kind == HONEST

    def deserved(self, exercise: Exercise) -> float:
        """Points that its honest part earns."""
        rightly = ANSWERS if self.honest else self.right
        return sum(points for test, points in exercise.points.items() if test.split("_")[0] in rightly)

    def hand_in(self, exercise: Exercise, folder: Path, places: dict[str, str]) -> None:
        """Write the notebook, and what lies beside it, into `folder`.

        Parameters
        ----------
        exercise : Exercise
            The target.
        folder : Path
            The folder handed in; it exists.
        places : dict of str to str
            What the names between two @ in the attack's text stand for; see `canaries.Places`.
        """
        own = {"NAME": self.name, "LISTENER": f"{places['MARKS']}/listener-{self.name}"}
        notebook, outside = self._notebook(exercise, {**places, **own})
        content = None
        if outside:
            scope: dict[str, Any] = {}
            exec(compile(outside, str(self.path), "exec"), scope)
            content = scope["hand_in"](notebook, folder)
        target = folder / f"{exercise.name}.ipynb"
        if content is not None or not (target.exists() or target.is_symlink()):
            target.write_bytes(as_bytes(notebook) if content is None else content)

    def _notebook(self, exercise: Exercise, places: dict[str, str]) -> tuple[Notebook, str]:
        """The notebook as it would be handed in, and the source of what is run on this side."""
        answers: dict[str, str] = {}
        added: dict[str, list[str]] = {}
        outside, last = "", ""
        for cell in self.cells:
            code = cell.text
            for name, value in places.items():
                code = code.replace(f"@{name}@", value)
            if "hand_in" in cell.tags:
                outside = code
            elif "solution" in cell.options:
                last = cell.options["solution"]
                answers[last] = code
            else:
                added.setdefault(last, []).append(code)
        honest = {name: exercise.reference[name] for name in self.right if name not in answers}
        if self.honest:
            honest = {name: code for name, code in exercise.reference.items() if name not in answers}
        return assemble(exercise, {**honest, **answers}, added), outside


def assemble(exercise: Exercise, answers: dict[str, str], added: dict[str, list[str]]) -> Notebook:
    """The released notebook with these answers, and with cells added behind them (``""``: at the top)."""
    notebook = copy.deepcopy(exercise.release)
    cells = [new_cell(code) for code in added.get("", [])]
    for cell in notebook["cells"]:
        name = options(cell).get("grade_id", "")
        cell["source"] = answers.get(name, text(cell))
        cells.append(cell)
        cells += [new_cell(code) for code in added.get(name, [])] if name else []
    for number, cell in enumerate(cells):
        cell.setdefault("id", f"added-{number}")
    notebook["cells"] = cells
    return notebook


def new_cell(code: str) -> Notebook:
    """A code cell that a student added."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": code}


def read_attack(path: Path) -> Attack:
    """One file.

    Raises
    ------
    ValueError
        When its first lines do not say what they must.
    """
    source = read_source(path)
    fields = dict(source.front_matter)
    honest = path.parent.name == "honest"
    wanted = ("why",) if honest else ("class", "tries", "success")
    if missing := [name for name in wanted if not fields.get(name)]:
        raise ValueError(f"{path}: the front matter lacks {', '.join(missing)}")
    return Attack(
        path,
        HONEST if honest else str(fields["class"]),
        str(fields.get("why") or fields["tries"]),
        str(fields.get("success", "full marks")),
        tuple(fields.get("right", ())),
        bool(fields.get("keeps", honest)),
        bool(fields.get("dangerous", False)),
        source.cells,
    )


def read_attacks() -> list[Attack]:
    """Every notebook of the red team, the hostile ones by class, then the honest ones."""
    hostile = sorted(HERE.glob("notebooks/*/*.py"))
    return [read_attack(path) for path in [*hostile, *sorted(HERE.glob("honest/*.py"))]]
