"""The codec for SciPy's sparse matrices: their entries, with every index checked before compiled code sees it."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

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

#: The longest side of a sparse matrix: some formats keep a number for every row.
MAX_SIDE = 1 << 27
FORMATS = ("coo", "csc", "csr", "dia", "dok", "lil")
KINDS: dict[str, type] = {
    name: getattr(scipy.sparse, name) for format in FORMATS for name in (f"{format}_array", f"{format}_matrix")
}


@encodes(*KINDS.values())
def encode_sparse(encoder: Encoder, value: Any, depth: int) -> Node:
    """A sparse matrix as its entries, or for a diagonal one as its diagonals."""
    if value.ndim != 2:
        raise Opaque(repr(type(value).__name__))
    if value.format == "dia":
        parts = [value.data, value.offsets]
    else:
        entries = value.tocoo()
        parts = [entries.data, np.asarray(entries.row), np.asarray(entries.col)]
    with encoder.values_only():
        return [
            "sp.matrix",
            type(value).__name__,
            list(value.shape),
            *(encoder.encode(part, depth) for part in parts),
        ]


@decodes("sp.matrix")
def decode_sparse(decoder: Decoder, fields: list[Any], depth: int) -> Any:
    name, sides, *nodes = fields
    kind = KINDS[exactly(str, name)]
    shape = tuple(size(side) for side in exactly(list, sides))
    if len(shape) != 2 or max(shape) > MAX_SIDE:
        raise CodecError("a sparse matrix that is too large")
    data, *places = (exactly(np.ndarray, decoder.decode(node, depth)) for node in nodes)
    if any(one.dtype.kind not in "iu" for one in places) or data.dtype.kind not in "?biufc":
        raise CodecError("a sparse matrix of something else than numbers")
    if name.startswith("dia_"):
        if data.ndim != 2 or (places[0].size and np.abs(places[0].astype(float)).max() > MAX_SIDE):
            raise CodecError("diagonals that do not fit")
        return kind((data, places[0]), shape=shape)
    row, column = places
    if not len(data) == len(row) == len(column) or data.ndim != 1 or row.ndim != 1 or column.ndim != 1:
        raise CodecError("entries of a sparse matrix that do not fit")
    # SciPy's compiled code trusts its indices.
    for one, side in ((row, shape[0]), (column, shape[1])):
        if one.size and not 0 <= int(one.min()) <= int(one.max()) < side:
            raise CodecError("an entry outside of its sparse matrix")
    return kind(scipy.sparse.coo_array((data, (row, column)), shape=shape))
