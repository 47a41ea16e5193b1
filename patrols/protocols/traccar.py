"""Traccar Client: version 9 sends JSON, those before and after it parameters as `patrols.protocols.osmand` reads them.

After the source of the client (versions 7.9, 9 and 10) and of the server's decoder.
"""

from collections.abc import Mapping
from typing import Any

from patrols.protocols.readings import ProtocolError, Reading, course, kept, positive, read
from patrols.protocols.readings import number as plain

_KNOWN = frozenset(["timestamp", "coords", "battery", "activity", "extras", "_"])


def device(body: Mapping[str, Any]) -> str:
    """Return the identifier that the client was given; raises ProtocolError without one."""
    identity = body.get("device_id")
    if not isinstance(identity, str) or not identity:
        raise ProtocolError("no_device")
    return identity


def readings(body: Mapping[str, Any]) -> list[Reading]:
    """Return the one position of a JSON request, or none for a heartbeat; speeds are in metres a second."""
    location = body.get("location")
    if not isinstance(location, Mapping):
        raise ProtocolError("no_location")
    coords = location.get("coords")
    if not isinstance(coords, Mapping):
        return []
    battery, activity = location.get("battery"), location.get("activity")
    said = dict(location)
    if isinstance(battery, Mapping):
        said |= {"battery_level": battery.get("level"), "charging": battery.get("is_charging")}
    if isinstance(activity, Mapping):
        said["moving_by"] = activity.get("type")
    return [
        read(
            coords.get("longitude"),
            coords.get("latitude"),
            location.get("timestamp"),
            kept(said, _KNOWN),
            accuracy=positive(coords.get("accuracy")),
            speed=positive(coords.get("speed")),
            course=course(coords.get("heading")),
            altitude=plain(coords.get("altitude")),
        )
    ]
