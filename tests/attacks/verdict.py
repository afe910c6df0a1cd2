"""What one grader let one notebook of the red team do, and the table of all of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from tests.attacks.attack import HONEST, Attack


@dataclass(frozen=True)
class Verdict:
    """What came of one notebook.

    Attributes
    ----------
    attack, kind : str
        Its name and its class.
    deserved : float
        Points that its honest part earns.
    score : float or None
        Points it got; None where it got no marks.
    harm : tuple of str
        What it did that it must not, in words.
    seconds : float
        Wall seconds of its grading, with nbgrader those of the honest notebook after it too.
    status : str
        What the grader said of it.
    """

    attack: str
    kind: str
    deserved: float
    score: float | None
    harm: tuple[str, ...]
    seconds: float
    status: str = ""

    @property
    def gained(self) -> float:
        """Points that were not deserved."""
        return max(0.0, (self.score or 0.0) - self.deserved)

    @classmethod
    def of(
        cls, attack: Attack, deserved: float, score: float | None, harm: list[str], seconds: float, status: str
    ) -> "Verdict":
        """The verdict on an attack; honest points that it must keep and lost count as harm."""
        if attack.keeps and not attack.honest and (lost := deserved - (score or 0.0)) > 0:
            harm = [*harm, f"its honest part lost {lost:g} of {deserved:g} points"]
        return cls(attack.name, attack.kind, deserved, score, tuple(harm), seconds, status)

    @property
    def honest(self) -> bool:
        """Whether the notebook means well."""
        return self.kind == HONEST

    @property
    def right(self) -> bool:
        """Whether an honest notebook got its full marks."""
        return self.score == self.deserved

    def as_dict(self) -> dict[str, Any]:
        """Everything, in types that JSON knows."""
        return {**asdict(self), "harm": list(self.harm), "gained": self.gained}


def table(attacks: Iterable[Attack], verdicts: dict[str, dict[str, Verdict]]) -> Table:
    """One row a class, one pair of columns a grader.

    Parameters
    ----------
    attacks : iterable of Attack
        All that were tried.
    verdicts : dict of str to dict of str to Verdict
        By grader, then by attack.
    """
    made = Table("class", title="The red team: hostile notebooks by class")
    made.add_column("tried", justify="right")
    for grader in verdicts:
        made.add_column(f"{grader}:\ngain points", justify="right")
        made.add_column("points\ngained", justify="right")
        made.add_column("do\nharm", justify="right")
    hostile = [attack for attack in attacks if not attack.honest]
    kinds = sorted({attack.kind for attack in hostile})
    for kind in [*kinds, ""]:
        names = [attack.name for attack in hostile if attack.kind == kind or not kind]
        row = [kind or "all", str(len(names))]
        for found in verdicts.values():
            those = [found[name] for name in names if name in found]
            gaining = [verdict for verdict in those if verdict.gained > 0]
            harming = sum(bool(verdict.harm) for verdict in those)
            row += [str(len(gaining)), f"{sum(verdict.gained for verdict in gaining):g}", str(harming)]
        if not kind:
            made.add_section()
        made.add_row(*row)
    honest = [attack.name for attack in attacks if attack.kind == HONEST]
    row = [f"{HONEST}: right", str(len(honest))]
    for found in verdicts.values():
        row += [str(sum(found[name].right for name in honest if name in found)), "", ""]
    made.add_row(*row)
    return made
