"""The hidden rule of the trips table: how many minutes each cause costs, and so how likely a trip is late."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .city import Floats

Codes = npt.NDArray[np.int8]

# Minutes lost by vehicle (bike, scooter, car, van) and weather (clear, rain, fog, snow). Signs differ
# between vehicles in every table, so that neither a vehicle nor a weather is late by itself.
WEATHER_MINUTES = np.array(
    [[-3.0, 10.0, -3.0, 15.0], [-2.0, 8.0, 2.0, 16.0], [2.0, -6.0, 7.0, 1.0], [2.0, -7.0, 7.0, 2.0]]
)
VEHICLE_MINUTES = np.array([4.0, 1.5, -3.5, -6.0])  # vans are promised later, bikes sooner
MINUTES_PER_PARCEL = np.array([2.4, 1.6, 0.4, 0.1])
CENTRE_MINUTES = np.array([-7.0, -4.0, 7.0, 10.0])  # narrow streets suit the narrow vehicles
RUSH_MINUTES = np.array([-8.0, -2.0, 8.0, 10.0])
BUNDLED_KM = 1.8  # about this far and below, a trip waits for a second one to go with it
RAIN, SNOW = 1, 3

DELAY_AT_EVEN_ODDS = 19.8  # minutes; sets the share of late trips, about 28%
MINUTES_PER_LOG_ODD = 5.4  # the larger, the more of the label is chance


class Causes(NamedTuple):
    """What decides about a block of trips: one array of n rows each. Not all of it is in the table."""

    vehicle: Codes
    weather: Codes
    hour_of_week: Floats
    distance_km: Floats
    n_parcels: npt.NDArray[np.int16]
    rating: Floats  # before some of it goes missing
    pickup_east_km: Floats
    pickup_north_km: Floats
    dropoff_east_km: Floats
    dropoff_north_km: Floats
    zone_minutes: Floats
    note_minutes: Floats


def rush(hour_of_week: Floats) -> Floats:
    """How much of a rush hour it is, 0 to 1: workdays around 8:00 and around 17:30."""
    hour = hour_of_week % 24
    peaks = np.exp(-(((hour - 8.0) / 1.3) ** 2)) + np.exp(-(((hour - 17.5) / 1.7) ** 2))
    return np.where(hour_of_week < 5 * 24, peaks, 0.0)


def north_of_river(east_km: Floats, north_km: Floats) -> npt.NDArray[np.bool_]:
    """Which bank of the river a place is on; the river runs through the city a little north of east."""
    return north_km > 0.3 * east_km + 0.6


def delay_minutes(causes: Causes) -> Floats:
    """Add up what each cause costs. Products of causes are what a linear model cannot see."""
    c = causes
    rush_now = rush(c.hour_of_week)
    is_wet = (c.weather == RAIN) | (c.weather == SNOW)
    central = np.exp(-(c.pickup_east_km**2 + c.pickup_north_km**2) / (2 * 3.0**2))
    crosses_river = north_of_river(c.pickup_east_km, c.pickup_north_km) != north_of_river(
        c.dropoff_east_km, c.dropoff_north_km
    )
    distance = np.minimum(c.distance_km, 16.0)
    return (
        0.5 * distance
        + 9.0 * np.exp(-((c.distance_km / BUNDLED_KM) ** 2))
        + VEHICLE_MINUTES[c.vehicle]
        + rush_now * RUSH_MINUTES[c.vehicle]
        + rush_now * is_wet * 1.5 * distance
        + central * CENTRE_MINUTES[c.vehicle]
        + WEATHER_MINUTES[c.vehicle, c.weather]
        + crosses_river * (3.0 + 12.0 * rush_now)
        + MINUTES_PER_PARCEL[c.vehicle] * (c.n_parcels - 1)
        - 9.0 * (c.rating - 4.4)
        + c.zone_minutes
        + c.note_minutes
    )


def late_probability(causes: Causes) -> Floats:
    """The chance of being late, by trip: the best score any model can have, since the rest is a coin."""
    return 1 / (1 + np.exp(-(delay_minutes(causes) - DELAY_AT_EVEN_ODDS) / MINUTES_PER_LOG_ODD))
