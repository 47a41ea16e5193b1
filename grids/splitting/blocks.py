"""From ground to atoms: blocks between lines, cut where too large, healed round buildings, slivers merged."""

from dataclasses import dataclass

import numpy as np
import shapely

from grids.splitting import cuts
from grids.splitting.carriageways import ALONG, middles
from grids.splitting.ground import Ground
from grids.splitting.linework import covered, faces, noded, outlines
from grids.splitting.mesh import OUTSIDE, Mesh, credits, pairs
from grids.splitting.problem import Floats, Ints, Shapes

SLIVER_AREA = 20.0
SLIVER_WIDTH = 1.0
STRIP_WIDTH = 25.0


@dataclass(frozen=True, slots=True)
class Atoms:
    """Pieces of the ground that no building straddles.

    `mesh` holds the faces' segments, `label` says to which atom a face belongs; `blob_atom` in which atom a blob lies.
    """

    faces: Shapes
    mesh: Mesh
    label: Ints
    count: int
    loads: Floats
    areas: Floats
    blob_atom: Ints
    credit: Floats
    barrier_length: float


def make(ground: Ground, most_load: float, most_area: float) -> Atoms:
    """Build the atoms; no atom of several buildings has more than `most_load` where it can be cut."""
    rim = outlines(np.array([ground.boundary], object))
    loads = np.bincount(ground.blob_of[ground.inside], ground.weights[ground.inside], len(ground.blobs))
    blocks = faces(noded(np.concatenate([ground.lines, rim])), ground.boundary)
    members = _members(blocks, ground.blobs)
    built = np.array([len(inside) > 0 for inside in members])
    middle = middles(blocks, Mesh.of(blocks, ground.lines, ground.ranks), built)
    extra = cuts.subdivide(blocks, members, cuts.Stock.of(ground.blobs, loads), most_load, most_area)
    whole, healed = _heal(np.concatenate([ground.lines, middle, shapely.get_parts(extra)]), ground)
    final = faces(noded(np.concatenate([whole, rim])), ground.boundary)
    mesh = Mesh.of(final, ground.lines, ground.ranks)
    face_of = _face_of(final, ground)
    filled = np.bincount(face_of[face_of >= 0], minlength=len(final)) > 0
    strips = _halves(final, middle)
    label = _merge(final, mesh, np.concatenate([face_of[healed], strips]), filled, strips)
    count = int(label.max()) + 1
    atom_of = np.where(face_of >= 0, label[face_of], -1)
    known = atom_of >= 0
    barriers = ground.lines[ground.ranks == 3]
    return Atoms(
        final,
        mesh,
        label,
        count,
        np.bincount(atom_of[known], loads[known], count),
        np.bincount(label, shapely.area(final), count),
        atom_of,
        credits(mesh, label, barriers, ALONG),
        float(shapely.length(barriers).sum()),
    )


def _halves(found: Shapes, middle: Shapes) -> Ints:
    """Return the faces that a middle line bounds: the halves of strips."""
    if not len(middle):
        return np.empty(0, np.int64)
    spots = shapely.line_interpolate_point(middle, 0.5, normalized=True)
    _spot, near = shapely.STRtree(found).query(spots, predicate="dwithin", distance=0.05)
    near = np.unique(near)
    return near[2 * shapely.area(found[near]) / shapely.length(found[near]) < 2 * ALONG]


def _members(blocks: Shapes, blobs: Shapes) -> list[Ints]:
    spots = shapely.point_on_surface(blobs)
    spot, block = (
        shapely.STRtree(blocks).query(spots, predicate="intersects") if len(spots) else (np.empty(0, int),) * 2
    )
    _unique, first = np.unique(spot, return_index=True)
    spot, block = spot[first], block[first]
    order = np.argsort(block, kind="stable")
    return np.split(spot[order], np.searchsorted(block[order], np.arange(1, len(blocks))))


def _heal(lines: Shapes, ground: Ground) -> tuple[Shapes, Ints]:
    """Return lines that go round the blobs they would cut, and which blobs those are."""
    hit = np.flatnonzero(covered(ground.blobs, lines))
    if not len(hit):
        return lines, hit
    line, blob = shapely.STRtree(ground.blobs[hit]).query(lines, predicate="intersects")
    crossing, starts = np.unique(line, return_index=True)
    # Blobs may share walls: only their union is a valid mask.
    groups = np.split(ground.blobs[hit][blob], starts[1:])
    masks = np.array([group[0] if len(group) == 1 else shapely.union_all(group) for group in groups], object)
    kept = np.ones(len(lines), bool)
    kept[crossing] = False
    rest = shapely.get_parts(shapely.difference(lines[crossing], masks))
    rings = outlines(ground.blobs[hit])
    inner = shapely.get_parts(shapely.intersection(rings, ground.boundary))
    inner = inner[shapely.get_dimensions(inner) == 1]
    return np.concatenate([lines[kept], rest[shapely.length(rest) > 0], inner]), hit


def _face_of(found: Shapes, ground: Ground) -> Ints:
    """Return the face in which each blob lies, by a point inside both blob and boundary."""
    result = np.full(len(ground.blobs), -1, np.int64)
    if not len(ground.blobs):
        return result
    spots = shapely.point_on_surface(ground.blobs)
    outer = ~shapely.intersects(ground.boundary, spots)
    spots[outer] = shapely.point_on_surface(shapely.intersection(ground.blobs[outer], ground.boundary))
    blob, face = shapely.STRtree(found).query(spots, predicate="intersects")
    result[blob[::-1]] = face[::-1]
    return result


def _narrow(found: Shapes, mesh: Mesh, built: np.ndarray) -> np.ndarray:
    """Return which faces are strips between barriers: as pieces of their own they would only lead grids astray."""
    rims = shapely.length(found)
    barrier = np.zeros(len(found))
    for side in (0, 1):
        known = (mesh.sides[:, side] != OUTSIDE) & (mesh.ranks == 3)
        np.add.at(barrier, mesh.sides[known, side], mesh.lengths[known])
    return ~built & (2 * shapely.area(found) / rims < STRIP_WIDTH) & (barrier > 0.5 * rims)


def _merge(found: Shapes, mesh: Mesh, healed: Ints, built: np.ndarray, strips: Ints) -> Ints:
    """Return labels of faces after healed buildings and slivers have joined a neighbour."""
    label = np.arange(len(found))
    area, rim = shapely.area(found), shapely.length(found)
    small = ~built & ((area < SLIVER_AREA) | (area < SLIVER_WIDTH * rim / 2))
    small[healed[healed >= 0]] = True
    small |= _narrow(found, mesh, built)
    for _ in range(4):
        if not small.any():
            break
        around, lengths = pairs(mesh, label)
        inner = around[:, 0] >= 0
        around = around[inner]
        # Slivers stay on their side of a barrier; the half of a strip joins the side from which a barrier parts it.
        half = np.isin(around, strips).any(1)
        worth = np.where(half, lengths[inner, 3] + 1e-3, lengths[inner] @ np.array([1.0, 1.0, 0.9, 0.3]))
        ends, other = np.concatenate([around, around[:, ::-1]]).T
        worth = np.concatenate([worth, worth])
        # Small ones join a large neighbour; among themselves the lower label waits.
        wants = small[ends] & (~small[other] | (other < ends))
        ends, other, worth = ends[wants], other[wants], worth[wants] + 1e6 * ~small[other[wants]]
        order = np.lexsort((-worth, ends))
        _ends, first = np.unique(ends[order], return_index=True)
        target = np.arange(len(found))
        target[_ends] = other[order][first]
        while (target[target] != target).any():
            target = target[target]
        still = small & (target == np.arange(len(found)))
        label = target[label]
        small = still
    _unique, packed = np.unique(label, return_inverse=True)
    return packed
