"""The codec for pandas: frames, series and indexes from their columns, and single values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scaleml_course.grading.split import scalars
from scaleml_course.grading.split.codec import CodecError, Decoder, Encoder, Node, decodes, encodes, exactly
from scaleml_course.grading.split.columns import encode_column, row


@encodes(pd.RangeIndex)
def encode_range_index(encoder: Encoder, value: pd.RangeIndex, depth: int) -> Node:
    return ["pd.range", value.start, value.stop, value.step, encoder.encode(value.name, depth)]


@decodes("pd.range")
def decode_range_index(decoder: Decoder, fields: list[Any], depth: int) -> pd.RangeIndex:
    *numbers, name = fields
    start, stop, step = (exactly(int, number) for number in numbers)
    return pd.RangeIndex(start, stop, step, name=decoder.decode(name, depth))


@encodes(pd.MultiIndex)
def encode_multi_index(encoder: Encoder, value: pd.MultiIndex, depth: int) -> Node:
    levels = [encoder.encode(level, depth) for level in value.levels]
    codes = [encoder.encode(np.asarray(code), depth) for code in value.codes]
    return ["pd.levels", levels, codes, [encoder.encode(name, depth) for name in value.names]]


@decodes("pd.levels")
def decode_multi_index(decoder: Decoder, fields: list[Any], depth: int) -> pd.MultiIndex:
    levels, codes, names = ([decoder.decode(node, depth) for node in exactly(list, part)] for part in fields)
    if not all(isinstance(level, pd.Index) for level in levels):
        raise CodecError("levels that are no indexes")
    return pd.MultiIndex(levels, [row(code) for code in codes], names=names, verify_integrity=True)


@encodes(pd.Index, pd.DatetimeIndex, pd.TimedeltaIndex, pd.PeriodIndex, pd.CategoricalIndex, pd.IntervalIndex)
def encode_index(encoder: Encoder, value: pd.Index, depth: int) -> Node:
    freq = getattr(value, "freqstr", None) if type(value) in (pd.DatetimeIndex, pd.TimedeltaIndex) else None
    column = encode_column(encoder, _held(value), depth)
    return ["pd.index", column, encoder.encode(value.name, depth), freq]


@decodes("pd.index")
def decode_index(decoder: Decoder, fields: list[Any], depth: int) -> pd.Index:
    column, name, freq = fields
    index = pd.Index(row(decoder.decode(column, depth)), name=decoder.decode(name, depth), **_object(column))
    if freq is not None:
        index.freq = exactly(str, freq)
    return index


def _held(value: Any) -> Any:
    """What a series or an index holds, NumPy's own arrays bare."""
    held = value.array
    return held.to_numpy() if type(held).__name__ == "NumpyExtensionArray" else held


def _object(column: Node) -> dict[str, Any]:
    """Keep an array of objects one: pandas would look for a better dtype."""
    return {"dtype": object} if type(column) is list and column[:1] == ["np.objects"] else {}


@encodes(pd.Series)
def encode_series(encoder: Encoder, value: pd.Series, depth: int) -> Node:
    index = encoder.encode(value.index, depth)
    return ["pd.series", index, encode_column(encoder, _held(value), depth), encoder.encode(value.name, depth)]


@decodes("pd.series")
def decode_series(decoder: Decoder, fields: list[Any], depth: int) -> pd.Series:
    index_node, column, name = fields
    index = _index(decoder, index_node, depth)
    values = row(decoder.decode(column, depth))
    if len(values) != len(index):
        raise CodecError("a series whose index does not fit")
    return pd.Series(values, index=index, name=decoder.decode(name, depth), copy=False, **_object(column))


def _index(decoder: Decoder, node: Node, depth: int) -> pd.Index:
    index = decoder.decode(node, depth)
    if not isinstance(index, pd.Index):
        raise CodecError("an index that is none")
    return index


@encodes(pd.DataFrame)
def encode_frame(encoder: Encoder, value: pd.DataFrame, depth: int) -> Node:
    labels = [encoder.encode(part, depth) for part in (value.index, value.columns)]
    kinds = set(value.dtypes)
    if len(kinds) == 1 and isinstance(kind := kinds.pop(), np.dtype) and kind.kind in "?biufc":
        return ["pd.frame", *labels, encoder.encode(value.to_numpy(), depth)]
    return [
        "pd.frame",
        *labels,
        [encode_column(encoder, _held(value.iloc[:, n]), depth) for n in range(value.shape[1])],
    ]


@decodes("pd.frame")
def decode_frame(decoder: Decoder, fields: list[Any], depth: int) -> pd.DataFrame:
    index_node, columns_node, body = fields
    index, columns = _index(decoder, index_node, depth), _index(decoder, columns_node, depth)
    if type(body) is list and body[:1] == ["np.array"]:
        values = decoder.decode(body, depth)
        if values.shape != (len(index), len(columns)):
            raise CodecError("a frame whose labels do not fit")
        return pd.DataFrame(values, index=index, columns=columns, copy=False)
    series = {}
    for number, node in enumerate(exactly(list, body)):
        column = row(decoder.decode(node, depth))
        if len(column) != len(index):
            raise CodecError("a frame whose columns differ in length")
        series[number] = pd.Series(column, index=index, copy=False, **_object(node))
    if len(series) != len(columns):
        raise CodecError("a frame whose labels do not fit")
    frame = pd.DataFrame(series, index=index)
    frame.columns = columns
    return frame


@encodes(pd.Timestamp, pd.Timedelta)
def encode_moment(encoder: Encoder, value: Any, depth: int) -> Node:
    zone = scalars.encode_zone(getattr(value, "tzinfo", None))
    return ["pd.moment", type(value).__name__, int(value._value), value.unit, zone]


@decodes("pd.moment")
def decode_moment(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    name, number, unit, zone = fields
    if name not in ("Timestamp", "Timedelta") or unit not in ("s", "ms", "us", "ns"):
        raise CodecError("no moment")
    if name == "Timedelta":
        return pd.Timedelta(np.timedelta64(exactly(int, number), unit))
    moment = pd.Timestamp(np.datetime64(exactly(int, number), unit))
    return moment if zone is None else moment.tz_localize("UTC").tz_convert(scalars.decode_zone(zone))


SINGLE = {"NaT": pd.NaT, "NA": pd.NA}


@encodes(type(pd.NaT), type(pd.NA))
def encode_missing(encoder: Encoder, value: Any, depth: int) -> Node:
    return ["pd.missing", "NaT" if value is pd.NaT else "NA"]


@decodes("pd.missing")
def decode_missing(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    (name,) = fields
    return SINGLE[exactly(str, name)]


@encodes(pd.Interval)
def encode_interval(encoder: Encoder, value: pd.Interval, depth: int) -> Node:
    return ["pd.interval", *(encoder.encode(side, depth) for side in (value.left, value.right)), value.closed]


@decodes("pd.interval")
def decode_interval(decoder: Decoder, fields: list[Any], depth: int) -> pd.Interval:
    left, right, closed = fields
    return pd.Interval(decoder.decode(left, depth), decoder.decode(right, depth), exactly(str, closed))
