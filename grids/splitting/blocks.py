"""From ground to atoms: blocks between lines, cut where too large, healed round buildings, slivers merged."""

from dataclasses import dataclass

import numpy as np
import shapely

from grids.splitting import cuts
from grids.splitting.carriageways import ALONG, Strips, strips
from grids.splitting.dangles import bridges
from grids.splitting.ground import Ground
from grids.splitting.linework import LATTICE, covered, faces, noded, outlines
from grids.splitting.mesh import Mesh, credits, pairs
from grids.splitting.pieces import connected
from grids.splitting.problem import Floats, Ints, Shapes

SLIVER_AREA = 20.0
SLIVER_WIDTH = 1.0


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


def make(ground: Ground, most: cuts.Limits) -> Atoms:
    """Build the atoms; no atom of several buildings has more than the most load where it can be cut."""
    rim = outlines(np.array([ground.boundary], object))
    loads = np.bincount(ground.blob_of[ground.inside], ground.weights[ground.inside], len(ground.blobs))
    lines = np.concatenate([ground.lines, bridges(ground)])
    blocks = faces(noded(np.concatenate([lines, rim])), ground.boundary)
    members = _members(blocks, ground.blobs)
    built = np.array([len(inside) > 0 for inside in members])
    between = strips(blocks, Mesh.of(blocks, ground.lines, ground.ranks), built)
    extra = cuts.subdivide(blocks, members, cuts.Stock.of(ground.blobs, loads), most)
    whole, healed = _heal(np.concatenate([lines, between.cuts, shapely.get_parts(extra)]), ground)
    final = faces(noded(np.concatenate([whole, rim])), ground.boundary)
    mesh = Mesh.of(final, ground.lines, ground.ranks)
    face_of = _face_of(final, ground)
    filled = np.bincount(face_of[face_of >= 0], minlength=len(final)) > 0
    label = _merge(final, mesh, face_of[healed], filled, between)
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


def _strips_joined(found: Shapes, mesh: Mesh, between: Strips, built: np.ndarray) -> tuple[Ints, np.ndarray]:
    """Return labels of faces after parts of strips have joined the face across their joint, and which faces those are.

    A label is the lowest face of its group that is no part of a strip.
    """
    own = np.arange(len(found))
    inside = np.zeros(len(found), bool)
    if not len(between.joints):
        return own, inside
    spots = shapely.point_on_surface(found)
    inside[np.unique(shapely.STRtree(between.areas).query(spots, predicate="intersects")[0])] = True
    inside &= ~built
    tree = shapely.STRtree(shapely.linestrings(between.joints))
    near = tree.query(shapely.points(mesh.ends.mean(1)), predicate="dwithin", distance=20 * LATTICE)[0]
    opened = np.zeros(len(mesh.lengths))
    opened[near] = mesh.lengths[near]
    around, joint = pairs(mesh, own, opened)
    kept = (around[:, 0] >= 0) & (joint > 0)
    ends, other = np.concatenate([around[kept], around[kept][:, ::-1]]).T
    worth = np.tile(joint[kept], 2)
    mine = inside[ends]
    order = np.lexsort((-worth[mine], ends[mine]))
    part, first = np.unique(ends[mine][order], return_index=True)
    target = other[mine][order][first]
    _count, group = connected(part, target, len(found))
    lowest = np.full(len(found), len(found))
    np.minimum.at(lowest, group, np.where(inside, len(found), own))
    label = np.where(lowest[group] < len(found), lowest[group], own)
    return label, label != own


def _merge(found: Shapes, mesh: Mesh, healed: Ints, built: np.ndarray, between: Strips) -> Ints:
    """Return labels of faces after healed buildings and slivers have joined a neighbour."""
    area, rim = shapely.area(found), shapely.length(found)
    small = ~built & ((area < SLIVER_AREA) | (area < SLIVER_WIDTH * rim / 2))
    small[healed[healed >= 0]] = True
    label, joined = _strips_joined(found, mesh, between, built)
    small &= ~joined
    for _ in range(4):
        if not small.any():
            break
        around, lengths = pairs(mesh, label)
        inner = around[:, 0] >= 0
        around = around[inner]
        # Slivers rather stay on their side of a barrier.
        worth = lengths[inner] @ np.array([1.0, 1.0, 0.9, 0.3])
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
