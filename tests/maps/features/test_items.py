"""Features: the right ones in pages of any size, as RFC 7946 wants them, refused in one sentence when asked wrongly."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.gis.geos.linestring import LinearRing
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pytest_django import DjangoAssertNumQueries

from grids.models import ApiToken, Street
from maps.exports.columns import HIDDEN
from maps.features.collections import COLLECTIONS
from patrols.models import Report
from tests.maps.features.places import PUBLIC, SCOPED, basic, ended_grid, file, furnish, read, token_of
from tests.town import FAR, LITTER, PARKING, Town, at

EVERYTHING = (*PUBLIC, *SCOPED)
BEYOND = "-180,-90,180,90"


def items(client: Client, name: str, /, **asked: object) -> Any:
    return read(client, f"/collections/{name}/items?{urlencode(asked)}")


def ids(client: Client, name: str, /, **asked: object) -> list[Any]:
    return [feature["id"] for feature in items(client, name, **asked)["features"]]


def walk(client: Client, name: str, /, **asked: object) -> list[Any]:
    """Follow `next` to the end."""
    found: list[Any] = []
    address = f"/collections/{name}/items?{urlencode(asked)}"
    while address:
        page = read(client, address)
        assert page["numberReturned"] == len(page["features"]) <= int(str(asked.get("limit", 10)))
        found += page["features"]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        address = following[0].removeprefix("http://testserver/ogc") if following else ""
    return found


@pytest.mark.parametrize("name", EVERYTHING)
def test_pages_of_any_size_hold_everything_once_with_stable_types(town: Town, as_person: Any, name: str) -> None:
    furnish(town)
    file(town)
    client = as_person("dora")
    schema = read(client, f"/collections/{name}/schema")
    shape = schema["properties"].pop("geometry")["$ref"]
    whole = walk(client, name, limit=1000)
    assert whole
    for limit in (1, 7):
        assert walk(client, name, limit=limit) == whole
    for feature in whole:
        jsonschema.validate(feature, loosened(schema))
        assert list(feature["properties"]) == list(schema["properties"]["properties"]["properties"])
        assert shape.endswith(("/Geometry.json", f"/{feature['geometry']['type']}.json"))
        check_rings(feature["geometry"])
    one = read(client, f"/collections/{name}/items/{whole[0]['id']}")
    assert {rel["rel"] for rel in one.pop("links")} == {"self", "alternate", "collection"}
    assert one == whole[0]


def loosened(schema: dict[str, Any]) -> dict[str, Any]:
    """Let every property be null."""
    text = json.loads(json.dumps(schema))
    for told in text["properties"]["properties"]["properties"].values():
        told["type"] = [told["type"], "null"]
        if "enum" in told:
            told["enum"].append(None)
    return dict(text)


def check_rings(geometry: dict[str, Any]) -> None:
    shape: Any = GEOSGeometry(json.dumps(geometry))
    west, south, east, north = shape.extent
    assert 111 < west <= east < 112
    assert 40 < south <= north < 41
    polygons = {"Polygon": [shape], "MultiPolygon": list(shape)}.get(geometry["type"], [])
    for polygon in polygons:
        assert isinstance(polygon[0], LinearRing)
        assert polygon[0].is_counterclockwise


def test_a_page_says_when_it_was_made_and_what_it_is(town: Town, client: Client) -> None:
    answer = client.get("/ogc/collections/grids/items?limit=3")
    assert answer["Content-Type"] == "application/geo+json"
    page = answer.json()
    assert (page["type"], page["numberReturned"]) == ("FeatureCollection", 3)
    assert "numberMatched" not in page
    assert "crs" not in page
    made = parse_datetime(page["timeStamp"])
    assert made
    assert abs(timezone.now() - made) < timedelta(minutes=1)
    found = {link["rel"]: link for link in page["links"]}
    assert set(found) == {"self", "alternate", "collection", "next"}
    assert found["self"]["href"] == "http://testserver/ogc/collections/grids/items?limit=3"
    assert "limit=3" in found["next"]["href"]


def test_a_page_costs_one_query_and_that_of_the_reader(
    town: Town, client: Client, as_person: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    furnish(town)
    for number in range(12):
        file(town, 1.1 + number / 20)
    with django_assert_num_queries(1):
        items(client, "streets", limit=5, kind="alley", bbox=BEYOND)
    dora = as_person("dora")
    items(dora, "zones")
    for name in SCOPED:
        with django_assert_num_queries(4):  # session, person, reach, features
            items(dora, name, limit=5)
    secret = token_of(town.dora)
    read(client, "/collections/reports/items", headers=basic(secret))
    with django_assert_num_queries(3):  # token with its person, reach, features
        read(client, "/collections/reports/items", headers=basic(secret))


def test_rows_that_come_in_are_neither_skipped_nor_repeated(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    before = [str(file(town, 1.1 + number / 10).pk) for number in range(5)]
    first = items(client, "reports", limit=2)
    file(town)
    (following,) = [link["href"] for link in first["links"] if link["rel"] == "next"]
    rest = read(client, following.removeprefix("http://testserver/ogc").replace("limit=2", "limit=50"))
    assert [one["id"] for one in (*first["features"], *rest["features"])] == before[::-1]


def test_boxes_hold_what_they_meet(town: Town, client: Client) -> None:
    low, high = at(0.2, 0.2), at(0.8, 0.8)
    third = town.grids[3].pk
    assert ids(client, "grids", bbox=f"{low.x},{low.y},{high.x},{high.y}") == [third]
    assert ids(client, "grids", bbox=f"{low.x},{low.y},-100,{high.x},{high.y},9000") == [third]
    assert ids(client, "grids", bbox=f"{low.x:.16f},{low.y:.16f},{low.x:.16f},{low.y:.16f}") == [third]
    assert ids(client, "grids", bbox=f"{low.x},{low.y},{low.x},{high.y}") == [third]
    crs = quote("http://www.opengis.net/def/crs/OGC/1.3/CRS84")
    assert len(read(client, f"/collections/grids/items?bbox={BEYOND}&bbox-crs={crs}")["features"]) == 10
    # Across the antimeridian: all the world but what lies between.
    assert ids(client, "grids", bbox=f"{high.x},-90,{low.x},90", limit=100) != []
    assert ids(client, "grids", bbox="120,-90,-170,90") == []
    assert ids(client, "grids", bbox="170,40,112,41", limit=100) == ids(client, "grids", limit=100)
    assert ids(client, "grids", bbox="180,40,-180,41") == []


def test_times_are_moments_days_and_intervals(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    early, late = file(town), file(town, 1.6)
    moment = datetime.fromisoformat("2026-03-01T12:00:00+08:00")
    Report.objects.filter(pk=early.pk).update(recorded_at=moment)
    Report.objects.filter(pk=late.pk).update(recorded_at=moment + timedelta(days=2))
    one, two = str(early.pk), str(late.pk)
    for asked, found in {
        "2026-03-01T04:00:00Z": [one],
        "2026-03-01T12:00:00+08:00": [one],
        "2026-03-01t04:00:00.000z": [one],
        "2026-03-01T04:00:01Z": [],
        "2026-03-01": [one],
        "2026-03-01T": [one],
        "2026-03-01T04:00:00Z/2026-03-03T04:00:00Z": [two, one],
        "2026-03-01T04:00:00Z/2026-03-03T03:59:59Z": [one],
        "../2026-03-01T04:00:00Z": [one],
        "/2026-03-01": [one],
        "2026-03-02/..": [two],
        "2026-03-04T00:00:00Z/": [],
    }.items():
        assert ids(client, "reports", datetime=asked) == found, asked
    # A plus sign that nobody encoded is a blank to a server.
    assert len(read(client, "/collections/reports/items?datetime=2026-03-01T12:00:00+08:00")["features"]) == 1


def test_places_are_those_of_today_or_of_the_time_that_is_asked_for(town: Town, client: Client) -> None:
    furnish(town)
    ended_grid(town)
    ended, now = town.grids[1].pk, f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    assert ended not in ids(client, "grids", limit=50)
    assert ended not in ids(client, "grids", limit=50, datetime=now)
    assert ended in ids(client, "grids", limit=50, datetime=f"../{now}")
    assert ids(client, "grids", limit=50, datetime="1990-01-01/1990-12-31") == []
    assert read(client, f"/collections/grids/items/{ended}")["properties"]["last_day"]
    # What has no time is there at any.
    assert len(ids(client, "streets", limit=50, datetime="1990-01-01")) == 25


def test_values_of_properties_can_be_asked_for(town: Town, as_person: Any) -> None:
    furnish(town)
    client = as_person("dora")
    mine, over = file(town), file(town, category=PARKING)
    Report.objects.filter(pk=mine.pk).update(source="hotline")
    Report.objects.filter(pk=over.pk).update(outside_due_at=timezone.now() - timedelta(hours=1))
    one, two = str(mine.pk), str(over.pk)
    for asked, found in (
        ({"category": LITTER}, [one]),
        ({"category": ""}, []),
        ({"category": "none"}, []),
        ({"source": "hotline"}, [one]),
        ({"state": "reported"}, [two, one]),
        ({"state": "closed"}, []),
        ({"late": "true"}, [two]),
        ({"late": "0"}, [one]),
        ({"grid": town.grids[5].code}, [two, one]),
        ({"grid": town.grids[4].code}, []),
        ({"region": town.grids[5].region.code}, [two, one]),
        ({"region": FAR}, []),
        ({"number": mine.number, "state": "reported"}, [one]),
    ):
        assert ids(client, "reports", **asked) == found, asked
    assert len(ids(client, "streets", kind="primary", limit=50)) == 5
    assert ids(client, "streets", name="街7") == [Street.objects.get(name="街7").pk]
    assert len(ids(client, "buildings", floors="6")) == 1
    assert ids(client, "streets", tunnel="true") == []
    assert len(ids(client, "coverage", grid=town.grids[5].code, limit=50)) == 11
    # Every property that can be asked for finds what has its value.
    for name, one_of in COLLECTIONS.items():
        (feature, *_rest) = items(client, name)["features"]
        for queryable in one_of.queryables:
            value = feature["properties"][queryable]
            if value is not None:
                text = str(value).lower() if isinstance(value, bool) else value
                assert feature["id"] in ids(client, name, limit=50, **{queryable: text}), (name, queryable)


@pytest.mark.parametrize(
    "query",
    [
        *(
            "colour=red",
            "Limit=3",
            "limit=1&limit=2",
            "limit=0",
            "limit=-1",
            "limit=ten",
            "limit=1.5",
            "limit=",
            "limit=٣",
        ),
        *("bbox=", "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=0,0,inf,1", "bbox=0,1,1,0"),
        *("bbox=-181,0,1,1", "bbox=0,-91,1,1", "bbox=0,0,9,1,1,0", "bbox=1,2,3,4,5,6,7"),
        *(
            "bbox-crs=EPSG:4326",
            "bbox-crs=",
            "datetime=",
            "datetime=yesterday",
            "datetime=2026-13-01",
            "datetime=../..",
        ),
        *("datetime=/", "datetime=2026-03-01/2026-02-01", "datetime=2026-03-01/2026-03-02/2026-03-03"),
        *("datetime=2026-03-01T04:00:00", "datetime=0001-01-01", "datetime=9999-12-31", "cursor=!", "cursor=AAAA"),
        *(f"cursor={'A' * 500}", "kind=nonsense", "kind=", "tunnel=perhaps", "name=%00", "f=shape", "state=open"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_one_sentence(town: Town, client: Client, query: str) -> None:
    problem = read(client, f"/collections/streets/items?{query}", 400)
    assert problem["status"] == 400
    assert problem["detail"]


def test_more_than_a_page_may_hold_is_as_much_as_it_may(town: Town, client: Client) -> None:
    assert len(ids(client, "grids", limit=10**30)) == 10


@pytest.mark.parametrize("query", ["floors=many", "floors=-1", "floors=99999999999", "floors=1.5"])
def test_numbers_are_numbers(town: Town, client: Client, query: str) -> None:
    assert read(client, f"/collections/buildings/items?{query}", 400)["detail"]


def test_a_cursor_of_another_collection_is_refused(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    cursor = f"{timezone.now().isoformat()}|nobody"
    assert read(client, f"/collections/reports/items?cursor={quote(cursor)}", 400)["detail"]
    assert read(client, "/collections/reports/items?cursor=MTA", 400)["detail"]


def test_reports_are_problems_within_reach_without_people_or_numbers(town: Town, as_person: Any) -> None:
    report = file(
        town,
        place="13812345678 门口",
        description="call 138-1234-5678, １３８１２３４５６７８, 15010219900101123X, 3号楼",
    )
    request = file(town, 1.6)
    Report.objects.filter(pk=request.pk).update(kind="request")
    for name in ("dora", "paula", "alice", "bob"):
        (feature,) = items(as_person(name), "reports")["features"]
        assert feature["id"] == str(report.pk)
        assert feature["properties"]["place"] == f"{HIDDEN} 门口"
        assert feature["properties"]["description"] == f"call {HIDDEN}, {HIDDEN}, {HIDDEN}, 3号楼"
        assert town.bob.name not in json.dumps(feature, ensure_ascii=False)
    for name in ("charlie", "olaf"):
        assert ids(as_person(name), "reports") == []
        read(as_person(name), f"/collections/reports/items/{report.pk}", 404)
    read(as_person("dora"), f"/collections/reports/items/{request.pk}", 404)


def test_scoped_places_are_those_of_ones_reach(town: Town, as_person: Any) -> None:
    furnish(town)
    counts = {
        name: {who: len(ids(as_person(who), name, limit=500)) for who in ("dora", "alice", "charlie")}
        for name in ("grid_owners", "checkpoints", "zones", "coverage")
    }
    assert counts == {
        "grid_owners": {"dora": 9, "alice": 1, "charlie": 1},
        "checkpoints": {"dora": 1, "alice": 1, "charlie": 0},
        "zones": {"dora": 1, "alice": 1, "charlie": 0},
        "coverage": {"dora": counts["coverage"]["dora"], "alice": 11, "charlie": 0},
    }
    assert counts["coverage"]["dora"] > 25
    owned = {
        one["properties"]["code"]: one["properties"] for one in items(as_person("dora"), "grid_owners")["features"]
    }
    assert owned[town.grids[5].code]["owner"] is True
    assert owned[town.grids[4].code]["owner"] is False
    assert "households" not in items(Client(), "grids")["features"][0]["properties"]


def test_public_pages_may_be_cached_by_anybody_and_scoped_ones_by_nobody(town: Town, as_person: Any) -> None:
    file(town)
    for client in (Client(), as_person("dora")):
        answer = client.get("/ogc/collections/grids/items")
        assert answer["Cache-Control"].startswith("public")
        assert "Cookie" not in answer["Vary"]
        assert not answer.cookies
    mine = as_person("dora").get("/ogc/collections/reports/items")
    assert mine["Cache-Control"].startswith("private")
    assert {"Accept", "Cookie", "Authorization"} <= set(mine["Vary"].split(", "))
    assert mine["ETag"] != as_person("alice").get("/ogc/collections/reports/items")["ETag"]


def test_what_has_not_changed_is_not_sent_again(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    file(town)
    for path in ("reports/items", "reports", "grids/items", "grids/schema"):
        address = f"/ogc/collections/{path}"
        tag = client.get(address)["ETag"]
        again = client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    tag = client.get("/ogc/collections/reports/items")["ETag"]
    file(town)
    assert client.get("/ogc/collections/reports/items", headers={"If-None-Match": tag}).status_code == 200


def test_programs_bring_a_token_either_way(town: Town, client: Client) -> None:
    furnish(town)
    report, secret = file(town), token_of(town.dora)
    for header in ({"Authorization": f"Bearer {secret}"}, basic(secret)):
        page = read(client, "/collections/reports/items", headers=header)
        assert [one["id"] for one in page["features"]] == [str(report.pk)]
        assert len(read(client, "/collections", headers=header)["collections"]) == len(COLLECTIONS)
    ApiToken.objects.update(revoked_at=timezone.now())
    for wrong in (basic(secret), basic("gw_nothing"), {"Authorization": "Basic ?"}, {"Authorization": "Digest x"}):
        for path in ("/collections/reports/items", "/collections"):
            answer = client.get(f"/ogc{path}", headers=wrong)
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"]
            assert answer.json()["detail"]


def test_a_token_in_a_hurry_is_told_when_to_come_again(town: Town, client: Client, settings: Any) -> None:
    settings.TOKEN_RATE = 0
    answer = client.get("/ogc/collections", headers=basic(token_of(town.dora)))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_who_lacks_the_second_factor_reads_what_is_public(town: Town, as_person: Any, settings: Any) -> None:
    settings.REQUIRE_MFA = frozenset({"dispatcher"})
    client = as_person("dora")
    assert ids(client, "grids")
    assert read(client, "/collections/reports/items", 403)["detail"]
    assert read(client, "/collections", 403)["detail"]
