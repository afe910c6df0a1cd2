"""Features for linear models: the same by partition as by table, finite, and good for an honest baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import roc_auc_score

from scaleml_course.data import NUMERIC_FEATURES, numeric_features, trips, trips_frame


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_rows", [0, 1, 20_000])
def test_shape_dtype_and_finite(n_rows: int, dtype: str) -> None:
    frame = trips(n_rows, start=100)
    x = numeric_features(frame, dtype=dtype)
    assert list(x.columns) == NUMERIC_FEATURES
    assert x.shape == (n_rows, 18)
    assert (x.dtypes == dtype).all()
    assert np.isfinite(x.to_numpy()).all()
    assert (x.abs() <= 6).all(axis=None)
    assert x.index.equals(frame.index)


def test_the_frame_itself_is_left_alone() -> None:
    frame = trips(100)
    before = frame.copy(deep=True)
    numeric_features(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_meaning_on_rows_worked_out_by_hand() -> None:
    frame = trips(3).assign(
        picked_up_at=pd.to_datetime(["2024-01-01 08:00", "2024-01-06 18:00", "2024-01-02 12:00"]),
        distance_km=[5.0, 10.0, 20.0],
        driver_rating=[4.0, np.nan, 5.0],
        vehicle=pd.Categorical(["van", "bike", "car"], categories=trips(0)["vehicle"].cat.categories),
    )
    x = numeric_features(frame, dtype="float64")
    assert x["is_rush_hour"].tolist() == [1, 0, 0]  # a Saturday has none
    assert x["is_weekend"].tolist() == [0, 1, 0]
    assert x["distance"].tolist() == [0.5, 1.0, 2.0]
    assert x["rating"].tolist() == [-0.5, 0.0, 0.5]
    assert x["rating_missing"].tolist() == [0, 1, 0]
    assert x["vehicle_van"].tolist() == [1, 0, 0]
    np.testing.assert_allclose(x["hour_cos"], [-0.5, 0.0, -1.0], atol=1e-12)
    assert (x.filter(like="vehicle_").sum(axis=1) == 1).all()
    assert (x.filter(like="weather_").sum(axis=1) == 1).all()


def test_by_dask_partition_it_is_the_same() -> None:
    by_partition = trips_frame(20_000, 3_000).map_partitions(numeric_features).compute(scheduler="sync")
    pd.testing.assert_frame_equal(by_partition, numeric_features(trips(20_000)), check_exact=True)


def test_a_linear_model_learns_some_of_it_and_not_all() -> None:
    train, fresh = trips(40_000), trips(30_000, seed=1)
    x, x_fresh = numeric_features(train), numeric_features(fresh)
    whole = LogisticRegression(max_iter=300).fit(x, train["late"])
    assert 0.71 < roc_auc_score(fresh["late"], whole.decision_function(x_fresh)) < 0.77
    streamed = SGDClassifier(loss="log_loss", alpha=1e-4, random_state=0)
    for start in range(0, 40_000, 8_000):
        part = slice(start, start + 8_000)
        streamed.partial_fit(x.iloc[part], train["late"].iloc[part], classes=[0, 1])
    assert 0.69 < roc_auc_score(fresh["late"], streamed.decision_function(x_fresh)) < 0.77
