"""Overland: a batch of GeoJSON features; anything but ``{"result": "ok"}`` makes the phone send all of it again.

After the README of the application (https://github.com/aaronpk/Overland-iOS) and its source.
"""

from collections.abc import Mapping
from typing import Any

from patrols.protocols.readings import Fault, ProtocolError, Reading, course, kept, positive, read
from patrols.protocols.readings import number as plain

MOST = 1_000
_KNOWN = frozenset(
    [
        "timestamp",
        "speed",
        "course",
        "horizontal_accuracy",
        "vertical_accuracy",
        "altitude",
        "device_id",
        "unique_id",
        "motion",
    ]
)


def readings(body: Mapping[str, Any]) -> list[Reading]:
    """Return the positions of a batch; trips and actions are none. Raises ProtocolError for what is no batch."""
    locations = body.get("locations")
    if not isinstance(locations, list):
        raise ProtocolError("no_locations")
    if len(locations) > MOST:
        raise ProtocolError("too_many")
    return [reading for feature in locations for reading in _of(feature)]


def _of(feature: object) -> list[Reading]:
    if not isinstance(feature, Mapping):
        return [Reading(None, None, attributes={"text": str(feature)[:40]}, fault=Fault.UNREADABLE)]
    properties, geometry = feature.get("properties"), feature.get("geometry")
    said = properties if isinstance(properties, Mapping) else {}
    if said.get("type") == "trip" or said.get("action") or geometry is None:
        return []
    coordinates = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    place = coordinates if isinstance(coordinates, list) and len(coordinates) >= 2 else [None, None]
    motion = said.get("motion")
    more = {"moving_by": " ".join(map(str, motion[:4]))} if isinstance(motion, list) and motion else {}
    return [
        read(
            place[0],
            place[1],
            # A position without a time cannot be told from another of the batch.
            said.get("timestamp", ""),
            kept(said, _KNOWN) | more,
            accuracy=positive(said.get("horizontal_accuracy")),
            speed=positive(said.get("speed")),
            course=course(said.get("course")),
            altitude=plain(said.get("altitude")),
        )
    ]
