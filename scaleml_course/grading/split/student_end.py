"""The student's end of the link: holds on to the objects that tests may ask for, and runs what they ask."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import importlib
import threading
from collections.abc import Callable
from typing import Any

from scaleml_course.grading.split.callbacks import StandIn, make_stand_in
from scaleml_course.grading.split.codec import CodecError, Decoder, Encoder, Node
from scaleml_course.grading.split.lending import flags_of
from scaleml_course.grading.split.link import End


class StudentEnd(End):
    """The end in the kernel that ran the student's cells.

    Parameters
    ----------
    link : socket.socket
    namespace : dict
        The names of the notebook.
    """

    sends_masked = False

    def __init__(self, link: Any, namespace: dict[str, Any]) -> None:
        super().__init__(link)
        self.namespace = namespace
        self.snapshots: dict[str, dict[str, Any]] = {}

    def snapshot(self, cell: str, names: list[str]) -> None:
        """Hold on to what these names are bound to now."""
        self.snapshots[cell] = {name: self.namespace[name] for name in names if name in self.namespace}

    def export(self, encoder: Encoder, value: object, depth: int) -> Node:
        """A handle, for everything that is no value."""
        if isinstance(value, StandIn) and value._end is self:
            return ["@own", value._number]
        return ["@handle", self.lent.number(value), flags_of(value), type(value).__name__]

    def resolve(self, decoder: Decoder, tag: str, fields: list[Any], depth: int) -> Any:
        """What the test has passed on, or an object of this side that comes back."""
        if tag == "@own":
            return self.lent.get(*fields)
        if tag == "@handle":
            number, flags, name, given = fields
            if given is not None and given in self.namespace:
                return self.namespace[given]  # a given cell has made the same here
            return self.borrowed.handle(number, lambda number: make_stand_in(self, number, flags, name))
        if tag == "@library":
            return _imported(*fields)
        if tag == "@random":
            name, state = fields
            return _random_generator(name, decoder.decode(state, depth))
        if tag == "@estimator":
            module, name, parameters = fields
            return _imported(module, name)(**decoder.decode(parameters, depth))
        raise CodecError("not a value")

    def perform(self, operation: str, number: Any, arguments: Any) -> Any:
        """Run what a test asks for."""
        if operation == "fetch":
            return self._fetch(*arguments)
        if operation == "collect":
            return _collect()
        value = self.lent.get(number)
        if operation == "call":
            positional, named = arguments
            return value(*positional, **named)
        if operation == "next":
            return _next(value)
        if operation == "await":
            return _awaited(value)
        if operation == "exit":
            return value.__exit__(*((RuntimeError, RuntimeError(), None) if arguments[0] else (None, None, None)))
        simple: dict[str, Callable[..., Any]] = {
            "getattr": getattr,
            "setattr": setattr,
            "iter": iter,
            "len": len,
            "getitem": lambda value, key: value[key],
            "setitem": lambda value, key, item: value.__setitem__(key, item),
            "delitem": lambda value, key: value.__delitem__(key),
            "enter": lambda value: value.__enter__(),
        }
        if operation not in simple:
            raise CodecError("no such operation")
        return simple[operation](value, *arguments)

    def _fetch(self, cell: str, names: list[str]) -> dict[str, Any]:
        """What a snapshot holds of these names; without one, what they are bound to now."""
        held = self.snapshots.get(cell, self.namespace)
        return {name: held[name] for name in names if name in held}


def _imported(module: str, name: str) -> Any:
    found: Any = importlib.import_module(module)
    for part in name.split(".") if name else []:
        found = getattr(found, part)
    return found


def _random_generator(name: str, state: Any) -> Any:
    import numpy as np

    bits = getattr(np.random, name)()
    bits.state = state
    return np.random.Generator(bits)


def _next(value: Any) -> tuple[Any, ...]:
    """The next item in a tuple; an empty one at the end."""
    try:
        return (next(value),)
    except StopIteration:
        return ()


def _collect() -> None:
    """Give back memory that is free, so that what a call takes does not hide in it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _awaited(value: Any) -> Any:
    """The result of a coroutine, from a thread: the kernel's own event loop runs in this one."""
    result: list[Any] = []

    async def wait() -> Any:
        return await value

    def run() -> None:
        try:
            result.append((True, asyncio.run(wait())))
        except BaseException as error:
            result.append((False, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    done, outcome = result[0]
    if not done:
        raise outcome
    return outcome
