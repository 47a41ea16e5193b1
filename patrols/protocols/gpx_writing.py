"""Writing GPX 1.1 (https://www.topografix.com/GPX/1/1/): what is kept of a way, without times where none are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment

CREATOR = "Gridwarden"
Line = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Way:
    """A track of a file: its name, what is said of it, and its lines of (longitude, latitude) in WGS-84."""

    name: str
    about: str
    lines: Sequence[Line]


def written(made_at: datetime, name: str, about: str, ways: Sequence[Way]) -> bytes:
    """Return a file with one track a way and one segment a line."""
    gpx = GPX()
    gpx.creator, gpx.name, gpx.description, gpx.time = CREATOR, name, about, made_at
    for way in ways:
        track = GPXTrack(way.name, way.about)
        for line in way.lines:
            points = [GPXTrackPoint(round(point[1], 7), round(point[0], 7)) for point in line]
            track.segments.append(GPXTrackSegment(points))
        gpx.tracks.append(track)
    text: str = gpx.to_xml(version="1.1")
    return text.encode()
