"""The trips table every lesson uses: seeded, endless, and made partition by partition."""

from .blocks import GENERATOR_VERSION
from .columns import COLUMNS, CSV_DTYPES, DATE_COLUMNS, FEATURES, LABEL
from .features import NUMERIC_FEATURES, numeric_features
from .files import BYTES_PER_ROW, write_csv, write_parquet
from .trips import late_chance, partitions, trips, trips_frame

__all__ = [
    "BYTES_PER_ROW",
    "COLUMNS",
    "CSV_DTYPES",
    "DATE_COLUMNS",
    "FEATURES",
    "GENERATOR_VERSION",
    "LABEL",
    "NUMERIC_FEATURES",
    "late_chance",
    "numeric_features",
    "partitions",
    "trips",
    "trips_frame",
    "write_csv",
    "write_parquet",
]
