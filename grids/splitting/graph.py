"""The graph of atoms: who borders whom over what length, with loads, areas and rims. Arrays, then plain lists."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from grids.splitting.blocks import Atoms
from grids.splitting.mesh import OUTSIDE, pairs
from grids.splitting.pieces import connected
from grids.splitting.problem import Floats, Ints


@dataclass(frozen=True, slots=True)
class Graph:
    """Atoms as vertices; `pairs` (m, 2) as edges with lengths by rank 0 to 3 and of barriers along them, in metres."""

    loads: Floats
    areas: Floats
    rims: Floats
    outer: Floats
    places: Floats
    pairs: Ints
    lengths: Floats
    barriers: Floats

    @property
    def count(self) -> int:
        """How many atoms there are."""
        return len(self.loads)

    @classmethod
    def of(cls, atoms: Atoms) -> "Graph":
        """Sum up the mesh by atoms."""
        area = shapely.area(atoms.faces)
        middle = shapely.get_coordinates(shapely.centroid(atoms.faces)) * area[:, None]
        sums = np.column_stack([np.bincount(atoms.label, middle[:, axis], atoms.count) for axis in (0, 1)])
        places = sums / atoms.areas[:, None]
        found, lengths = pairs(atoms.mesh, atoms.label)
        inner = found[:, 0] != OUTSIDE
        total = lengths.sum(1)
        outer = np.bincount(found[~inner][:, 1], total[~inner], atoms.count)
        rims = outer + sum(np.bincount(found[inner][:, side], total[inner], atoms.count) for side in (0, 1))
        _same, barriers = pairs(atoms.mesh, atoms.label, atoms.credit)
        return cls(atoms.loads, atoms.areas, rims, outer, places, found[inner], lengths[inner], barriers[inner])

    def components(self) -> Ints:
        """Return the label of the connected part each atom is in."""
        one, two = self.pairs.T
        return np.asarray(connected(one, two, self.count)[1], np.int64)

    def parted(self, kept: np.ndarray) -> "Graph":
        """Return the graph without some of its edges; what ran along them is outer rim then."""
        gone = self.lengths[~kept].sum(1)
        outer = self.outer + sum(np.bincount(self.pairs[~kept, side], gone, self.count) for side in (0, 1))
        return replace(
            self, outer=outer, pairs=self.pairs[kept], lengths=self.lengths[kept], barriers=self.barriers[kept]
        )

    def joined(self, group: Ints) -> "Graph":
        """Return the graph of groups of atoms, each labelled from 0; borders inside of a group are gone."""
        count = int(group.max()) + 1
        ends = np.sort(group[self.pairs], axis=1)
        apart = ends[:, 0] != ends[:, 1]
        keys, index = np.unique(ends[apart, 0] * count + ends[apart, 1], return_inverse=True)
        lengths = np.zeros((len(keys), self.lengths.shape[1]))
        np.add.at(lengths, index, self.lengths[apart])
        areas = np.bincount(group, self.areas, count)
        places = np.column_stack([np.bincount(group, self.areas * self.places[:, axis], count) for axis in (0, 1)])
        inner = self.lengths[~apart].sum(1)
        return Graph(
            np.bincount(group, self.loads, count),
            areas,
            np.bincount(group, self.rims, count) - 2 * np.bincount(ends[~apart, 0], inner, count),
            np.bincount(group, self.outer, count),
            places / areas[:, None],
            np.column_stack([keys // count, keys % count]),
            lengths,
            np.bincount(index, self.barriers[apart], len(keys)),
        )

    def part(self, members: Ints, loads: Floats) -> "Graph":
        """Return the graph of some atoms, renumbered in the order given, with loads that may be others."""
        number = np.full(self.count, -1, np.int64)
        number[members] = np.arange(len(members))
        ends = number[self.pairs]
        kept = (ends >= 0).all(1)
        return Graph(
            loads,
            self.areas[members],
            self.rims[members],
            self.outer[members],
            self.places[members],
            ends[kept],
            self.lengths[kept],
            self.barriers[kept],
        )
