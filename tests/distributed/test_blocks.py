"""K-means over blocks gives what scikit-learn gives over rows."""

from __future__ import annotations

from typing import Any

import dask
import numpy as np
import pytest
from sklearn.cluster import KMeans, kmeans_plusplus

from scaleml_course.distributed import assign_and_sum, blob_block, delayed_blocks, fit_blocks
from scaleml_course.distributed.blocks import FAN_IN, add_up, lloyd_pass

N_BLOCKS, N_ROWS, K = 7, 300, 5


@pytest.fixture
def rows() -> np.ndarray:
    return np.concatenate([blob_block(number, N_ROWS, n_centres=K) for number in range(N_BLOCKS)])


@pytest.fixture
def start() -> np.ndarray:
    return kmeans_plusplus(blob_block(0, N_ROWS, n_centres=K), K, random_state=0)[0]


def test_a_block_is_the_same_whoever_makes_it_and_differs_from_the_next() -> None:
    assert np.array_equal(blob_block(3, 50), blob_block(3, 50))
    assert not np.array_equal(blob_block(3, 50), blob_block(4, 50))
    assert not np.array_equal(blob_block(3, 50), blob_block(3, 50, seed=1))
    assert blob_block(0, 10, n_features=4, dtype="float32").dtype == np.float32


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_step_equals_scikit_learns(rows: np.ndarray, start: np.ndarray, dtype: str) -> None:
    found = assign_and_sum(rows.astype(dtype), start)
    reference = KMeans(K, init=start, n_init=1, max_iter=1, tol=0).fit(rows)
    assert np.allclose(found.sums / found.counts[:, None], reference.cluster_centers_, rtol=1e-4, atol=1e-4)
    distances = ((rows[:, None, :] - start) ** 2).sum(axis=2)
    assert found.inertia == pytest.approx(distances.min(axis=1).sum(), rel=1e-4)
    assert found.counts.sum() == len(rows)


def test_sums_of_blocks_add_up_to_the_sums_of_the_whole(rows: np.ndarray, start: np.ndarray) -> None:
    whole = assign_and_sum(rows, start)
    parts = add_up([assign_and_sum(part, start) for part in np.array_split(rows, 9)])
    assert np.allclose(parts.sums, whole.sums)
    assert np.array_equal(parts.counts, whole.counts)
    assert parts.inertia == pytest.approx(whole.inertia)


@pytest.mark.parametrize("n_blocks", [1, FAN_IN, FAN_IN + 1])
def test_the_tree_of_additions_forgets_no_block(start: np.ndarray, n_blocks: int) -> None:
    blocks = delayed_blocks(n_blocks, 20, n_centres=K)
    with dask.config.set(scheduler="synchronous"):
        assert lloyd_pass(blocks, start).counts.sum() == 20 * n_blocks


def test_fit_equals_scikit_learns_lloyd_from_the_same_start(
    rows: np.ndarray, start: np.ndarray, client: Any
) -> None:
    reference = KMeans(K, init=start, n_init=1, algorithm="lloyd", max_iter=300, tol=0).fit(rows)
    ours = fit_blocks(delayed_blocks(N_BLOCKS, N_ROWS, n_centres=K), start, max_passes=300, tol=1e-12)
    assert np.allclose(ours.centres, reference.cluster_centers_, atol=1e-6)
    assert ours.inertia == pytest.approx(reference.inertia_, rel=1e-9)
    assert 1 <= ours.n_passes <= 300


def test_a_centre_that_no_row_chose_stays_where_it_was(rows: np.ndarray, start: np.ndarray) -> None:
    far = start.copy()
    far[2] = 1e6
    blocks = [dask.delayed(rows)]
    with dask.config.set(scheduler="synchronous"):
        assert np.array_equal(fit_blocks(blocks, far, max_passes=3).centres[2], far[2])


def test_passes_are_limited(start: np.ndarray) -> None:
    blocks = delayed_blocks(2, 50, n_centres=K)
    with dask.config.set(scheduler="synchronous"):
        assert fit_blocks(blocks, start, max_passes=2, tol=0).n_passes == 2


def test_what_cannot_be_fitted_is_refused_with_the_reason(start: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no blocks"):
        fit_blocks([], start)
    with pytest.raises(ValueError, match="shape"):
        fit_blocks(delayed_blocks(1, 10), start[0])
    with pytest.raises(ValueError, match="max_passes"):
        fit_blocks(delayed_blocks(1, 10), start, max_passes=0)
