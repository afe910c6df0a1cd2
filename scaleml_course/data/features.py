"""Numbers for linear models: what one trip tells by itself, so that partitions can be done apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import city

TYPICAL_RATING = 4.5  # stands in for a missing one; a constant, so no pass over the data is needed
_PLAIN = ["hour_sin", "hour_cos", "is_weekend", "is_rush_hour", "distance", "n_parcels", "price"]
_PLAIN += ["rating", "rating_missing", "note_missing"]
#: The columns of `numeric_features`, in order.
NUMERIC_FEATURES = [
    *_PLAIN,
    *(f"vehicle_{name}" for name in city.VEHICLES),
    *(f"weather_{name}" for name in city.WEATHERS),
]


def numeric_features(frame: pd.DataFrame, *, dtype: npt.DTypeLike = "float32") -> pd.DataFrame:
    """Turn trips into the columns `NUMERIC_FEATURES`: finite, within a few units of 0, of one dtype.

    Every row is computed from that row alone, with constants for the scales and for what is missing:
    ``frame.map_partitions(numeric_features)`` on a Dask data frame gives the same numbers.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows from `trips`, or read back from its files; n rows.
    dtype : numpy dtype
        Of all columns; float32 (the default) takes 72 bytes a row.

    Returns
    -------
    pandas.DataFrame
        n rows and 18 columns, on the same index.
    """
    time = frame["picked_up_at"].dt
    hour = time.hour + time.minute / 60
    is_weekend = time.day_of_week >= 5
    is_rush_hour = (((hour >= 7) & (hour < 9.5)) | ((hour >= 16) & (hour < 19.5))) & ~is_weekend
    columns = {
        "hour_sin": np.sin(hour * (2 * np.pi / 24)),
        "hour_cos": np.cos(hour * (2 * np.pi / 24)),
        "is_weekend": is_weekend,
        "is_rush_hour": is_rush_hour,
        "distance": frame["distance_km"] / 10,
        "n_parcels": frame["n_parcels"] / 5,
        "price": frame["price"] / 20,
        "rating": frame["driver_rating"].fillna(TYPICAL_RATING) - TYPICAL_RATING,
        "rating_missing": frame["driver_rating"].isna(),
        "note_missing": frame["note"].isna(),
        **{f"vehicle_{name}": frame["vehicle"] == name for name in city.VEHICLES},
        **{f"weather_{name}": frame["weather"] == name for name in city.WEATHERS},
    }
    return pd.DataFrame({name: columns[name].astype(dtype) for name in NUMERIC_FEATURES}, index=frame.index)
