"""Leading a drawn line round the buildings it would cut. Pure.

──────┐ ▓▓▓ ┌──────      The line goes along the outline of what it meets, half a metre away, on the shorter side.
      └─────┘            Buildings that stand closer to each other than a metre are gone round together.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from grids.splitting.plan import Point, metres

AWAY_M = 0.5


def led_round(line: Sequence[Point], footprints: Sequence[BaseGeometry]) -> list[Point]:
    """Return a line (longitude and latitude) led round footprints; where it begins or ends in one it stays."""
    scale = np.array(metres(line[0][1]))
    drawn = shapely.linestrings(np.array(line) * scale)
    near = [one for one in footprints if shapely.intersects(one, shapely.linestrings(line))]
    if not near:
        return list(line)
    grown = shapely.buffer(
        [shapely.transform(one, lambda spots: spots * scale) for one in footprints], AWAY_M, join_style="mitre"
    )
    path = drawn
    for part in shapely.get_parts(shapely.union_all(grown)):
        path = _past(path, shapely.Polygon(part.exterior))
    return [(x, y) for x, y in (shapely.get_coordinates(path) / scale).tolist()]


def _past(path: shapely.LineString, part: shapely.Polygon) -> shapely.LineString:
    """Return a path that goes along an obstacle's outline from where it first meets it to where it leaves it last."""
    inside = shapely.intersection(path, part)
    ends = [shapely.Point(path.coords[0]), shapely.Point(path.coords[-1])]
    if shapely.length(inside) == 0 or shapely.intersects(part, ends).any():
        return path
    met = shapely.line_locate_point(path, shapely.points(shapely.get_coordinates(inside)))
    first, last = float(met.min()), float(met.max())
    along = _shorter(part.exterior, path.interpolate(first), path.interpolate(last))
    spots = [substring(path, 0, first), along, substring(path, last, path.length)]
    return shapely.LineString(np.concatenate([shapely.get_coordinates(spot) for spot in spots]))


def _shorter(ring: shapely.LinearRing, start: shapely.Point, end: shapely.Point) -> shapely.LineString:
    """Return the shorter way along a ring between two places on it."""
    one, two = ring.project(start), ring.project(end)
    low, high = min(one, two), max(one, two)
    direct = substring(ring, low, high)
    behind = shapely.get_coordinates([substring(ring, high, ring.length), substring(ring, 0, low)])
    way = direct if high - low <= ring.length / 2 else shapely.LineString(behind)
    forward = (one <= two) == (way is direct)
    return way if forward else shapely.reverse(way)
