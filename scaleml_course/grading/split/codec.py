"""Values to and from plain msgpack structures, by exact type: what a decoder gives is data and never code.

A value is one that msgpack itself knows (None, bool, int, float, str, bytes) or a list ``[tag, field, ...]``.
Large parts (arrays, long lists of numbers or texts) stand beside the structure as buffers, each used once.
A type that is not listed, a subclass of a listed one among them, is *opaque*: the encoder hands it to its
`export`, which makes it a handle, or refuses. The types themselves are in `scalars`, `containers`, `arrays`
(NumPy), `sparse` (SciPy) and `frames` (pandas); the last three are imported when first met.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: How deep containers may be nested. What holds itself is found by this, too.
DEPTH = 64
#: Values and containers in one message, long lists of numbers or texts counted as one.
NODES = 1_000_000
#: What the buffers of one message may hold together, in bytes; something larger stays where it is, as a handle.
BUFFER_BYTES = 900 * 2**20

#: Methods whose answer is a verdict, or that reckon with what the test expects: nothing of the other side has one.
VERDICTS = {
    *("equals", "identical", "compare", "all", "any", "isin", "allclose", "array_equal", "is_close", "between"),
    *("eq", "ne", "lt", "le", "gt", "ge", "issubset", "issuperset", "isdisjoint", "startswith", "endswith"),
    *("sub", "rsub", "subtract", "div", "truediv", "divide", "merge", "align", "combine", "combine_first"),
}

Node = Any


class CodecError(ValueError):
    """A value that cannot be passed on, or a message that is none."""


class Opaque(Exception):
    """Inside an encoder: this object is not a value, so it becomes a handle."""


class NamedTuple:
    """Stands for all classes of named tuples among the encoders."""


Encode = Callable[["Encoder", Any, int], Node]
Decode = Callable[["Decoder", list[Any], int], Any]
Resolve = Callable[["Decoder", str, list[Any], int], Any]
Export = Callable[["Encoder", object, int], Node]
_ENCODERS: dict[type, Encode] = {}
_DECODERS: dict[str, Decode] = {}
_HERE = __name__.rpartition(".")[0]
#: Modules that know more types: which by the first part of a type's module, and by the first part of a tag.
_BY_PACKAGE = {"numpy": "arrays", "scipy": "sparse", "pandas": "frames"}
_BY_TAG = {"np": "arrays", "sp": "sparse", "pd": "frames"}


def encodes(*kinds: type) -> Callable[[Encode], Encode]:
    """Register the encoder of exactly these types."""

    def register(function: Encode) -> Encode:
        _ENCODERS.update(dict.fromkeys(kinds, function))
        return function

    return register


def decodes(*tags: str) -> Callable[[Decode], Decode]:
    """Register the decoder of these tags."""

    def register(function: Decode) -> Decode:
        _DECODERS.update(dict.fromkeys(tags, function))
        return function

    return register


def _encoder_of(kind: type) -> Encode | None:
    """The encoder of a type, with what knows about it imported first."""
    if kind not in _ENCODERS:
        package = str(getattr(kind, "__module__", "")).partition(".")[0]
        if package in _BY_PACKAGE:
            importlib.import_module(f"{_HERE}.{_BY_PACKAGE[package]}")
    if kind not in _ENCODERS and kind.__base__ is tuple and hasattr(kind, "_fields"):
        return _ENCODERS[NamedTuple]
    return _ENCODERS.get(kind)


def _decoder_of(tag: str) -> Decode:
    if tag not in _DECODERS and (module := _BY_TAG.get(tag.partition(".")[0])):
        importlib.import_module(f"{_HERE}.{module}")
    if tag not in _DECODERS:
        raise CodecError(f"no such kind of value: {tag[:40]!r}")
    return _DECODERS[tag]


class Encoder:
    """Turns values into one structure and its buffers.

    Parameters
    ----------
    export : callable, optional
        Makes a node for an opaque object; without it, opaque objects are refused.
    masked : bool
        Whether arrays with masked elements are values. In most comparisons a masked element passes for equal
        to anything, so a test does not take them for values.

    Attributes
    ----------
    buffers : list of memoryview
        In the order of their numbers. They alias the values: send them before the values change.
    """

    def __init__(self, export: Export | None = None, *, masked: bool = True) -> None:
        self.masked = masked
        self.buffers: list[memoryview] = []
        self._export = export
        self._nodes = 0
        self._bytes = 0
        self._strict = 0

    def node(self, value: Any) -> Node:
        """The node of a whole value.

        Raises
        ------
        CodecError
            When it is too large, too deep, or opaque and there is no `export`.
        """
        try:
            return self.encode(value, 0)
        except Opaque as error:
            raise CodecError(f"an object of type {error} cannot be passed on as a value") from None

    def encode(self, value: Any, depth: int) -> Node:
        """The node of a value `depth` levels deep. Encoders of containers call this for their parts."""
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        self._nodes += 1
        if self._nodes > NODES:
            raise CodecError(f"too large to be passed on: more than {NODES:,} parts")
        if depth > DEPTH:
            raise CodecError(f"too deep to be passed on: it holds itself, or is nested more than {DEPTH} levels")
        encoder = _encoder_of(kind)
        if encoder is not None:
            mark, held = len(self.buffers), self._bytes
            try:
                return encoder(self, value, depth + 1)
            except Opaque:
                del self.buffers[mark:]
                self._bytes = held
        if self._strict or self._export is None:
            raise Opaque(repr(kind.__name__))
        return self._export(self, value, depth)

    @contextmanager
    def values_only(self) -> Iterator[None]:
        """Within this block, opaque objects raise `Opaque`: for keys, and for elements of arrays."""
        self._strict += 1
        try:
            yield
        finally:
            self._strict -= 1

    def buffer(self, data: Any) -> int:
        """Take bytes along beside the structure; the number that stands for them in it."""
        view = memoryview(data).cast("B")
        self._bytes += view.nbytes
        if self._bytes > BUFFER_BYTES:
            raise Opaque("'too large'")
        self.buffers.append(view)
        return len(self.buffers) - 1


class Decoder:
    """Turns one structure and its buffers back into values. The structure is untrusted.

    Parameters
    ----------
    buffers : list of bytearray
        What came beside the structure.
    resolve : callable, optional
        Gives the object for the tag and fields of a tag that is not a value's: a handle, or an object of
        this side that comes back. Raises `CodecError` for what it does not know.
    masked : bool
        As for an encoder.
    """

    def __init__(self, buffers: list[bytearray], resolve: Resolve | None = None, *, masked: bool = True) -> None:
        self.masked = masked
        self._buffers: list[bytearray | None] = list(buffers)
        self.resolve = resolve

    def value(self, node: Node) -> Any:
        """The value of a whole node.

        Raises
        ------
        CodecError
            Whatever is wrong with it.
        """
        try:
            return self.decode(node, 0)
        except CodecError:
            raise
        except MemoryError:
            raise CodecError("too large for the memory there is") from None
        except Exception as error:  # from the checks of the libraries that rebuild a value
            raise CodecError(f"not a value: {type(error).__name__}") from None

    def decode(self, node: Node, depth: int) -> Any:
        """The value of a node `depth` levels deep. Decoders of containers call this for their parts."""
        kind = type(node)
        if node is None or kind is int or kind is float or kind is str or kind is bool or kind is bytes:
            return node
        if kind is not list or not node or type(node[0]) is not str:
            raise CodecError("not a node")
        if depth > DEPTH:
            raise CodecError("nested too deep")
        tag = node[0]
        if tag.startswith("@"):
            if self.resolve is None:
                raise CodecError("a handle where only values may stand")
            return self.resolve(self, tag, node[1:], depth + 1)
        return _decoder_of(tag)(self, node[1:], depth + 1)

    def buffer(self, number: Any) -> bytearray:
        """A buffer by its number. A second use would let a short message grow without bound."""
        if type(number) is not int or not 0 <= number < len(self._buffers):
            raise CodecError("no such buffer")
        data, self._buffers[number] = self._buffers[number], None
        if data is None:
            raise CodecError("a buffer is used twice")
        return data


def exactly(kind: type, value: Any) -> Any:
    """The value, if it has exactly this type.

    Raises
    ------
    CodecError
        If not.
    """
    if type(value) is not kind:
        raise CodecError(f"{kind.__name__} expected")
    return value


def size(value: Any) -> int:
    """A whole number that is not negative, and fits a Py_ssize_t."""
    if type(value) is not int or not 0 <= value < 2**62:
        raise CodecError("a size expected")
    return value


# The types of Python itself are always known.
for _module in ("scalars", "containers"):
    importlib.import_module(f"{_HERE}.{_module}")
