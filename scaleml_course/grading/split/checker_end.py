"""The checker's end of the link: what a test asks of student code, and what student code may ask of the test."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np

from scaleml_course.grading.split.codec import CodecError, Decoder, Encoder, Node
from scaleml_course.grading.split.handles import Handle, make_handle
from scaleml_course.grading.split.lending import flags_of
from scaleml_course.grading.split.link import End
from scaleml_course.grading.split.wire import Closed

#: Bit generators whose state is passed on, so that a test's seeded generator draws the same numbers there.
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
#: Operations that change nothing by themselves.
ASKS = {"fetch", "len", "iter", "next", "getitem", "getattr"}
CALLABLES = (types.FunctionType, types.BuiltinFunctionType, type, np.ufunc)


class StudentGone(RuntimeError):
    """The process of the student's code has ended; what it was asked for will not come."""


class CheckerEnd(End):
    """The end in the checker.

    Attributes
    ----------
    namespace : dict
        The names that tests and given cells share. Instances of classes made there show their public
        attributes to student code; all other objects can only be called and iterated.
    given : set of str
        Names in it that given cells made: what they are bound to goes over as the student's side's own.
    changes : int
        Goes up with every operation that may change an object of the student's.
    """

    takes_masked = False

    def __init__(self, link: Any, namespace: dict[str, Any]) -> None:
        super().__init__(link)
        self.namespace = namespace
        self.given: set[str] = set()
        self.changes = 0

    def ask(self, operation: str, handle: Handle, *arguments: Any) -> Any:
        """One operation on an object of the student's."""
        return self._asked_of(operation, handle._number, *arguments)

    def fetch(self, cell: str, names: list[str]) -> dict[str, Any]:
        """The objects that these names were bound to at the place of this cell; a missing name is left out."""
        found = self._asked_of("fetch", None, cell, names)
        if type(found) is not dict or not found.keys() <= set(names):
            raise CodecError("the names of the notebook cannot be read")
        return found

    def _asked_of(self, operation: str, number: int | None, *arguments: Any) -> Any:
        self.changes += operation not in ASKS
        try:
            return self.request(operation, number, *arguments)
        except Closed:
            raise StudentGone(
                "the process that runs your code has ended or no longer answers: "
                "an earlier call used too much memory or time, or your code ended it"
            ) from None

    def drop(self, number: int) -> None:
        """Called when a handle ends."""
        self.borrowed.drop(number)

    def failed(self, error: BaseException) -> None:
        """A function of the test was interrupted, not the student's: its time is the test's."""
        if isinstance(error, KeyboardInterrupt):
            raise error

    def resolve(self, decoder: Decoder, tag: str, fields: list[Any], depth: int) -> Any:
        """A handle, or an object of this side that comes back."""
        if tag == "@own":
            return self.lent.get(*fields)
        if tag != "@handle":
            raise CodecError("not a value")
        number, flags, kind = fields
        if type(flags) is not str or type(kind) is not str:
            raise CodecError("not a handle")
        return self.borrowed.handle(number, lambda number: make_handle(self, number, flags, kind))

    def export(self, encoder: Encoder, value: object, depth: int) -> Node:
        """How an argument that is no value goes to student code."""
        if isinstance(value, Handle):
            return ["@own", value._number]
        if (name := self._library_name(value)) is not None:
            return ["@library", *name]
        if type(value) is np.random.Generator and type(value.bit_generator).__name__ in BIT_GENERATORS:
            state = encoder.encode(value.bit_generator.state, depth)
            return ["@random", type(value.bit_generator).__name__, state]
        if (parameters := _parameters(value)) is not None:
            return ["@estimator", *(self._library_name(type(value)) or ("", "")), encoder.encode(parameters, depth)]
        flags = flags_of(value)
        # An iterator has a state that only one side can have; all else that a given cell made, both sides have.
        given = (
            None if "n" in flags else next((name for name in self.given if self.namespace.get(name) is value), None)
        )
        return [
            "@handle",
            self.lent.number(value),
            flags,
            str(getattr(value, "__name__", type(value).__name__)),
            given,
        ]

    def _library_name(self, value: object) -> tuple[str, str] | None:
        """Module and name of a function, class or module that the student's side can import for itself."""
        if isinstance(value, types.ModuleType):
            return (value.__name__, "") if sys.modules.get(value.__name__) is value else None
        if not isinstance(value, CALLABLES):
            return None
        name = str(getattr(value, "__qualname__", None) or getattr(value, "__name__", ""))
        module = getattr(value, "__module__", None) or _ufunc_module(value)
        if not isinstance(module, str) or module in ("__main__", self.namespace.get("__name__")):
            return None
        found: Any = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        return (module, name) if found is value else None

    def perform(self, operation: str, number: Any, arguments: Any) -> Any:
        """What student code may do with what a test has passed to it."""
        value = self.lent.get(number)
        if operation == "call":
            positional, named = arguments
            return value(*positional, **named)
        if operation == "next":
            for item in value:
                return (item,)
            return ()
        if operation == "iter":
            return iter(value)
        if operation == "len":
            return len(value)
        if operation == "getitem":
            return value[arguments[0]]
        if operation == "getattr":
            return self._attribute(value, arguments[0])
        raise CodecError("no such operation")

    def _attribute(self, value: Any, name: Any) -> Any:
        """A public attribute of an instance of a class that the test or a given cell has written."""
        own = type(value).__module__ == self.namespace.get("__name__") and not isinstance(value, type)
        if not own or type(name) is not str or name.startswith("_"):
            raise AttributeError(f"a test's {type(value).__name__} shows no {name!r:.80} to the notebook")
        return getattr(value, name)


def _ufunc_module(value: object) -> str | None:
    return "numpy" if isinstance(value, np.ufunc) else None


def _parameters(value: Any) -> dict[str, Any] | None:
    """The parameters of a scikit-learn estimator that has not been fitted; None for anything else."""
    base = sys.modules.get("sklearn.base")
    if (
        base is None
        or not isinstance(value, base.BaseEstimator)
        or not type(value).__module__.startswith("sklearn.")
    ):
        return None
    parameters: dict[str, Any] = value.get_params(deep=False)
    return parameters if vars(value) == parameters else None
