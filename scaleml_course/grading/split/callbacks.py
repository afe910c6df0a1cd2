"""Stand-ins on the student's side for a test's functions, generators and objects: their calls run in the test.

These live on the student's side, where nothing is safe from the student; what they may ask for, `checker_end`
decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from scaleml_course.grading.split.student_end import StudentEnd


class StandIn:
    """An object of the test; see the module."""

    _end: StudentEnd
    _number: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._end.request("getattr", self._number, name)

    def __repr__(self) -> str:
        return f"<{self.__name__} of the test>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self.__name__} belongs to the test: it can be called here, and sent nowhere else")

    def __del__(self) -> None:
        self._end.borrowed.drop(self._number)


def _call(self: StandIn, /, *args: Any, **kwargs: Any) -> Any:
    return self._end.request("call", self._number, args, kwargs)


def _iter(self: StandIn) -> Iterator[Any]:
    found: Iterator[Any] = self._end.request("iter", self._number)
    return found


def _self(self: StandIn) -> StandIn:
    return self


def _next(self: StandIn) -> Any:
    got = self._end.request("next", self._number)
    if not got:
        raise StopIteration
    return got[0]


def _len(self: StandIn) -> int:
    return int(self._end.request("len", self._number))


def _getitem(self: StandIn, key: Any) -> Any:
    return self._end.request("getitem", self._number, key)


ABILITIES: dict[str, dict[str, Any]] = {
    "c": {"__call__": _call},
    "i": {"__iter__": _iter},
    "n": {"__iter__": _self, "__next__": _next},
    "l": {"__len__": _len},
    "g": {"__getitem__": _getitem},
}


@lru_cache(maxsize=1 << len(ABILITIES))
def _class(flags: frozenset[str]) -> type[StandIn]:
    methods: dict[str, Any] = {}
    for letter in ABILITIES:
        if letter in flags:
            methods |= ABILITIES[letter]
    return type("StandIn", (StandIn,), methods)


def make_stand_in(end: StudentEnd, number: int, flags: str, name: str) -> StandIn:
    """A stand-in for the object of this number."""
    stand_in = object.__new__(_class(frozenset(set(flags) & ABILITIES.keys())))
    stand_in.__dict__.update(_end=end, _number=number, __name__=name)
    return stand_in
