"""What one side has lent to the other, by number: looked up when the other asks, let go when it says so."""

from __future__ import annotations

import secrets
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from scaleml_course.grading.split.codec import CodecError

#: Numbers told to the other side in one request.
DROPPED = 10_000
METHODS = {
    "n": "__next__",
    "i": "__iter__",
    "l": "__len__",
    "g": "__getitem__",
    "s": "__setitem__",
    "m": "__enter__",
    "a": "__await__",
}


def flags_of(value: object) -> str:
    """What an object can do, by the letters of `handles.ABILITIES`."""
    kind = type(value)
    flags = "".join(letter for letter, method in METHODS.items() if getattr(kind, method, None) is not None)
    return flags + ("c" if callable(value) else "")


class Lent:
    """Objects of this side that the other holds handles of."""

    def __init__(self) -> None:
        self._objects: dict[int, list[Any]] = {}  # the object, and how often its number was sent
        self._numbers: dict[int, int] = {}

    def number(self, value: object) -> int:
        """The number of an object, which is kept from now on."""
        number = self._numbers.get(id(value))
        if number is None:
            number = secrets.randbits(62)
            self._numbers[id(value)] = number
            self._objects[number] = [value, 0]
        self._objects[number][1] += 1
        return number

    def get(self, number: Any) -> Any:
        """The object of a number.

        Raises
        ------
        CodecError
            When it was never lent, or is let go.
        """
        entry = self._objects.get(number) if type(number) is int else None
        if entry is None:
            raise CodecError("no such object")
        return entry[0]

    def let_go(self, dropped: Any) -> None:
        """Take note of pairs [number, how often it had come] that the other side no longer holds."""
        for pair in dropped if type(dropped) is list else []:
            if type(pair) is not list or len(pair) != 2 or not all(type(part) is int for part in pair):
                continue
            number, times = pair
            entry = self._objects.get(number)
            if entry is None:
                continue
            entry[1] -= max(0, times)
            if entry[1] <= 0:  # not sent again since
                del self._objects[number]
                self._numbers.pop(id(entry[0]), None)


class Borrowed:
    """Handles of this side for objects of the other: one number, one handle."""

    def __init__(self) -> None:
        self._handles: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._times: dict[int, int] = {}
        self._ended: deque[int] = deque()

    def handle(self, number: Any, make: Callable[[int], Any]) -> Any:
        """The handle of a number, made if there is none."""
        if type(number) is not int:
            raise CodecError("no number of an object")
        handle = self._handles.get(number)
        if handle is None:
            handle = self._handles[number] = make(number)
        self._times[number] = self._times.get(number, 0) + 1
        return handle

    def drop(self, number: int) -> None:
        """Called when a handle ends."""
        self._ended.append(number)

    def dropped(self) -> list[list[int]]:
        """Pairs for `Lent.let_go`, each given once."""
        pairs: list[list[int]] = []
        while self._ended and len(pairs) < DROPPED:
            number = self._ended.popleft()
            if number not in self._handles and (times := self._times.pop(number, 0)):
                pairs.append([number, times])
        return pairs
