"""The drivers' notes: free text put together from phrases, some of which foretell a delay."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# Typed by people in a hurry: capitals, doubled spaces and punctuation, so that cleaning has a point.
OPENINGS = ("", "", "", "hi, ", "Hello!  ", "NOTE: ", "please ", "fyi ", "Urgent!! ", "pls  ")
PLACES = (
    "ring twice at the side door",
    "office on the 2nd floor",
    "back yard behind the bakery",
    "Leave it with the neighbour",
    "ask for Mrs. Okafor at the desk",
    "warehouse gate B",
    "flat 14, blue door",
    "the clinic next to the park",
    "school kitchen entrance",
    "corner shop, open late",
    "third house past the bridge",
    "hotel reception",
)
# (phrase, minutes of delay it stands for). Pairs share words on purpose: "lift is broken" and
# "lift works again" differ by what stands beside "lift", which single-word counts blur.
REMARKS = (
    ("road closed, detour signs up", 16.0),
    ("road open again", -5.0),
    ("lift is broken, stairs only", 13.0),
    ("lift works again, no stairs", -5.0),
    ("no parking anywhere near", 11.0),
    ("free parking at the door", -7.0),
    ("Customer is often not at home", 10.0),
    ("customer waits outside", -8.0),
    ("gate code does not work", 9.0),
    ("gate code works, walk in", -6.0),
    ("queue at the loading dock", 12.0),
    ("no queue at the loading dock", -5.0),
    ("construction work in the street", 10.0),
    ("heavy boxes, two people needed", 8.0),
    ("small bag only", -6.0),
    ("ID check needed on delivery", 6.0),
    ("paid already", -2.0),
    ("beware of the dog", 1.0),
    ("handle with care", 1.0),
    ("thank you!", -1.0),
    ("call on arrival", 0.0),
    ("same as last week", -2.0),
    ("gift, keep it quiet", 0.0),
    ("cold goods", 0.0),
)
N_REFERENCES = 10_000
SHARE_WITHOUT_REFERENCE = 0.7

Strings = Any  # a pyarrow LargeStringArray; pyarrow ships no type hints


class Notes(NamedTuple):
    """Some trips' notes: the text, null where there is none, and the minutes of delay it stands for."""

    text: Strings
    delay_minutes: npt.NDArray[np.float64]


@lru_cache(maxsize=1)
def _phrase_tables() -> tuple[Strings, Strings, Strings]:
    first = [opening + place for opening in OPENINGS for place in PLACES]
    references = [f". ref #{number:04d}" for number in range(N_REFERENCES)] + [""]
    remarks = [f", {remark}" for remark, _ in REMARKS]
    kind = pa.large_string()
    return pa.array(first, kind), pa.array(remarks, kind), pa.array(references, kind)


def draw_notes(rng: np.random.Generator, is_missing: npt.NDArray[np.bool_]) -> Notes:
    """Write one note for each False in `is_missing`, by looking up phrases: no Python runs per row."""
    n_rows = len(is_missing)
    first, remarks, references = _phrase_tables()
    which_first = rng.integers(0, len(first), n_rows)
    which_remark = rng.integers(0, len(remarks), n_rows)
    has_reference = rng.random(n_rows) >= SHARE_WITHOUT_REFERENCE
    which_reference = np.where(has_reference, rng.integers(0, N_REFERENCES, n_rows), N_REFERENCES)
    # A null in any part makes the joined text null, so one masked lookup is enough.
    text = pc.binary_join_element_wise(
        first.take(pa.array(which_first, mask=is_missing)),
        remarks.take(pa.array(which_remark)),
        references.take(pa.array(which_reference)),
        pa.scalar("", pa.large_string()),
    )
    minutes = np.array([minutes for _, minutes in REMARKS])
    return Notes(text, np.where(is_missing, 0.0, minutes[which_remark]))
