"""Reports and layers as files for maps: read back by GDAL with their types, within scope, without people."""

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.gdal import DataSource, OGRGeomType
from django.contrib.gis.geos import GEOSGeometry
from django.test import Client

from grids.jobs import run as run_job
from grids.models import Job, Outbox
from maps.exports import report_table
from maps.exports.columns import HIDDEN
from maps.exports.geopackage import write_geopackage
from maps.exports.layers import LAYERS, Shape
from maps.features.collections import COLLECTIONS
from tests.maps.features.places import file, furnish
from tests.maps.test_exports import made
from tests.town import PARKING, Town


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path


def only_layer(path: Path) -> Any:
    source = DataSource(path)
    assert len(source) == 1
    return source[0]


def written(client: Client, **asked: Any) -> Path:
    return report_table.path_of(made(client, **asked))


def collection(client: Client, **asked: Any) -> list[dict[str, Any]]:
    text = written(client, form="geojson", **asked).read_text()
    document = json.loads(text)
    assert (document["type"], set(document)) == ("FeatureCollection", {"type", "features"})
    features: list[dict[str, Any]] = document["features"]
    # One a line, so that no program has to read it whole.
    assert text.count("\n") == len(features) + 2
    return features


def test_reports_are_features_with_the_filters_of_the_list(town: Town, as_person: Any) -> None:
    numbers = file(town, place="13812345678 门口"), file(town, 1.6, PARKING)
    client = as_person("dora")
    both = collection(client)
    assert [one["id"] for one in both] == [str(one.pk) for one in reversed(numbers)]
    assert both[1]["properties"]["place"] == f"{HIDDEN} 门口"
    assert both[1]["properties"]["kind"] == "problem"
    assert both[1]["geometry"]["type"] == "Point"
    assert town.bob.name not in json.dumps(both, ensure_ascii=False)
    assert [one["properties"]["category"] for one in collection(client, filters={"category": PARKING})] == [PARKING]
    assert collection(as_person("charlie")) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_geopackage_is_what_gdal_calls_sound_and_holds_the_same(town: Town, as_person: Any, layer: str) -> None:
    furnish(town)
    file(town)
    client = as_person("dora")
    features = collection(client, layer=layer)
    assert features
    path = written(client, form="gpkg", layer=layer)
    done = subprocess.run(
        ["ogrinfo", "-ro", "-al", "-oo", "LIST_ALL_TABLES=YES", str(path)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    found = only_layer(path)
    assert (found.name, found.num_feat, found.srs.srid) == (layer, len(features), 4326)
    one = LAYERS[layer]
    assert found.geom_type == OGRGeomType(one.shape or "Unknown")
    assert found.fields == [each.name for each in one.properties]
    west, south, east, north = found.extent.tuple
    assert 111 < west <= east < 112
    assert 40 < south <= north < 41
    for told, feature in zip(features, found, strict=True):
        stored, sent = feature.geom.geos, GEOSGeometry(json.dumps(told["geometry"]))
        for shape in (stored, sent):
            shape.normalize()  # the rings of GeoJSON go round one way
        assert stored.equals_exact(sent, 1e-6)
        for name, value in told["properties"].items():
            if isinstance(value, str | bool | int) and not name.endswith(("_at", "since", "last_day")):
                assert feature.get(name) == value, name
            assert (feature.get(name) is None) == (value is None), name
        if layer == "reports":
            recorded = told["properties"]["recorded_at"]
            assert feature.get("recorded_at").isoformat()[:19] == recorded[:19]


def test_a_geopackage_without_features_is_one_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "none.gpkg"
    assert write_geopackage(path, COLLECTIONS["zones"], iter(())) == 0
    found = only_layer(path)
    assert (found.num_feat, found.fields) == (0, [one.name for one in COLLECTIONS["zones"].properties])


def test_moments_have_three_digits_whatever_they_had(tmp_path: Path) -> None:
    path = tmp_path / "moments.gpkg"
    told = dict.fromkeys(one.name for one in LAYERS["reports"].properties)
    point = bytes.fromhex("010100000000000000000000000000000000000000")
    shapes = [
        Shape(point, (0, 0, 0, 0), {**told, "recorded_at": f"2026-11-03T08:00:00{rest}+00:00"})
        for rest in ("", ".1", ".123456")
    ]
    assert write_geopackage(path, LAYERS["reports"], shapes) == 3
    said = subprocess.run(["ogrinfo", "-ro", "-al", str(path)], capture_output=True, text=True, check=True)
    assert said.stderr == ""
    for moment in ("08:00:00+00", "08:00:00.100+00", "08:00:00.123+00"):
        assert moment in said.stdout


def test_layers_are_tables_in_words_with_the_owner_and_without_formulas(town: Town, as_person: Any) -> None:
    furnish(town)
    town.checkpoint.name = "=1+1"
    town.checkpoint.save()
    client = as_person("dora")

    def table(layer: str) -> list[dict[str, str]]:
        text = written(client, form="csv", layer=layer).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    grids = {row["编码"]: row for row in table("grid_owners")}
    assert len(grids) == 9
    assert grids[town.grids[5].code]["责任人"] == town.alice.name
    assert grids[town.grids[5].code]["有责任人"] == "是"
    assert grids[town.grids[4].code]["责任人"] == ""
    assert 111.67 < float(grids[town.grids[5].code]["经度"]) < 111.68
    (checkpoint,) = table("checkpoints")
    assert checkpoint["名称"] == "'=1+1"
    assert table("zones")[0]["种类"] == "核心区域"
    assert {row["状态"] for row in table("coverage")} == {"从未巡查"}
    assert written(client, form="xlsx", layer="coverage").stat().st_size > 1000


@pytest.mark.parametrize("form", ["csv", "geojson", "gpkg"])
def test_a_layer_is_taken_away_within_scope(town: Town, as_person: Any, form: str) -> None:
    furnish(town)
    counts = {name: made(as_person(name), form=form, layer="grid_owners").result for name in ("dora", "alice", "olaf")}
    assert {name: result["rows"] for name, result in counts.items() if result} == {"dora": 9, "alice": 1, "olaf": 1}


def test_a_wrong_layer_or_filters_of_another_are_refused(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    for wrong in ({"form": "gpkg", "layer": "people"}, {"form": "csv", "layer": "zones", "filters": {"state": "open"}}):
        answer = client.post("/api/v1/exports", wrong, content_type="application/json")
        assert 400 <= answer.status_code < 500
        assert answer.json()["detail"]
    assert client.post("/reports/export/", {"form": "csv", "layer": "people"}).status_code == 422
    assert not Job.objects.exists()


def test_the_page_offers_every_layer_and_form(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    page = client.get("/reports/export/").content.decode()
    for layer in set(LAYERS) - {"reports"}:
        assert f'<option value="{layer}">' in page
    for form in report_table.FORMS:
        assert f'value="{form}"' in page
        assert f'value="{form}"' in client.get("/reports/").content.decode()
    client.post("/reports/export/", {"form": "gpkg", "layer": "checkpoints"})
    job = Job.objects.get()
    assert job.parameters == {"form": "gpkg", "filters": {}, "layer": "checkpoints"}
    run_job(str(Outbox.objects.get(topic="jobs.run", done_at__isnull=True).pk))
    assert client.get(f"/reports/export/{job.pk}/")["Content-Type"] == "application/geopackage+sqlite3"
    answer = client.get(f"/reports/export/{made(client, form='geojson', layer='zones').pk}/")
    assert answer["Content-Type"] == "application/geo+json"
    assert 'filename="zones-' in answer["Content-Disposition"]
