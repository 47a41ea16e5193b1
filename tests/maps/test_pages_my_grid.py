"""The page of a patch."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Assignment, Building, Checkpoint, Stairwell, Street
from maps.pages import my_grid
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from tests.town import LITTER, PARKING, Town, at, box

SignIn = Callable[[str], Client]
MOST_QUERIES = 12


def file(town: Town, who: str = "bob", category: str = LITTER, east: float = 1.5, **more: Any) -> Report:
    point = at(east, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point, **more), town.scope(who))


def listed(answer: Any) -> list[str]:
    return [row["number"] for row in answer.context["reports"]]


def holding(answer: Any) -> list[str]:
    return [row["holding"] for row in answer.context["reports"]]


def since_long_ago() -> DateRange:
    return DateRange(timezone.localdate() - timedelta(days=100), None)


def test_a_leader_sees_the_open_reports_of_the_grid_and_no_others(town: Town, as_person: SignIn) -> None:
    mine, _next_door, gone = file(town), file(town, "dora", east=2.5), file(town)
    transition(gone.pk, "withdraw", town.scope("bob"))
    answer = as_person("alice").get("/my-grid/")
    assert listed(answer) == [mine.number]


def test_the_most_overdue_comes_first_and_what_has_no_clock_last(town: Town, as_person: SignIn) -> None:
    calm, late, later, parked = file(town), file(town), file(town), file(town)
    now, dora = timezone.now(), town.scope("dora")
    transition(parked.pk, "accept", dora)
    transition(
        parked.pk, "hold", town.scope("paula"), Move(reason="材料", until=timezone.localdate() + timedelta(days=3))
    )
    for report, minutes in ((calm, 90), (late, -30), (later, -60)):
        Report.objects.filter(pk=report.pk).update(dispatch_due_at=now + timedelta(minutes=minutes))
    answer = as_person("alice").get("/my-grid/")
    assert listed(answer) == [report.number for report in (later, late, calm, parked)]
    tones = [row["pill"]["tone"] if row["pill"] else None for row in answer.context["reports"]]
    assert tones[:2] == ["bad", "bad"]


def test_says_who_holds_each_report(town: Town, as_person: SignIn) -> None:
    report, dora = file(town), town.scope("dora")
    seen = []
    client = as_person("alice")
    client.cookies["django_language"] = "en"
    seen += holding(client.get("/my-grid/"))
    transition(report.pk, "accept", dora)
    seen += holding(client.get("/my-grid/"))
    transition(report.pk, "dispatch", dora, Move(holder=town.bob))
    seen += holding(client.get("/my-grid/"))
    transition(report.pk, "start", town.scope("bob"))
    transition(report.pk, "handle", town.scope("bob"))
    seen += holding(client.get("/my-grid/"))
    assert seen == ["waits to be accepted", "waits to be dispatched", "dispatched to Bob", "waits for your check"]


def test_what_is_dispatched_to_me_is_mine_to_deal_with(town: Town, as_person: SignIn) -> None:
    report, dora = file(town, "dora"), town.scope("dora")
    transition(report.pk, "accept", dora)
    transition(report.pk, "dispatch", dora, Move(holder=town.bob))
    [row] = as_person("bob").get("/my-grid/").context["reports"]
    assert row["yours"]
    [row] = as_person("alice").get("/my-grid/").context["reports"]
    assert not row["yours"]


def test_checkpoints_are_unknown_and_those_without_owner_say_so(town: Town, as_person: SignIn) -> None:
    client = as_person("alice")
    client.cookies["django_language"] = "en"
    [row] = client.get("/my-grid/?tab=checkpoints").context["checkpoints"]
    assert (json.loads(row["symbol"])["status"], row["owner"]) == ("unknown", "")
    page = client.get("/my-grid/?tab=checkpoints").content.decode()
    assert "not inspected" in page
    assert "no owner" in page
    Assignment.objects.create(checkpoint=town.checkpoint, person=town.bob, role="owner", period=since_long_ago())
    [row] = client.get("/my-grid/?tab=checkpoints").context["checkpoints"]
    assert row["owner"] == str(town.bob)


def test_a_checkpoint_on_both_sides_belongs_where_its_middle_is(town: Town, as_person: SignIn) -> None:
    """The stretch reaches from the middle of grid 5 far into grid 8."""
    Checkpoint.objects.create(
        name="东段",
        type=town.checkpoint.type,
        region=town.checkpoint.region,
        geom=LineString(at(1.9, 1.5), at(2.9, 1.5), srid=4326),
        source="test",
        source_id="stretch",
        period=since_long_ago(),
    )
    names = [row["name"] for row in as_person("alice").get("/my-grid/").context["checkpoints"]]
    assert "东段" not in names


@pytest.mark.parametrize("number", [5, 8])
def test_a_checkpoint_along_a_shared_edge_is_seen_from_both_sides(town: Town, as_person: SignIn, number: int) -> None:
    Checkpoint.objects.create(
        name="界街",
        type=town.checkpoint.type,
        region=town.checkpoint.region,
        geom=LineString(at(2, 1.03), at(2, 1.47), at(2, 1.99), srid=4326),
        source="test",
        source_id="edge",
        period=since_long_ago(),
    )
    answer = as_person("dora").get(f"/my-grid/?grid={town.grids[number].code}")
    assert "界街" in [row["name"] for row in answer.context["checkpoints"]]


def test_the_stretches_of_a_street_are_one_street_with_the_metres_inside_the_grid(
    town: Town, as_person: SignIn
) -> None:
    """West lane crosses grid 5 in two stretches and goes on; the corner path only touches it.

    ::

        lat 2   +----|----+
                |    |    |
                |    |    |
        lat 1   +----|----+
                     |
    """
    for number, (south, north) in enumerate(((0.2, 1.5), (1.5, 2.0))):
        geom = LineString(at(1.5, south), at(1.5, north), srid=4326)
        Street.objects.create(name="西巷", kind="alley", geom=geom, source="test", source_id=f"lane-{number}")
    Street.objects.create(
        name="角路", kind="path", geom=LineString(at(1, 1), at(0.5, 0.5), srid=4326), source="test", source_id="corner"
    )
    Street.objects.create(
        name="柳溪渠",
        kind="water",
        geom=LineString(at(1, 1.5), at(2, 1.5), srid=4326),
        source="test",
        source_id="canal",
    )
    [row] = as_person("alice").get("/my-grid/?tab=streets").context["streets"]
    assert row.name == "西巷"
    assert row.length == pytest.approx(110, abs=10)


def test_names_everybody_who_answers_for_something(town: Town, as_person: SignIn) -> None:
    building = Building.objects.create(
        name="3号楼", kind="residential", geom=box(1.4, 1.4, 1.6, 1.6), source="test", source_id="b3"
    )
    stairwell = Stairwell.objects.create(
        building=building, label="2单元", geom=at(1.5, 1.4), source="test", source_id="b3-2"
    )
    Assignment.objects.create(stairwell=stairwell, person=town.bob, role="owner", period=since_long_ago())
    context = as_person("alice").get("/my-grid/?tab=people").context
    answering = context["answering"]
    assert answering.owner == str(town.alice)
    assert [(row.name, row.place) for row in answering.stewards] == [(str(town.bob), "3号楼2单元")]
    assert str(town.squad) in [row.name for row in context["bodies"]]


def test_a_grid_without_owner_says_so_first(town: Town, as_person: SignIn) -> None:
    Assignment.objects.filter(grid=town.grids[5], role="owner").delete()
    context = as_person("bob").get("/my-grid/").context
    assert context["sentence"][0].tone == "bad"
    assert not context["answering"].owner


def test_somebody_without_a_grid_reads_what_to_do(town: Town, as_person: SignIn) -> None:
    answer = as_person("squad_member").get("/my-grid/")
    assert answer.status_code == 200
    assert "maps/my_grid_none.html" in [template.name for template in answer.templates]


def test_several_grids_can_be_switched(town: Town, as_person: SignIn) -> None:
    other = town.grids[8]
    Assignment.objects.create(grid=other, person=town.alice, role="deputy", period=since_long_ago())
    client = as_person("alice")
    assert client.get("/my-grid/").context["grid"] == town.grids[5]
    assert client.get(f"/my-grid/?grid={other.code}").context["grid"] == other


@pytest.mark.parametrize("who", ["charlie", "olaf", "squad_member"])
def test_the_grid_of_another_community_is_not_there(town: Town, as_person: SignIn, who: str) -> None:
    assert as_person(who).get(f"/my-grid/?grid={town.grids[5].code}").status_code == 404


def test_the_grid_next_door_is_not_mine_to_open(town: Town, as_person: SignIn) -> None:
    assert as_person("alice").get(f"/my-grid/?grid={town.grids[8].code}").status_code == 404


def test_a_dispatcher_may_look_at_any_grid_of_the_region(town: Town, as_person: SignIn) -> None:
    answer = as_person("dora").get(f"/my-grid/?grid={town.grids[8].code}")
    assert answer.status_code == 200
    assert answer.context["page"]["mine"] == []


@pytest.mark.parametrize("code", ["", "x", "150199001001005%00", "1" * 400])
def test_a_code_that_is_none_is_not_found_or_ignored(town: Town, as_person: SignIn, code: str) -> None:
    answer = as_person("alice").get(f"/my-grid/?grid={code}&tab=nonsense&report='")
    assert answer.status_code == (404 if code else 200)


def test_visitors_are_sent_to_the_sign_in(client: Client, db: None) -> None:
    answer = client.get("/my-grid/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_what_is_reported_here_most_is_offered_first(town: Town, as_person: SignIn) -> None:
    codes = [row.code for row in as_person("alice").get("/my-grid/").context["categories"]]
    for _ in range(2):
        file(town, category=PARKING)
    file(town, category=LITTER)
    used = [row.code for row in as_person("alice").get("/my-grid/").context["categories"]]
    assert used[:2] == [PARKING, LITTER]
    assert sorted(used) == sorted(codes)


def test_the_number_of_queries_is_small_and_does_not_grow(town: Town, as_person: SignIn) -> None:
    client, dora = as_person("alice"), town.scope("dora")
    file(town)
    with CaptureQueriesContext(connection) as few:
        client.get("/my-grid/")
    for index in range(12):
        report = file(town)
        if index % 2:
            transition(report.pk, "accept", dora)
            transition(report.pk, "dispatch", dora, Move(holder=town.bob))
        Street.objects.create(
            name=f"{index}巷",
            kind="alley",
            geom=LineString(at(1, 1 + index / 20), at(2, 1 + index / 20), srid=4326),
            source="test",
            source_id=f"s{index}",
        )
        checkpoint = Checkpoint.objects.create(
            name=f"点 {index}",
            type=town.checkpoint.type,
            region=town.checkpoint.region,
            geom=at(1.2 + index / 30, 1.2),
            source="test",
            source_id=f"c{index}",
            period=since_long_ago(),
        )
        Assignment.objects.create(checkpoint=checkpoint, person=town.bob, role="owner", period=since_long_ago())
    with CaptureQueriesContext(connection) as many:
        client.get("/my-grid/")
    assert len(many) == len(few) <= MOST_QUERIES


def test_a_long_list_is_cut_and_says_so(town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(my_grid, "MOST", 2)
    for _ in range(3):
        file(town)
    answer = as_person("alice").get("/my-grid/")
    assert len(answer.context["reports"]) == 2
    assert answer.context["more"]
    assert f"/reports/?grid={town.grids[5].code}" in answer.content.decode()


def test_words_of_people_are_escaped(town: Town, as_person: SignIn) -> None:
    file(town, place='"><script>alert(1)</script>', description="<img src=x onerror=alert(1)>")
    page = as_person("alice").get("/my-grid/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
