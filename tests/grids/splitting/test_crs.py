"""The metric plane of a place, against positions computed with PROJ 9.1 (`gdaltransform`)."""

import numpy as np
import pytest

from grids.splitting.crs import plane_of

KNOWN = [
    (4546, 111.67, 40.82, 556523.840618979, 4520799.94011542),
    (4547, 114.3, 30.6, 528770.23725568, 3386666.25056236),
    (4551, 126.6, 45.8, 546645.130030018, 5074031.15001174),
    (32654, 139.7, 35.64, 382300.629124251, 3944798.50996706),
    (32632, 9.5, 47.1, 537941.771272908, 5216398.12053805),
    (32756, 151.2, -33.9, 333568.941011552, 6247473.33684402),
]


@pytest.mark.parametrize(("epsg", "lon", "lat", "east", "north"), KNOWN)
def test_planes_agree_with_proj(epsg: int, lon: float, lat: float, east: float, north: float) -> None:
    plane = plane_of(lon, lat)
    assert plane.epsg == epsg
    metres = plane.forward(np.array([[lon, lat]]))
    assert metres[0] == pytest.approx((east, north), abs=1e-6)
    assert plane.inverse(metres)[0] == pytest.approx((lon, lat), abs=1e-11)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (116.4, 39.9, 4548),
        (121.5, 31.2, 4550),
        (87.6, 43.8, 4538),
        (106.9, 47.9, 32648),
        (127.0, 37.5, 32652),
        (105.8, 21.0, 32648),
    ],
)
def test_neighbours_of_china_have_utm(lon: float, lat: float, epsg: int) -> None:
    assert plane_of(lon, lat).epsg == epsg
