"""The hexagons of H3: which size a zoom shows, which one a point lies in, and what they look like.

H3: https://h3geo.org/docs/core-library/h3Indexing. A cell is a 64-bit number whose digits of three bits lead from one
of 122 base cells to it; its parent has the same leading digits, so a parent needs arithmetic only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import atanh, radians, sin

FINEST = 11
RESOLUTIONS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
# By zoom from 0 on; beyond the last the last. On any tile, at the equator too, are at most 1,200 cells of average size.
BY_ZOOM = (1, 1, 2, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 9, 10, 11)
EARTH = 6_378_137.0
HIGHEST = 85.051_128_779_8  # degrees: where the square of EPSG:3857 ends
# The average area of a cell by resolution, by H3's table.
AREA_KM2 = (
    4_357_449.416, 609_788.442, 86_801.780, 12_393.435, 1_770.348, 252.904, 36.129, 5.161, 0.737, 0.105, 0.015, 0.00215
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hexagon:
    """A cell: its area in hectares on the sphere, its centre in EPSG:4326 and its polygon in EPSG:3857 as EWKT."""

    cell: int
    resolution: int
    hectares: float
    lon: float
    lat: float
    ewkt: str


def resolution_at(zoom: int) -> int:
    """Return the resolution that a zoom shows."""
    return BY_ZOOM[min(max(zoom, 0), len(BY_ZOOM) - 1)]


def resolution_of(cell: int) -> int:
    """Return a cell's resolution."""
    return cell >> 52 & 15


def parent(cell: int, resolution: int) -> int:
    """Return the cell of a coarser or the same resolution that a cell belongs to, as `cell_parent` in the database."""
    return cell & ~(15 << 52) | resolution << 52 | (1 << 3 * (15 - resolution)) - 1


def cell_at(lon: float, lat: float) -> int:
    """Return the smallest kind of cell in which a point in EPSG:4326 lies."""
    # Where no cell is needed its library need not be in memory.
    from h3.api import basic_int as h3

    return int(h3.latlng_to_cell(lat, lon, FINEST))


def hexagons(cells: Iterable[int]) -> list[Hexagon]:
    """Return what cells look like."""
    from h3.api import basic_int as h3

    found = []
    for cell in cells:
        lat, lon = h3.cell_to_latlng(cell)
        corners = h3.cell_to_boundary(cell)
        # Across the antimeridian a cell is drawn on its eastern side.
        crossing = max(east for _north, east in corners) - min(east for _north, east in corners) > 180
        ring = [mercator(east + 360 if crossing and east < 0 else east, north) for north, east in corners]
        text = ",".join(f"{x:.2f} {y:.2f}" for x, y in [*ring, ring[0]])
        area = h3.cell_area(cell, "m^2") / 10_000
        found.append(Hexagon(cell, resolution_of(cell), area, lon, lat, f"SRID=3857;POLYGON(({text}))"))
    return found


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Return metres in EPSG:3857: spherical Mercator, y = R·atanh(sin(latitude)), cut at its square."""
    return EARTH * radians(lon), EARTH * atanh(sin(radians(max(-HIGHEST, min(HIGHEST, lat)))))


def square_km(extent: tuple[float, ...]) -> float:
    """Return the area of west, south, east, north in degrees on the sphere: R² · Δλ · (sin φ₂ - sin φ₁)."""
    west, south, east, north = extent
    return (EARTH / 1_000) ** 2 * radians(east - west) * (sin(radians(north)) - sin(radians(south)))
