"""The columns of the trips table: their names, order and dtypes, and which of them a model may see."""

from __future__ import annotations

from typing import Any

import pandas as pd

from . import city

LABEL = "late"
DATE_COLUMNS = ["picked_up_at"]
#: Hand these to ``pandas.read_csv`` with ``parse_dates=DATE_COLUMNS``: the frame is then as it was written.
CSV_DTYPES: dict[str, Any] = {
    "trip_id": "int64",
    "vehicle": pd.CategoricalDtype(list(city.VEHICLES)),
    "weather": pd.CategoricalDtype(list(city.WEATHERS)),
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
COLUMNS = ["trip_id", *DATE_COLUMNS, *list(CSV_DTYPES)[1:]]
#: What a model may look at: every column but the row's number and the label.
FEATURES = [name for name in COLUMNS if name not in ("trip_id", LABEL)]
