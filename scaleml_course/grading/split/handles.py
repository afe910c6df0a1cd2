"""What a test holds of a student's function, class or other object: a handle, whose calls run over there.

A handle takes no part in a verdict. It cannot be compared, counted as true, converted or reckoned with, so an
object that claims to equal everything equals nothing here: each of these raises a TypeError that tells the
student what came back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from scaleml_course.grading.split.codec import VERDICTS, CodecError
from scaleml_course.grading.split.failures import clean

if TYPE_CHECKING:
    from scaleml_course.grading.split.checker_end import CheckerEnd

SHOWN = "<an object of the notebook's own making>"
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "contains")
REPEATED = (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
)
#: Operators that would let the student's object see what is expected, and answer for the difference.
OPERATORS = (
    *COMPARISONS,
    *(f"{side}{name}" for name in REPEATED for side in ("", "r", "i")),
    *("divmod", "rdivmod", "neg", "pos", "abs", "invert"),
)
CONVERSIONS = (
    *("bool", "int", "float", "complex", "index", "round", "trunc", "floor", "ceil", "bytes"),
    *("array", "array_function"),
)


class Handle:
    """An object of the student's process; see the module."""

    __slots__ = ("__weakref__", "_done", "_end", "_kind", "_length", "_number")

    _end: CheckerEnd
    _number: int
    _kind: str
    _done: bool
    _length: Any

    #: NumPy is to leave operators to the handle, which refuses them.
    __array_ufunc__ = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and not (name == "__name__" and isinstance(self, Callable)):  # type: ignore[arg-type]
            raise AttributeError(f"a test cannot see {name!r} of an object of the notebook")
        if name in VERDICTS:
            refuse(self)
        return self._end.ask("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            raise AttributeError(f"a test cannot set {name!r} of an object of the notebook")
        self._end.ask("setattr", self, name, value)

    def __repr__(self) -> str:
        return SHOWN

    def __hash__(self) -> int:  # noqa: PLE0309
        refuse(self)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(
            "an object of the notebook stays in its own process: it cannot be copied or sent to another"
        )

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        return False

    def __dask_tokenize__(self) -> tuple[str, int, int]:
        return ("scaleml-handle", id(self._end), self._number)

    def __del__(self) -> None:
        self._end.drop(self._number)


def refuse(handle: Handle) -> NoReturn:
    """Say what came back instead of a value.

    Raises
    ------
    TypeError
        Always.
    """
    raise TypeError(
        f"your code gave an object of type {handle._kind!r} here; "
        "a number, string, list, array or frame is expected, or another value of a common type"
    )


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refused(self: Handle, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(self)

    refused.__name__ = name
    return refused


for _name in (*OPERATORS, *CONVERSIONS):
    setattr(Handle, f"__{_name}__", _refusal(f"__{_name}__"))


def _call(self: Handle, /, *args: Any, **kwargs: Any) -> Any:
    return self._end.ask("call", self, args, kwargs)


def _identity(self: Handle) -> int:
    # Libraries keep functions in dictionaries. What is hashed is the handle, and == still refuses.
    return object.__hash__(self)


def _iter(self: Handle) -> Iterator[Any]:
    length = _len(self) if hasattr(type(self), "__len__") else None
    found = self._end.ask("iter", self)
    if not isinstance(found, Handle) or not hasattr(type(found), "__next__"):
        refuse(self)
    return found if length is None else _counted(found, length)


def _counted(items: Any, length: int) -> Iterator[Any]:
    """As many items as there are said to be: a length that is right and items that never come would pass a test."""
    count = 0
    for item in items:
        count += 1
        yield item
    if count != length:
        raise TypeError(f"your code gave an object of length {length} that holds {count} items")


def _self(self: Handle) -> Handle:
    return self


def _next(self: Handle) -> Any:
    if self._done:
        raise StopIteration
    got = self._end.ask("next", self)
    if type(got) is not tuple or len(got) > 1:
        raise CodecError("an iterator gave something that is no item")
    if not got:
        object.__setattr__(self, "_done", True)  # as with Python's own: ended once, ended for good
        raise StopIteration
    return got[0]


def _len(self: Handle) -> int:
    if self._length is None or self._length[0] != self._end.changes:
        length = self._end.ask("len", self)
        if type(length) is not int:
            refuse(self)
        # The same until something is called or set: not one length to the test, and another to the loop after it.
        object.__setattr__(self, "_length", (self._end.changes, length))
    return self._length[1]


def _getitem(self: Handle, key: Any) -> Any:
    return self._end.ask("getitem", self, key)


def _setitem(self: Handle, key: Any, value: Any) -> None:
    self._end.ask("setitem", self, key, value)


def _delitem(self: Handle, key: Any) -> None:
    self._end.ask("delitem", self, key)


def _enter(self: Handle) -> Any:
    return self._end.ask("enter", self)


def _exit(self: Handle, kind: type | None, error: BaseException | None, at: TracebackType | None) -> bool:
    self._end.ask("exit", self, error is not None)
    return False  # nothing of the student's may silence a check that failed


def _await(self: Handle) -> Generator[Any, None, Any]:
    return self._end.ask("await", self)
    yield  # a generator, as an `__await__` must be


def _send(self: Handle, value: Any) -> Any:
    raise StopIteration(self._end.ask("await", self))


def _throw(self: Handle, *error: Any) -> NoReturn:
    raise error[0]


def _close(self: Handle) -> None:
    return None


#: What an object can do, by a letter of its flags, and the methods that its handle has for it.
ABILITIES: dict[str, dict[str, Any]] = {
    "c": {"__call__": _call, "__hash__": _identity},
    "i": {"__iter__": _iter},
    "n": {"__iter__": _self, "__next__": _next},
    "l": {"__len__": _len},
    "g": {"__getitem__": _getitem},
    "s": {"__setitem__": _setitem, "__delitem__": _delitem},
    "m": {"__enter__": _enter, "__exit__": _exit},
    "a": {"__await__": _await, "send": _send, "throw": _throw, "close": _close},
}


@lru_cache(maxsize=1 << len(ABILITIES))
def handle_class(flags: frozenset[str]) -> type[Handle]:
    """The class of handles that can do this: so `callable`, `iter` and `len` find what there is, and no more."""
    methods: dict[str, Any] = {"__slots__": ()}
    if "g" in flags and not flags & {"i", "n"}:
        methods["__iter__"] = None  # or Python would count up an index
    for letter in ABILITIES:
        if letter in flags:
            methods |= ABILITIES[letter]
    return type("Handle", (Handle,), methods)


def make_handle(end: CheckerEnd, number: int, flags: str, kind: str) -> Handle:
    """A handle for the object of this number. Flags and the name of its type are the other side's claims."""
    handle = object.__new__(handle_class(frozenset(set(flags) & ABILITIES.keys())))
    for name, value in (
        ("_end", end),
        ("_number", number),
        ("_kind", clean(kind, 80)),
        ("_done", False),
        ("_length", None),
    ):
        object.__setattr__(handle, name, value)
    return handle
