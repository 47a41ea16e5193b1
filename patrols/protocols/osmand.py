"""The query of OsmAnd's online tracking, which Traccar's clients speak too: one position in URL or form parameters.

After the protocol page of Traccar (https://www.traccar.org/osmand/) and the source of its decoder and its clients.
"""

from collections.abc import Mapping

from patrols.protocols.readings import KNOT, ProtocolError, Reading, course, kept, positive, read
from patrols.protocols.readings import number as plain

_KNOWN = frozenset(
    [
        "id",
        "deviceid",
        "lat",
        "lon",
        "location",
        "timestamp",
        "valid",
        "speed",
        "bearing",
        "heading",
        "altitude",
        "accuracy",
        "crs",
    ]
)
_FALSE = frozenset({"false", "0", "no"})


def device(values: Mapping[str, str]) -> str:
    """Return the identifier that the tracker was given; raises ProtocolError without one."""
    identity = values.get("id") or values.get("deviceid")
    if not identity:
        raise ProtocolError("no_device")
    return identity


def readings(values: Mapping[str, str], speed_unit: float = KNOT) -> list[Reading]:
    """Return the one position of a request, or none for a heartbeat; `speed_unit` is in metres a second."""
    lat, lon = values.get("lat"), values.get("lon")
    if values.get("location"):
        lat, _comma, lon = values["location"].partition(",")
    if not lat and not lon:
        return []
    return [
        read(
            lon,
            lat,
            values.get("timestamp") or None,
            kept(values, _KNOWN),
            valid=values.get("valid", "true").lower() not in _FALSE,
            accuracy=positive(values.get("accuracy")),
            speed=positive(values.get("speed"), speed_unit),
            course=course(values.get("bearing") or values.get("heading")),
            altitude=plain(values.get("altitude")),
        )
    ]
