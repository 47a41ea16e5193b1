"""GPX 1.1 (and 1.0): tracks with their segments and points.

The text is first read by a parser that refuses what can harm (entities, DTDs, outside references), then by gpxpy.
"""

from dataclasses import dataclass, field
from datetime import UTC
from xml.etree.ElementTree import ParseError

import gpxpy
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from patrols.protocols.readings import ProtocolError, Reading, course, positive, read

LARGEST = 10 * 2**20  # bytes
MOST = 100_000  # points


@dataclass(frozen=True, slots=True)
class Route:
    """A file's track: its timed points, and its untimed ones, which show a shape and no more.

    `shapes` are runs of two and more untimed points that follow each other, (n, 2) degrees.
    """

    timed: list[Reading]
    untimed: list[Reading]
    shapes: list[list[tuple[float, float]]] = field(default_factory=list)


def route(content: bytes) -> Route:
    """Return the points of a file's tracks; raises ProtocolError: `too_large`, `harmful`, `no_gpx` or `too_many`."""
    if len(content) > LARGEST:
        raise ProtocolError("too_large")
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ProtocolError("harmful") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise ProtocolError("no_gpx") from error
    if root.tag.rpartition("}")[2] != "gpx":
        raise ProtocolError("no_gpx")
    if sum(1 for element in root.iter() if element.tag.rpartition("}")[2] == "trkpt") > MOST:
        raise ProtocolError("too_many")
    try:
        parsed = gpxpy.parse(content)
    except (gpxpy.gpx.GPXException, ValueError, LookupError, OverflowError) as error:
        raise ProtocolError("no_gpx") from error
    result = Route([], [])
    for track in parsed.tracks:
        for segment in track.segments:
            runs: list[list[tuple[float, float]]] = [[]]
            for point in segment.points:
                time = point.time
                when = None if time is None else (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()
                reading = read(
                    point.longitude,
                    point.latitude,
                    when,
                    {},
                    speed=positive(point.speed),
                    course=course(point.course),
                    altitude=point.elevation,
                )
                (result.untimed if when is None else result.timed).append(reading)
                if when is not None:
                    runs.append([])
                elif reading.lon is not None and reading.lat is not None:
                    runs[-1].append((reading.lon, reading.lat))
            result.shapes.extend(run for run in runs if len(run) > 1)
    return result
