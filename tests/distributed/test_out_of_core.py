"""Blocks of a design matrix, and models that learn from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import roc_auc_score

from scaleml_course.data import NUMERIC_FEATURES, numeric_features, trips
from scaleml_course.distributed import design, feature_block, partial_fit_blocks, product_columns, watch

ROWS = 16_384
PATIENT = {"alpha": 1e-6, "learning_rate": "invscaling", "eta0": 0.05, "power_t": 0.25}


def test_product_columns_are_the_columns_and_then_every_pair() -> None:
    columns = np.random.default_rng(0).normal(size=(11, 6)).astype("float32")
    left, right = np.triu_indices(6, 1)
    expected = np.hstack([columns, columns[:, left] * columns[:, right]])
    wide = product_columns(columns)
    assert wide.dtype == np.float32
    assert np.array_equal(wide, expected)
    assert product_columns(columns[:0]).shape == (0, 21)
    assert np.array_equal(product_columns(columns[:, :1]), columns[:, :1])


def test_feature_block_is_the_table_from_its_row_on() -> None:
    features, late = feature_block(500, 40, seed=6)
    table = trips(40, start=500, seed=6)
    assert np.array_equal(features, numeric_features(table).to_numpy())
    assert np.array_equal(late, table["late"])
    assert features.dtype == np.float32 and features.flags.c_contiguous


@pytest.mark.parametrize("products", [True, False])
def test_design_promises_what_the_blocks_hold_and_computes_nothing_before(client: Any, products: bool) -> None:
    with watch(client) as promised:
        X, y = design(3, 100, seed=2, products=products)
    assert promised.n_tasks == 0
    features, late = feature_block(0, 300, seed=2)
    expected = product_columns(features) if products else features
    assert X.shape == expected.shape and X.dtype == expected.dtype and X.numblocks[0] == 3
    assert np.array_equal(X.compute(), expected)
    assert np.array_equal(y.compute(), late)
    assert X.shape[1] == (171 if products else len(NUMERIC_FEATURES))


@pytest.mark.parametrize(("n_blocks", "rows"), [(0, 10), (3, 0)])
def test_an_empty_design_is_refused(n_blocks: int, rows: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        design(n_blocks, rows)


def test_partial_fit_blocks_reads_once_and_keeps_nothing() -> None:
    asked: list[int] = []
    seen: list[int] = []

    def blocks() -> Any:
        for number in range(5):
            # The model must have met the block before, when the next one is asked for.
            assert seen == list(range(1, number + 1))
            asked.append(number)
            yield feature_block(number * 200, 200)

    model = SGDClassifier(random_state=0)
    assert partial_fit_blocks(model, blocks(), classes=[0, 1], after_block=seen.append) is model
    assert asked == [0, 1, 2, 3, 4] and seen == [1, 2, 3, 4, 5]


def test_a_first_block_with_one_label_only_is_no_trouble() -> None:
    features, late = feature_block(0, 400)
    blocks = [(features[late == 0], late[late == 0]), (features, late)]
    model = partial_fit_blocks(SGDClassifier(random_state=0), blocks, classes=[0, 1])
    assert list(model.classes_) == [0, 1]


def test_a_forest_is_refused_with_the_reason_and_an_alternative() -> None:
    with pytest.raises(TypeError, match=r"RandomForestClassifier has no partial_fit.*SGDClassifier"):
        partial_fit_blocks(RandomForestClassifier(), [feature_block(0, 10)], classes=[0, 1])


def test_products_let_a_linear_model_see_more_than_the_columns_alone() -> None:
    held_out, late = feature_block(0, 20_000, seed=1)
    blocks = [feature_block(number * ROWS, ROWS) for number in range(3)]
    narrow = partial_fit_blocks(SGDClassifier(loss="log_loss", random_state=0, **PATIENT), blocks, classes=[0, 1])
    wide = partial_fit_blocks(
        SGDClassifier(loss="log_loss", random_state=0, **PATIENT),
        ((product_columns(features), labels) for features, labels in blocks),
        classes=[0, 1],
    )
    auc_narrow = roc_auc_score(late, narrow.decision_function(held_out))
    auc_wide = roc_auc_score(late, wide.decision_function(product_columns(held_out)))
    assert auc_wide > auc_narrow + 0.02


@pytest.mark.slow
def test_incremental_learns_what_the_plain_loop_learns(client: Any) -> None:
    from dask_ml.wrappers import Incremental

    X, y = design(4, 2_000)
    learner = Incremental(SGDClassifier(loss="log_loss", random_state=0), shuffle_blocks=False)
    with watch(client) as run:
        learner.fit(X, y, classes=[0, 1])
    assert run.count("feature_block") == 4, "one pass makes every block once"
    blocks = (feature_block(number * 2_000, 2_000) for number in range(4))
    loop = partial_fit_blocks(
        SGDClassifier(loss="log_loss", random_state=0),
        ((product_columns(features), late) for features, late in blocks),
        classes=[0, 1],
    )
    assert np.allclose(learner.estimator_.coef_, loop.coef_)
