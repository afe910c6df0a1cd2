"""Exceptions on their way through the link: a name from a list, a message, and no object of the other side."""

from __future__ import annotations

import builtins
import importlib
import linecache
import re
import traceback
from pathlib import Path
from typing import Any

from scaleml_course.grading.split.codec import CodecError

#: Characters of a message that are passed on, and of where it was raised.
MESSAGE_CHARACTERS = 2000
PLACE_CHARACTERS = 200
#: These steer the interpreter: raised by a call, they would end a test's own loop, or the checker, quietly.
NEVER = {"StopIteration", "StopAsyncIteration", "GeneratorExit", "KeyboardInterrupt", "SystemExit", "BaseException"}
KNOWN: dict[str, type[BaseException]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, ExceptionGroup)
    if name not in NEVER and name != "Exception"
}
#: Exceptions of libraries that a test may want to catch.
ELSEWHERE = {
    ("numpy.linalg", "LinAlgError"),
    ("numpy.exceptions", "AxisError"),
    ("sklearn.exceptions", "NotFittedError"),
    ("pandas.errors", "MergeError"),
    ("pandas.errors", "IntCastingNaNError"),
    ("decimal", "InvalidOperation"),
}
PLAIN = (str, int, float, bool, type(None))
PACKAGE = str(Path(__file__).parent)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class StudentError(Exception):
    """The student's code raised something that the tests know no name for; the message gives its type."""


def clean(text: str, limit: int) -> str:
    """Text of unknown origin, without control characters and no longer than `limit`."""
    text = CONTROL.sub("\N{REPLACEMENT CHARACTER}", text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def message_of(error: BaseException) -> str:
    """What an exception says, even when it cannot."""
    try:
        return str(error)
    except Exception:
        return "(its message cannot be shown)"


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as plain data for the other side.

    Returns
    -------
    dict
        ``types``: names of its class and the classes above, as ``module.name``; ``message``, ``arguments``:
        its own where they are plain, else None; ``place``: where in a notebook it was raised, or empty.
    """
    if isinstance(error, KeyboardInterrupt):
        return {
            "types": ["TimeoutError"],
            "message": "your code was still running when its time was up",
            "arguments": None,
            "place": place_of(error),
        }
    types = [_name(kind) for kind in type(error).__mro__ if kind not in (object, BaseException, Exception)]
    arguments = error.args if all(type(one) in PLAIN for one in error.args) and len(error.args) <= 5 else None
    if arguments is not None and sum(len(one) for one in arguments if type(one) is str) > MESSAGE_CHARACTERS:
        arguments = None
    return {
        "types": types[:20] or [type(error).__name__],
        "message": message_of(error).encode("utf-8", "replace").decode()[:MESSAGE_CHARACTERS],
        "arguments": None if arguments is None else list(arguments),
        "place": place_of(error),
    }


def _name(kind: type) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def place_of(error: BaseException) -> str:
    """The innermost line of a notebook's code that an exception went through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        # A notebook's cell has a made-up file, or one that ipykernel names by its content.
        if frame.filename.startswith("<") or "ipykernel_" in frame.filename:
            code = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
            return f"in your {frame.name}, line {frame.lineno}" + (f": {code}" if code else "")
    return ""


def rebuild(described: Any) -> Exception:
    """An exception of this side for what the other side described. The description is untrusted.

    Returns
    -------
    Exception
        Of the nearest class that is on the list, with the original message; `StudentError` if there is none.
        Its attribute ``student_place`` says where it was raised, or is empty.
    """
    if type(described) is not dict:
        return CodecError("an error that cannot be read")
    types, message, arguments, place = (described.get(key) for key in ("types", "message", "arguments", "place"))
    names = [name for name in types if type(name) is str] if type(types) is list else []
    message = clean(message, MESSAGE_CHARACTERS) if type(message) is str else ""
    error = _nearest(names[:20], message, _plain(arguments))
    error.student_place = clean(place, PLACE_CHARACTERS) if type(place) is str else ""  # type: ignore[attr-defined]
    return error


def _plain(arguments: Any) -> list[Any] | None:
    if type(arguments) is not list or len(arguments) > 5 or not all(type(one) in PLAIN for one in arguments):
        return None
    return [clean(one, MESSAGE_CHARACTERS) if type(one) is str else one for one in arguments]


def _nearest(names: list[str], message: str, arguments: list[Any] | None) -> Exception:
    for name in names:
        kind = known(name)
        if kind is None:
            continue
        for given in (arguments, [message]):
            try:
                if given is not None:
                    error = kind(*given)
                    if isinstance(error, Exception):
                        return error
            except Exception:  # its constructor wants something else
                continue
    shown = clean(names[0].rpartition(".")[2], 80) if names else "unknown"
    return StudentError(f"{shown}: {message}" if message else shown)


def known(name: str) -> type[BaseException] | None:
    """The exception class of this name, if it is one that may pass."""
    module, _, last = name.rpartition(".")
    if (module, last) in ELSEWHERE:
        kind: type[BaseException] = getattr(importlib.import_module(module), last)
        return kind
    return KNOWN.get(name)
