"""The made-up city the trips run through: its zones, its week and its notes, the same for every seed."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# In the Atlantic, where no real address can be meant. At 45 degrees north a degree of longitude is
# 0.71 of a degree of latitude, so code which forgets the cosine is visibly wrong.
CENTRE_LONGITUDE, CENTRE_LATITUDE = -30.0, 45.0
KM_PER_DEGREE_LATITUDE = 111.195
KM_PER_DEGREE_LONGITUDE = KM_PER_DEGREE_LATITUDE * float(np.cos(np.radians(CENTRE_LATITUDE)))

VEHICLES = ("bike", "scooter", "car", "van")
VEHICLE_SHARE = np.array([0.34, 0.26, 0.14, 0.26])
MEDIAN_KM = np.array([2.2, 3.8, 6.0, 7.0])  # by vehicle
PRICE_PER_KM = np.array([0.9, 1.0, 1.4, 1.7])  # by vehicle
WEATHERS = ("clear", "rain", "fog", "snow")
WEATHER_SHARE = np.array([0.60, 0.26, 0.08, 0.06])

N_ZONES = 4_000
ZIPF_EXPONENT = 1.2  # the busiest of 4,000 zones then has about a fifth of the trips

# Relative demand by hour of the day: quiet nights, a lunch peak and an evening peak.
_WORKDAY = (1, 1, 1, 1, 1, 3, 6, 11, 13, 9, 8, 11, 14, 11, 8, 8, 11, 15, 17, 15, 11, 7, 4, 2)
_WEEKEND = (3, 2, 2, 1, 1, 1, 2, 3, 5, 7, 9, 11, 12, 11, 9, 9, 9, 11, 13, 13, 11, 8, 6, 4)
HOURS_PER_WEEK = 7 * 24


class Zones(NamedTuple):
    """What the city's zones are like. Each array is indexed by the zone number, 0 to 3,999."""

    share: Floats  # of all trips; sums to 1
    east_km: Floats  # of the centre
    north_km: Floats  # of the centre
    delay_minutes: Floats  # what trips from here lose (or gain) beside all other causes


@lru_cache(maxsize=1)
def zones() -> Zones:
    """Draw the zones once; busy ones lie nearer to the centre, and zone numbers say nothing of rank."""
    rng = np.random.Generator(np.random.Philox(key=N_ZONES))
    rank = rng.permutation(N_ZONES) + 1
    share = rank**-ZIPF_EXPONENT
    radius_km = 0.4 + 9.0 * (rank / N_ZONES) ** 0.4 * rng.random(N_ZONES) ** 0.7
    bearing = rng.uniform(0, 2 * np.pi, N_ZONES)
    delay_minutes = rng.normal(0, 5, N_ZONES)
    # The busiest zone has a fifth of all rows: an extreme draw there would move the whole table.
    delay_minutes[rank == 1] = 2.0
    return Zones(share / share.sum(), radius_km * np.sin(bearing), radius_km * np.cos(bearing), delay_minutes)


def degrees(east_km: Floats, north_km: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude of places given in km from the centre.

    To six digits (about 0.1 m), so that the last bit of a sine, which differs between processors, is gone.
    """
    longitude = CENTRE_LONGITUDE + east_km / KM_PER_DEGREE_LONGITUDE
    latitude = CENTRE_LATITUDE + north_km / KM_PER_DEGREE_LATITUDE
    return np.round(longitude, 6), np.round(latitude, 6)


@lru_cache(maxsize=1)
def week_clock() -> Floats:
    """The share of a week's trips picked up before each full hour: 169 rising numbers from 0 to 1."""
    demand = np.array(_WORKDAY * 4 + tuple(1.15 * hour for hour in _WORKDAY) + _WEEKEND * 2, dtype=float)
    return np.concatenate([[0.0], np.cumsum(demand) / demand.sum()])
