"""The geometry guard: what it lets through, what it refuses and how it says so."""

import json
import math
import struct
from typing import Any

import pytest
import shapely
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from grids import geometry_guard as guard
from grids.geometry import DEFAULT, Limits, repaired
from grids.geometry.geojson import load_json, read_geojson
from grids.problems import BadInput

SQUARE = [[[111.0, 40.0], [111.1, 40.0], [111.1, 40.1], [111.0, 40.1], [111.0, 40.0]]]


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def refusal(value: object, limits: Limits = DEFAULT) -> str:
    """Return the sentence with which a GeoJSON value is refused."""
    with pytest.raises(BadInput) as caught:
        guard.check_geojson(value, limits)
    return str(caught.value.sentence)


def of(kind: str, coordinates: object) -> dict[str, object]:
    """Return a GeoJSON geometry."""
    return {"type": kind, "coordinates": coordinates}


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        ("Point", [111.6, 40.8]),
        ("Point", [180, -90]),
        ("MultiPoint", [[111.6, 40.8], [0, 0]]),
        ("LineString", [[111.6, 40.8], [111.7, 40.8]]),
        ("MultiLineString", [[[111.6, 40.8], [111.7, 40.8]], [[1, 1], [2, 2]]]),
        ("Polygon", SQUARE),
        ("MultiPolygon", [SQUARE, [[[1, 1], [2, 1], [2, 2], [1, 1]]]]),
    ],
)
def test_sound_geometries_pass_as_values_text_bytes_and_wkb(kind: str, coordinates: object) -> None:
    value = of(kind, coordinates)
    expected = shapely.from_geojson(json.dumps(value))
    assert guard.check_geojson(value).equals(expected)
    assert guard.check_geojson(json.dumps(value)).equals(expected)
    assert guard.check_geojson(json.dumps(value).encode()).equals(expected)
    for order in (0, 1):
        assert guard.check_wkb(shapely.to_wkb(expected, byte_order=order)).equals(expected)
    assert guard.check_wkb(shapely.to_wkb(shapely.set_srid(expected, 4326), include_srid=True)).equals(expected)


def test_a_checked_geometry_reaches_the_orm_with_its_srid() -> None:
    geos = guard.to_geos(guard.check_geojson(of("Polygon", SQUARE)))
    assert (geos.geom_type, geos.srid, geos.extent) == ("Polygon", 4326, (111.0, 40.0, 111.1, 40.1))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "must be a GeoJSON object"),
        ([], "must be a GeoJSON object"),
        ("[]", "must be a GeoJSON object"),
        ("{", "not JSON (line 1, column 2)"),
        (b"\xff\xfe", "not UTF-8 (byte 1"),
        ({}, "type is “?”"),
        ({"type": "Point"}, "no “coordinates”"),
        (of("Feature", []), "type is “Feature”"),
        ({"type": "GeometryCollection", "geometries": []}, "type is “GeometryCollection”"),
        (of("Circle", [1, 2]), "type is “Circle”"),
        (of("Point", []), "must be a pair"),
        (of("Point", [1]), "must be a pair"),
        (of("Point", "1,2"), "must be a pair"),
        (of("Point", {"lon": 1}), "must be a pair"),
        (of("Point", ["111.6", "40.8"]), "numbers only"),
        (of("Point", [True, False]), "numbers only"),
        (of("Point", [None, 1]), "numbers only"),
        (of("Point", [1, 2, 3]), "heights"),
        (of("Point", [181, 91]), "longitude 181 must be from -180 to 180 and latitude 91"),
        (of("Point", [40.8, 111.6]), "seem to be swapped"),
        (of("Point", [1e200, 1]), "longitude 1e+200"),
        (of("Point", [10**400, 1]), "longitude 1e15+"),
        (of("Point", [math.nan, 1]), "not a finite number"),
        (of("Point", [math.inf, 1]), "not a finite number"),
        (of("LineString", []), "is empty (coordinates)"),
        (of("LineString", [[1, 1]]), "two different points"),
        (of("LineString", [[1, 1], [1, 1]]), "two different points"),
        (of("LineString", [[1, 1], [2, 200]]), "coordinates[1]: longitude 2"),
        (of("MultiLineString", [[[1, 1], [2, 2]], []]), "is empty (coordinates[1])"),
        (of("Polygon", []), "is empty"),
        (of("Polygon", [[[1, 1], [2, 1], [1, 1]]]), "Ring 1 of the geometry has fewer than four points"),
        (of("Polygon", [SQUARE[0][:-1]]), "Ring 1 of the geometry is not closed (it starts at 111.000000, 40.000000)"),
        (of("Polygon", [[[0, 0], [1, 1], [2, 2], [0, 0]]]), "not valid"),
        (of("Polygon", [[[0, 0], [0, 0], [0, 0], [0, 0]]]), "not valid"),
        (
            of("Polygon", [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]),
            "at 1.000000, 1.000000: its outline crosses itself",
        ),
        (of("MultiPolygon", [SQUARE, SQUARE]), "not valid"),
        ({**of("Point", [1, 1]), "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}, "EPSG:4326"),
        ({**of("Point", [1, 1]), "crs": "x"}, "EPSG:4326"),
    ],
)
def test_each_fault_is_one_sentence_that_says_what_and_where(value: object, words: str) -> None:
    sentence = refusal(value)
    assert words in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("limits", "value", "words"),
    [
        (Limits(bytes=20), json.dumps(of("Polygon", SQUARE)), "at most 20"),
        (Limits(vertices=4), of("Polygon", SQUARE), "more than 4 points"),
        (Limits(rings=1), of("Polygon", SQUARE * 2), "more than 1 rings"),
        (Limits(parts=1), of("MultiPoint", [[1, 1], [2, 2]]), "more than 1 parts"),
        (guard.only("Point"), of("Polygon", SQUARE), "accepted are Point."),
    ],
)
def test_limits_hold(limits: Limits, value: object, words: str) -> None:
    assert words in refusal(value, limits)


@pytest.mark.parametrize("limits", [Limits(vertices=4), Limits(rings=0), Limits(bytes=20), guard.only("Point")])
def test_limits_hold_for_wkb_too(limits: Limits) -> None:
    with pytest.raises(BadInput):
        guard.check_wkb(shapely.to_wkb(shapely.Polygon(SQUARE[0])), limits)


def test_heights_are_dropped_only_when_asked() -> None:
    solid = shapely.from_wkt("POINT Z (111 40 1000)")
    assert guard.check_geojson(of("Point", [111, 40, 1000]), Limits(drop_heights=True)).wkt == "POINT (111 40)"
    for data in (shapely.to_wkb(solid), shapely.to_wkb(solid, flavor="iso")):
        assert guard.check_wkb(data, Limits(drop_heights=True)).wkt == "POINT (111 40)"
        with pytest.raises(BadInput, match="heights"):
            guard.check_wkb(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x07\x01\x00\x00\x00",
        struct.pack("<BI", 1, 1),
        struct.pack("<BIdd", 1, 1, math.nan, math.nan),
        struct.pack("<BIdd", 1, 1, 1e308, 1.0),
        struct.pack("<BIdd", 1, 1, 1.0, 1.0) + b"x",
        struct.pack("<BIIdd", 1, 1 | 0x20000000, 3857, 1.0, 1.0),
        struct.pack("<BII", 1, 2, 0xFFFFFFFF),
        struct.pack("<BII", 1, 3, 0xFFFFFFFF),
        struct.pack("<BII", 1, 6, 0xFFFFFFFF),
        struct.pack("<BII", 1, 7, 1) * 1000,
        struct.pack("<BII", 1, 4, 1) + struct.pack("<BII", 1, 2, 0),
        struct.pack("<BI", 1, 17),
        struct.pack("<BII", 1, 2, 0),
        struct.pack("<BII", 1, 3, 0),
        struct.pack("<BII", 1, 4, 0),
    ],
)
def test_garbled_wkb_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        guard.check_wkb(data)


@pytest.mark.parametrize(
    ("lon", "lat", "ok"),
    [
        ("111.67", "40.82", True),
        (111, 40.82, True),
        (" 111.67 ", "+40.82", True),
        ("1.1167e2", "40.82", True),
        ("111,67", "40.82", False),
        ("１１１", "40.82", False),
        ("1_11", "40.82", False),
        ("nan", "40.82", False),
        ("", "40.82", False),
        (None, "40.82", False),
        (True, 1, False),
        ("40.82", "111.67", False),
        ("9" * 90, "1", False),
    ],
)
def test_points_come_from_numbers_or_their_texts(lon: object, lat: object, ok: bool) -> None:
    if ok:
        assert guard.parse_point(lon, lat).y == 40.82
    else:
        with pytest.raises(BadInput):
            guard.parse_point(lon, lat)


@pytest.mark.parametrize("text", ['"' + '\\"' * 400_000, '"' * 400_001, '{"a":"[[[[[[[[[[[[[[[[[["}', "[1,2", "]]]]"])
def test_the_depth_check_reads_any_text_in_one_pass(text: str) -> None:
    """Strings that never end and brackets inside strings: no quadratic scan, no false depth."""
    if text.startswith("{"):
        assert load_json(text) == {"a": "[" * 18}
    else:
        assert "not JSON" in refusal(text)


def test_the_sentence_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "gettext", lambda sentence: f"<{sentence}>")
    assert refusal(of("Polygon", [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]])) == (
        "<The geometry is not valid at 1.000000, 1.000000: <its outline crosses itself>.>"
    )


def test_a_bow_tie_is_repaired_into_its_two_wings() -> None:
    r"""
    |\  /|
    | \/ |
    | /\ |
    |/  \|
    """
    bow_tie = read_geojson(of("Polygon", [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]))
    whole = repaired(bow_tie)
    assert (whole.geom_type, whole.is_valid, whole.area) == ("MultiPolygon", True, pytest.approx(2))


def test_repairing_drops_a_spike_but_never_makes_an_area_of_a_line() -> None:
    spiked = read_geojson(of("Polygon", [[[0, 0], [1, 0], [1, 1], [1, 5], [1, 1], [0, 1], [0, 0]]]))
    assert repaired(spiked).equals(shapely.box(0, 0, 1, 1))
    with pytest.raises(ValueError, match="zero"):
        repaired(read_geojson(of("Polygon", [[[0, 0], [1, 1], [2, 2], [0, 0]]])))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=20,
)
numbers = st.floats(-200, 200) | st.floats() | st.integers(-400, 400)
pairs = st.lists(numbers, min_size=1, max_size=3)
rings = st.lists(pairs, max_size=6).map(lambda ring: [*ring, ring[0]] if ring else ring)
kinds = st.sampled_from(["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "X"])
shapes = pairs | rings | st.lists(rings, max_size=3) | st.lists(st.lists(rings, max_size=2), max_size=2) | json_values


@settings(max_examples=400, deadline=None)
@given(st.builds(of, kinds, shapes) | json_values)
def test_any_json_value_is_refused_or_gives_a_valid_geometry(value: object) -> None:
    try:
        geometry = guard.check_geojson(value)
    except BadInput:
        return
    assert geometry.is_valid
    assert not geometry.is_empty
    assert guard.to_geos(geometry).valid


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_give_a_valid_geometry(data: bytes) -> None:
    for check in (guard.check_geojson, guard.check_wkb):
        try:
            assert check(data).is_valid
        except BadInput:
            continue


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_wkb_is_refused_or_gives_a_valid_geometry(data: st.DataObject) -> None:
    source = shapely.from_wkt(
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 1)), ((5 5, 6 5, 6 6, 5 5)))"
    )
    damaged = bytearray(shapely.to_wkb(source))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        geometry = guard.check_wkb(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
    except BadInput:
        return
    assert geometry.is_valid
