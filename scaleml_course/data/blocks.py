"""How rows are drawn: in blocks of 16,384, each from a generator of its own.

The generator is Philox, which is a function of a key and a counter. The key is (seed, block number), so
no block waits for another, and any machine can make any part of the table.
(Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import city
from .lateness import Causes, late_probability
from .notes import Strings, draw_notes

GENERATOR_VERSION = 1  # raise it whenever a row of any seed changes
BLOCK_ROWS = 16_384
ROWS_PER_WEEK = 4 * BLOCK_ROWS


class Rows(NamedTuple):
    """Some rows as plain arrays: categories are still codes and times still microseconds."""

    picked_up_at: npt.NDArray[np.int64]  # microseconds since FIRST_MONDAY
    vehicle: npt.NDArray[np.int8]
    weather: npt.NDArray[np.int8]
    zone: npt.NDArray[np.int32]
    pickup_longitude: city.Floats
    pickup_latitude: city.Floats
    dropoff_longitude: city.Floats
    dropoff_latitude: city.Floats
    distance_km: city.Floats
    n_parcels: npt.NDArray[np.int16]
    price: city.Floats
    driver_rating: city.Floats
    late: npt.NDArray[np.int8]
    late_probability: city.Floats
    note: Strings


def blocks(start: int, stop: int, seed: int) -> Iterator[Rows]:
    """Yield the rows from `start` to `stop`, block by block, the first and last cut to size."""
    for number in range(start // BLOCK_ROWS, -(-stop // BLOCK_ROWS) if stop > start else 0):
        first = number * BLOCK_ROWS
        cut = slice(max(start - first, 0), stop - first)
        yield Rows._make(values[cut] for values in _block(seed, number))


def _block(seed: int, number: int) -> Rows:
    """Make one whole block. The order of the draws is part of the data: see GENERATOR_VERSION."""
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, number], dtype=np.uint64)))
    n = BLOCK_ROWS
    microseconds, hour_of_week = _pick_up_times(rng, number)
    vehicle = _choose(rng, city.VEHICLE_SHARE).astype(np.int8)
    weather = _choose(rng, city.WEATHER_SHARE).astype(np.int8)
    zones = city.zones()
    zone = _choose(rng, zones.share).astype(np.int32)
    east, north, east_to, north_to, distance_km = _routes(rng, zone, vehicle)
    n_parcels = np.minimum(rng.geometric(np.array([0.5, 0.5, 0.35, 0.2])[vehicle]), 25).astype(np.int16)
    price = 2.5 + city.PRICE_PER_KM[vehicle] * distance_km + 0.4 * n_parcels
    price = np.round(price * rng.uniform(0.85, 1.25, n), 2)
    rating = np.maximum(4.85 - rng.gamma(1.5, 0.3, n), 1.0).round(1)
    # Not at random: low-rated drivers hide their rating, and bike couriers are often new and have none.
    is_hidden = rng.random(n) < np.where(rating < 4.0, 0.35, 0.06) + 0.08 * (vehicle == 0)
    note = draw_notes(rng, rng.random(n) < np.array([0.35, 0.25, 0.2, 0.15])[vehicle])

    causes = Causes(
        vehicle, weather, hour_of_week, distance_km, n_parcels, rating,
        east, north, east_to, north_to, zones.delay_minutes[zone], note.delay_minutes,
    )  # fmt: skip
    probability = late_probability(causes)
    pickup_longitude, pickup_latitude = city.degrees(east, north)
    dropoff_longitude, dropoff_latitude = city.degrees(east_to, north_to)
    return Rows(
        picked_up_at=microseconds,
        vehicle=vehicle,
        weather=weather,
        zone=zone,
        pickup_longitude=pickup_longitude,
        pickup_latitude=pickup_latitude,
        dropoff_longitude=dropoff_longitude,
        dropoff_latitude=dropoff_latitude,
        distance_km=distance_km,
        n_parcels=n_parcels,
        price=price,
        driver_rating=np.where(is_hidden, np.nan, rating),
        late=(rng.random(n) < probability).astype(np.int8),
        late_probability=probability,
        note=note.text,
    )


def _routes(
    rng: np.random.Generator, zone: npt.NDArray[np.int32], vehicle: npt.NDArray[np.int8]
) -> tuple[city.Floats, city.Floats, city.Floats, city.Floats, city.Floats]:
    """Both ends, in km east and north of the centre, and the km by road between them.

    A trip starts about its zone's middle and ends in any direction; roads are longer than lines.
    """
    n, zones = len(zone), city.zones()
    east, north = zones.east_km[zone] + rng.normal(0, 0.4, n), zones.north_km[zone] + rng.normal(0, 0.4, n)
    straight_km = np.clip(city.MEDIAN_KM[vehicle] * np.exp(rng.normal(0, 0.6, n)), 0.3, 25.0)
    bearing = rng.uniform(0, 2 * np.pi, n)
    east_to, north_to = east + straight_km * np.sin(bearing), north + straight_km * np.cos(bearing)
    return east, north, east_to, north_to, np.round(straight_km * rng.uniform(1.15, 1.6, n), 2)


def _pick_up_times(rng: np.random.Generator, number: int) -> tuple[npt.NDArray[np.int64], city.Floats]:
    """Whole seconds since the first Monday, as microseconds, and the hour of the week, 0 to 168."""
    row = number * BLOCK_ROWS + np.arange(BLOCK_ROWS)
    week, row_of_week = np.divmod(row, ROWS_PER_WEEK)
    share_of_week = (row_of_week + rng.random(BLOCK_ROWS)) / ROWS_PER_WEEK
    clock = city.week_clock()
    hour = np.interp(share_of_week, clock, np.arange(len(clock)))
    hour += rng.exponential(0.1, BLOCK_ROWS)  # from the booking to the pick-up: 6 minutes on average
    seconds = week * (city.HOURS_PER_WEEK * 3600) + (hour * 3600).astype(np.int64)
    return seconds * 1_000_000, hour % city.HOURS_PER_WEEK


def _choose(rng: np.random.Generator, share: city.Floats) -> npt.NDArray[np.intp]:
    """One index a row, each with its share: the first whose running total passes a uniform number."""
    return np.searchsorted(np.cumsum(share)[:-1], rng.random(BLOCK_ROWS), side="right")
