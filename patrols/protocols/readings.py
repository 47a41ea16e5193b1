"""One position as a tracker reported it, and how numbers, moments and places are read from what arrives.

A reading that cannot count is not thrown away: it carries a `fault`, one of the words of `Fault`, and what it said, so
that it can be kept aside. A tracker that is answered with an error sends the same again for ever.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

KNOT, KILOMETRE_AN_HOUR = 1852 / 3600, 1 / 3.6
MOST_ATTRIBUTES, LONGEST_TEXT = 40, 200
# Milliseconds since 1970 have long been more than this, and seconds will be from 2038 on.
FIRST_MILLISECOND = 2**31


class Fault(StrEnum):
    """Why a reading cannot count."""

    BAD_PLACE = "bad_place"
    SWAPPED = "swapped"
    BAD_TIME = "bad_time"
    SAID_INVALID = "said_invalid"
    UNREADABLE = "unreadable"


class ProtocolError(ValueError):
    """The request as a whole cannot be one of this protocol; the text is a code, not a sentence."""


@dataclass(slots=True)
class Reading:
    """A position in degrees as given, metres, metres a second and degrees from north; None is what was not said.

    `taken_at` is None when the tracker gave no time: then it is the moment of arrival. `attributes` are other things it
    said, as JSON scalars.
    """

    lon: float | None
    lat: float | None
    taken_at: datetime | None = None
    accuracy: float | None = None
    speed: float | None = None
    course: float | None = None
    altitude: float | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    fault: Fault | None = None


def number(value: object) -> float | None:
    """Return a finite number for a number or its decimal text, else None; booleans are no numbers."""
    if type(value) is float:  # most are, and there are many
        return value if math.isfinite(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def positive(value: object, scale: float = 1.0) -> float | None:
    """Return a number that is not negative times `scale`; trackers write -1 for unknown."""
    result = number(value)
    return result * scale if result is not None and result >= 0 else None


def course(value: object) -> float | None:
    """Return a direction from 0 to below 360 degrees."""
    result = positive(value)
    return result % 360 if result is not None else None


def moment(value: object) -> datetime | None:
    """Return a moment for epoch seconds or milliseconds, ISO 8601, or ``yyyy-MM-dd HH:mm:ss`` in UTC; else None."""
    if isinstance(value, datetime):
        return value
    seconds = number(value)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds if abs(seconds) < FIRST_MILLISECOND else seconds / 1000, UTC)
        if not isinstance(value, str):
            return None
        # An offset without a colon, such as -0700, is not read before Python's own reader learned it.
        text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", value.strip())
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def kept(values: Mapping[str, object], known: frozenset[str]) -> dict[str, Any]:
    """Return what else was said: short scalars under short names, so that nobody can store books."""
    rest: dict[str, Any] = {}
    for name, value in values.items():
        if name in known or len(name) > 40 or len(rest) == MOST_ATTRIBUTES:
            continue
        if isinstance(value, str) and value:
            rest[name] = value[:LONGEST_TEXT].replace("\0", "")
        elif isinstance(value, bool) or number(value) is not None:
            rest[name] = value
    return rest


def read(
    lon: object,
    lat: object,
    taken_at: object,
    attributes: dict[str, Any],
    *,
    valid: bool = True,
    **numbers: float | None,
) -> Reading:
    """Return a reading with the fault that its place or time shows; a time of None is one that was not given."""
    east, north, when = number(lon), number(lat), moment(taken_at)
    fault: Fault | None = None
    if east is None or north is None or abs(east) > 180 or abs(north) > 90:
        swapped = east is not None and north is not None and abs(east) <= 90 < abs(north) <= 180
        fault = Fault.SWAPPED if swapped else Fault.BAD_PLACE
    elif taken_at is not None and when is None:
        fault = Fault.BAD_TIME
    elif not valid:
        fault = Fault.SAID_INVALID
    if fault in (Fault.BAD_PLACE, Fault.SWAPPED):
        attributes = {**attributes, "lon": str(lon)[:40], "lat": str(lat)[:40]}
        east = north = None
    elif fault is Fault.BAD_TIME:
        attributes = {**attributes, "time": str(taken_at)[:40]}
    return Reading(east, north, when, attributes=attributes, fault=fault, **numbers)
