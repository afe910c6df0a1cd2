"""Learning from blocks: a design matrix that no process ever holds, and a model that meets it in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import dask.array as da

FloatMatrix = npt.NDArray[np.floating[Any]]


def product_columns(columns: FloatMatrix) -> FloatMatrix:
    """Append the product of every pair of columns: what lets a linear model see that two causes meet.

    Parameters
    ----------
    columns : ndarray of float, shape (n, d)

    Returns
    -------
    ndarray of the same dtype, shape (n, d + d (d - 1) / 2)
        The columns themselves, then 0 times 1, 0 times 2, ..., in the order of `numpy.triu_indices(d, 1)`.
    """
    n_rows, d = columns.shape
    wide = np.empty((n_rows, d + d * (d - 1) // 2), dtype=columns.dtype)
    wide[:, :d] = columns
    filled = d
    for j in range(d - 1):
        # Straight into its place: a temporary copy would double the memory of a block.
        end = filled + d - 1 - j
        np.multiply(columns[:, j : j + 1], columns[:, j + 1 :], out=wide[:, filled:end])
        filled = end
    return wide


def feature_block(start: int, n_rows: int, seed: int = 0) -> tuple[FloatMatrix, npt.NDArray[np.int8]]:
    """Some rows of the trips table as 18 numbers each, and their labels.

    Returns
    -------
    features : ndarray of float32, shape (n_rows, 18)
    late : ndarray of int8, shape (n_rows,)
    """
    from scaleml_course.data.features import numeric_features
    from scaleml_course.data.trips import trips

    table = trips(n_rows, start=start, seed=seed)
    return np.ascontiguousarray(numeric_features(table).to_numpy()), table["late"].to_numpy()


def design(
    n_blocks: int, rows_per_block: int, *, seed: int = 0, products: bool = True
) -> tuple[da.Array, da.Array]:
    """The trips as Dask arrays whose blocks are made where they are needed.

    Nothing is computed here, and nothing is read: each block knows its row numbers, and that is all.

    Returns
    -------
    X : dask Array of float32, shape (n_blocks * rows_per_block, 171), or 18 columns without `products`
    y : dask Array of int8, shape (n_blocks * rows_per_block,)
    """
    import dask
    import dask.array as da

    from scaleml_course.data.features import NUMERIC_FEATURES

    if n_blocks < 1 or rows_per_block < 1:
        raise ValueError(f"n_blocks is {n_blocks} and rows_per_block {rows_per_block}: both must be 1 or more")
    width = len(NUMERIC_FEATURES)
    made = [
        dask.delayed(feature_block, nout=2)(number * rows_per_block, rows_per_block, seed)
        for number in range(n_blocks)
    ]
    X = da.concatenate([da.from_delayed(x, (rows_per_block, width), np.float32) for x, _ in made])
    y = da.concatenate([da.from_delayed(late, (rows_per_block,), np.int8) for _, late in made])
    return (with_products(X) if products else X), y


def with_products(X: da.Array) -> da.Array:
    """`product_columns` block by block: wide blocks exist only while something uses them."""
    width = X.shape[1] + X.shape[1] * (X.shape[1] - 1) // 2
    return X.map_blocks(product_columns, dtype=X.dtype, chunks=(X.chunks[0], (width,)))


def partial_fit_blocks(
    model: Any,
    blocks: Iterable[tuple[FloatMatrix, npt.NDArray[Any]]],
    *,
    classes: Sequence[int],
    after_block: Callable[[int], None] | None = None,
) -> Any:
    """Show the model one block after the other, and keep none of them.

    Parameters
    ----------
    model : estimator with `partial_fit`
    blocks : iterable of (features, labels)
        Read once; an iterator that makes its blocks as it goes keeps one of them alive at a time.
    classes : sequence of int
        Every label there is. The first block may not hold them all, so they must be told.
    after_block : callable, optional
        Called with the number of blocks seen so far, for a learning curve.

    Returns
    -------
    The same model, fitted.

    Raises
    ------
    TypeError
        If the model has no `partial_fit`, and so cannot learn from pieces.
    """
    if not hasattr(model, "partial_fit"):
        raise TypeError(
            f"{type(model).__name__} has no partial_fit: it needs all rows at once. Take one that learns row by "
            "row (SGDClassifier, MiniBatchKMeans), or a form of it built for blocks (xgboost.dask)"
        )
    for number, (features, labels) in enumerate(blocks, start=1):
        model.partial_fit(features, labels, classes=classes)
        if after_block is not None:
            after_block(number)
    return model
