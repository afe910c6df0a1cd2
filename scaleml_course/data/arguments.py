"""One check for every count in this package: a whole number, within its range, or a message which helps."""

from __future__ import annotations

import operator
from typing import Any


def whole(name: str, value: Any, lowest: int, highest: int | None = None) -> int:
    """Return `value` as an int; TypeError if it is not a whole number, ValueError if out of range."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        kind = type(value).__name__
        raise TypeError(f"{name} must be a whole number, but is {value!r} ({kind}): pass an int")
    if number < lowest or (highest is not None and number > highest):
        allowed = f"{lowest:,} or more" if highest is None else f"from {lowest:,} to {highest:,}"
        raise ValueError(f"{name} must be {allowed}, but is {number:,}: pass a number in that range")
    return number
