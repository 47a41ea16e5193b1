"""GPSLogger's custom URL: parameters under the names that its ``%ALL`` writes, or a JSON object of them.

After the application's documentation and source. Dilutions of precision may be empty or the word null.
"""

from collections.abc import Mapping
from typing import Any

from patrols.protocols.readings import KILOMETRE_AN_HOUR, Reading, course, kept, positive, read
from patrols.protocols.readings import number as plain

# Other names that templates in the wild give the same things.
_OTHER_NAMES = {
    "latitude": "lat",
    "longitude": "lon",
    "lng": "lon",
    "altitude": "alt",
    "accuracy": "acc",
    "speed": "spd",
    "direction": "dir",
    "bearing": "dir",
    "satellites": "sat",
    "provider": "prov",
    "battery": "batt",
}
_KNOWN = frozenset(
    [
        "lat",
        "lon",
        "alt",
        "acc",
        "spd",
        "spd_kph",
        "dir",
        "timestamp",
        "time",
        "date",
        "timeoffset",
        "starttimestamp",
        "crs",
        "ser",
        "aid",
    ]
)


def readings(values: Mapping[str, Any]) -> list[Reading]:
    """Return the one position of a request, or none if it has no place."""
    named = {_OTHER_NAMES.get(name.lower(), name.lower()): value for name, value in values.items()}
    said = {name: value for name, value in named.items() if value not in ("", "null", None)}
    if "lat" not in said and "lon" not in said:
        return []
    speed = positive(said.get("spd"))
    if speed is None:
        speed = positive(said.get("spd_kph"), KILOMETRE_AN_HOUR)
    return [
        read(
            said.get("lon"),
            said.get("lat"),
            said.get("timestamp") or said.get("time"),
            kept(said, _KNOWN),
            accuracy=positive(said.get("acc")),
            speed=speed,
            course=course(said.get("dir")),
            altitude=plain(said.get("alt")),
        )
    ]
