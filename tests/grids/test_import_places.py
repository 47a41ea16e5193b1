"""`import_places`: a city from files, all or nothing, and the same file again changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from grids.models import Building, Checkpoint, CheckpointType, Region, Street
from grids.places_import import Options, Outcome, run
from grids.problems import BadInput
from tests.grids.import_files import OSM, convert, feature, geojson, square, table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def regions_file(tmp_path: Path) -> Path:
    """A district of 3 × 3 squares with one subdistrict and two communities."""
    return geojson(
        tmp_path / "regions.geojson",
        feature("Polygon", square(0, 0, 3), code="150102", 名称="新城区"),
        feature("MultiPolygon", [square(0, 0, 3)], code="150102001", 名称="东风街道"),
        feature("Polygon", square(0, 0, 1), code="150102001001", 名称="一社区"),
        feature("Polygon", square(1, 0, 1), code="150102001002", 名称="二社区"),
    )


@pytest.fixture
def city(regions_file: Path) -> Outcome:
    """The regions, imported."""
    return bring(regions_file, "regions")


@pytest.fixture
def types() -> None:
    """Two types of checkpoints."""
    CheckpointType.objects.create(code="school", name="学校", name_en="School", glyph="校", geometry="polygon")
    CheckpointType.objects.create(code="bus_stop", name="公交站点", name_en="Bus stop", glyph="站", geometry="point")


def bring(path: Path, layer: str, **options: Any) -> Outcome:
    """Import a file."""
    return run(Options(path=path, layer=layer, **options))


def counts(outcome: Outcome) -> tuple[int, int, int]:
    """Return new, changed and unchanged of the first table."""
    first = outcome.counts[0]
    return first.new, first.changed, first.unchanged


def blocks(path: Path, **changes: Any) -> Path:
    """Write two buildings, one in each community."""
    first = {"编码": "A1", "名称": "1号楼", "户数": 36, "层数": "6", "用途": "住宅", "小区": "东风小区", **changes}
    return geojson(
        path,
        feature("Polygon", square(0.2, 0.2, 0.2), **first),
        feature("Polygon", square(1.2, 0.2, 0.2), 编码="A2", 名称="2号楼", 户数=None, 层数=None, 用途="商业", 小区=""),
    )


def test_regions_find_their_level_and_parent_from_the_code(city: Outcome) -> None:
    assert (counts(city), city.written, city.warnings) == ((4, 0, 0), True, [])
    found = {r.code: r for r in Region.objects.select_related("parent").order_by("code")}
    assert [(r.level, r.parent.code if r.parent else None) for r in found.values()] == [
        ("district", None),
        ("subdistrict", "150102"),
        ("community", "150102001"),
        ("community", "150102001"),
    ]
    assert found["150102"].name == "新城区"
    assert {r.geom.geom_type for r in found.values()} == {"MultiPolygon"}


def test_the_same_file_again_changes_nothing(city: Outcome, regions_file: Path) -> None:
    assert counts(bring(regions_file, "regions")) == (0, 0, 4)


def test_a_building_gets_its_columns_and_the_smallest_region_that_covers_it(city: Outcome, tmp_path: Path) -> None:
    assert counts(bring(blocks(tmp_path / "b.geojson"), "buildings")) == (2, 0, 0)
    first, second = Building.objects.select_related("region").order_by("source_id")
    assert (first.name, first.kind, first.households, first.floors, first.estate) == (
        "1号楼", "residential", 36, 6, "东风小区",
    )  # fmt: skip
    assert (first.source, first.source_id, first.region and first.region.code) == ("b", "A1", "150102001001")
    assert (second.households, second.floors, second.region and second.region.code) == (None, None, "150102001002")


def test_a_changed_row_updates_and_keeps_its_identity(city: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "b.geojson"
    bring(blocks(path), "buildings")
    before = Building.objects.get(source_id="A1").pk
    assert counts(bring(blocks(path, 户数=40), "buildings")) == (0, 1, 1)
    after = Building.objects.get(source_id="A1")
    assert (after.pk, after.households) == (before, 40)


def test_a_column_that_the_file_does_not_have_is_left_alone(city: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "b.geojson"
    bring(blocks(path), "buildings")
    geojson(path, feature("Polygon", square(0.2, 0.2, 0.3), 编码="A1", 名称="改名"))
    outcome = bring(path, "buildings")
    assert (counts(outcome), outcome.not_in_file) == ((0, 1, 0), 1)
    kept = Building.objects.get(source_id="A1")
    assert (kept.name, kept.households, kept.kind, kept.estate) == ("改名", 36, "residential", "东风小区")


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    outcome = bring(blocks(tmp_path / "b.geojson"), "buildings", dry_run=True)
    assert (counts(outcome), outcome.written, Building.objects.count()) == ((2, 0, 0), False, 0)


def test_one_refused_row_and_nothing_is_written(tmp_path: Path) -> None:
    path = blocks(tmp_path / "b.geojson", 户数="很多")
    outcome = bring(path, "buildings")
    assert (outcome.written, Building.objects.count(), outcome.refused) == (False, 0, 1)
    refusal = outcome.refusals[0]
    assert (refusal.row, refusal.id) == (1, "A1")
    assert refusal.reason == "households is “很多”, not a whole number from 0 to 20000."
    allowed = bring(path, "buildings", allow_refused=True)
    assert (allowed.written, Building.objects.get().source_id) == (True, "A2")


def test_every_kind_of_bad_row_is_refused_with_its_reason(tmp_path: Path) -> None:
    far = [[[1e200, 1], [2, 1], [2, 2], [1e200, 1]]]
    path = geojson(
        tmp_path / "b.geojson",
        feature("Polygon", square(0, 0), id="good"),
        feature("Polygon", square(0, 0), id="good"),
        feature("Point", [111.67, 40.82], id="point"),
        feature("Polygon", far, id="far"),
        feature("Polygon", [[[lat, lon] for lon, lat in square(0, 0)[0]]], id="swapped"),
        feature("Polygon", [square(0, 0)[0][:-1]], id="open"),
        {"type": "Feature", "properties": {"id": "none"}, "geometry": None},
        feature("Polygon", square(0, 0), id="long", name="楼" * 121),
        feature("Polygon", square(0, 0), id="high", floors=201),
        feature("Polygon", square(0, 0), id="where", region="15"),
        feature("Polygon", square(0, 0), id="nowhere", region="999999"),
        feature("Polygon", [[[111, 40], [112, 41], [113, 42], [111, 40]]], id="flat"),
    )
    reasons = {(r.row, r.id): r.reason for r in bring(path, "buildings").refusals}
    expected = {
        (2, "good"): "row 1",
        (3, "point"): "type is “Point”",
        (4, "far"): "longitude 1e+200",
        (5, "swapped"): "swapped",
        (6, "open"): "not closed",
        (7, "none"): "no geometry",
        (8, "long"): "more than 120 characters",
        (9, "high"): "from 0 to 200",
        (10, "where"): "digits",
        (11, "nowhere"): "no region with the code 999999",
        (12, "flat"): "area of the geometry is zero",
    }
    assert set(reasons) == set(expected)
    for key, words in expected.items():
        assert words in reasons[key]


def test_a_bow_tie_is_repaired_and_the_report_says_so(tmp_path: Path) -> None:
    ring = [[111.67, 40.82], [111.68, 40.83], [111.68, 40.82], [111.67, 40.83], [111.67, 40.82]]
    outcome = bring(geojson(tmp_path / "b.geojson", feature("Polygon", [ring], id="x")), "buildings")
    assert (outcome.repaired, outcome.written, Building.objects.get().geom.geom_type) == (1, True, "MultiPolygon")
    assert "1 areas were not valid and were repaired" in " ".join(outcome.warnings)


def test_a_feature_without_an_id_is_known_by_its_geometry(tmp_path: Path) -> None:
    path = geojson(tmp_path / "b.geojson", feature("Polygon", square(0, 0)), feature("Polygon", square(1, 0)))
    assert counts(bring(path, "buildings")) == (2, 0, 0)
    geojson(path, feature("Polygon", square(1, 0), name="新名"), feature("Polygon", square(0, 0)))
    assert counts(bring(path, "buildings")) == (0, 1, 1)


def test_the_parts_of_a_street_keep_ids_of_their_own(tmp_path: Path) -> None:
    first, second = [[111.67, 40.82], [111.671, 40.82]], [[111.672, 40.82], [111.673, 40.82]]
    path = geojson(
        tmp_path / "s.geojson",
        feature("MultiLineString", [first, second], id="w7", name="东风路", kind="主干道"),
        feature("LineString", first, id="w8", kind="alley"),
    )
    assert counts(bring(path, "streets")) == (3, 0, 0)
    found = list(Street.objects.order_by("source_id").values_list("source_id", "name", "kind"))
    assert found == [("w7/1", "东风路", "primary"), ("w7/2", "东风路", "primary"), ("w8", "", "alley")]
    assert counts(bring(path, "streets")) == (0, 0, 3)


def test_streets_need_a_kind_from_a_column_or_for_all(tmp_path: Path) -> None:
    path = geojson(tmp_path / "s.geojson", feature("LineString", [[111.67, 40.82], [111.671, 40.82]], id="1"))
    with pytest.raises(BadInput, match="streets need kind"):
        bring(path, "streets")
    assert bring(path, "streets", constants={"kind": "path"}).written
    refused = bring(path, "streets", constants={"kind": "skyway"})
    assert "“skyway” is not one of alley, path" in refused.refusals[0].reason


@pytest.mark.usefixtures("types")
def test_checkpoints_find_their_type_and_region(city: Outcome, tmp_path: Path) -> None:
    path = table(
        tmp_path / "点位.csv",
        [
            ["编号", "名称", "点位类型", "经度", "纬度"],
            ["P1", "东风路站", "公交站点", "111.6705", "40.8205"],
            ["P2", "二中", "school", "111.6715", "40.8205"],
            ["P3", "哪里", "school", "111.9", "40.9"],
            ["P4", "什么", "月球", "111.6705", "40.8205"],
            ["P5", "何处", "school", "", "40.8205"],
        ],
    )
    outcome = bring(path, "checkpoints", allow_refused=True)
    found = Checkpoint.objects.order_by("source_id").values_list("source_id", "type__code", "region__code")
    assert list(found) == [("P1", "bus_stop", "150102001001"), ("P2", "school", "150102001002")]
    reasons = {refusal.id: refusal.reason for refusal in outcome.refusals}
    assert "no known region" in reasons["P3"]
    assert "“月球” is not one of bus_stop, school." in reasons["P4"]
    assert "lon is not a number" in reasons["P5"]
    assert counts(bring(path, "checkpoints", allow_refused=True)) == (0, 0, 2)


@pytest.mark.usefixtures("types", "city")
def test_a_checkpoint_may_be_a_line_or_an_area_but_not_several(tmp_path: Path) -> None:
    line = [[111.6701, 40.8201], [111.6702, 40.8202]]
    path = geojson(
        tmp_path / "c.geojson",
        feature("LineString", line, id="1", type="School"),
        feature("Polygon", square(0, 0), id="2", type="学校"),
        feature("MultiLineString", [line, [[111.67, 40.82], [111.671, 40.82]]], id="3", type="学校"),
    )
    outcome = bring(path, "checkpoints", region="150102", allow_refused=True)
    assert set(Checkpoint.objects.values_list("region__code", flat=True)) == {"150102"}
    assert [(r.id, r.reason) for r in outcome.refusals] == [
        ("3", "It has 2 parts; a checkpoint is one point, line or area.")
    ]


def test_a_city_without_regions_is_told_that_checkpoints_need_the_catalogue(tmp_path: Path) -> None:
    path = geojson(tmp_path / "c.geojson", feature("Point", [111.67, 40.82], id="1", type="school"))
    with pytest.raises(BadInput, match="load the catalogue"):
        bring(path, "checkpoints")


def test_boundaries_without_codes_are_numbered_below_a_parent_for_good(city: Outcome, tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "more.geojson",
        feature("Polygon", square(2, 0), id="x", name="三社区"),
        feature("Polygon", square(0, 1), id="y", name="四社区"),
    )
    assert counts(bring(path, "regions", parent="150102001")) == (2, 0, 0)
    geojson(
        path,
        feature("Polygon", square(1, 1), id="z", name="五社区"),
        feature("Polygon", square(0, 1), id="y", name="四社区"),
        feature("Polygon", square(2, 0), id="x", name="三社区"),
    )
    assert counts(bring(path, "regions", parent="150102001")) == (1, 0, 2)
    codes = dict(Region.objects.filter(source="more").values_list("source_id", "code"))
    assert codes == {"x": "150102001003", "y": "150102001004", "z": "150102001005"}


def test_one_bare_boundary_gets_the_code_given(tmp_path: Path) -> None:
    path = geojson(tmp_path / "one.geojson", feature("Polygon", square(0, 0, 3), name="新城区"))
    assert "no code" in bring(path, "regions").refusals[0].reason
    bring(path, "regions", region_code="150102")
    assert Region.objects.get().code == "150102"
    geojson(path, feature("Polygon", square(0, 0)), feature("Polygon", square(1, 0)))
    with pytest.raises(BadInput, match="has 2 regions"):
        bring(path, "regions", region_code="150102")


def test_a_code_held_by_another_source_is_refused(city: Outcome, tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "other.geojson",
        feature("Polygon", square(0, 0), code="150102001001"),
        feature("Polygon", square(5, 0), code="150102001009", id="1"),
        feature("Polygon", square(5, 1), code="1501020010"),
    )
    reasons = [refusal.reason for refusal in bring(path, "regions").refusals]
    assert reasons == [
        "The code “1501020010” has neither 6, 9 nor 12 digits.",
        "The code 150102001001 is held by a region of the source “regions”.",
    ]


def test_a_community_without_its_subdistrict_is_taken_and_named(tmp_path: Path) -> None:
    outcome = bring(geojson(tmp_path / "c.geojson", feature("Polygon", square(0, 0), code="150102001001")), "regions")
    assert outcome.written
    assert outcome.warnings == ["1 regions have no region above them yet: import it too."]


def test_openstreetmap_data_finds_our_layers(city: Outcome, types: None, tmp_path: Path) -> None:
    path = tmp_path / "cut.osm"
    path.write_text(OSM)
    assert counts(bring(path, "buildings")) == (1, 0, 0)
    house = Building.objects.get()
    assert (house.source, house.source_id, house.name, house.name_en) == ("osm", "way/10", "一号楼", "Block 1")
    assert (house.kind, house.floors, house.households) == ("residential", 6, None)
    streets = bring(path, "streets")
    assert (counts(streets), streets.left_out) == ((2, 0, 0), 1)
    assert dict(Street.objects.values_list("source_id", "kind")) == {"way/11": "residential", "way/13": "water"}
    assert counts(bring(path, "checkpoints", region="150102")) == (1, 0, 0)
    assert Checkpoint.objects.get().source_id == "node/5"
    chosen = {"where": "name = '东风社区'", "parent": "150102001"}
    assert counts(bring(path, "regions", **chosen)) == (1, 0, 0)
    assert Region.objects.get(source="osm").code == "150102001003"
    for layer, rows in (("buildings", 1), ("streets", 2)):
        assert counts(bring(path, layer)) == (0, 0, rows)
    with pytest.raises(BadInput, match="holds no people"):
        bring(path, "people")


def test_rows_outside_every_region_are_warned_of(city: Outcome, tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "b.geojson", feature("Polygon", square(0, 0), id=1), feature("Polygon", square(50, 0), id=2)
    )
    assert bring(path, "buildings").warnings == ["1 of 2 rows lie outside every known region: check --crs and --srs."]


def test_a_swap_that_stays_in_range_is_found_where_regions_are_known(tmp_path: Path) -> None:
    bring(
        geojson(tmp_path / "r.geojson", feature("Polygon", [[[9, 47], [10, 47], [10, 48], [9, 47]]], code="990001")),
        "regions",
    )
    path = geojson(tmp_path / "s.geojson", feature("LineString", [[47.1, 9.5], [47.2, 9.6]], id=1, kind="path"))
    assert "swapped" in bring(path, "streets").warnings[0]


def test_the_command_reports_and_exits_with_an_error_when_rows_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_places", blocks(tmp_path / "b.geojson"), layer="buildings", source="city")
    out = capsys.readouterr()
    assert "buildings: 2 new, 0 changed, 0 unchanged" in out.out
    assert "checking and writing" in out.err
    call_command("import_places", blocks(tmp_path / "b.geojson"), "--layer=buildings", "--source=city", "--dry-run")
    out = capsys.readouterr()
    assert "buildings: 0 new, 0 changed, 2 unchanged" in out.out
    assert "Dry run: nothing was written." in out.out
    log = tmp_path / "refused.csv"
    bad = blocks(tmp_path / "b.geojson", 层数="=1+1", 编码="=A1")
    with pytest.raises(CommandError, match="1 rows were refused, so nothing was written"):
        call_command("import_places", bad, "--layer=buildings", f"--refused={log}")
    assert "row 1 (=A1) refused: floors is “=1+1”" in capsys.readouterr().out
    assert log.read_text(encoding="utf-8-sig").splitlines()[1].startswith("1,'=A1,\"floors")
    with pytest.raises(CommandError, match="no file"):
        call_command("import_places", tmp_path / "none.geojson", layer="buildings")


def test_wrong_codes_on_the_command_line_are_one_sentence(tmp_path: Path) -> None:
    path = blocks(tmp_path / "b.geojson")
    for layer, options, words in (
        ("buildings", {"region": "12"}, "--region is “12”"),
        ("buildings", {"parent": "150102"}, "to regions only"),
        ("regions", {"parent": "150102001001"}, "a district or a subdistrict"),
    ):
        with pytest.raises(BadInput, match=words):
            bring(path, layer, **options)


def test_geopackage_and_shapefile_give_what_geojson_gives(city: Outcome, tmp_path: Path) -> None:
    source = blocks(tmp_path / "b.geojson")
    assert counts(bring(source, "buildings", source="x")) == (2, 0, 0)
    package = convert(source, tmp_path / "b.gpkg", "GPKG")
    assert counts(bring(package, "buildings", source="x")) == (0, 0, 2)
    shape = convert(source, tmp_path / "b.shp", "ESRI Shapefile", "-lco", "ENCODING=UTF-8")
    assert counts(bring(shape, "buildings", source="x")) == (0, 0, 2)


def test_a_screenful_of_refusals_is_shown_and_the_rest_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [feature("Polygon", square(0, 0), id=str(n), floors="x") for n in range(205)]
    log = tmp_path / "refused.csv"
    with pytest.raises(CommandError, match="205 rows were refused"):
        call_command(
            "import_places", geojson(tmp_path / "b.geojson", *bad), layer="buildings", refused=log, verbosity=0
        )
    out = capsys.readouterr()
    assert out.out.count(" refused: floors is") == 200
    assert "… and 5 more refused rows" in out.out
    assert out.err == ""
    assert len(log.read_text(encoding="utf-8-sig").splitlines()) == 206


@pytest.mark.parametrize("word", ["name", "=NAME", "name="])
def test_a_column_is_given_as_field_and_column(word: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="as field=value"):
        call_command("import_places", tmp_path / "b.geojson", "--layer=buildings", "--columns", word)


def test_a_log_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    path = blocks(tmp_path / "b.geojson")
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("import_places", path, "--layer=buildings", f"--refused={tmp_path / 'no' / 'log.csv'}")


def test_two_regions_of_one_file_with_the_same_code_are_told_apart(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "r.geojson",
        feature("Polygon", square(0, 0), Nr="1", code="150102"),
        feature("Polygon", square(1, 0), Nr="2", code="150102"),
    )
    outcome = bring(path, "regions", columns={"id": "Nr"}, allow_refused=True)
    assert [refusal.reason for refusal in outcome.refusals] == ["The code 150102 is that of row 1."]
    assert counts(outcome) == (1, 0, 0)


def test_a_parent_has_room_for_999(city: Outcome, tmp_path: Path) -> None:
    Region.objects.filter(code="150102001002").update(code="150102001999")
    path = geojson(tmp_path / "one.geojson", feature("Polygon", square(2, 2), id="x"))
    with pytest.raises(BadInput, match="no room for more than 999 regions"):
        bring(path, "regions", parent="150102001")
