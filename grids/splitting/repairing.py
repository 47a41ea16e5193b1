"""Ready-made grids made an exact coverage of their community: narrow gaps and overlaps closed, all else told. Pure.

    ┌────┐ ┌────┐      All outlines and the boundary are cut at each other into faces. A face that one grid claims is
    │ A ┌┼─┼┐ B │      its; what nobody or several claim goes, where it is narrower than the tolerance, to the grid with
    └───┴┘ └┴───┘      which it shares the most border. What is wider stays a finding that somebody has to look at.

Coordinates are longitude and latitude in degrees, WGS-84; work is done on a lattice of 2 mm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from grids.splitting.plan import METRES_PER_DEGREE, Edge, edges_of, metres

LATTICE_M = 2.0**-9
# Faces smaller than this, in square metres, are what the lattice leaves over: closed and not worth telling of.
DUST_M2 = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was not as it should be: what (gap, overlap, outside, piece, missing), its area and its grids."""

    code: str
    area: float
    grids: tuple[int, ...]
    geometry: BaseGeometry | None = None


@dataclass(slots=True)
class Repair:
    """The grids as a coverage, in the given order, with what was closed and what was too wide to be."""

    polygons: list[shapely.Polygon] = field(default_factory=list)
    closed: list[Finding] = field(default_factory=list)
    open: list[Finding] = field(default_factory=list)


def repaired(grids: Sequence[BaseGeometry], boundary: BaseGeometry, tolerance: float) -> Repair:
    """Return grids (polygons or multipolygons, valid) that cover the boundary exactly, in one piece each.

    `tolerance` is in metres. Where anything is `open`, the polygons are not given.
    """
    if _fits(grids, boundary):
        return Repair(list(grids))
    scale = np.array(metres(boundary.centroid.y))
    shapes = [shapely.transform(one, lambda places: places * scale) for one in grids]
    ground = shapely.transform(boundary, lambda places: places * scale)
    work = _Work(shapes, ground, tolerance)
    result = Repair()
    work.outside(result)
    work.settle(result)
    work.mend_pieces(result)
    polygons = work.merged(result)
    for findings in (result.closed, result.open):
        findings[:] = [_degrees(one, scale) for one in findings if one.area >= DUST_M2 or one.code == "missing"]
    if not result.open:
        result.polygons = [shapely.transform(one, lambda places: places / scale) for one in polygons]
        if not shapely.coverage_is_valid(result.polygons):
            result.open.append(Finding("overlap", 0.0, tuple(range(len(grids)))))
            result.polygons = []
    return result


def _fits(grids: Sequence[BaseGeometry], boundary: BaseGeometry) -> bool:
    """Whether grids are a coverage of the boundary as they are; then not a bit of them is touched."""
    if any(one.geom_type != "Polygon" for one in grids) or not shapely.coverage_is_valid(list(grids)):
        return False
    beside = shapely.symmetric_difference(shapely.coverage_union_all(list(grids)), boundary)
    return bool(shapely.is_empty(shapely.buffer(beside, -LATTICE_M / METRES_PER_DEGREE)))


def _degrees(found: Finding, scale: np.ndarray) -> Finding:
    shape = shapely.transform(found.geometry, lambda places: places / scale) if found.geometry is not None else None
    return Finding(found.code, round(found.area, 1), found.grids, shape)


class _Work:
    """The faces, whose they are, and which share how much border; in metres."""

    def __init__(self, shapes: list[BaseGeometry], ground: BaseGeometry, tolerance: float) -> None:
        self.shapes, self.ground, self.tolerance = shapes, ground, tolerance
        rims = shapely.boundary([*shapes, ground])
        lines = shapely.get_parts(shapely.union_all(rims, grid_size=LATTICE_M))
        faces = shapely.get_parts(shapely.polygonize(lines))
        shapely.prepare(ground)
        self.faces = [face for face in faces if shapely.intersects(ground, shapely.point_on_surface(face))]
        spots = [shapely.point_on_surface(face) for face in self.faces]
        self.claims: list[set[int]] = [set() for _face in self.faces]
        for face, grid in shapely.STRtree(shapes).query(spots, predicate="intersects").T.tolist():
            self.claims[face].add(grid)
        self.owner = [next(iter(claim)) if len(claim) == 1 else -1 for claim in self.claims]
        self.beside = self._beside()

    def outside(self, result: Repair) -> None:
        """Tell of what lies beyond the boundary."""
        for index, shape in enumerate(self.shapes):
            for part in shapely.get_parts(shapely.difference(shape, self.ground)):
                if shapely.get_dimensions(part) == 2:
                    self._note(result, "outside", [part], (index,))

    def settle(self, result: Repair) -> None:
        """Give every narrow gap and overlap to a grid beside it."""
        several = [face for face, claim in enumerate(self.claims) if len(claim) > 1]
        nobody = [face for face, claim in enumerate(self.claims) if not claim]
        for code, loose in (("overlap", several), ("gap", nobody)):
            for group in self._groups(loose):
                around = {grid for face in group for grid in self.claims[face]} or self._around(group)
                if self._note(result, code, [self.faces[face] for face in group], tuple(sorted(around))):
                    self._give(group)

    def mend_pieces(self, result: Repair) -> None:
        """Let the largest piece of each grid stay; give narrow other pieces to a neighbour."""
        for grid in range(len(self.shapes)):
            groups = self._groups([face for face, owner in enumerate(self.owner) if owner == grid])
            groups.sort(key=lambda group: -sum(self.faces[face].area for face in group))
            for group in groups[1:]:
                if self._note(result, "piece", [self.faces[face] for face in group], (grid,)):
                    for face in group:
                        self.owner[face], self.claims[face] = -1, set()
                    self._give(group, without=grid)

    def merged(self, result: Repair) -> list[shapely.Polygon]:
        """Return the polygon of each grid; tell of those that have nothing."""
        polygons = []
        for grid in range(len(self.shapes)):
            own = [face for face, owner in zip(self.faces, self.owner, strict=True) if owner == grid]
            if not own:
                result.open.append(Finding("missing", 0.0, (grid,)))
                continue
            polygons.append(shapely.coverage_union_all(own))
        if not result.open and any(one.geom_type != "Polygon" for one in polygons):
            result.open.append(Finding("missing", 0.0, ()))
        return polygons

    def _note(self, result: Repair, code: str, parts: list[BaseGeometry], grids: tuple[int, ...]) -> bool:
        """Note a finding and return whether it is narrow enough to be closed."""
        shape = shapely.union_all(parts)
        narrow = bool(shapely.is_empty(shapely.buffer(shape, -self.tolerance / 2)))
        (result.closed if narrow else result.open).append(Finding(code, float(shape.area), grids, shape))
        return narrow

    def _beside(self) -> list[dict[int, float]]:
        holders: dict[Edge, list[int]] = {}
        for index, face in enumerate(self.faces):
            for one in edges_of(face):
                holders.setdefault(one, []).append(index)
        result: list[dict[int, float]] = [{} for _face in self.faces]
        for ((x, y), (to_x, to_y)), held in holders.items():
            if len(held) == 2:
                length = float(np.hypot(to_x - x, to_y - y))
                for here, there in (held, held[::-1]):
                    result[here][there] = result[here].get(there, 0.0) + length
        return result

    def _groups(self, faces: list[int]) -> list[list[int]]:
        left, groups = set(faces), []
        for first in faces:
            if first not in left:
                continue
            left.discard(first)
            group = [first]
            for face in group:
                near = [one for one in self.beside[face] if one in left]
                left.difference_update(near)
                group += near
            groups.append(group)
        return groups

    def _around(self, group: list[int]) -> set[int]:
        return {self.owner[near] for face in group for near in self.beside[face] if self.owner[near] >= 0}

    def _give(self, group: list[int], without: int = -1) -> None:
        """Give each face to a claimant, or to anybody where nobody claims it, by the border in common."""
        waiting = list(group)
        while waiting:
            ranked = []
            for face in waiting:
                shares: dict[int, float] = {}
                for near, length in self.beside[face].items():
                    owner = self.owner[near]
                    if owner >= 0 and owner != without and (not self.claims[face] or owner in self.claims[face]):
                        shares[owner] = shares.get(owner, 0.0) + length
                if shares:
                    best = max(sorted(shares), key=lambda owner: shares[owner])
                    ranked.append((-shares[best], face, best))
            if not ranked:
                # No claimant lies beside it: then whoever does, in the order of the grids.
                for face in waiting:
                    self.owner[face] = min(self.claims[face], default=-1)
                return
            _share, face, best = min(ranked)
            self.owner[face] = best
            waiting.remove(face)
