"""What became of one submission: its marks, or the reason there are none."""

import dataclasses
from collections.abc import Mapping
from typing import Any

#: Every status an outcome may have. Only ``graded`` carries a score.
STATUSES = ("graded", "unreadable", "missing", "timed_out", "out_of_memory", "failed", "absent")


@dataclasses.dataclass(frozen=True)
class Check:
    """The mark of one test cell.

    Attributes
    ----------
    test : str
        The cell's nbgrader ``grade_id``.
    score, max_score : float
        Points earned and points to earn.
    message : str
        Last line of the error that cost the points; empty when none did.
    """

    test: str
    score: float
    max_score: float
    message: str = ""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one student's submission to one assignment.

    Attributes
    ----------
    status : str
        One of `STATUSES`. ``missing``: a folder came, the expected notebook is not in it.
        ``absent``: nothing came.
    score : float or None
        Points earned; None unless graded.
    max_score : float
        Points to earn.
    reason : str
        In plain words: what was out of the ordinary, in which file and cell, and what to do. May be
        empty when graded.
    seconds : float
        Wall seconds the grading took, when it was done.
    late_seconds : float or None
        After the due date; 0 when in time, None when the time or the due date is not known.
    checks : tuple of Check
        One a test cell, when graded.
    isolation : str
        How the code was confined: one of `isolation.levels.LEVELS`; empty when none was run.
    """

    student: str
    assignment: str
    status: str
    score: float | None
    max_score: float
    reason: str = ""
    seconds: float = 0.0
    late_seconds: float | None = None
    checks: tuple[Check, ...] = ()
    isolation: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Everything, in types that JSON knows."""
        return dataclasses.asdict(self)

    def with_marks_by_hand(self, points: Mapping[str, float]) -> "Outcome":
        """The same with the points, by test cell, that a person gave instead of the automatic ones."""
        if self.status != "graded" or not any(check.test in points for check in self.checks):
            return self
        checks = tuple(
            dataclasses.replace(check, score=points.get(check.test, check.score)) for check in self.checks
        )
        return dataclasses.replace(self, checks=checks, score=sum(check.score for check in checks))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Outcome":
        """The reverse of `as_dict`.

        Raises
        ------
        KeyError, TypeError, ValueError
            When the values are not those of an outcome.
        """
        if values["status"] not in STATUSES:
            raise ValueError(f"unknown status {values['status']!r}")
        checks = tuple(Check(**check) for check in values["checks"])
        return cls(**{**values, "checks": checks})
