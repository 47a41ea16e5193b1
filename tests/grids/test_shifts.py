"""Coordinate shifts: known displacements, exact inverses, nothing moved outside China."""

import numpy as np
import pytest
import shapely

from grids import shifts


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two close positions on a sphere, in metres."""
    east = (a[0] - b[0]) * 111_320 * np.cos(np.radians(a[1]))
    return float(np.hypot(east, (a[1] - b[1]) * 111_132))


@pytest.mark.parametrize(
    ("lon", "lat", "expected"),
    [(116.3974, 39.9093, 555), (121.4737, 31.2304, 481), (111.7489, 40.8429, 604), (94.90, 36.41, 96)],
    ids=["Beijing", "Shanghai", "Hohhot", "Golmud"],
)
def test_gcj02_displaces_known_cities_by_the_known_distance(lon: float, lat: float, expected: float) -> None:
    assert metres((lon, lat), shifts.from_wgs84(lon, lat, "gcj02")) == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_the_inverse_is_exact_to_a_millimetre_over_china(crs: shifts.Crs) -> None:
    random = np.random.default_rng(20261121)
    positions = np.column_stack((random.uniform(73.5, 135, 20_000), random.uniform(3.9, 53.5, 20_000)))
    geometry = shapely.MultiPoint(positions)
    back = shifts.geometry_to_wgs84(shifts.geometry_from_wgs84(geometry, crs), crs)
    error = (shapely.get_coordinates(back) - positions) * [111_320, 111_132]
    assert np.hypot(error[:, 0], error[:, 1]).max() <= 0.001


def test_one_step_of_the_inverse_alone_would_miss_by_metres() -> None:
    random = np.random.default_rng(7)
    there = np.column_stack((random.uniform(73.5, 135, 5_000), random.uniform(3.9, 53.5, 5_000)))
    once = 2 * there - shifts.gcj02_of_wgs84(there)
    error = (shifts.gcj02_of_wgs84(once) - there) * [111_320, 111_132]
    assert np.hypot(error[:, 0], error[:, 1]).max() > 1


def test_bd09_lies_about_a_kilometre_from_wgs84_in_beijing() -> None:
    assert 500 < metres((116.3974, 39.9093), shifts.from_wgs84(116.3974, 39.9093, "bd09")) < 1_800


@pytest.mark.parametrize("crs", shifts.CRS)
@pytest.mark.parametrize("place", [(139.71, 35.645), (9.55, 47.16), (-180.0, -90.0), (0.0, 0.0)])
def test_nothing_moves_outside_china(crs: shifts.Crs, place: tuple[float, float]) -> None:
    assert shifts.from_wgs84(*place, crs) == place
    assert shifts.to_wgs84(*place, crs) == place


def test_wgs84_is_left_exactly_as_it_is() -> None:
    line = shapely.LineString([(111.67, 40.82), (111.68, 40.83)])
    assert shifts.geometry_to_wgs84(line, "wgs84") is line
    assert shifts.geometry_from_wgs84(line, "wgs84") is line
    assert shifts.to_wgs84(111.67, 40.82, "wgs84") == (111.67, 40.82)


def test_a_shifted_polygon_keeps_its_shape_and_moves_as_a_whole() -> None:
    square = shapely.box(111.670, 40.820, 111.671, 40.821)
    moved = shifts.geometry_to_wgs84(square, "gcj02")
    assert moved.is_valid
    assert moved.area == pytest.approx(square.area, rel=0.01)
    assert 300 < metres(square.centroid.coords[0], moved.centroid.coords[0]) < 900
