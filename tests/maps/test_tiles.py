"""Tiles: the right features for the right eyes, cheap to ask for again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids.models import Building, Street
from maps.tiles.layers import LAYERS
from maps.tiles.sql import Tile
from patrols import grid_streets
from patrols.coverage import grid_seen
from patrols.filing import Draft, file_report
from patrols.models import Coverage
from patrols.transitions import transition
from tests.maps.mvt import features
from tests.patrols.walks import street
from tests.town import DISTRICT, LITTER, Town, at, box


def address(z: int, east: float = 1.5, north: float = 1.5) -> str:
    point = at(east, north)
    point.transform(3857)
    size = 2 * 20037508.342789244 / 2**z
    return f"{z}/{int((point.x + 20037508.342789244) / size)}/{int((20037508.342789244 - point.y) / size)}"


def get(client: Client, layer: str, z: int = 16, query: str = "", known: str = "") -> Any:
    return client.get(f"/tiles/{layer}/{address(z)}.mvt{query}", headers={"If-None-Match": known} if known else {})


def file_one(town: Town) -> Any:
    point = at(1.5, 1.5)
    return file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))


def test_every_layer_describes_itself(client: Client, town: Town) -> None:
    for name in LAYERS:
        # There are tiles of a run only.
        query = f"?run={UUID(int=1)}" if name == "hotspots" else ""
        described = client.get(f"/tiles/{name}.json{query}").json()
        assert described["tilejson"] == "3.0.0"
        assert described["tiles"] == [f"http://testserver/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt{query}"]
        assert described["bounds"][0] < described["bounds"][2]
        (layer,) = described["vector_layers"]
        assert layer["id"] == name
        assert set(layer["fields"].values()) <= {"String", "Number", "Boolean"}
        assert 0 <= described["minzoom"] == layer["minzoom"] <= layer["maxzoom"] == described["maxzoom"] <= 30


def test_a_description_has_the_filters_that_are_asked_for_and_refuses_others(client: Client, town: Town) -> None:
    described = client.get("/tiles/problems.json?state=open&category=06010&v=3").json()
    assert described["tiles"][0].endswith(".mvt?state=open&category=06010")
    assert client.get("/tiles/grids.json?owners=1").json()["tiles"][0].endswith(".mvt?owners=1")
    for query in ("hotspots.json", "hotspots.json?run=x", "problems.json?since=2026-01-01", "heat.json?since=x"):
        assert client.get(f"/tiles/{query}").status_code == 400, query


def test_a_tile_carries_what_its_tilejson_says(town: Town, as_person: Any) -> None:
    file_one(town)
    client = as_person("dora")
    for name in ("regions", "grids", "checkpoints", "reports"):
        answer = get(client, name)
        assert answer.status_code == 200, name
        found = features(answer.content)
        assert set(found) == {name}
        known = LAYERS[name].fields
        assert found[name]
        assert all(set(feature.properties) <= set(known) for feature in found[name])


def test_public_layers_are_for_everybody_and_every_cache(client: Client, town: Town) -> None:
    answer = get(client, "grids")
    assert len(features(answer.content)["grids"]) == 9
    assert answer["Cache-Control"].startswith("public")
    assert "owner" not in features(answer.content)["grids"][0].properties


def test_whether_a_grid_has_an_owner_is_for_those_who_answer_for_it(town: Town, as_person: Any) -> None:
    answer = get(as_person("dora"), "grids", query="?owners=1")
    owners = {row.properties["code"]: row.properties["owner"] for row in features(answer.content)["grids"]}
    assert owners[town.grids[5].code] is True
    assert owners[town.grids[4].code] is False
    assert answer["Cache-Control"].startswith("private")
    mine = get(as_person("alice"), "grids", query="?owners=1")
    assert [row.properties["code"] for row in features(mine.content)["grids"]] == [town.grids[5].code]


def test_private_layers_ask_to_sign_in_and_enter_no_shared_cache(town: Town, as_person: Any) -> None:
    assert get(Client(), "reports").status_code == 401
    file_one(town)
    answer = get(as_person("dora"), "reports")
    assert answer["Cache-Control"].startswith("private")
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize(
    ("who", "status"), [("alice", 200), ("bob", 200), ("paula", 200), ("charlie", 204), ("olaf", 204)]
)
def test_reports_are_drawn_for_those_who_may_see_them(town: Town, as_person: Any, who: str, status: int) -> None:
    file_one(town)
    assert get(as_person(who), "reports").status_code == status


def test_checkpoints_are_unknown_until_somebody_inspects_them(town: Town, as_person: Any) -> None:
    found = features(get(as_person("alice"), "checkpoints").content)["checkpoints"]
    assert [row.properties["status"] for row in found] == ["unknown"]
    assert get(as_person("charlie"), "checkpoints").status_code == 204


def test_open_reports_are_drawn_unless_a_state_is_asked_for(town: Town, as_person: Any) -> None:
    report = file_one(town)
    transition(report.pk, "withdraw", town.scope("bob"))
    client = as_person("dora")
    assert get(client, "reports").status_code == 204
    assert get(client, "reports", query="?state=withdrawn").status_code == 200


def test_an_unchanged_tile_is_not_sent_again(town: Town, as_person: Any) -> None:
    file_one(town)
    client = as_person("dora")
    first = get(client, "reports")
    again = get(client, "reports", known=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    weak = get(client, "reports", known=f"W/{first['ETag']}")
    assert weak.status_code == 304
    file_one(town)
    assert get(client, "reports", known=first["ETag"]).status_code == 200


def test_the_etag_carries_the_scope(town: Town, as_person: Any) -> None:
    file_one(town)
    assert get(as_person("dora"), "reports")["ETag"] != get(as_person("alice"), "reports")["ETag"]


@pytest.mark.parametrize("where", ["3/8/0", "3/0/8", "23/0/0", "40/1/1"])
def test_tiles_outside_of_the_world_do_not_exist(client: Client, town: Town, where: str) -> None:
    answer = client.get(f"/tiles/streets/{where}.mvt")
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_unknown_layers_and_filters_are_named(client: Client, town: Town, as_person: Any) -> None:
    assert client.get("/tiles/secrets/1/0/0.mvt").status_code == 404
    answer = get(as_person("dora"), "reports", query="?colour=red")
    assert answer.status_code == 400
    assert "category" in answer.json()["detail"]


def test_side_streets_wait_for_their_zoom(client: Client, town: Town) -> None:
    for place, kind in enumerate(("primary", "alley")):
        ends = (at(0.5, 0.5 + place), at(2.5, 0.5 + place))
        Street.objects.create(
            source_id=kind,
            name=kind,
            kind=kind,
            geom=LineString(*ends, srid=4326),
        )
    kinds = {
        z: {row.properties["kind"] for row in features(get(client, "streets", z).content)["streets"]} for z in (13, 15)
    }
    assert kinds == {13: {"primary"}, 15: {"primary", "alley"}}


def test_the_ground_is_its_layers_behind_each_other(client: Client, town: Town) -> None:
    ends = (at(0.5, 1.5), at(2.5, 1.5))
    Street.objects.create(source_id="s", name="西巷", kind="alley", geom=LineString(*ends, srid=4326))
    Building.objects.create(source_id="b", name="3号楼", geom=box(1.4, 1.3, 1.6, 1.45))
    found = features(get(client, "ground").content)
    assert {name: len(rows) for name, rows in found.items()} == {"buildings": 1, "streets": 1}
    described = client.get("/tiles/ground.json").json()
    assert [row["id"] for row in described["vector_layers"]] == ["places", "buildings", "streets"]


def test_a_tile_takes_one_query_beyond_who_asks(
    town: Town, as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    file_one(town)
    client = as_person("dora")
    with django_assert_num_queries(4):
        get(client, "reports")
    with django_assert_num_queries(1):
        get(Client(), "grids")


def test_an_envelope_has_its_buffer_and_stays_in_the_world() -> None:
    tile = Tile.at(1, 0, 0)
    assert tile is not None
    west, south, east, north = tile.bounds().values()
    assert west == pytest.approx(-180)
    assert north == pytest.approx(85.0511, abs=1e-3)
    assert east > 0 > south


def test_bounds_are_what_postgis_says(town: Town) -> None:
    for z, x, y in ((0, 0, 0), (5, 25, 12), (14, 13274, 6153), (22, 3398100, 1575200)):
        tile = Tile.at(z, x, y)
        assert tile is not None
        with connection.cursor() as cursor:
            cursor.execute(
                "select ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) from (select ST_Transform(ST_Intersection("
                "ST_TileEnvelope(%s, %s, %s, margin => %s), ST_TileEnvelope(0, 0, 0)), 4326) b) as found",
                [z, x, y, 64 / 4096],
            )
            assert tuple(tile.bounds().values()) == pytest.approx(cursor.fetchone(), abs=1e-9)


def test_a_public_tile_is_the_same_for_every_cache_whoever_asks(town: Town, as_person: Any) -> None:
    answer = get(as_person("alice"), "grids")
    assert answer.status_code == 200
    assert "Cookie" not in answer.get("Vary", "")


class TestCoverage:
    """The streets of one's grids as they stand."""

    @pytest.fixture
    def lane(self, town: Town) -> Street:
        lane = street("西巷", (1.2, 1.5), (1.8, 1.5))
        street("across", (0.2, 1.3), (2.8, 1.3))
        grid_streets.lay_stale()
        return lane

    @staticmethod
    def saw(road: Street, ago: int, **more: Any) -> None:
        day = timezone.localdate() - timedelta(days=ago)
        Coverage.objects.create(district=DISTRICT, street=road, day=day, **more)
        grid_streets.mark(DISTRICT, [road.pk], [day])

    @staticmethod
    def drawn(client: Client, query: str = "") -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        answer = get(client, "coverage", query=query)
        for feature in features(answer.content).get("coverage", ()) if answer.content else ():
            assert feature.kind == 2
            assert set(feature.properties) <= set(LAYERS["coverage"].fields)
            found.setdefault(feature.properties["name"], []).append(feature.properties)
        return found

    @pytest.mark.parametrize(
        ("days", "state", "since"),
        [
            ([(1, [(0, 1_000_000)], [])], "walked", 1),
            ([(5, [(0, 1_000_000)], [])], "due", 5),
            ([(8, [(0, 1_000_000)], [])], "overdue", 8),
            ([(1, [(0, 200_000)], [(200_000, 1_000_000)])], "unknown", None),
            ([(1, [(0, 200_000)], [])], "never", None),
            ([], "never", None),
        ],
    )
    def test_a_street_is_drawn_as_the_list_says(
        self, town: Town, lane: Street, as_person: Any, days: Any, state: str, since: int | None
    ) -> None:
        for ago, covered, unknown in days:
            self.saw(lane, ago, covered=covered, unknown=unknown)
        (found,) = self.drawn(as_person("alice"))["西巷"]
        assert (found["id"], found["state"], found.get("days")) == (lane.pk, state, since)
        (listed,) = [row for row in grid_seen(town.grids[5], timezone.localdate()).streets if row.id == lane.pk]
        assert listed.state == state
        assert found["covered"] == pytest.approx(listed.covered, abs=1e-3)
        assert found["unknown"] == pytest.approx(listed.unknown, abs=1e-3)

    def test_one_sees_the_streets_of_ones_grids_as_far_as_they_lie_in_them(
        self, town: Town, lane: Street, as_person: Any
    ) -> None:
        assert {name: len(rows) for name, rows in self.drawn(as_person("alice")).items()} == {"西巷": 1, "across": 1}
        for wide in ("dora", "paula"):
            assert len(self.drawn(as_person(wide))["across"]) == 3
        for foreign in ("charlie", "olaf"):
            assert self.drawn(as_person(foreign)) == {}
        assert get(Client(), "coverage").status_code == 401

    def test_a_grid_can_be_asked_for_but_no_foreign_one(self, town: Town, lane: Street, as_person: Any) -> None:
        query = f"?grid={town.grids[5].code}"
        assert len(self.drawn(as_person("paula"), query)["across"]) == 1
        assert self.drawn(as_person("charlie"), query) == {}
        assert get(as_person("paula"), "coverage", query="?state=open").status_code == 400

    def test_it_is_nobodys_but_the_readers(self, town: Town, lane: Street, as_person: Any) -> None:
        answer = get(as_person("alice"), "coverage")
        assert answer["Cache-Control"].startswith("private")
        assert answer["ETag"] != get(as_person("paula"), "coverage")["ETag"]

    def test_it_takes_one_query_beyond_who_asks(
        self, town: Town, lane: Street, as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = as_person("dora")
        with django_assert_num_queries(4):
            get(client, "coverage")
