"""The seeded trips table: any rows of an endless table, the same however it is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from .arguments import whole
from .blocks import GENERATOR_VERSION, blocks
from .columns import COLUMNS, CSV_DTYPES, LABEL
from .notes import Strings

if TYPE_CHECKING:
    import dask.dataframe as dd

__all__ = ["GENERATOR_VERSION", "MAX_ROWS", "MAX_SEED", "late_chance", "partitions", "trips", "trips_frame"]

MAX_SEED = 2**64 - 1
MAX_ROWS = 10**10  # by then the calendar is in its year 4950
FIRST_MONDAY = np.datetime64("2024-01-01T00:00:00", "us")

_ROW_DTYPES: dict[str, str] = {
    name: {"picked_up_at": "int64", "vehicle": "int8", "weather": "int8"}.get(name, str(CSV_DTYPES.get(name)))
    for name in COLUMNS
    if name not in ("trip_id", "note")
}


def trips(n_rows: int, *, start: int = 0, seed: int = 0) -> pd.DataFrame:
    """Rows `start` to `start + n_rows` of an endless table of deliveries, some of them late.

    The city is the same for every seed: only the trips differ. A fresh test set is another seed.

    ================== ============== ======= =====================================================
    column             dtype          unit    meaning
    ================== ============== ======= =====================================================
    trip_id            int64                  row number, from 0; also the frame's index
    picked_up_at       datetime64[us] local   rises with the row, give or take some minutes
    vehicle            category               bike, scooter, car, van
    weather            category               clear, rain, fog, snow
    zone               int32                  of the pick-up, 0 to 3,999; one has a fifth of all rows
    pickup_longitude   float64        degrees east of Greenwich
    pickup_latitude    float64        degrees north of the equator
    dropoff_longitude  float64        degrees east of Greenwich
    dropoff_latitude   float64        degrees north of the equator
    distance_km        float64        km      by road, so longer than the straight line
    n_parcels          int16                  1 to 25
    price              float64        euro    what the customer paid
    driver_rating      float64        stars   1 to 5; missing more often where it is low
    note               str                    free text; missing in about a quarter of the rows
    late               int8                   1 if late (about 28% of the rows), else 0
    ================== ============== ======= =====================================================

    Parameters
    ----------
    n_rows : int
        How many rows; 0 gives an empty frame with the same columns and dtypes.
    start : int
        The first row's number.
    seed : int
        Which table, 0 to 2**64 - 1.

    Raises
    ------
    TypeError, ValueError
        When an argument is not a whole number, or out of its range.
    """
    n_rows, start, seed = _checked(n_rows, start, seed)
    columns = {name: np.empty(n_rows, dtype) for name, dtype in _ROW_DTYPES.items()}
    notes: list[Strings] = []
    filled = 0
    for rows in blocks(start, start + n_rows, seed):
        for name, values in columns.items():
            values[filled : filled + len(rows.late)] = getattr(rows, name)
        notes.append(rows.note)
        filled += len(rows.late)
    return _frame(columns, notes, start)


def late_chance(n_rows: int, *, start: int = 0, seed: int = 0) -> npt.NDArray[np.float64]:
    """The chance of being late each of these trips really had, of which `late` is one toss of a coin.

    No feature for a model: it is the ceiling of all models. Scored against `late`, it gives the ROC AUC
    (about 0.90) which the perfect model would reach, seeing also what the table does not tell.
    Arguments and errors are those of `trips`; returns a float64 array of shape (n_rows,).
    """
    n_rows, start, seed = _checked(n_rows, start, seed)
    parts = [rows.late_probability for rows in blocks(start, start + n_rows, seed)]
    return np.concatenate([np.empty(0), *parts])


def partitions(n_rows: int, rows_per_partition: int) -> list[tuple[int, int]]:
    """Cut `n_rows` rows into ``(start, n_rows)`` pairs, the last one perhaps shorter.

    There is always at least one pair, so an empty table still has a partition to carry its columns.
    """
    n_rows, _, _ = _checked(n_rows, 0, 0)
    rows_per_partition = whole("rows_per_partition", rows_per_partition, 1)
    starts = range(0, max(n_rows, 1), rows_per_partition)
    return [(start, min(rows_per_partition, n_rows - start)) for start in starts]


def trips_frame(n_rows: int, rows_per_partition: int, *, seed: int = 0) -> dd.DataFrame:
    """The first `n_rows` rows as a Dask data frame whose workers make their own partitions.

    The graph holds two numbers a partition and no rows. The divisions are known: the index is trip_id.
    """
    import dask
    import dask.dataframe as dd

    parts = partitions(n_rows, rows_per_partition)
    seed = whole("seed", seed, 0, MAX_SEED)
    divisions = (*(start for start, _ in parts), max(n_rows - 1, 0))
    # Dask would turn pandas' own string dtype into an older one, whose missing value is pandas.NA.
    with dask.config.set({"dataframe.convert-string": False}):
        return dd.from_map(_partition, parts, seed=seed, meta=trips(0), divisions=divisions, label="trips")


def _partition(part: tuple[int, int], seed: int) -> pd.DataFrame:
    start, n_rows = part
    return trips(n_rows, start=start, seed=seed)


def _checked(n_rows: int, start: int, seed: int) -> tuple[int, int, int]:
    n_rows, start = whole("n_rows", n_rows, 0), whole("start", start, 0)
    if start + n_rows > MAX_ROWS:
        raise ValueError(
            f"start + n_rows is {start + n_rows:,}, but the table ends after {MAX_ROWS:,} rows: "
            "use another seed for more"
        )
    return n_rows, start, whole("seed", seed, 0, MAX_SEED)


def _frame(columns: dict[str, npt.NDArray[Any]], notes: list[Strings], start: int) -> pd.DataFrame:
    index = pd.RangeIndex(start, start + len(columns[LABEL]))
    text = pa.chunked_array(notes, pa.large_string()).combine_chunks()
    ready: dict[str, Any] = {
        **columns,
        "trip_id": np.arange(index.start, index.stop, dtype=np.int64),
        "picked_up_at": FIRST_MONDAY + columns["picked_up_at"].view("timedelta64[us]"),
        "vehicle": pd.Categorical.from_codes(columns["vehicle"], dtype=CSV_DTYPES["vehicle"]),
        "weather": pd.Categorical.from_codes(columns["weather"], dtype=CSV_DTYPES["weather"]),
        "note": pd.array(text, dtype="str"),
    }
    return pd.DataFrame({name: ready[name] for name in COLUMNS}, index=index, copy=False)
