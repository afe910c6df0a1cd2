"""The codec for what columns of pandas hold: NumPy's arrays, and the extension arrays one kind at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scaleml_course.grading.split import containers, scalars
from scaleml_course.grading.split.codec import (
    CodecError,
    Decoder,
    Encoder,
    Node,
    Opaque,
    decodes,
    encodes,
    exactly,
)

#: Nullable dtypes by name: the array that holds them, and the dtype of its values.
NULLABLE: dict[str, tuple[type, str]] = {
    "boolean": (pd.arrays.BooleanArray, "bool"),
    **{f"Int{bits}": (pd.arrays.IntegerArray, f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": (pd.arrays.IntegerArray, f"uint{bits}") for bits in (8, 16, 32, 64)},
    **{f"Float{bits}": (pd.arrays.FloatingArray, f"float{bits}") for bits in (32, 64)},
}
#: Types of pyarrow without parts of their own.
ARROW_NUMBERS = {
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float",
    "double",
    "bool",
}
ARROW_TEXTS = {"string", "large_string"}
CATEGORIES = 10_000_000


def encode_column(encoder: Encoder, value: Any, depth: int) -> Node:
    """The array under a series or an index, with no index of its own."""
    if isinstance(value, np.ndarray):
        return encoder.encode(np.asarray(value), depth)
    dtype = value.dtype
    if type(dtype) is pd.CategoricalDtype:
        codes = encoder.encode(np.asarray(value.codes), depth)
        return ["pd.categories", codes, encoder.encode(value.categories, depth), bool(value.ordered)]
    if type(dtype) is pd.StringDtype:
        missing = "nan" if dtype.na_value is not pd.NA else "NA"
        return ["pd.texts", dtype.storage, missing, *containers.encode_texts(encoder, _texts(value))]
    if str(dtype) in NULLABLE:
        held = np.dtype(NULLABLE[str(dtype)][1])
        values = value.to_numpy(dtype=held, na_value=held.type(0))
        return [
            "pd.nullable",
            str(dtype),
            *(encoder.encode(part, depth) for part in (values, np.asarray(value.isna()))),
        ]
    if type(dtype) is pd.DatetimeTZDtype:
        moments = np.asarray(value.tz_convert("UTC").tz_localize(None), dtype=f"M8[{dtype.unit}]")
        return ["pd.zoned", scalars.encode_zone(dtype.tz), encoder.encode(moments, depth)]
    if type(dtype) is pd.PeriodDtype:
        return ["pd.periods", dtype.name[len("period[") : -1], encoder.encode(np.asarray(value.asi8), depth)]
    if type(dtype) is pd.IntervalDtype:
        sides = (encoder.encode(side, depth) for side in (pd.Index(value.left), pd.Index(value.right)))
        return ["pd.intervals", dtype.closed, *sides]
    if type(dtype) is pd.ArrowDtype:
        return _encode_arrow(encoder, value, depth)
    if dtype.kind in "mM":  # without a zone: pandas keeps these as its own arrays
        return encoder.encode(np.asarray(value), depth)
    raise Opaque(repr(str(dtype)))


def _texts(value: Any) -> list[Any]:
    return [text if type(text) is str else None for text in value.to_numpy(dtype=object)]


def _encode_arrow(encoder: Encoder, value: Any, depth: int) -> Node:
    name = str(value.dtype.pyarrow_dtype)
    if name in ARROW_TEXTS:
        return ["pd.arrow_texts", name, *containers.encode_texts(encoder, _texts(value))]
    if name not in ARROW_NUMBERS:
        raise Opaque(repr(str(value.dtype)))
    held = value.dtype.numpy_dtype
    parts = (value.to_numpy(dtype=held, na_value=held.type(0)), np.asarray(value.isna()))
    return ["pd.arrow", name, *(encoder.encode(part, depth) for part in parts)]


@decodes("pd.categories")
def decode_categories(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    codes, categories, ordered = fields
    index = decoder.decode(categories, depth)
    if not isinstance(index, pd.Index) or len(index) > CATEGORIES:
        raise CodecError("categories that are no index")
    return pd.Categorical.from_codes(row(decoder.decode(codes, depth)), index, ordered=exactly(bool, ordered))


@decodes("pd.texts")
def decode_texts(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    storage, missing, *block = fields
    dtype = pd.StringDtype(exactly(str, storage), na_value=np.nan if missing == "nan" else pd.NA)
    return pd.array(containers.decode_texts(decoder, block), dtype=dtype)


@decodes("pd.nullable")
def decode_nullable(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    name, *parts = fields
    values, mask = (row(decoder.decode(part, depth)) for part in parts)
    kind, held = NULLABLE[exactly(str, name)]
    if values.dtype != held or mask.dtype != bool or len(values) != len(mask):
        raise CodecError("a nullable array whose parts do not fit")
    return kind(values, mask)


@decodes("pd.zoned")
def decode_zoned(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    zone, moments = fields
    values = row(decoder.decode(moments, depth))
    if values.dtype.kind != "M":
        raise CodecError("moments that are none")
    return pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(scalars.decode_zone(zone)).array


@decodes("pd.periods")
def decode_periods(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    freq, node = fields
    ordinals = row(decoder.decode(node, depth))
    if ordinals.dtype != "int64":
        raise CodecError("periods that are none")
    return pd.PeriodIndex.from_ordinals(ordinals, freq=exactly(str, freq)).array  # type: ignore[attr-defined]


@decodes("pd.intervals")
def decode_intervals(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    closed, *sides = fields
    left, right = (decoder.decode(side, depth) for side in sides)
    return pd.arrays.IntervalArray.from_arrays(left, right, closed=exactly(str, closed))


@decodes("pd.arrow")
def decode_arrow(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    import pyarrow as pa

    name, *parts = fields
    values, mask = (row(decoder.decode(part, depth)) for part in parts)
    if name not in ARROW_NUMBERS or mask.dtype != bool or len(values) != len(mask):
        raise CodecError("an Arrow array whose parts do not fit")
    kind = pa.type_for_alias(name)
    return pd.array(pa.array(values, type=kind, mask=mask), dtype=pd.ArrowDtype(kind))


@decodes("pd.arrow_texts")
def decode_arrow_texts(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    import pyarrow as pa

    name, *block = fields
    if name not in ARROW_TEXTS:
        raise CodecError("no Arrow type of texts")
    kind = pa.type_for_alias(name)
    return pd.array(pa.array(containers.decode_texts(decoder, block), type=kind), dtype=pd.ArrowDtype(kind))


def row(value: Any) -> Any:
    """A one-dimensional array, of NumPy or of pandas."""
    if not isinstance(value, np.ndarray | pd.api.extensions.ExtensionArray) or value.ndim != 1:
        raise CodecError("a column that is none")
    return value


@encodes(pd.Categorical, *(kind for kind, _ in NULLABLE.values()), type(pd.array(["a"])))
def encode_array(encoder: Encoder, value: Any, depth: int) -> Node:
    return encode_column(encoder, value, depth)
