"""The trips table: the same rows however it is cut, and a label which is learnable, but not by looking."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from scaleml_course.data import (
    COLUMNS,
    FEATURES,
    LABEL,
    late_chance,
    partitions,
    trips,
    trips_frame,
)
from scaleml_course.data.blocks import BLOCK_ROWS, ROWS_PER_WEEK
from scaleml_course.data.trips import MAX_ROWS, MAX_SEED


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return trips(120_000)


@pytest.fixture(scope="module")
def fresh() -> pd.DataFrame:
    return trips(30_000, seed=1)


def digest(frame: pd.DataFrame) -> str:
    hashes = pd.util.hash_pandas_object(frame, index=True).to_numpy()
    return hashlib.sha256(hashes.tobytes()).hexdigest()[:16]


# --- the same rows, however they are cut ---------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "seed", "expected"),
    [(0, 0, "15c852a84e27f68b"), (0, 7, "6664abef9fc97d58"), (99_999_000, 0, "52b6a5e16100514d")],
)
def test_the_data_is_what_it_always_was(start: int, seed: int, expected: str) -> None:
    """If this fails on purpose, raise GENERATOR_VERSION: files on learners' disks are then written anew."""
    assert digest(trips(1_000, start=start, seed=seed)) == expected


edge = st.sampled_from([0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 2 * BLOCK_ROWS, ROWS_PER_WEEK])


@settings(max_examples=40, deadline=None)
@given(
    start=edge | st.integers(0, 60_000),
    n_rows=edge | st.integers(0, 20_000),
)
def test_any_slice_equals_the_whole(table: pd.DataFrame, start: int, n_rows: int) -> None:
    n_rows = min(n_rows, len(table) - start)
    expected = table.iloc[start : start + n_rows]
    pd.testing.assert_frame_equal(trips(n_rows, start=start), expected, check_exact=True)


@settings(max_examples=15, deadline=None)
@given(
    n_rows=st.integers(1, 40_000),
    rows_per_partition=st.integers(3_000, 50_000),
    seed=st.integers(0, MAX_SEED),
)
def test_any_partitioning_gives_the_same_table(n_rows: int, rows_per_partition: int, seed: int) -> None:
    parts = [trips(size, start=start, seed=seed) for start, size in partitions(n_rows, rows_per_partition)]
    pd.testing.assert_frame_equal(pd.concat(parts), trips(n_rows, seed=seed), check_exact=True)


@given(n_rows=st.integers(0, 10**6), rows_per_partition=st.integers(1_000, 2 * 10**6))
def test_partitions_cover_every_row_once(n_rows: int, rows_per_partition: int) -> None:
    parts = partitions(n_rows, rows_per_partition)
    assert [start for start, _ in parts] == [number * rows_per_partition for number in range(len(parts))]
    assert sum(size for _, size in parts) == n_rows
    assert all(size == rows_per_partition for _, size in parts[:-1])
    assert len(parts) == max(1, -(-n_rows // rows_per_partition))


@pytest.mark.parametrize("disabled", ["", "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_ICL X86_V4"])
def test_another_process_or_processor_makes_the_same_rows(disabled: str) -> None:
    """NumPy's sine and exponential differ in the last bit between processors; the table must not."""
    code = (
        "import hashlib, pandas as pd; from scaleml_course.data import trips; "
        "frame = trips(100_000, start=16_200, seed=3); "
        "print(hashlib.sha256(pd.util.hash_pandas_object(frame).to_numpy().tobytes()).hexdigest()[:16])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": disabled},
    )
    assert done.stdout.strip() == digest(trips(100_000, start=16_200, seed=3))


def test_seeds_differ_and_blocks_do_not_repeat(table: pd.DataFrame) -> None:
    other = trips(BLOCK_ROWS, seed=1)
    first, second = table.iloc[:BLOCK_ROWS], table.iloc[BLOCK_ROWS : 2 * BLOCK_ROWS]
    for a, b in ((first, other), (first, second)):
        same = (a["distance_km"].to_numpy() == b["distance_km"].to_numpy()).mean()
        assert same < 0.01
    assert not table.duplicated(["pickup_longitude", "pickup_latitude", "distance_km"]).any()


def test_the_last_row_can_be_reached() -> None:
    last = trips(1, start=MAX_ROWS - 1)
    assert last["trip_id"].tolist() == [MAX_ROWS - 1]
    assert last["picked_up_at"].dt.year.iloc[0] > 4000


def test_the_taught_half_needs_nothing_of_the_other_and_no_dask() -> None:
    code = (
        "import sys; from scaleml_course.data import trips; trips(10); "
        "print([m for m in sys.modules if m.startswith(('dask', 'scaleml_course.course', "
        "'scaleml_course.grading'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- columns -------------------------------------------------------------------------------------

DTYPES = {
    "trip_id": "int64",
    "picked_up_at": "datetime64[us]",
    "vehicle": "category",
    "weather": "category",
    "zone": "int32",
    "pickup_longitude": "float64",
    "pickup_latitude": "float64",
    "dropoff_longitude": "float64",
    "dropoff_latitude": "float64",
    "distance_km": "float64",
    "n_parcels": "int16",
    "price": "float64",
    "driver_rating": "float64",
    "note": "str",
    "late": "int8",
}


@pytest.mark.parametrize(
    ("n_rows", "start"), [(0, 0), (0, 20_000), (1, 0), (1, 2), (3, BLOCK_ROWS - 1), (40_000, 5)]
)
def test_dtypes_are_the_same_in_every_slice(n_rows: int, start: int) -> None:
    frame = trips(n_rows, start=start)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    assert frame.dtypes.equals(trips(10).dtypes)  # the categories too, which the names do not show
    assert isinstance(frame.index, pd.RangeIndex)
    assert list(frame.index) == list(range(start, start + n_rows))


def test_names_of_columns() -> None:
    assert list(DTYPES) == COLUMNS
    assert set(COLUMNS) - set(FEATURES) == {"trip_id", LABEL}


def test_values_are_in_their_ranges(table: pd.DataFrame) -> None:
    assert table["trip_id"].tolist() == list(range(len(table)))
    assert table["zone"].between(0, 3_999).all()
    assert table["n_parcels"].between(1, 25).all()
    assert table["price"].between(2, 150).all()
    assert table["driver_rating"].dropna().between(1, 5).all()
    assert set(table["late"]) == {0, 1}
    assert set(table["vehicle"]) == {"bike", "scooter", "car", "van"}
    assert set(table["weather"]) == {"clear", "rain", "fog", "snow"}
    assert table.drop(columns=["driver_rating", "note"]).notna().all(axis=None)


def test_the_road_is_never_shorter_than_the_great_circle(table: pd.DataFrame) -> None:
    longitude, latitude = np.radians(table["pickup_longitude"]), np.radians(table["pickup_latitude"])
    longitude_to, latitude_to = np.radians(table["dropoff_longitude"]), np.radians(table["dropoff_latitude"])
    half = np.sin((latitude_to - latitude) / 2) ** 2
    half += np.cos(latitude) * np.cos(latitude_to) * np.sin((longitude_to - longitude) / 2) ** 2
    detour = table["distance_km"] / (2 * 6371.0 * np.arcsin(np.sqrt(half)))
    assert detour.between(1.1, 1.65).all()


def test_one_zone_has_a_fifth_of_the_rows_and_thousands_have_few(table: pd.DataFrame) -> None:
    counts = table["zone"].value_counts()
    assert 0.18 < counts.iloc[0] / len(table) < 0.25
    assert counts.iloc[:10].sum() / len(table) > 0.45
    assert len(counts) > 2_500
    assert counts.median() < 15


def test_time_rises_with_the_row_and_has_a_day_and_a_week(table: pd.DataFrame) -> None:
    time = table["picked_up_at"]
    assert (time.cummax() - time).max() < pd.Timedelta(hours=4)
    assert (time.dt.microsecond == 0).all()
    week = time.iloc[:ROWS_PER_WEEK]
    assert week.iloc[0] < pd.Timestamp("2024-01-01 01:00")
    assert pd.Timestamp("2024-01-07 23:00") < week.iloc[-1] < pd.Timestamp("2024-01-08 03:00")
    by_hour = week.dt.hour.value_counts()
    assert by_hour[18] > 5 * by_hour[3]
    by_day = week.dt.day_of_week.value_counts()
    assert by_day[4] > by_day[0] > by_day[6]


def test_ratings_are_not_missing_at_random(table: pd.DataFrame) -> None:
    missing = table["driver_rating"].isna()
    assert 0.08 < missing.mean() < 0.16
    # Low ratings hide, and low-rated drivers are late, so the hole itself tells of lateness.
    assert table["late"][missing].mean() > table["late"][~missing].mean() + 0.01
    bike = table["vehicle"] == "bike"
    assert missing[bike].mean() > missing[~bike].mean() + 0.04


def test_notes_are_free_text_sometimes_missing(table: pd.DataFrame) -> None:
    note = table["note"]
    assert 0.2 < note.isna().mean() < 0.3
    assert note.dropna().str.len().between(15, 120).all()
    assert note.nunique() > 10_000
    late = table["late"]
    assert late[note.str.contains("road closed", na=False)].mean() > 0.4
    assert late[note.str.contains("road open again", na=False)].mean() < 0.3


# --- the label -----------------------------------------------------------------------------------


def plain_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """What a tree can use as it is: no text, no knowledge of how the table was made."""
    names = ["distance_km", "n_parcels", "price", "driver_rating", "zone"]
    names += ["pickup_longitude", "pickup_latitude", "dropoff_longitude", "dropoff_latitude"]
    time = frame["picked_up_at"].dt
    return frame[names].assign(
        hour=time.hour,
        weekday=time.day_of_week,
        vehicle=frame["vehicle"].cat.codes,
        weather=frame["weather"].cat.codes,
    )


def test_base_rate(table: pd.DataFrame, fresh: pd.DataFrame) -> None:
    assert 0.25 < table["late"].mean() < 0.31
    assert 0.25 < fresh["late"].mean() < 0.31


def test_the_best_possible_score_leaves_room_for_chance(fresh: pd.DataFrame) -> None:
    chance = late_chance(len(fresh), seed=1)
    assert 0.87 < roc_auc_score(fresh["late"], chance) < 0.92
    assert abs(chance.mean() - fresh["late"].mean()) < 0.01
    np.testing.assert_array_equal(late_chance(100, start=16_350, seed=1), chance[16_350:16_450])
    assert late_chance(0).shape == (0,)


def test_no_column_alone_explains_the_label_but_trees_do(table: pd.DataFrame, fresh: pd.DataFrame) -> None:
    x, x_fresh = plain_numbers(table.iloc[:50_000]), plain_numbers(fresh)
    for name in x:
        score = roc_auc_score(fresh["late"], x_fresh[name].fillna(4.5))
        assert max(score, 1 - score) < 0.70, name
    model = HistGradientBoostingClassifier(max_iter=150)
    with threadpool_limits(1):  # on busy cores OpenMP's threads wait for each other 30 times as long
        model.fit(x, table["late"].iloc[:50_000])
    assert 0.79 < roc_auc_score(fresh["late"], model.decision_function(x_fresh)) < 0.85


def test_words_alone_tell_something(table: pd.DataFrame, fresh: pd.DataFrame) -> None:
    counts = CountVectorizer(min_df=20)
    words = counts.fit_transform(table["note"].iloc[:50_000].fillna(""))
    model = LogisticRegression(max_iter=300).fit(words, table["late"].iloc[:50_000])
    score = roc_auc_score(fresh["late"], model.decision_function(counts.transform(fresh["note"].fillna(""))))
    assert 0.62 < score < 0.73


# --- Dask ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows_per_partition", [7_000, 25_000, 90_000])
def test_dask_frame_equals_pandas(rows_per_partition: int) -> None:
    frame = trips_frame(50_000, rows_per_partition, seed=3)
    pd.testing.assert_frame_equal(frame.compute(scheduler="sync"), trips(50_000, seed=3), check_exact=True)
    assert frame.divisions[0] == 0
    assert frame.divisions[-1] == 49_999
    assert frame.dtypes.equals(trips(0).dtypes)


def test_dask_graph_holds_no_rows() -> None:
    frame = trips_frame(100_000_000, 500_000)
    assert frame.npartitions == 200
    assert len(pickle.dumps(dict(frame.__dask_graph__()))) < 200_000


def test_dask_frame_of_no_rows() -> None:
    empty = trips_frame(0, 10).compute(scheduler="sync")
    assert empty.empty
    assert empty.dtypes.equals(trips(0).dtypes)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: trips(-1), ValueError, "n_rows must be 0 or more, but is -1"),
        (lambda: trips(2.5), TypeError, r"n_rows must be a whole number, but is 2.5 \(float\): pass an int"),
        (lambda: trips("9"), TypeError, "n_rows must be a whole number, but is '9'"),
        (lambda: trips(True), TypeError, "n_rows must be a whole number"),
        (lambda: trips(None), TypeError, "n_rows must be a whole number"),
        (lambda: trips(1, start=-2), ValueError, "start must be 0 or more, but is -2"),
        (
            lambda: trips(1, seed=-3),
            ValueError,
            "seed must be from 0 to 18,446,744,073,709,551,615, but is -3",
        ),
        (lambda: trips(1, seed=2**64), ValueError, "seed must be from 0"),
        (
            lambda: trips(1, start=MAX_ROWS),
            ValueError,
            "table ends after 10,000,000,000 rows: use another seed",
        ),
        (lambda: late_chance(-1), ValueError, "n_rows"),
        (lambda: partitions(10, 0), ValueError, "rows_per_partition must be 1 or more, but is 0"),
        (lambda: partitions(1.0, 5), TypeError, "n_rows must be a whole number"),
        (lambda: trips_frame(10, 5, seed=0.5), TypeError, "seed must be a whole number"),
        (lambda: trips_frame(MAX_ROWS + 1, 10**9), ValueError, "table ends after"),
    ],
)
def test_bad_input_is_named(call, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_numpy_integers_are_whole_numbers() -> None:
    assert len(trips(np.int64(5), start=np.uint8(3), seed=np.int32(2))) == 5
