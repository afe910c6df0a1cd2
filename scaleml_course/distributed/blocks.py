"""K-means over blocks: Lloyd's algorithm as sums that add up, so that no process needs all the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FAN_IN = 32  # blocks' sums added by one task; a task costs about a millisecond, an addition a microsecond


class BlockSums(NamedTuple):
    """What one block contributes to the next centres. Adding two of these describes both blocks.

    Attributes
    ----------
    sums : ndarray of float64, shape (k, d)
        Sum of the rows nearest to each centre.
    counts : ndarray of int64, shape (k,)
        How many rows that is.
    inertia : float
        Squared distance of every row to its nearest centre, added up.
    """

    sums: Floats
    counts: npt.NDArray[np.int64]
    inertia: float

    def plus(self, other: BlockSums) -> BlockSums:
        """The same three numbers for the rows of both."""
        return BlockSums(self.sums + other.sums, self.counts + other.counts, self.inertia + other.inertia)


@dataclass(frozen=True)
class KMeansBlocks:
    """A fitted k-means.

    Attributes
    ----------
    centres : ndarray of float64, shape (k, d)
    inertia : float
        To the centres *before* the last move, as the last pass saw them.
    n_passes : int
        How often every block was read.
    """

    centres: Floats
    inertia: float
    n_passes: int


def blob_block(
    number: int,
    n_rows: int,
    *,
    n_features: int = 20,
    n_centres: int = 12,
    spread: float = 6.0,
    seed: int = 0,
    dtype: npt.DTypeLike = np.float64,
) -> npt.NDArray[Any]:
    """Block `number` of an endless table of round clouds: rows about `n_centres` seeded centres.

    Returns
    -------
    ndarray, shape (n_rows, n_features)
        The same rows for the same number, whoever makes them.
    """
    centres = np.random.default_rng(seed).uniform(-10, 10, (n_centres, n_features))
    rng = np.random.default_rng([seed, number + 1])
    rows = rng.standard_normal((n_rows, n_features))
    rows *= spread
    rows += centres[rng.integers(0, n_centres, n_rows)]
    return rows.astype(dtype, copy=False)


def delayed_blocks(n_blocks: int, n_rows: int, **settings: Any) -> list[Any]:
    """`n_blocks` promises of `blob_block(number, n_rows, **settings)`: a graph, and no rows yet."""
    import dask

    make = dask.delayed(blob_block, pure=True)
    return [make(number, n_rows, **settings) for number in range(n_blocks)]


def assign_and_sum(rows: npt.NDArray[Any], centres: Floats) -> BlockSums:
    """One block's part of a Lloyd step: give every row its nearest centre, then add up by centre.

    Parameters
    ----------
    rows : ndarray of float, shape (n, d)
    centres : ndarray of float64, shape (k, d)
    """
    # |x - c|^2 = |x|^2 - 2 x.c + |c|^2: a matrix product, and |x|^2 cannot change which centre is nearest.
    nearness = rows @ centres.T.astype(rows.dtype, copy=False)
    nearness *= -2
    nearness += np.einsum("ij,ij->i", centres, centres)
    nearest = nearness.argmin(axis=1)
    every_row = np.arange(len(rows))
    inertia = float(
        np.einsum("ij,ij->", rows, rows, dtype=np.float64) + nearness[every_row, nearest].sum(dtype=np.float64)
    )
    is_nearest = np.zeros((len(rows), len(centres)), dtype=rows.dtype)
    is_nearest[every_row, nearest] = 1
    counts = np.bincount(nearest, minlength=len(centres))
    return BlockSums((is_nearest.T @ rows).astype(np.float64), counts, inertia)


def add_up(parts: Sequence[BlockSums]) -> BlockSums:
    """The sums of several blocks as those of one."""
    total = parts[0]
    for part in parts[1:]:
        total = total.plus(part)
    return total


def lloyd_pass(blocks: Sequence[Any], centres: Floats) -> BlockSums:
    """One pass over delayed blocks: a task a block, then a tree of additions. Only sums travel."""
    import dask

    one_block, several = dask.delayed(assign_and_sum), dask.delayed(add_up)
    shared = dask.delayed(centres)  # one copy for the graph, not one a block
    parts = [one_block(block, shared) for block in blocks]
    while len(parts) > 1:
        parts = [several(parts[first : first + FAN_IN]) for first in range(0, len(parts), FAN_IN)]
    return parts[0].compute()


def fit_blocks(
    blocks: Sequence[Any], start: npt.ArrayLike, *, max_passes: int = 100, tol: float = 1e-4
) -> KMeansBlocks:
    """Lloyd's k-means over delayed blocks, from given centres.

    Parameters
    ----------
    blocks : sequence of delayed ndarrays, each of shape (n_i, d)
        Persisted or not. Without, every pass makes every block again, and memory holds a few at a time.
    start : array-like, shape (k, d)
        Centres to start from, such as k-means++ on the first block.
    max_passes : int
        Upper limit on the passes over the data.
    tol : float
        Stop when the centres' squared moves add up to less (as `dask_ml.cluster.KMeans` does).

    Notes
    -----
    S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28 (1982). A centre that no row
    chose stays where it was.
    """
    if not blocks:
        raise ValueError("no blocks: k-means needs at least one")
    centres = np.array(start, dtype=np.float64)
    if max_passes < 1:
        raise ValueError(f"max_passes is {max_passes}: k-means must see the data at least once")
    if centres.ndim != 2:
        raise ValueError(f"start has shape {centres.shape}: give one row a centre, shape (k, d)")
    n_passes, shift = 0, np.inf
    while n_passes < max_passes and shift >= tol:
        n_passes += 1
        found = lloyd_pass(blocks, centres)
        chosen = found.counts[:, None] > 0
        moved = np.where(chosen, found.sums / np.maximum(found.counts, 1)[:, None], centres)
        shift = float(((moved - centres) ** 2).sum())
        centres = moved
    return KMeansBlocks(centres, found.inertia, n_passes)
