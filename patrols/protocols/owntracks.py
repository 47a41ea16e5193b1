"""OwnTracks in its HTTP mode: one JSON object a request, of which only positions are taken.

After the booklet of the project (https://owntracks.org/booklet/tech/json/). Numbers that are zero are left out.
"""

from collections.abc import Mapping
from typing import Any

from patrols.protocols.readings import KILOMETRE_AN_HOUR, Reading, course, kept, positive, read
from patrols.protocols.readings import number as plain

_KNOWN = frozenset(["_type", "lat", "lon", "tst", "acc", "alt", "vel", "cog", "_id", "topic", "inregions", "inrids"])


def readings(body: Mapping[str, Any]) -> list[Reading]:
    """Return the position of a message of type ``location``, and none for every other type."""
    if body.get("_type") != "location":
        return []
    return [
        read(
            body.get("lon"),
            body.get("lat"),
            body.get("tst"),
            kept(body, _KNOWN),
            accuracy=positive(body.get("acc")),
            speed=positive(body.get("vel"), KILOMETRE_AN_HOUR),
            course=course(body.get("cog")),
            altitude=plain(body.get("alt")),
        )
    ]
