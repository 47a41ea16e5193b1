"""What each grid adds to the figures, so that after an edit only what lies near it is measured again.

Figures of many grids are sums, means and extremes over their tallies, the same whether a tally is new or was kept from
before. What it counts of barriers depends on the borders of its neighbours as well, so grids within `ALONG` of a border
that moved are counted again with those that changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely

from grids.splitting.carriageways import ALONG
from grids.splitting.ground import Ground
from grids.splitting.linework import faces, noded
from grids.splitting.problem import Floats, Ints, Shapes
from grids.splitting.voronoi import samples, segments

# Less of a barrier than this, in metres, is not worth a word.
LEAST = 30.0
# What a barrier parts off is a part when it has this share of the grid's area: else it only runs beside the border.
LEAST_PART = 0.01
# A building counts as cut when more than this, in square metres, lies on either side.
SHAVING = 0.01
_SPACING = 2.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A grid by itself: households, square metres, metres of rim, pieces, and metres of border with other grids.

    `along` is how many of the `inner` metres run along streets, railways or waterways.
    """

    households: float
    area: float
    rim: float
    pieces: int
    inner: float
    along: float


@dataclass(frozen=True, slots=True)
class Crossed:
    """What lies across a grid: metres of barriers and of main roads away from any border, and cut buildings.

    `kinds` has the metres of each kind of barrier; `beyond` is what lies on their smaller sides: households and square
    metres, None where they part nothing or are too short for a word. A cut building counts in the first of its grids.
    """

    barrier: float
    road: float
    kinds: Mapping[str, float]
    beyond: tuple[int, int] | None
    cut: int


@dataclass(frozen=True, slots=True)
class Tally:
    """All that is known of one grid."""

    outline: Outline
    crossed: Crossed

    def json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @staticmethod
    def of(row: Mapping[str, Any]) -> "Tally":
        """Return what was stored as JSON."""
        beyond = row["crossed"]["beyond"]
        across = {**row["crossed"], "beyond": None if beyond is None else (beyond[0], beyond[1])}
        return Tally(Outline(**row["outline"]), Crossed(**across))


@dataclass(frozen=True, slots=True)
class Loose:
    """Metres of barriers and of main roads that lie in no grid: none, where grids cover the ground."""

    barrier: float = 0.0
    road: float = 0.0


def tallied(ground: Ground, shapes: Shapes) -> tuple[list[Tally], Loose]:
    """Return the tally of every grid, given in the metres of the ground, and what lies in none."""
    every = np.arange(len(shapes))
    alone = outlines(ground, shapes, every)
    across, loose = crossed(ground, shapes, every)
    return [Tally(one, two) for one, two in zip(alone, across, strict=True)], loose


def outlines(ground: Ground, shapes: Shapes, places: Ints) -> list[Outline]:
    """Return what the grids at some places are by themselves."""
    loads = households(ground, shapes)[places]
    mine = shapes[places]
    inner, along = _followed(ground, mine)
    columns = (loads, shapely.area(mine), shapely.length(mine), shapely.get_num_geometries(mine), inner, along)
    return [Outline(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def crossed(ground: Ground, shapes: Shapes, places: Ints) -> tuple[list[Crossed], Loose]:
    """Return what lies across the grids at some places, and what in no grid.

    Every grid near them must be among the shapes, and every line that crosses a barrier among them.
    """
    barrier = ground.ranks == 3
    near, beyond = _Borders(shapes, places), _Beyond(ground)
    kinds = {
        kind: near.away(ground.lines[barrier & (ground.kinds == kind)])
        for kind in sorted(set(ground.kinds[barrier].tolist()))
    }
    barriers, roads = near.away(ground.lines[barrier]), near.away(ground.lines[ground.major])
    found = cuts(ground, shapes)[places]
    result = []
    for place in range(len(places)):
        lengths = {kind: float(away[place]) for kind, away in kinds.items() if away[place] > 0}
        told = any(length >= LEAST for length in lengths.values())
        other = beyond.of(shapes[places[place]]) if told else None
        result.append(Crossed(float(barriers[place]), float(roads[place]), lengths, other, int(found[place])))
    return result, Loose(float(barriers[-1]), float(roads[-1]))


class _Borders:
    """The borders of grids, and which of the grids are asked about."""

    def __init__(self, shapes: Shapes, places: Ints) -> None:
        ends, _ring = segments(shapely.get_rings(shapely.get_parts(shapes)))
        self._borders = shapely.STRtree(shapely.linestrings(ends))
        self._grids = shapely.STRtree(shapes)
        # What lies in grids not asked about is counted apart and forgotten.
        self._place = np.full(len(shapes), len(places) + 1)
        self._place[places] = np.arange(len(places))
        self._count = len(places)

    def away(self, lines: Shapes) -> Floats:
        """Return how many metres of lines lie further than `ALONG` from any border, in each grid asked about.

        In the end how many do so in no grid at all. By samples every two metres; lines that run along each other count
        once.
        """
        result = np.zeros(self._count + 2)
        if not len(lines):
            return result[:-1]
        ends, _line = segments(shapely.get_parts(shapely.union_all(lines)))
        lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        points, index = samples(ends, _SPACING)
        weight = (lengths / np.bincount(index, minlength=len(ends)))[index]
        spots = shapely.points(points)
        far = np.ones(len(points), bool)
        far[self._borders.query(spots, predicate="dwithin", distance=ALONG)[0]] = False
        away = np.flatnonzero(far)
        spot, grid = self._grids.query(spots[away], predicate="intersects")
        order = np.lexsort((grid, spot))
        spot, first = np.unique(spot[order], return_index=True)
        place = np.full(len(away), self._count)
        place[spot] = self._place[grid[order][first]]
        np.add.at(result, place, weight[away])
        return result[:-1]


def households(ground: Ground, shapes: Shapes) -> Floats:
    """Return the households of each grid: a building belongs to the grid that holds a point inside it."""
    inside = np.flatnonzero(ground.inside)
    loads = np.zeros(len(shapes))
    if len(inside):
        spots = shapely.point_on_surface(ground.footprints[inside])
        house, grid = shapely.STRtree(shapes).query(spots, predicate="intersects")
        order = np.lexsort((grid, house))
        house, first = np.unique(house[order], return_index=True)
        np.add.at(loads, grid[order][first], ground.weights[inside[house]])
    return loads


def cuts(ground: Ground, shapes: Shapes) -> Ints:
    """Return how many buildings lie in several grids, each counted in the first; the outer boundary cuts none."""
    house, grid = shapely.STRtree(shapes).query(ground.footprints, predicate="intersects")
    several = np.bincount(house, minlength=len(ground.footprints))[house] > 1
    house, grid = house[several], grid[several]
    share = shapely.area(shapely.intersection(ground.footprints[house], shapes[grid]))
    house, grid = house[share > SHAVING], grid[share > SHAVING]
    order = np.lexsort((grid, house))
    house, grid = house[order], grid[order]
    _house, first, count = np.unique(house, return_index=True, return_counts=True)
    return np.bincount(grid[first[count > 1]], minlength=len(shapes))


def rows_inside(tallies: Sequence[Tally]) -> list[dict[str, Any]]:
    """Return where barriers lie further than `ALONG` from the borders of grids.

    Rows of `grid` (by place, from 1), `kind`, `metres`, and what lies on the smaller sides of all barriers of that
    grid: `households` and `area_m2`, or None for both where they end inside and part nothing. Sorted by grid and kind.
    """
    return [
        {
            "grid": place,
            "kind": kind,
            "metres": round(metres),
            "households": tally.crossed.beyond[0] if tally.crossed.beyond else None,
            "area_m2": tally.crossed.beyond[1] if tally.crossed.beyond else None,
        }
        for place, tally in enumerate(tallies, 1)
        for kind, metres in sorted(tally.crossed.kinds.items())
        if metres >= LEAST
    ]


class _Beyond:
    """What barriers part off in a grid."""

    def __init__(self, ground: Ground) -> None:
        self._barriers = ground.lines[ground.ranks == 3]
        self._lines = shapely.STRtree(self._barriers)
        self._weights = ground.weights[ground.inside]
        self._houses = shapely.STRtree(shapely.point_on_surface(ground.footprints[ground.inside]))

    def of(self, shape: shapely.Geometry) -> tuple[int, int] | None:
        """Return the households and square metres on the smaller sides; None where nothing is parted off."""
        near = self._barriers[self._lines.query(shape, predicate="intersects")]
        found = faces(noded(np.append(shapely.intersection(near, shape), shapely.boundary(shape))), shape)
        areas = shapely.area(found)
        if np.sort(areas)[:-1].sum() < LEAST_PART * shape.area:
            return None
        face, house = self._houses.query(found, predicate="intersects")
        loads = np.bincount(face, self._weights[house], len(found))
        largest = int(np.lexsort((areas, loads))[-1])
        return int(loads.sum() - loads[largest]), round(float(areas.sum() - areas[largest]))


def _followed(ground: Ground, shapes: Shapes) -> tuple[Floats, Floats]:
    """Return for each grid how much border it has with others, and what of it runs along a street or water."""
    parts, grid = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    ends, ring = segments(rings)
    points, index = samples(ends, _SPACING)
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    weight = (lengths / np.bincount(index, minlength=len(ends)))[index]
    spots = shapely.points(points)
    rim, _line = segments(shapely.get_parts(shapely.boundary(ground.boundary)))
    inner = np.ones(len(points), bool)
    inner[shapely.STRtree(shapely.linestrings(rim)).query(spots, predicate="dwithin", distance=0.01)[0]] = False
    along = np.zeros(len(points), bool)
    if len(ground.lines):
        along[shapely.STRtree(ground.lines).query(spots, predicate="dwithin", distance=ALONG)[0]] = True
    owner = grid[part[ring[index]]]
    return (
        np.bincount(owner[inner], weight[inner], len(shapes)),
        np.bincount(owner[inner & along], weight[inner & along], len(shapes)),
    )
