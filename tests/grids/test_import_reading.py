"""What the import reads and what it refuses to read: encodings, reference systems, shifted maps, hostile files."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.utils import translation

from grids import shifts
from grids.models import Building, CheckpointType, Region, Street
from grids.places_import import Options, Outcome, gdal, reading, run, vocabulary
from grids.places_import.columns import resolve
from grids.problems import BadInput
from tests.grids.import_files import OSM, convert, feature, geojson, square, table

pytestmark = pytest.mark.django_db
LINE = [[111.67, 40.82], [111.671, 40.82]]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def district() -> None:
    CheckpointType.objects.create(code="school", name="学校", name_en="School", glyph="校", geometry="polygon")
    Region.objects.create(
        code="150102",
        level="district",
        name="新城区",
        source_id="1",
        geom=MultiPolygon(Polygon.from_bbox((111, 40, 112, 41)), srid=4326),
    )


def bring(path: Path, layer: str, **options: Any) -> Outcome:
    """Import a file."""
    return run(Options(path=path, layer=layer, **options))


def sentence(path: Path, layer: str, **options: Any) -> str:
    """Return the sentence with which a whole file is refused."""
    with pytest.raises(BadInput) as caught:
        bring(path, layer, **options)
    return str(caught.value.sentence)


CELLS = [["id", "名称", "用途", "WKT"], ["1", "一号楼", "住宅", '"POLYGON ((111 40,111.1 40,111.1 40.1,111 40))"']]


def test_a_table_in_gb18030_is_read_when_the_encoding_is_said(tmp_path: Path) -> None:
    path = table(tmp_path / "b.csv", CELLS, "gb18030")
    assert "mostly --encoding gb18030" in sentence(path, "buildings")
    assert "not written in ascii" in sentence(path, "buildings", encoding="ascii")
    assert "no encoding “gbx”" in sentence(path, "buildings", encoding="gbx")
    assert bring(path, "buildings", encoding="gb18030").written
    assert Building.objects.get().name == "一号楼"


def test_a_table_with_a_byte_order_mark_keeps_its_first_column(tmp_path: Path) -> None:
    bring(table(tmp_path / "b.csv", CELLS, "utf-8-sig"), "buildings")
    assert Building.objects.get().source_id == "1"


def test_a_shapefile_in_gbk_is_read(tmp_path: Path) -> None:
    source = geojson(tmp_path / "b.geojson", feature("Polygon", square(0, 0), id="1", name="一号楼"))
    shape = convert(source, tmp_path / "s.shp", "ESRI Shapefile", "-lco", "ENCODING=GBK")
    (tmp_path / "s.cpg").unlink(missing_ok=True)
    assert "say the file's encoding with --encoding" in bring(shape, "buildings").refusals[0].reason
    bring(shape, "buildings", encoding="gbk")
    assert Building.objects.get().name == "一号楼"


def test_a_shapefile_without_prj_needs_a_reference_system(tmp_path: Path) -> None:
    source = geojson(tmp_path / "b.geojson", feature("Polygon", square(0, 0), id="1"))
    shape = convert(source, tmp_path / "s.shp", "ESRI Shapefile")
    (tmp_path / "s.prj").unlink()
    assert "add --srs" in sentence(shape, "buildings")
    assert bring(shape, "buildings", srs="EPSG:4326").written
    assert bring(shape, "buildings", crs="wgs84").counts[0].unchanged == 1


def test_a_shapefile_without_shx_says_which_file_is_missing(tmp_path: Path) -> None:
    source = geojson(tmp_path / "b.geojson", feature("Polygon", square(0, 0), id="1"))
    shape = convert(source, tmp_path / "s.shp", "ESRI Shapefile")
    (tmp_path / "s.shx").unlink()
    assert "its .shx file is missing" in sentence(shape, "buildings")


def test_metres_are_turned_into_degrees(tmp_path: Path) -> None:
    source = geojson(tmp_path / "b.geojson", feature("LineString", LINE, id="1", kind="alley"))
    metres = convert(source, tmp_path / "m.gpkg", "GPKG", "-t_srs", "EPSG:4546")
    bring(metres, "streets")
    assert Street.objects.get().geom.coords == pytest.approx([pytest.approx(p, abs=1e-8) for p in LINE])


@pytest.mark.usefixtures("district")
def test_a_table_of_metres_needs_srs(tmp_path: Path) -> None:
    path = table(tmp_path / "c.csv", [["id", "type", "x", "y"], ["1", "school", "556519", "4520611"]])
    outcome = bring(path, "checkpoints")
    assert "longitude 556519 must be" in outcome.refusals[0].reason
    assert "name it with --srs" in outcome.warnings[-1]
    assert bring(path, "checkpoints", srs="EPSG:4546").written
    assert "write it as EPSG:4547" in sentence(path, "checkpoints", srs="4546")


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_shifted_coordinates_are_stored_unshifted(crs: shifts.Crs, tmp_path: Path) -> None:
    shifted = [list(shifts.from_wgs84(lon, lat, crs)) for lon, lat in LINE]
    path = geojson(tmp_path / "s.geojson", feature("LineString", shifted, id="1", kind="alley"))
    bring(path, "streets", crs=crs)
    for stored, true in zip(Street.objects.get().geom.coords, LINE, strict=True):
        assert stored == pytest.approx(true, abs=2e-9)
    assert bring(path, "streets", crs=crs).counts[0].unchanged == 1


def test_heights_are_dropped(tmp_path: Path) -> None:
    path = geojson(tmp_path / "s.geojson", feature("LineString", [[*p, 1000] for p in LINE], id="1", kind="alley"))
    assert bring(path, "streets").written
    assert not Street.objects.get().geom.hasz


def test_the_wrong_type_of_layer_is_one_sentence(tmp_path: Path) -> None:
    path = convert(geojson(tmp_path / "p.geojson", feature("Point", LINE[0], id=1)), tmp_path / "p.gpkg", "GPKG")
    assert sentence(path, "buildings") == (
        "The file holds geometry of type Point; buildings need MultiPolygon, Polygon."
    )


def test_several_layers_must_be_told_apart(tmp_path: Path) -> None:
    one = geojson(tmp_path / "one.geojson", feature("LineString", LINE, id=1, kind="alley"))
    package = convert(one, tmp_path / "two.gpkg", "GPKG", "-nln", "first")
    convert(one, package, "GPKG", "-nln", "second", "-update")
    assert "choose one of first, second" in sentence(package, "streets")
    assert "no layer “third”; it has first, second" in sentence(package, "streets", source_layer="third")
    assert bring(package, "streets", source_layer="second").written


def test_columns_can_be_named_and_misnamed(tmp_path: Path) -> None:
    path = geojson(tmp_path / "s.geojson", feature("LineString", LINE, Nr="7", 叫法="东风路", Art="alley"))
    assert "no column “Name”; it has Nr, 叫法, Art" in sentence(path, "streets", columns={"name": "Name"})
    assert "no field “colour”" in sentence(path, "streets", columns={"colour": "Art"})
    bring(path, "streets", columns={"id": "Nr", "name": "叫法", "kind": "Art"})
    assert Street.objects.values_list("source_id", "name", "kind").get() == ("7", "东风路", "alley")


def test_headings_are_known_in_any_case_and_spacing() -> None:
    found = resolve(("id", "name", "lon", "households"), ["ID ", "English Name", "经 度", "户数", "楼栋_编号"], {}, {})
    assert found.sources == {"id": "ID ", "lon": "经 度", "households": "户数"}
    assert found.values({"ID ": "", "户数": 3}) == {"households": 3}


def test_a_filter_chooses_features(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "s.geojson",
        feature("LineString", LINE, id="1", kind="alley"),
        feature("LineString", LINE, id="2", kind="path"),
    )
    assert bring(path, "streets", where="kind = 'path'").read == 1
    assert "holds nothing for streets" in sentence(path, "streets", where="kind = 'x'")
    assert "cannot be read" in sentence(path, "streets", where="kind = = 'x'")


def test_a_missing_or_senseless_file_is_one_sentence(tmp_path: Path) -> None:
    assert "There is no file" in sentence(tmp_path / "none.geojson", "streets")
    assert "There is no file" in sentence(Path("/vsicurl/http://127.0.0.1:9/a.geojson"), "streets")
    (tmp_path / "noise.bin").write_bytes(os.urandom(2000))
    assert "of no kind that GDAL knows" in sentence(tmp_path / "noise.bin", "streets")
    (tmp_path / "half.geojson").write_text('{"type":"FeatureCollection","features":[{"type":"Fea')
    assert "half.geojson cannot be read" in sentence(tmp_path / "half.geojson", "streets")
    (tmp_path / "half.osm").write_text(OSM[:-200])
    assert "half.osm cannot be read" in sentence(tmp_path / "half.osm", "streets")
    assert "half.osm cannot be read" in sentence(tmp_path / "half.osm", "buildings")
    (tmp_path / "half.osm.pbf").write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7f" + os.urandom(200))
    assert "cannot be read" in sentence(tmp_path / "half.osm.pbf", "streets")
    assert Street.objects.count() == 0


def test_a_virtual_file_cannot_point_elsewhere(tmp_path: Path) -> None:
    geojson(tmp_path / "s.geojson", feature("LineString", LINE, id="1", kind="alley"))
    (tmp_path / "v.vrt").write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='s'><SrcDataSource>s.geojson</SrcDataSource></OGRVRTLayer>"
        "</OGRVRTDataSource>"
    )
    assert "v.vrt cannot be read" in sentence(tmp_path / "v.vrt", "streets")


def test_deep_nesting_and_huge_numbers_harm_nobody(tmp_path: Path) -> None:
    deep = '{"type":"GeometryCollection","geometries":[' * 20_000 + "]}" * 20_000
    path = tmp_path / "deep.geojson"
    path.write_text('{"type":"Feature","properties":{"kind":"alley"},"geometry":' + deep + "}")
    assert "cannot be read" in sentence(path, "streets")
    path = geojson(
        tmp_path / "huge.geojson",
        feature("LineString", [[1e308, 1e308], [1e200, 2]], id="1", kind="alley"),
        feature("LineString", LINE, id="2", kind="alley"),
    )
    outcome = bring(path, "streets", allow_refused=True)
    assert (outcome.refused, Street.objects.get().source_id) == (1, "2")


def test_a_file_that_keeps_gdal_busy_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PROJ turns a longitude of 1e200 round the globe for ever when it comes from EPSG:3857."""
    monkeypatch.setattr(gdal, "SILENCE_SECONDS", 1.5)
    path = geojson(
        tmp_path / "busy.geojson",
        feature("LineString", [[1e200, 1e200], [0, 0]], id="1", kind="alley"),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
    )
    assert sentence(path, "streets") == "busy.geojson cannot be read: it kept GDAL busy too long."


@pytest.mark.parametrize(
    ("death", "words"),
    [
        ("kill -SEGV $$", "it made GDAL crash (SIGSEGV)"),
        ("kill -ABRT $$", "it made GDAL crash (SIGABRT)"),
        ("kill -KILL $$", "kept GDAL busy too long"),
        ("echo 'ERROR 1: out of cheese.' >&2; exit 1", "out of cheese."),
    ],
)
def test_a_crash_of_gdal_leaves_nothing_behind(
    death: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child writes one good street, then dies."""
    path = geojson(tmp_path / "s.geojson", feature("LineString", LINE, id="1", kind="alley"))
    line = json.dumps(feature("LineString", LINE, id="1", kind="alley"))
    program = tmp_path / "bin" / "ogr2ogr"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{line}'\n{death}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert words in sentence(path, "streets")
    assert Street.objects.count() == 0


def test_a_hopeless_file_is_left_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "HOPELESS", 3)
    bad = [feature("LineString", [[500, 1], [501, 1]], id=str(n), kind="alley") for n in range(50)]
    outcome = bring(geojson(tmp_path / "s.geojson", *bad), "streets", allow_refused=True)
    assert (outcome.read, outcome.refused) == (3, 3)
    assert "None of the first 3 rows can be used" in outcome.warnings[-1]


def test_lines_larger_than_the_cap_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdal, "LINE_BYTES", 1 << 18)
    path = geojson(tmp_path / "s.geojson", feature("LineString", LINE * 200_000, id="1", kind="alley"))
    assert "larger than 0 MB" in sentence(path, "streets")


def test_a_slow_file_is_not_cut_off_by_the_limit_on_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = geojson(tmp_path / "s.geojson", feature("LineString", LINE, id="1", kind="alley"))
    line = json.dumps(feature("LineString", LINE, id="1", kind="alley"))
    program = tmp_path / "bin" / "ogr2ogr"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nsleep 1\necho '{line}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 300")
    assert bring(path, "streets").written


def test_what_the_database_refuses_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that is too long for the table, were it not refused before."""
    monkeypatch.setitem(vocabulary.STREETS, "endless", "x" * 40)
    path = geojson(tmp_path / "s.geojson", feature("LineString", LINE, id="1", kind="endless"))
    assert sentence(path, "streets") == (
        "The database refused the rows: value too long for type character varying(12)."
    )


def test_without_gdal_the_package_to_install_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = geojson(tmp_path / "s.geojson", feature("LineString", LINE, id="1", kind="alley"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sentence(path, "streets") == "GDAL is missing: install the package gdal-bin."


@pytest.mark.usefixtures("district")
def test_a_workbook_of_text_alone_keeps_its_headings(tmp_path: Path) -> None:
    source = table(tmp_path / "s.csv", [["编号", "点位类型", "经度", "纬度"], ["一", "学校", "111.5", "40.5"]])
    assert bring(convert(source, tmp_path / "c.xlsx", "XLSX"), "checkpoints").written


def test_a_zipped_shapefile_is_read(tmp_path: Path) -> None:
    source = geojson(tmp_path / "s.geojson", feature("LineString", LINE, id="1", kind="alley"))
    convert(source, tmp_path / "s.shp", "ESRI Shapefile")
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        for part in tmp_path.glob("s.[sdp]*"):
            archive.write(part, part.name)
    assert bring(tmp_path / "s.zip", "streets").written
