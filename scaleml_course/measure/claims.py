"""Claims: sentences of the course that carry a number, a bound, and the check that the bound still holds."""

from __future__ import annotations

import datetime
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from scaleml_course.measure.hardware import hardware
from scaleml_course.measure.timing import Estimate

MIME_TYPE = "application/vnd.scaleml.claim+json"


class ClaimFailed(AssertionError):
    """A sentence of the course is not true on this machine; the message names the sentence and the bound."""


@dataclass(frozen=True)
class Claim:
    """One checked sentence.

    Attributes
    ----------
    name : str
        Unique in the course; by convention `NN.what_is_claimed`.
    sentence : str
        The rendered sentence.
    value, low, high : float
        What was measured; `low` and `high` equal `value` when there is no interval.
    at_least, at_most : float or None
        The bound, which must hold on any machine.
    checked : bool
        False where the claim does not apply to this machine; `reason` then says why.
    """

    name: str
    sentence: str
    value: float
    low: float
    high: float
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    checked: bool = True
    reason: str = ""
    hardware: dict[str, Any] = field(default_factory=dict)
    date: str = ""

    @property
    def bound(self) -> str:
        """The bound in words, for tables."""
        parts = []
        if self.at_least is not None:
            parts.append(f"at least {self.at_least:g}")
        if self.at_most is not None:
            parts.append(f"at most {self.at_most:g}")
        return " and ".join(parts) + (f" {self.unit}" if self.unit else "")

    @property
    def holds(self) -> bool:
        """Whether the measured value lies within the bound."""
        return (
            not math.isnan(self.value)
            and (self.at_least is None or self.value >= self.at_least)
            and (self.at_most is None or self.value <= self.at_most)
        )

    def _ipython_display_(self) -> None:
        """Nothing more to show when a cell ends in `claim(...)`: the sentence stands there already."""

    def _mime_bundle(self) -> dict[str, Any]:
        note = "" if self.checked else f" *(not checked here: {self.reason})*"
        return {
            "text/plain": self.sentence,
            "text/markdown": self.sentence + note,
            MIME_TYPE: {name: _json(entry) for name, entry in asdict(self).items()},
        }


def claim(
    name: str,
    sentence: str,
    value: float | Estimate,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
    applies: bool = True,
    otherwise: str = "",
    **numbers: Any,
) -> Claim:
    """Check a bound, show the sentence with its measured numbers, and record both in the notebook's output.

    Parameters
    ----------
    name : str
        Unique in the course, `NN.what_is_claimed`.
    sentence : str
        A `str.format` template: `{value}`, `{low}`, `{high}`, and any further keyword, with format specs.
    value : float or Estimate
        The measured number.
    at_least, at_most : float, optional
        The bound; one of them is required. It must hold on any machine, a busy one included, so it is a
        ratio, an order or a count, and never seconds.
    applies : bool
        False where this machine cannot show it (one core, no GPU); `otherwise` then says why.

    Returns
    -------
    Claim

    Raises
    ------
    ClaimFailed
        When the value is outside the bound. The sentence would be untrue, so the lesson stops.
    ValueError
        When no bound is given: a number without a bound is a print, not a claim.
    """
    if at_least is None and at_most is None:
        raise ValueError(f"claim {name!r} has no bound: give at_least or at_most, or print the number")
    if not applies and not otherwise:
        raise ValueError(f"claim {name!r} does not apply here: say why in `otherwise`")
    estimate = value if isinstance(value, Estimate) else Estimate(float(value), float(value), float(value))
    made = Claim(
        name=name,
        sentence=sentence.format(value=estimate.value, low=estimate.low, high=estimate.high, **numbers),
        value=float(estimate.value),
        low=float(estimate.low),
        high=float(estimate.high),
        at_least=None if at_least is None else float(at_least),
        at_most=None if at_most is None else float(at_most),
        unit=unit,
        checked=bool(applies),  # NumPy's own booleans and integers are not JSON
        reason=otherwise if not applies else "",
        hardware=hardware().as_dict(),
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
    _show(made)
    if made.checked and not made.holds:
        raise ClaimFailed(
            f"claim {name!r} does not hold on this machine: measured {made.value:g} "
            f"(interval {made.low:g} to {made.high:g}), bound {made.bound}. The sentence was: {made.sentence}"
        )
    return made


def _json(entry: Any) -> Any:
    """JSON knows no NaN and no infinity: a browser refuses a whole notebook that holds one."""
    return None if isinstance(entry, float) and not math.isfinite(entry) else entry


def _show(made: Claim) -> None:
    """Display in a notebook, where the record stays in the output; print in a terminal."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(made.sentence)
        return
    if get_ipython() is None:
        print(made.sentence)
    else:
        display(made._mime_bundle(), raw=True)
