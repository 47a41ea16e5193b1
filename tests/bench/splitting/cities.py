"""What is split in the benchmark: an invented city of any size, and extracts given by their paths."""

from pathlib import Path

import numpy as np
import shapely

from grids.places_import.progress import Progress
from grids.split_files import read_boundary, read_houses, read_ways
from grids.splitting import House, Problem, Way
from grids.splitting.crs import plane_of

BLOCK = 90.0
LOTS = 6
MAIN = 8


def invented(buildings: int, households: int, seed: int = 1, setting: float = 0.5) -> Problem:
    """Return a city of jittered blocks with six by three lots each, a main street every eighth street.

    Lots stay empty by chance, more of them to the outside; houses have one to six households.
    """
    chance = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(buildings / (LOTS * 3 * 0.7))))
    corners = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij"), axis=-1) * BLOCK
    corners = corners + chance.normal(0, 4, corners.shape)
    plane = plane_of(111.65, 40.8)
    origin = plane.forward(np.array([[111.65, 40.8]]))[0]

    def globe(geometry: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(geometry, lambda xy: plane.inverse(xy + origin))

    lines = [corners[index] for index in range(side + 1)] + [corners[:, index] for index in range(side + 1)]
    kinds = ["secondary" if index % (side + 1) % MAIN == 0 else "residential" for index in range(len(lines))]
    streets = globe(np.array([shapely.linestrings(line) for line in lines], object))
    footprints = globe(_houses(corners, side, buildings, chance))
    loads = chance.integers(1, 7, len(footprints))
    rim = np.concatenate([corners[0], corners[1:, -1], corners[-1, -2::-1], corners[-2:0:-1, 0]])
    return Problem(
        boundary=globe(shapely.polygons(rim)),
        ways=[Way(line, kind) for line, kind in zip(streets, kinds, strict=True)],
        houses=[House(shape, int(load)) for shape, load in zip(footprints, loads, strict=True)],
        households=households,
        setting=setting,
    )


def extract(path: Path, households: int, setting: float) -> Problem:
    """Return the problem in a file of OpenStreetMap data: its boundary, main roads as barriers, its buildings."""
    quiet = Progress(None)
    return Problem(
        boundary=read_boundary(path, "", quiet),
        ways=read_ways(path, "streets", quiet),
        houses=read_houses(path, quiet),
        households=households,
        setting=setting,
    )


def _houses(corners: np.ndarray, side: int, buildings: int, chance: np.random.Generator) -> np.ndarray:
    blocks = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2)
    base = corners[blocks[:, 0], blocks[:, 1]]
    lots = np.stack(np.meshgrid(np.arange(LOTS), np.arange(3), indexing="ij"), axis=-1).reshape(-1, 2)
    spots = base[:, None] + 12 + lots[None] * np.array([11.5, 23.0]) + chance.uniform(0, 2, (len(base), len(lots), 2))
    spots = spots.reshape(-1, 2)
    chosen = chance.permutation(len(spots))[:buildings]
    low = spots[np.sort(chosen)]
    return shapely.box(low[:, 0], low[:, 1], low[:, 0] + chance.uniform(6, 9, len(low)), low[:, 1] + 15)
