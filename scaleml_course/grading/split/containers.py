"""The codec for Python's containers: lists, tuples, dicts, sets and their relatives, rebuilt as what they were."""

from __future__ import annotations

import keyword
import operator
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from scaleml_course.grading.split.codec import (
    VERDICTS,
    CodecError,
    Decoder,
    Encoder,
    NamedTuple,
    Node,
    Opaque,
    decodes,
    encodes,
    exactly,
    size,
)

#: From this length on, a list of floats, of ints or of texts is sent as one block.
BLOCK = 32
FIELDS = 1000
_SEQUENCES: dict[str, type] = {kind.__name__: kind for kind in (list, tuple, set, frozenset)}
_MAPPINGS: dict[str, type] = {kind.__name__: kind for kind in (dict, OrderedDict, Counter)}


@encodes(list, tuple)
def encode_sequence(encoder: Encoder, value: list[Any] | tuple[Any, ...], depth: int) -> Node:
    name = type(value).__name__
    if len(value) >= BLOCK and (block := encode_block(encoder, value)) is not None:
        return [f"{name}*", *block]
    return [name, *(encoder.encode(item, depth) for item in value)]


@encodes(set, frozenset)
def encode_set(encoder: Encoder, value: Iterable[Any], depth: int) -> Node:
    with encoder.values_only():
        return [type(value).__name__, *(encoder.encode(item, depth) for item in value)]


def _decode_sequence(name: str) -> None:
    kind = _SEQUENCES[name]

    @decodes(name)
    def decode(decoder: Decoder, fields: list[Any], depth: int) -> Any:
        return kind([decoder.decode(field, depth) for field in fields])


for _name in _SEQUENCES:
    _decode_sequence(_name)


def encode_block(encoder: Encoder, values: list[Any] | tuple[Any, ...]) -> list[Any] | None:
    """A long row of floats, of ints that fit 64 bits, or of texts as one buffer; None for anything else."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return ["d", encoder.buffer(array("d", values))]
    if kinds == {int}:
        try:
            return ["q", encoder.buffer(array("q", values))]
        except OverflowError:
            return None
    if kinds == {str}:
        return ["s", *encode_texts(encoder, values)]
    return None


def decode_block(decoder: Decoder, fields: list[Any]) -> list[Any]:
    """The row of `encode_block`."""
    kind, *rest = fields
    if kind == "s":
        return decode_texts(decoder, rest)
    if kind not in ("d", "q"):
        raise CodecError("no such block")
    (number,) = rest
    return memoryview(decoder.buffer(number)).cast(kind).tolist()


@decodes("list*")
def decode_list_block(decoder: Decoder, fields: list[Any], depth: int) -> list[Any]:
    return decode_block(decoder, fields)


@decodes("tuple*")
def decode_tuple_block(decoder: Decoder, fields: list[Any], depth: int) -> tuple[Any, ...]:
    return tuple(decode_block(decoder, fields))


def encode_texts(encoder: Encoder, values: Iterable[str | None]) -> list[int]:
    """Texts, None among them, as two buffers: all characters in a row, and how many each text has."""
    texts = list(values)
    lengths = array("q", (-1 if text is None else len(text) for text in texts))
    joined = "".join(text for text in texts if text is not None)
    return [encoder.buffer(joined.encode("utf-8", "surrogatepass")), encoder.buffer(lengths)]


def decode_texts(decoder: Decoder, fields: list[Any]) -> list[Any]:
    """The texts of `encode_texts`."""
    characters, lengths = fields
    joined = str(decoder.buffer(characters), "utf-8", "surrogatepass")
    texts: list[str | None] = []
    start = 0
    for length in memoryview(decoder.buffer(lengths)).cast("q").tolist():
        if length < -1 or start + length > len(joined):
            raise CodecError("lengths that do not fit the texts")
        texts.append(None if length == -1 else joined[start : start + length])
        start += max(length, 0)
    if start != len(joined):
        raise CodecError("lengths that do not fit the texts")
    return texts


@encodes(dict, OrderedDict, Counter)
def encode_dict(encoder: Encoder, value: dict[Any, Any], depth: int) -> Node:
    return [type(value).__name__, *encode_items(encoder, value, depth)]


def encode_items(encoder: Encoder, value: dict[Any, Any], depth: int) -> list[Node]:
    """Keys and values by turns. Keys are values: a handle has no say in what equals it."""
    nodes = []
    for key, item in value.items():
        with encoder.values_only():
            nodes.append(encoder.encode(key, depth))
        nodes.append(encoder.encode(item, depth))
    return nodes


def decode_items(decoder: Decoder, fields: list[Any], depth: int) -> dict[Any, Any]:
    """The mapping of `encode_items`."""
    if len(fields) % 2:
        raise CodecError("a key without a value")
    resolve, decoder.resolve = decoder.resolve, None
    try:
        keys = [decoder.decode(field, depth) for field in fields[::2]]
    finally:
        decoder.resolve = resolve
    return dict(zip(keys, (decoder.decode(field, depth) for field in fields[1::2]), strict=True))


def _decode_mapping(name: str) -> None:
    kind = _MAPPINGS[name]

    @decodes(name)
    def decode(decoder: Decoder, fields: list[Any], depth: int) -> Any:
        return kind(decode_items(decoder, fields, depth))


for _name in _MAPPINGS:
    _decode_mapping(_name)


@encodes(defaultdict)
def encode_defaultdict(encoder: Encoder, value: defaultdict[Any, Any], depth: int) -> Node:
    factory = encoder.encode(value.default_factory, depth)
    return ["defaultdict", factory, *encode_items(encoder, value, depth)]


@decodes("defaultdict")
def decode_defaultdict(decoder: Decoder, fields: list[Any], depth: int) -> defaultdict[Any, Any]:
    factory, *items = fields
    return defaultdict(decoder.decode(factory, depth), decode_items(decoder, items, depth))


@encodes(deque)
def encode_deque(encoder: Encoder, value: deque[Any], depth: int) -> Node:
    return ["deque", value.maxlen, *(encoder.encode(item, depth) for item in value)]


@decodes("deque")
def decode_deque(decoder: Decoder, fields: list[Any], depth: int) -> deque[Any]:
    length, *items = fields
    return deque((decoder.decode(item, depth) for item in items), None if length is None else size(length))


@encodes(NamedTuple)
def encode_named_tuple(encoder: Encoder, value: Any, depth: int) -> Node:
    kind = type(value)
    names = kind._fields
    if type(names) is not tuple or len(names) != tuple.__len__(value):
        raise Opaque(repr(kind.__name__))
    if any(method in vars(kind) for method in ("__eq__", "__iter__", "__getitem__", "__len__")):
        raise Opaque(repr(kind.__name__))
    return ["record", kind.__name__, list(names), *(encoder.encode(item, depth) for item in tuple.__iter__(value))]


@decodes("record")
def decode_named_tuple(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    name, names, *items = fields
    if len(exactly(list, names)) != len(items) or len(items) > FIELDS or len(set(names)) != len(names):
        raise CodecError("a named tuple whose names do not fit")
    for one in (exactly(str, name), *(exactly(str, one) for one in names)):
        if not one.isidentifier() or keyword.iskeyword(one) or one.startswith("_") or len(one) > 200:
            raise CodecError("a named tuple with a name that is none")
        if one in VERDICTS:
            raise CodecError("a named tuple with a name that is none")
    return tuple.__new__(_record(name, tuple(names)), [decoder.decode(item, depth) for item in items])


@lru_cache(maxsize=256)
def _record(name: str, names: tuple[str, ...]) -> type:
    """A tuple with named parts. `collections.namedtuple` would compile text that came from the other side."""

    def shown(self: tuple[Any, ...]) -> str:
        return f"{name}({', '.join(f'{key}={part!r}' for key, part in zip(names, self, strict=True))})"

    def as_dict(self: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(names, self, strict=True))

    def replaced(self: tuple[Any, ...], **changes: Any) -> Any:
        if unknown := changes.keys() - set(names):
            raise ValueError(f"no such fields: {sorted(unknown)}")
        return tuple.__new__(type(self), [changes.get(key, part) for key, part in as_dict(self).items()])

    parts: dict[str, Any] = {key: property(operator.itemgetter(place)) for place, key in enumerate(names)}
    own = {"__slots__": (), "_fields": names, "__repr__": shown, "_asdict": as_dict, "_replace": replaced}
    return type(name, (tuple,), parts | own)
