"""Places, people and what they answer for over HTTP: what is shown to whom, and writing it."""

import json
from datetime import timedelta
from typing import Any

import pytest
import shapely
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from grids.models import (
    Assignment,
    Building,
    Checkpoint,
    Grid,
    Membership,
    Notification,
    Person,
    Stairwell,
    Team,
    Zone,
)
from grids.shifts import from_wgs84
from tests.town import FAR, NEAR, STEP_LAT, Town, at

V = "/api/v1"


def send(client: Client, url: str, body: object, method: str = "post") -> tuple[int, dict[str, Any]]:
    answer = getattr(client, method)(f"{V}/{url}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def ids(client: Client, url: str) -> list[int]:
    return [row["id"] for row in client.get(f"{V}/{url}").json()["results"]]


def today(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def point(east: float, north: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [at(east, north).x, at(east, north).y]}


# -- places -------------------------------------------------------------------------------------------------------


def test_a_grid_is_shown_with_its_outline_counter_clockwise(town: Town, as_person: Any) -> None:
    grid = as_person("charlie").get(f"{V}/grids/{town.grids[5].pk}").json()
    assert (grid["code"], grid["region"], grid["households"]) == (town.grids[5].code, NEAR + "001", 300)
    assert shapely.is_ccw(shapely.from_geojson(json.dumps(grid["geometry"])).exterior)


def test_a_list_carries_outlines_only_when_asked(town: Town, as_person: Any) -> None:
    client = as_person("bob")
    assert "geometry" not in client.get(f"{V}/grids").json()["results"][0]
    assert client.get(f"{V}/grids?geometry=true").json()["results"][0]["geometry"]["type"] == "Polygon"


def test_a_past_day_shows_what_held_then(town: Town, as_person: Any) -> None:
    Grid.objects.filter(pk=town.grids[9].pk).update(
        period=DateRange(timezone.localdate() - timedelta(days=400), timezone.localdate())
    )
    client = as_person("bob")
    assert town.grids[9].pk not in ids(client, "grids")
    assert town.grids[9].pk in ids(client, f"grids?on={today(-1)}")
    row = client.get(f"{V}/grids/{town.grids[9].pk}").json()
    assert (row["since"], row["last_day"]) == (today(-400), today(-1))


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("regions", 5),
        (f"regions?region={NEAR}", 2),
        ("regions?level=community", 2),
        ("grids", 10),
        (f"grids?region={FAR}", 1),
        ("grids?kind=unit", 0),
        (f"grids?code={NEAR}001005", 1),
        ("grids?bbox=10,10,11,11", 0),
        ("organisations?kind=fire", 0),
        ("organisations", 1),
        ("checkpoint-types", None),
    ],
)
def test_filters_narrow(town: Town, as_person: Any, url: str, count: int | None) -> None:
    answer = as_person("bob").get(f"{V}/{url}")
    assert answer.status_code == 200
    assert count is None or len(answer.json()["results"]) == count


# -- people -------------------------------------------------------------------------------------------------------


def test_people_are_shown_within_ones_reach(town: Town, as_person: Any) -> None:
    names = {name: getattr(town, name).pk for name in ("alice", "bob", "charlie", "dora", "paula", "squad_member")}
    # A grid's people know each other; a region-wide role sees who has a role in its region; nobody sees more.
    assert set(ids(as_person("alice"), "people")) == {names["alice"], names["bob"]}
    assert set(ids(as_person("charlie"), "people")) == {names["charlie"]}
    assert set(ids(as_person("dora"), "people")) == {names[one] for one in ("alice", "bob", "dora", "squad_member")}
    assert set(ids(as_person("dora"), "people?role=volunteer")) == {names["bob"]}
    assert set(ids(as_person("alice"), "people?role=volunteer")) == set()
    assert ids(as_person("dora"), f"people?region={FAR}") == []


def test_no_list_says_how_to_reach_somebody(town: Town, as_person: Any) -> None:
    Person.objects.update(email="secret@example.org", phone="13800000000")
    client = as_person("paula")
    for url in ("people", f"people/{town.alice.pk}", "memberships", "assignments"):
        text = client.get(f"{V}/{url}").content.decode()
        assert "secret" not in text
        assert "13800000000" not in text
        assert "alice" not in text.lower() or "Alice" in text


def test_roles_elsewhere_are_not_shown(town: Town, as_person: Any) -> None:
    theirs = Membership.objects.get(person=town.charlie)
    assert theirs.pk not in ids(as_person("dora"), "memberships")
    assert as_person("dora").get(f"{V}/memberships/{theirs.pk}").status_code == 404
    assert as_person("charlie").get(f"{V}/memberships/{theirs.pk}").json()["role"] == "leader"


def test_a_planner_gives_a_role_and_takes_it_back(town: Town, as_person: Any) -> None:
    client = as_person("paula")
    body = {"person": town.bob.pk, "role": "steward", "region": NEAR + "001", "last_day": today(30)}
    status, made = send(client, "memberships", body)
    assert (status, made["role"], made["since"], made["last_day"]) == (201, "steward", today(), today(30))
    assert Notification.objects.filter(person=town.bob).count() == 1
    assert send(client, "memberships", body)[0] == 409
    status, ended = send(client, f"memberships/{made['id']}/end", {"last_day": today()})
    assert (status, ended["last_day"]) == (200, today())
    assert send(client, f"memberships/{made['id']}/end", {"last_day": today()})[0] == 409


@pytest.mark.parametrize(
    ("who", "change", "status"),
    [
        ("paula", {"role": "admin"}, 403),
        ("paula", {"role": "king"}, 400),
        ("paula", {"region": "999999"}, 422),
        ("paula", {"role": "staff"}, 422),
        ("paula", {"since": today(4000)}, 422),
        ("paula", {"person": 10**15}, 404),
        ("paula", {"team": 10**15}, 422),
        ("dora", {}, 404),
        ("alice", {}, 404),
    ],
)
def test_a_role_that_is_not_to_be_given_is_refused(
    town: Town, as_person: Any, who: str, change: dict[str, Any], status: int
) -> None:
    before = Membership.objects.count()
    body = {"person": town.bob.pk, "role": "steward", "region": NEAR + "001", **change}
    assert send(as_person(who), "memberships", body)[0] == status
    assert Membership.objects.count() == before


# -- who answers for what -----------------------------------------------------------------------------------------


def test_a_place_has_one_owner_at_a_time(town: Town, as_person: Any) -> None:
    client = as_person("paula")
    body = {"person": town.bob.pk, "grid": town.grids[1].pk}
    status, made = send(client, "assignments", body)
    assert (status, made["role"]) == (201, "owner")
    assert made["holder"] == {"kind": "person", "id": town.bob.pk, "name": "段禾"}
    assert made["place"]["kind"] == "grid"
    assert send(client, "assignments", {**body, "person": town.alice.pk})[0] == 409
    assert send(client, "assignments", {**body, "person": town.alice.pk, "role": "deputy"})[0] == 201
    assert send(client, "assignments", {**body, "person": town.alice.pk, "role": "deputy"})[0] == 409
    assert send(client, f"assignments/{made['id']}/end", {"last_day": today()})[1]["last_day"] == today()
    assert send(client, "assignments", {**body, "person": town.alice.pk, "since": today(1)})[0] == 201


def place_of(town: Town, kind: str, *, far: bool = False) -> Any:
    """Return a place of a kind in the east community, or in the far one."""
    grid = town.far_grid if far else town.grids[1]
    named = {"source_id": f"{kind}-{far}", "name": "处"}
    if kind == "grid":
        return grid
    if kind == "checkpoint":
        return Checkpoint.objects.create(
            **named, type=town.checkpoint.type, region=grid.region, geom=grid.geom.centroid, period=grid.period
        )
    if kind == "zone":
        return Zone.objects.create(**named, kind="duty", region=grid.region, geom=grid.geom, period=grid.period)
    house = Building.objects.create(**named, kind="residential", region=grid.region, geom=grid.geom)
    return Stairwell.objects.create(source_id=f"s{far}", building=house, label="1单元", geom=grid.geom.centroid)


def holder_of(town: Town, kind: str) -> tuple[Any, set[int]]:
    """Return somebody of the near subdistrict who can answer, and the ids of those who read of it."""
    if kind == "person":
        return town.bob, {town.bob.pk}
    if kind == "organisation":
        return town.squad, {town.squad_member.pk}
    team = Team.objects.create(code="t", name="一队", level=1, region=town.squad.region)
    Membership.objects.filter(person__in=[town.alice, town.bob]).update(team=team)
    return team, {town.alice.pk, town.bob.pk}


@pytest.mark.parametrize("kind", ["grid", "checkpoint", "stairwell", "zone"])
@pytest.mark.parametrize("by", ["person", "team", "organisation"])
def test_whoever_can_answer_for_whatever_place_and_reads_of_it(town: Town, as_person: Any, by: str, kind: str) -> None:
    client, place, (holder, told) = as_person("paula"), place_of(town, kind), holder_of(town, by)
    status, made = send(client, "assignments", {by: holder.pk, kind: place.pk})
    assert (status, made["role"], made["since"]) == (201, "owner", today())
    assert (made["holder"]["kind"], made["holder"]["id"]) == (by, holder.pk)
    assert (made["place"]["kind"], made["place"]["id"]) == (kind, place.pk)
    assert set(Notification.objects.filter(verb="assigned").values_list("person", flat=True)) == told
    assert ids(client, f"assignments?{by}={holder.pk}&{kind}={place.pk}") == [made["id"]]
    assert send(client, "assignments", {"person": town.alice.pk, kind: place.pk})[0] == 409
    assert send(client, "assignments", {by: holder.pk, kind: place.pk, "role": "member"})[0] == 409


@pytest.mark.parametrize("kind", ["grid", "checkpoint", "stairwell", "zone"])
@pytest.mark.parametrize("by", ["person", "team", "organisation"])
def test_nobody_answers_for_a_place_that_they_do_not_reach(town: Town, as_person: Any, by: str, kind: str) -> None:
    place, (holder, _told) = place_of(town, kind, far=True), holder_of(town, by)
    before = Assignment.objects.count()
    assert send(as_person("paula"), "assignments", {by: holder.pk, kind: place.pk, "role": "deputy"})[0] == 422
    petra = Person.objects.create_user("petra")
    Membership.objects.create(person=petra, role="planner", region=town.grids[1].region)
    elsewhere = Client()
    elsewhere.force_login(petra)
    assert send(elsewhere, "assignments", {"person": town.charlie.pk, kind: place.pk, "role": "deputy"})[0] == 404
    assert Assignment.objects.count() == before


def test_a_body_or_team_that_is_over_or_unknown_answers_for_nothing(town: Town, as_person: Any) -> None:
    client, grid = as_person("paula"), town.grids[1].pk
    town.squad.period = DateRange(town.squad.period.lower, timezone.localdate() + timedelta(days=3))
    town.squad.save()
    for wrong in ({"organisation": town.squad.pk, "since": today(5)}, {"organisation": 10**15}, {"team": 10**15}):
        assert send(client, "assignments", {"grid": grid, **wrong})[0] == 422
    assert send(client, "assignments", {"grid": grid, "organisation": town.squad.pk, "since": today(2)})[0] == 201


@pytest.mark.parametrize(
    "change",
    [
        {"person": None},
        {"team": 1},
        {"organisation": 1},
        {"zone": 1},
        {"checkpoint": 1, "stairwell": 1},
        {"grid": None},
    ],
)
def test_one_holder_and_one_place_are_named(town: Town, as_person: Any, change: dict[str, Any]) -> None:
    body = {"person": town.bob.pk, "grid": town.grids[1].pk, **change}
    body = {name: value for name, value in body.items() if value is not None}
    before = Assignment.objects.count()
    assert send(as_person("paula"), "assignments", body)[0] == 422
    assert Assignment.objects.count() == before


@pytest.mark.parametrize(
    ("who", "change", "status"),
    [
        ("paula", {"grid": 10**15}, 404),
        ("paula", {"checkpoint": 1}, 422),
        ("paula", {"person": 10**15}, 422),
        ("paula", {"since": today(-1)}, 422),
        ("paula", {"role": "king"}, 400),
        ("dora", {}, 403),
        ("alice", {}, 403),
        ("charlie", {}, 403),
    ],
)
def test_a_place_is_not_given_to_whom_or_by_whom_it_must_not(
    town: Town, as_person: Any, who: str, change: dict[str, Any], status: int
) -> None:
    before = Assignment.objects.count()
    body = {"person": town.bob.pk, "grid": town.grids[1].pk, **change}
    assert send(as_person(who), "assignments", body)[0] == status
    assert Assignment.objects.count() == before


def test_what_has_not_begun_is_called_off(town: Town, as_person: Any) -> None:
    client = as_person("paula")
    made = send(client, "assignments", {"person": town.bob.pk, "grid": town.grids[1].pk, "since": today(7)})[1]
    status, row = send(client, f"assignments/{made['id']}/end", {"last_day": today()})
    assert (status, row["since"], row["last_day"]) == (200, None, None)
    assert Assignment.objects.get(pk=made["id"]).period.isempty
    assert send(client, f"assignments/{made['id']}/end", {"last_day": today()})[0] == 409


def test_assignments_are_shown_within_ones_reach(town: Town, as_person: Any) -> None:
    mine = set(Assignment.objects.filter(grid=town.grids[5]).values_list("pk", flat=True))
    theirs = Assignment.objects.get(grid=town.far_grid).pk
    assert set(ids(as_person("alice"), "assignments")) == mine
    assert set(ids(as_person("dora"), "assignments")) == mine
    assert set(ids(as_person("paula"), "assignments")) == mine | {theirs}
    assert ids(as_person("paula"), f"assignments?grid={town.far_grid.pk}") == [theirs]
    assert ids(as_person("squad_member"), "assignments") == []


# -- checkpoints and teams ----------------------------------------------------------------------------------------


def test_a_planner_enters_moves_and_ends_a_checkpoint(town: Town, as_person: Any) -> None:
    client = as_person("paula")
    lon, lat = from_wgs84(at(0.5, 0.5).x, at(0.5, 0.5).y, "gcj02")
    body = {"name": "东校门", "type": "market", "crs": "gcj02", "source_id": "s-1"}
    status, made = send(client, "checkpoints", {**body, "geometry": {"type": "Point", "coordinates": [lon, lat]}})
    assert (status, made["region"], made["type"], made["source_id"]) == (201, NEAR + "001", "market", "s-1")
    assert abs(made["geometry"]["coordinates"][1] - at(0.5, 0.5).y) < STEP_LAT / 1000
    again = {**body, "crs": "wgs84", "geometry": point(0.5, 0.5)}
    assert send(client, "checkpoints", again)[0] == 409
    status, moved = send(client, f"checkpoints/{made['id']}", {"geometry": point(9.5, 1), "name": "西校门"}, "patch")
    assert (status, moved["region"], moved["name"], moved["type"]) == (200, FAR + "001", "西校门", "market")
    assert send(client, f"checkpoints/{made['id']}/end", {"last_day": today(-1)})[0] == 422
    assert send(client, f"checkpoints/{made['id']}/end", {"last_day": today()})[1]["last_day"] == today()
    assert send(client, f"checkpoints/{made['id']}/end", {"last_day": today()})[0] == 409
    assert made["id"] in ids(client, "checkpoints")
    assert made["id"] not in ids(client, f"checkpoints?on={today(1)}")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"geometry": point(5, 1)}, 422),
        ({"geometry": {"type": "Point", "coordinates": [1e308, 1e308]}}, 422),
        ({"geometry": {"type": "GeometryCollection", "geometries": []}}, 422),
        ({"geometry": None}, 400),
        ({"geometry": "POINT(1 1)"}, 422),
        ({"type": "castle"}, 422),
        ({"type": "\x00"}, 400),
        ({"name": ""}, 400),
        ({"name": "长" * 121}, 400),
        ({"name": "\ud800"}, 400),
        ({"crs": "mars"}, 400),
        ({"since": "9999-12-31"}, 422),
        ({"since": "0001-01-01"}, 422),
    ],
)
def test_a_checkpoint_that_cannot_be_is_not_entered(
    town: Town, as_person: Any, change: dict[str, Any], status: int
) -> None:
    before = Checkpoint.objects.count()
    body = {"name": "东校门", "type": "market", "geometry": point(0.5, 0.5), **change}
    assert send(as_person("paula"), "checkpoints", body)[0] == status
    assert Checkpoint.objects.count() == before


def test_a_checkpoint_is_not_moved_where_one_does_not_plan(town: Town, as_person: Any) -> None:
    Membership.objects.filter(person=town.paula).delete()
    region = town.far_grid.region
    Membership.objects.create(person=town.paula, role="planner", region=region, period=DateRange(None, None))
    client = as_person("paula")
    made = send(client, "checkpoints", {"name": "x", "type": "market", "geometry": point(9.5, 1)})[1]
    assert send(client, f"checkpoints/{made['id']}", {"geometry": point(0.5, 0.5)}, "patch")[0] == 403
    assert send(client, f"checkpoints/{town.checkpoint.pk}", {"name": "x"}, "patch")[0] == 404
    assert Checkpoint.objects.get(pk=made["id"]).region == region


def test_a_planner_founds_and_renames_a_team(town: Town, as_person: Any) -> None:
    client = as_person("paula")
    top = send(client, "teams", {"code": "near", "name": "大队", "region": NEAR})[1]
    status, made = send(client, "teams", {"code": "east", "name": "中队", "region": NEAR + "001", "parent": top["id"]})
    assert (status, made["level"], made["parent"]) == (201, 2, top["id"])
    assert send(client, "teams", {"code": "east", "name": "中队", "region": NEAR})[0] == 409
    assert send(client, "teams", {"code": "far", "name": "x", "region": FAR, "parent": top["id"]})[0] == 422
    assert send(client, "teams", {"code": "x", "name": "x", "region": "999999"})[0] == 422
    assert send(client, f"teams/{made['id']}", {"name_en": "East"}, "patch")[1]["name_en"] == "East"
    assert as_person("charlie").get(f"{V}/teams/{made['id']}").status_code == 404
    assert Team.objects.count() == 2


# -- messages -----------------------------------------------------------------------------------------------------


def test_messages_are_read_one_by_one_or_up_to_one(town: Town, as_person: Any) -> None:
    rows = [Notification.objects.create(person=town.bob, key=str(n), verb="file", subject="x") for n in range(4)]
    other = Notification.objects.create(person=town.alice, key="0", verb="file", subject="y")
    client = as_person("bob")
    assert ids(client, "notifications?unread=true") == [row.pk for row in rows[::-1]]
    first = send(client, f"notifications/{rows[3].pk}/read", {})[1]["read_at"]
    assert send(client, f"notifications/{rows[3].pk}/read", {})[1]["read_at"] == first
    assert send(client, "notifications/read", {"up_to": rows[1].pk}) == (200, {"read": 2})
    assert ids(client, "notifications?unread=true") == [rows[2].pk]
    for url, body in ((f"notifications/{other.pk}/read", {}), ("notifications/read", {"up_to": other.pk})):
        assert send(client, url, body)[0] == 404
    assert Notification.objects.get(pk=other.pk).read_at is None


def test_an_address_that_is_none_is_said_in_problem_details(town: Town, as_person: Any) -> None:
    for address in ("nothing", "regions/", "grids/abc", "reports/1", "grids/" + "9" * 5000):
        answer = as_person("bob").get(f"{V}/{address}")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
    assert as_person("bob").get(f"{V}/grids/{10**30}").status_code == 404
