"""Predict, then run: a guess kept on the reader's own disk, and its distance from what was measured."""

from __future__ import annotations

import datetime
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Prediction:
    """A guess made before the measurement.

    Attributes
    ----------
    name, question, unit : str
    guess : float
        In `unit`.
    own : bool
        True when the reader gave the guess, False when it is the lesson's stated default.
    """

    name: str
    question: str
    guess: float
    unit: str
    own: bool

    def compare(self, measured: float) -> None:
        """Print the distance between the guess and `measured` (same unit), and keep both."""
        measured = float(measured)
        whose = "Your guess" if self.own else "The default guess"
        numbers = f"{self.guess:,.4g} {self.unit}. Measured: {measured:,.4g} {self.unit}."
        print(f"{whose}: {numbers} {self._distance(measured)}")
        if self.own:
            _store(self.name, {"guess": self.guess, "measured": measured, "unit": self.unit})

    def _distance(self, measured: float) -> str:
        if self.guess == measured:
            return "Exactly right."
        if self.guess <= 0 or measured <= 0 or math.isinf(measured):
            return f"Off by {abs(self.guess - measured):,.4g} {self.unit}."
        factor = max(self.guess / measured, measured / self.guess)
        if factor < 1.1:
            return "Within a tenth: well judged."
        side = "low" if self.guess < measured else "high"
        return f"Too {side} by a factor of {factor:,.3g}."


def predict(
    name: str,
    question: str,
    *,
    unit: str,
    default: float,
    my_guess: float | None = None,
) -> Prediction:
    """Commit to a guess before the cell that measures is run.

    Parameters
    ----------
    name : str
        Unique in the course; the key under which the guess is kept.
    question : str
    unit : str
        Of the guess and of the measurement it will meet.
    default : float
        Used when nobody guesses, as in an unattended run.
    my_guess : float, optional
        The reader's number. Without one, a guess kept from an earlier run is used, then `default`.

    Returns
    -------
    Prediction
        Its `compare(measured)` prints the distance.

    Notes
    -----
    Guesses stay in one JSON file on this machine (`predictions.json` in the user's state folder, or in
    `SCALEML_STATE_DIR`). Committing to a prediction first is what makes a demonstration teach:
    C. Crouch et al., "Classroom demonstrations: learning tools or entertainment?", Am. J. Phys. 72 (2004).
    """
    if my_guess is None:
        my_guess = _kept_guess(name)
    own = my_guess is not None
    guess = float(default if my_guess is None else my_guess)
    if own:
        _store(name, {"guess": guess, "unit": unit})
    print(question)
    print(f"{'Your guess' if own else 'No guess given, so the default stands'}: {guess:,.4g} {unit}")
    return Prediction(name, question, guess, unit, own)


def _path() -> Path:
    folder = os.environ.get("SCALEML_STATE_DIR") or platformdirs.user_state_dir("scaleml")
    return Path(folder) / "predictions.json"


def _kept_guess(name: str) -> float | None:
    """The guess of an earlier run; an entry that someone has broken counts as none."""
    entry = _load().get(name)
    guess = entry.get("guess") if isinstance(entry, dict) else None
    return float(guess) if isinstance(guess, int | float) else None


def _load() -> dict[str, dict]:
    """Every guess kept so far; a file that cannot be read counts as none: a guess is not worth an error."""
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _store(name: str, entry: dict) -> None:
    """Keep `entry` under `name`, written beside and renamed, so that a crash leaves the old file whole."""
    kept = _load() | {name: entry | {"when": datetime.date.today().isoformat()}}
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(json.dumps(kept, indent=1, sort_keys=True), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        print(f"(The guess could not be kept: {error}. The lesson goes on.)")
