"""The codec for NumPy: arrays and scalars as raw bytes with a checked dtype, objects one by one."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from scaleml_course.grading.split import codec, containers, scalars
from scaleml_course.grading.split.codec import (
    CodecError,
    Decoder,
    Encoder,
    Node,
    Opaque,
    decodes,
    encodes,
    exactly,
    size,
)

#: dtypes without fields, as `numpy.dtype.str` writes them. No objects among them.
PLAIN = re.compile(r"[<>|=][?biufc]\d{1,2}|[<>|=]?[SUV]\d{1,9}|[<>=][mM]8(\[\d{0,6}[a-zA-Zμ]{1,2}\])?")
#: Elements that take no bytes would let a short message make an array without bound.
MAX_EMPTY_ELEMENTS = 1 << 24

SCALARS = tuple({np.dtype(code).type for code in "?bhilqpBHILQPefdgFDGSUVmM"} | {np.longlong, np.ulonglong})
SCALAR_NAMES: dict[str, type] = {f"numpy.{kind.__name__}": kind for kind in SCALARS}
ARRAYS: dict[str, type] = {"ndarray": np.ndarray, "matrix": np.matrix, "recarray": np.recarray}


def encode_dtype(dtype: np.dtype[Any]) -> Node:
    """A dtype as text, or as a list of [name, dtype, shape] for one with fields."""
    if dtype.hasobject or type(dtype).__module__ != "numpy.dtypes":
        raise Opaque("'dtype'")
    if dtype.fields is None:
        if dtype.subdtype is not None or not PLAIN.fullmatch(dtype.str):
            raise Opaque("'dtype'")
        return dtype.str
    fields = [_encode_field(*field) for field in np.lib.format.dtype_to_descr(dtype)]
    if decode_dtype(fields) != np.dtype(dtype, metadata={}):
        raise Opaque("'dtype'")  # overlapping fields, titles
    return fields


def _encode_field(name: Any, kind: Any, shape: tuple[int, ...] = ()) -> list[Any]:
    if type(name) is not str:
        raise Opaque("'dtype'")
    return [name, kind if type(kind) is str else [_encode_field(*field) for field in kind], list(shape)]


def decode_dtype(node: Any) -> np.dtype[Any]:
    """The dtype of `encode_dtype`."""
    return np.dtype(np.lib.format.descr_to_dtype(_description(node, 0)))


def _description(node: Any, depth: int) -> Any:
    if type(node) is str:
        if not PLAIN.fullmatch(node):
            raise CodecError("no dtype of numbers or texts")
        return node
    if depth > 8:
        raise CodecError("a dtype nested too deep")
    fields = []
    for name, kind, shape in exactly(list, node):
        sides = tuple(size(side) for side in exactly(list, shape))
        fields.append((exactly(str, name), _description(kind, depth + 1), *([sides] if sides else [])))
    return fields


@encodes(*{type(np.dtype(code)) for code in "?bhilqBHILQefdgFDGSUVmM"})
def encode_dtype_value(encoder: Encoder, value: np.dtype[Any], depth: int) -> Node:
    return ["np.dtype", encode_dtype(value)]


@decodes("np.dtype")
def decode_dtype_value(decoder: Decoder, fields: list[Any], depth: int) -> np.dtype[Any]:
    (node,) = fields
    return decode_dtype(node)


@encodes(*SCALARS)
def encode_scalar(encoder: Encoder, value: np.generic, depth: int) -> Node:
    return ["np.scalar", encode_dtype(value.dtype), value.tobytes()]


@decodes("np.scalar")
def decode_scalar(decoder: Decoder, fields: list[Any], depth: int) -> np.generic:
    dtype, data = fields
    scalar: np.generic = _from_bytes(bytearray(exactly(bytes, data)), decode_dtype(dtype), (1,))[0]
    return scalar


@encodes(np.ndarray, np.matrix, np.recarray, np.memmap)
def encode_array(encoder: Encoder, value: np.ndarray[Any, Any], depth: int) -> Node:
    name = "ndarray" if type(value) is np.memmap else type(value).__name__
    value = value.view(np.ndarray)
    if value.dtype.char == "O":
        return ["np.objects", name, list(value.shape), *encode_objects(encoder, value.ravel().tolist(), depth)]
    if value.dtype.char == "T":
        return ["np.texts", _text_missing(value.dtype), list(value.shape), *_encode_text_array(encoder, value)]
    dtype = encode_dtype(value.dtype.newbyteorder("=") if name == "recarray" else value.dtype)
    if value.nbytes > codec.BUFFER_BYTES:
        raise Opaque("'large array'")
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    flat = np.ascontiguousarray(value.T if fortran else value).reshape(-1)
    data = flat.view(np.uint8) if value.dtype.itemsize and value.size else b""
    return ["np.array", name, dtype, list(value.shape), fortran, encoder.buffer(data)]


@decodes("np.array")
def decode_array(decoder: Decoder, fields: list[Any], depth: int) -> np.ndarray[Any, Any]:
    name, dtype_node, sides, fortran, number = fields
    shape = _shape(sides)
    dtype = decode_dtype(dtype_node)
    array = _from_bytes(decoder.buffer(number), dtype, shape[::-1] if exactly(bool, fortran) else shape)
    return _as(name, array.T if fortran else array)


def _as(name: Any, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array if name == "ndarray" else array.view(ARRAYS[exactly(str, name)])


def _shape(sides: Any) -> tuple[int, ...]:
    shape = tuple(size(side) for side in exactly(list, sides))
    if math.prod(side for side in shape if side) > 2**40:
        raise CodecError("an array that is too large")
    return shape


def _from_bytes(data: bytearray, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """An array over bytes of the other side, each of which is a value its dtype may have."""
    count = math.prod(shape)
    if len(data) != count * dtype.itemsize or (not dtype.itemsize and count > MAX_EMPTY_ELEMENTS):
        raise CodecError("bytes that do not fit the array")
    array: np.ndarray[Any, Any] = np.ndarray(shape, dtype, buffer=data if data else None)
    _refuse_odd_truth(array)
    return array


def _refuse_odd_truth(array: np.ndarray[Any, Any]) -> None:
    """A byte that is neither 0 nor 1 is True to one comparison and unequal to True in another."""
    if array.dtype.names:
        for name in array.dtype.names:
            _refuse_odd_truth(array[name])
    elif array.dtype.char == "?" and array.size and array.view(np.uint8).max() > 1:
        raise CodecError("a truth value that is neither true nor false")


def encode_objects(encoder: Encoder, values: list[Any], depth: int) -> list[Node]:
    """Elements of an array of objects; values only, for arrays compare their elements by themselves."""
    if len(values) >= containers.BLOCK and (block := encode_text_block(encoder, values)) is not None:
        return ["s", *block]
    with encoder.values_only():
        return ["o", *(encoder.encode(value, depth) for value in values)]


def encode_text_block(encoder: Encoder, values: list[Any]) -> list[int] | None:
    """Texts and None as a block; None when there is anything else."""
    if set(map(type, values)) <= {str, type(None)}:
        return containers.encode_texts(encoder, values)
    return None


def decode_objects(decoder: Decoder, fields: list[Any], depth: int) -> list[Any]:
    """The elements of `encode_objects`."""
    kind, *rest = fields
    if kind == "s":
        return containers.decode_texts(decoder, rest)
    resolve, decoder.resolve = decoder.resolve, None
    try:
        return [decoder.decode(node, depth) for node in rest]
    finally:
        decoder.resolve = resolve


@decodes("np.objects")
def decode_object_array(decoder: Decoder, fields: list[Any], depth: int) -> np.ndarray[Any, Any]:
    name, sides, *rest = fields
    return _as(name, object_array(decode_objects(decoder, rest, depth), _shape(sides)))


def object_array(values: list[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """An array of these objects, each as it is."""
    if math.prod(shape) != len(values):
        raise CodecError("elements that do not fit the array")
    array = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        array[place] = value
    return array.reshape(shape)


def _text_missing(dtype: Any) -> str:
    missing = getattr(dtype, "na_object", "")
    if missing == "":
        return ""
    if isinstance(missing, float) and math.isnan(missing):
        return "nan"
    raise Opaque("'StringDType'")


def _encode_text_array(encoder: Encoder, value: np.ndarray[Any, Any]) -> list[int]:
    return containers.encode_texts(
        encoder, (text if type(text) is str else None for text in value.ravel().tolist())
    )


@decodes("np.texts")
def decode_text_array(decoder: Decoder, fields: list[Any], depth: int) -> np.ndarray[Any, Any]:
    missing, sides, *block = fields
    dtype = np.dtypes.StringDType(na_object=np.nan) if missing == "nan" else np.dtypes.StringDType()
    texts = [np.nan if text is None else text for text in containers.decode_texts(decoder, block)]
    shape = _shape(sides)
    if math.prod(shape) != len(texts):
        raise CodecError("texts that do not fit the array")
    return np.array(texts, dtype=dtype).reshape(shape)


@encodes(type(np.ma.masked))
def encode_masked(encoder: Encoder, value: Any, depth: int) -> Node:
    if not encoder.masked:
        raise Opaque("'masked'")
    return ["np.masked"]


@decodes("np.masked")
def decode_masked(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    if not decoder.masked:
        raise CodecError("a masked value where none may stand")
    return np.ma.masked


@encodes(np.ma.MaskedArray)
def encode_masked_array(encoder: Encoder, value: np.ma.MaskedArray[Any, Any], depth: int) -> Node:
    mask = None if value.mask is np.ma.nomask else np.asarray(value.mask)
    if not encoder.masked and np.ma.is_masked(value):
        raise Opaque("'masked array'")
    with encoder.values_only():
        parts = (np.asarray(value.data), mask, np.asarray(value.fill_value))
        return ["np.masked_array", *(encoder.encode(part, depth) for part in parts)]


@decodes("np.masked_array")
def decode_masked_array(decoder: Decoder, fields: list[Any], depth: int) -> np.ma.MaskedArray[Any, Any]:
    data, mask, fill = (decoder.decode(field, depth) for field in fields)
    exactly(np.ndarray, data)
    if mask is not None and exactly(np.ndarray, mask).shape != data.shape:
        raise CodecError("a mask that does not fit its array")
    array: np.ma.MaskedArray[Any, Any] = np.ma.MaskedArray(data, mask=np.ma.nomask if mask is None else mask)
    if not decoder.masked and np.ma.is_masked(array):
        raise CodecError("a masked value where none may stand")
    array.fill_value = exactly(np.ndarray, fill)[()]
    return array


scalars.TYPES.update(SCALAR_NAMES)
