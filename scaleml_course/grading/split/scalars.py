"""The codec for Python's single values: numbers, texts, bytes, dates, paths, slices and the names of types."""

from __future__ import annotations

import datetime
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath, PureWindowsPath
from types import EllipsisType, NoneType, NotImplementedType
from typing import Any

from scaleml_course.grading.split.codec import CodecError, Decoder, Encoder, Node, Opaque, decodes, encodes, exactly

#: Digits of a whole number, in bytes.
INT_BYTES = 1 << 16
#: From this length on, a text or bytes go into a buffer of their own.
LARGE_BYTES = 1 << 16
DECIMAL_CHARACTERS = 10_000
PATH_CHARACTERS = 10_000
#: Types that are passed on by name; `arrays` adds NumPy's.
TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice, object,
        NoneType, datetime.date, datetime.datetime, datetime.timedelta, Decimal, Fraction,
    )
}  # fmt: skip
PATHS: dict[str, type] = {kind.__name__: kind for kind in (PosixPath, PurePosixPath, PureWindowsPath)}
SINGLE: dict[str, Any] = {"...": Ellipsis, "NotImplemented": NotImplemented}


@encodes(int)
def encode_int(encoder: Encoder, value: int, depth: int) -> Node:
    if -(2**63) <= value < 2**64:
        return value
    length = value.bit_length() // 8 + 1
    if length > INT_BYTES:
        raise CodecError(f"too large to be passed on: a whole number of {length:,} bytes")
    return ["int", value.to_bytes(length, "big", signed=True)]


@decodes("int")
def decode_int(decoder: Decoder, fields: list[Any], depth: int) -> int:
    (data,) = fields
    if len(exactly(bytes, data)) > INT_BYTES:
        raise CodecError("a whole number with too many digits")
    return int.from_bytes(data, "big", signed=True)


@encodes(str)
def encode_str(encoder: Encoder, value: str, depth: int) -> Node:
    if len(value) < LARGE_BYTES:
        try:
            value.encode()
        except UnicodeEncodeError:  # lone surrogates, which msgpack refuses
            return ["str", value.encode("utf-8", "surrogatepass")]
        return value
    return ["text", encoder.buffer(value.encode("utf-8", "surrogatepass"))]


@decodes("str")
def decode_str(decoder: Decoder, fields: list[Any], depth: int) -> str:
    (data,) = fields
    return str(exactly(bytes, data), "utf-8", "surrogatepass")


@decodes("text")
def decode_text(decoder: Decoder, fields: list[Any], depth: int) -> str:
    (number,) = fields
    return str(decoder.buffer(number), "utf-8", "surrogatepass")


@encodes(bytes, bytearray)
def encode_bytes(encoder: Encoder, value: bytes | bytearray, depth: int) -> Node:
    if type(value) is bytearray:
        return ["bytearray", encoder.buffer(value)]
    return ["bytes", encoder.buffer(value)] if len(value) >= LARGE_BYTES else value


@decodes("bytes")
def decode_bytes(decoder: Decoder, fields: list[Any], depth: int) -> bytes:
    (number,) = fields
    return bytes(decoder.buffer(number))


@decodes("bytearray")
def decode_bytearray(decoder: Decoder, fields: list[Any], depth: int) -> bytearray:
    (number,) = fields
    return decoder.buffer(number)


@encodes(complex)
def encode_complex(encoder: Encoder, value: complex, depth: int) -> Node:
    return ["complex", value.real, value.imag]


@decodes("complex")
def decode_complex(decoder: Decoder, fields: list[Any], depth: int) -> complex:
    real, imaginary = fields
    return complex(exactly(float, real), exactly(float, imaginary))


@encodes(EllipsisType, NotImplementedType)
def encode_single(encoder: Encoder, value: object, depth: int) -> Node:
    return ["single", next(name for name, one in SINGLE.items() if one is value)]


@decodes("single")
def decode_single(decoder: Decoder, fields: list[Any], depth: int) -> object:
    (name,) = fields
    return SINGLE[exactly(str, name)]


@encodes(type)
def encode_type(encoder: Encoder, value: type, depth: int) -> Node:
    name = value.__name__ if value.__module__ != "numpy" else f"numpy.{value.__name__}"
    if _type(name) is not value:
        raise Opaque("'type'")
    return ["type", name]


@decodes("type")
def decode_type(decoder: Decoder, fields: list[Any], depth: int) -> type:
    (name,) = fields
    if (kind := _type(exactly(str, name))) is None:
        raise CodecError("no such type")
    return kind


def _type(name: str) -> type | None:
    if name.startswith("numpy."):
        from scaleml_course.grading.split import arrays  # noqa: F401 (adds NumPy's own)
    return TYPES.get(name)


@encodes(range, slice)
def encode_range(encoder: Encoder, value: range | slice, depth: int) -> Node:
    with encoder.values_only():
        parts = [encoder.encode(part, depth) for part in (value.start, value.stop, value.step)]
    return [type(value).__name__, *parts]


@decodes("range")
def decode_range(decoder: Decoder, fields: list[Any], depth: int) -> range:
    start, stop, step = (exactly(int, decoder.decode(field, depth)) for field in fields)
    return range(start, stop, step)


@decodes("slice")
def decode_slice(decoder: Decoder, fields: list[Any], depth: int) -> slice:
    start, stop, step = (decoder.decode(field, depth) for field in fields)
    return slice(start, stop, step)


@encodes(Decimal)
def encode_decimal(encoder: Encoder, value: Decimal, depth: int) -> Node:
    text = str(value)
    if len(text) > DECIMAL_CHARACTERS:
        raise CodecError("too large to be passed on: a Decimal with more digits than are read")
    return ["decimal", text]


@decodes("decimal")
def decode_decimal(decoder: Decoder, fields: list[Any], depth: int) -> Decimal:
    (text,) = fields
    if len(exactly(str, text)) > DECIMAL_CHARACTERS:
        raise CodecError("a Decimal with too many digits")
    return Decimal(text)


@encodes(Fraction)
def encode_fraction(encoder: Encoder, value: Fraction, depth: int) -> Node:
    numbers = (value.numerator, value.denominator)
    return ["fraction", *(encoder.encode(number, depth) for number in numbers)]


@decodes("fraction")
def decode_fraction(decoder: Decoder, fields: list[Any], depth: int) -> Fraction:
    numerator, denominator = (exactly(int, decoder.decode(field, depth)) for field in fields)
    if max(numerator.bit_length(), denominator.bit_length()) > 40_000:
        raise CodecError("a Fraction with too many digits")
    return Fraction(numerator, denominator)


@encodes(*PATHS.values())
def encode_path(encoder: Encoder, value: PurePosixPath, depth: int) -> Node:
    return ["path", type(value).__name__, encoder.encode(str(value), depth)]


@decodes("path")
def decode_path(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    name, node = fields
    text = exactly(str, decoder.decode(node, depth))
    if len(text) > PATH_CHARACTERS:
        raise CodecError("a path that is too long")
    return PATHS[exactly(str, name)](text)


@encodes(datetime.date)
def encode_date(encoder: Encoder, value: datetime.date, depth: int) -> Node:
    return ["date", value.year, value.month, value.day]


@decodes("date")
def decode_date(decoder: Decoder, fields: list[Any], depth: int) -> datetime.date:
    return datetime.date(*(exactly(int, field) for field in fields))


@encodes(datetime.datetime)
def encode_datetime(encoder: Encoder, value: datetime.datetime, depth: int) -> Node:
    day = [value.year, value.month, value.day]
    return ["datetime", *day, *encode_time(encoder, value.timetz(), depth)[1:]]


@decodes("datetime")
def decode_datetime(decoder: Decoder, fields: list[Any], depth: int) -> datetime.datetime:
    return datetime.datetime.combine(
        decode_date(decoder, fields[:3], depth), decode_time(decoder, fields[3:], depth)
    )


@encodes(datetime.time)
def encode_time(encoder: Encoder, value: datetime.time, depth: int) -> Node:
    zone = encode_zone(value.tzinfo)
    return ["time", value.hour, value.minute, value.second, value.microsecond, value.fold, zone]


@decodes("time")
def decode_time(decoder: Decoder, fields: list[Any], depth: int) -> datetime.time:
    *numbers, fold, zone = fields
    hour, minute, second, microsecond = (exactly(int, number) for number in numbers)
    return datetime.time(hour, minute, second, microsecond, decode_zone(zone), fold=exactly(int, fold))


@encodes(datetime.timedelta)
def encode_timedelta(encoder: Encoder, value: datetime.timedelta, depth: int) -> Node:
    return ["timedelta", value.days, value.seconds, value.microseconds]


@decodes("timedelta")
def decode_timedelta(decoder: Decoder, fields: list[Any], depth: int) -> datetime.timedelta:
    days, seconds, microseconds = (exactly(int, field) for field in fields)
    return datetime.timedelta(days, seconds, microseconds)


@encodes(datetime.timezone, zoneinfo.ZoneInfo)
def encode_timezone(encoder: Encoder, value: datetime.tzinfo, depth: int) -> Node:
    return ["zone", encode_zone(value)]


@decodes("zone")
def decode_timezone(decoder: Decoder, fields: list[Any], depth: int) -> datetime.tzinfo | None:
    (zone,) = fields
    return decode_zone(zone)


def encode_zone(zone: datetime.tzinfo | None) -> str | list[int] | None:
    """None, the name of a zone, or a fixed offset in whole seconds and microseconds."""
    if zone is None:
        return None
    if type(zone) is zoneinfo.ZoneInfo and zone.key:
        return zone.key
    if type(zone) is datetime.timezone:
        offset = zone.utcoffset(None)
        return [offset.days, offset.seconds, offset.microseconds]
    raise Opaque("'tzinfo'")


def decode_zone(zone: Any) -> datetime.tzinfo | None:
    """The time zone of `encode_zone`."""
    if zone is None:
        return None
    if type(zone) is str:
        return zoneinfo.ZoneInfo(zone)  # refuses names that lead out of its folder
    offset = datetime.timedelta(*(exactly(int, number) for number in exactly(list, zone)))
    return datetime.UTC if not offset else datetime.timezone(offset)
