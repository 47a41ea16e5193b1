"""The patrol page and what it takes along for where there is no network."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Assignment, Building, Checkpoint, Designation, Grid, Membership, Stairwell
from maps.pages import patrol_bundle
from patrols.filing import Draft, file_report
from patrols.measuring import measure
from patrols.patrolling import give_consent, tick
from patrols.posts.turns import take
from tests.patrols.posting import post, shift
from tests.patrols.walks import begun, ended, hours_ago, sent, street, walk
from tests.town import LITTER, Town, at

SignIn = Callable[[str], Client]
MOST_QUERIES = 12
PAGE, BUNDLE = "/patrol/", "/patrol/bundle.json"


def since_long_ago() -> DateRange:
    return DateRange(timezone.localdate() - timedelta(days=100), None)


def read(client: Client, query: str = "") -> Any:
    answer = client.get(f"{BUNDLE}{query}")
    assert answer.status_code == 200
    return json.loads(answer.content)


def second_grid(town: Town) -> Grid:
    Assignment.objects.create(person=town.bob, grid=town.grids[6], role="member", period=since_long_ago())
    return town.grids[6]


def building(name: str, east: float, north: float, *wells: str) -> Building:
    low, high = at(east, north), at(east + 0.1, north + 0.1)
    house = Building.objects.create(
        source_id=name, name=name, geom=Polygon.from_bbox((low.x, low.y, high.x, high.y)), kind="residential"
    )
    for number, label in enumerate(wells):
        place = at(east + 0.02 * (number + 1), north)
        Stairwell.objects.create(building=house, label=label, geom=place, source_id=f"{name}{label}")
    return house


def test_the_page_has_the_grids_of_whoever_answers_for_some(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")
    assert [row["code"] for row in client.get(PAGE).context["grids"]] == [town.grids[5].code]
    other = second_grid(town)
    answer = client.get(f"{PAGE}?grid={other.code}")
    assert answer.context["grid"] == other
    assert f'"bundle": "{BUNDLE}?grid={other.code}"' in answer.content.decode()
    assert [row["label"] for row in answer.context["grids"]] != []


@pytest.mark.parametrize("who", ["dora", "paula", "squad_member"])
def test_who_has_no_grid_is_told_what_to_do(town: Town, as_person: SignIn, who: str) -> None:
    answer = as_person(who).get(PAGE)
    assert answer.status_code == 200
    assert "maps/my_grid_none.html" in [template.name for template in answer.templates]
    assert read(as_person(who))["grids"] == []


def test_a_grid_of_somebody_else_is_not_there(town: Town, as_person: SignIn) -> None:
    for who, code in (("bob", town.grids[6].code), ("dora", town.grids[5].code), ("charlie", town.grids[5].code)):
        assert as_person(who).get(f"{PAGE}?grid={code}").status_code == 404
        assert as_person(who).get(f"{BUNDLE}?grid={code}").status_code == 404


def test_the_navigation_has_it_for_the_field_and_for_whoever_belongs_to_a_grid(town: Town, as_person: SignIn) -> None:
    def has(who: str) -> bool:
        return PAGE in [item["url"] for item in as_person(who).get("/reports/").context["navigation"]]

    assert [has(who) for who in ("alice", "bob", "dora", "paula")] == [True, True, False, False]
    Assignment.objects.create(person=town.dora, grid=town.grids[4], role="deputy", period=since_long_ago())
    Membership.objects.filter(person=town.bob).delete()
    assert [has(who) for who in ("dora", "bob")] == [True, True]


def test_a_visitor_is_sent_to_sign_in_and_the_bundle_says_so(town: Town, client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    answer = client.get(BUNDLE)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_streets_come_with_their_lines_states_and_what_was_covered(town: Town, as_person: SignIn) -> None:
    """Along runs through grid 5 and on into grid 8; less than half of what lies in grid 5 was walked.

    ::

        lat 1.5   5 -----x===|----  8
                  1    1.6   2    3
    """
    street("along", (1.0, 1.5), (3.0, 1.5))
    street("aside", (1.0, 1.2), (2.0, 1.2))
    since = hours_ago(2)
    patrol = begun(town.bob, town.grids[5].pk, since)
    sent(town.bob, walk(since, [(1.6, 1.5), (2.2, 1.5)]))
    ended(patrol, since + timedelta(minutes=2))
    measure(patrol.pk)
    [grid] = read(as_person("bob"))["grids"]
    along, aside = sorted(grid["streets"], key=lambda row: row["name"])
    assert (aside["name"], aside["state"], aside["covered_line"]) == ("aside", "never", None)
    assert (along["state"], along["told"], along["walked_on"]) == ("never", False, None)
    assert 0.5 < along["covered"] < 0.6
    west, east = at(1.0, 1.5).x, at(2.0, 1.5).x
    longitudes = [lon for part in along["line"]["coordinates"] for lon, _lat in part]
    assert min(longitudes) == pytest.approx(west, abs=2e-6)
    assert max(longitudes) == pytest.approx(east, abs=2e-4)
    covered = [lon for part in along["covered_line"]["coordinates"] for lon, _lat in part]
    assert min(covered) == pytest.approx(at(1.6, 1.5).x - 15 / 100 * (at(2, 0).x - at(1, 0).x), abs=2e-5)
    assert max(covered) == max(longitudes)
    assert grid["covered"] == pytest.approx(along["covered"] * along["metres"], rel=0.02)


def test_checkpoints_say_how_often_and_when_they_were_seen(town: Town, as_person: SignIn) -> None:
    Designation.objects.create(checkpoint=town.checkpoint, period=since_long_ago())
    plain = Checkpoint.objects.create(
        source_id="c2", name="东门", type=town.checkpoint.type, region=town.checkpoint.region, geom=at(1.2, 1.2),
        period=since_long_ago(),
    )  # fmt: skip
    patrol = begun(town.bob, town.grids[5].pk, hours_ago(1))
    tick(town.scope("bob"), patrol.pk, "checkpoint", plain.pk)
    [grid] = read(as_person("bob"))["grids"]
    zero, other = grid["checkpoints"]
    today = timezone.localdate().isoformat()
    assert (zero["name"], zero["zero"], zero["every"], zero["seen_on"], zero["told_on"]) == (
        "西市场",
        True,
        1,
        None,
        None,
    )
    assert (other["name"], other["zero"], other["every"], other["seen_on"], other["told_on"]) == (
        "东门", False, 7, None, today,
    )  # fmt: skip


def test_buildings_of_the_grid_come_with_their_stairwells(town: Town, as_person: SignIn) -> None:
    building("1号楼", 1.3, 1.3, "2单元", "1单元")
    building("邻楼", 2.3, 1.3, "1单元")
    building("", 1.6, 1.6)
    [grid] = read(as_person("bob"))["grids"]
    [house] = grid["buildings"]
    assert (house["name"], [well["label"] for well in house["stairwells"]]) == ("1号楼", ["1单元", "2单元"])


def test_open_reports_consent_and_a_running_patrol_are_there(town: Town, as_person: SignIn) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("alice"))
    client = as_person("bob")
    known = read(client)
    assert [row["number"] for row in known["grids"][0]["reports"]] == [report.number]
    assert (known["consent"]["given_at"], known["patrol"]) == (None, None)
    give_consent(town.scope("bob"))
    patrol = begun(town.bob, town.grids[5].pk)
    known = read(client)
    assert known["consent"]["given_at"]
    assert (known["patrol"]["id"], known["patrol"]["grid"]) == (str(patrol.pk), town.grids[5].pk)
    assert read(as_person("alice"))["patrol"] is None


def test_the_same_is_not_sent_twice_and_belongs_to_one_person(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")
    first = client.get(BUNDLE)
    assert "private" in first["Cache-Control"]
    again = client.get(BUNDLE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert as_person("alice").get(BUNDLE, headers={"If-None-Match": first["ETag"]}).status_code == 200
    street("new", (1.2, 1.2), (1.8, 1.2))
    assert client.get(BUNDLE, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_grid_that_is_asked_for_comes_first_and_many_are_not_too_many(
    town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = second_grid(town)
    codes = [grid["code"] for grid in read(as_person("bob"), f"?grid={other.code}")["grids"]]
    assert codes == [other.code, town.grids[5].code]
    monkeypatch.setattr(patrol_bundle, "MOST_GRIDS", 1)
    assert [grid["code"] for grid in read(as_person("bob"))["grids"]] == codes[1:]


def test_the_bundle_has_ones_own_shifts_of_today_and_tomorrow(town: Town, as_person: SignIn) -> None:
    where = post(town)
    first, later, others = shift(where, 1), shift(where, 72), shift(where, 3)
    for one, who in ((first, "bob"), (later, "bob"), (others, "alice")):
        take(town.scope(who), one.pk)
    [row] = read(as_person("bob"))["shifts"]
    assert (row["id"], row["post"]) == (str(first.pk), "北门路口")
    assert datetime.fromisoformat(row["starts_at"]) == first.starts_at
    assert datetime.fromisoformat(row["ends_at"]) == first.ends_at


def test_neither_page_nor_bundle_ask_more_with_more_in_the_grid(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")
    building("b", 1.1, 1.8, "1单元")
    counts = []
    for turn in range(2):
        for address, most in ((PAGE, MOST_QUERIES), (BUNDLE, MOST_QUERIES)):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address).status_code == 200
            assert len(queries) <= most, [query["sql"][:90] for query in queries]
            counts.append(len(queries))
        for number in range(4):
            street(f"s{turn}{number}", (1.1, 1.1 + number / 10), (1.9, 1.1 + number / 10))
            building(f"b{turn}{number}", 1.1 + number / 10, 1.3, "1单元")
            point = at(1.5, 1.5)
            file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("alice"))
    assert counts[:2] == counts[2:]
