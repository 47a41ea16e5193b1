"""Patrol plans: where is to be walked, on which days, who sees it and is told, and what came of it."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import h3
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from grids.models import Notification, Street
from grids.planned_areas import area_drawn, area_of_cells
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import NOBODY
from patrols import patrol_plans
from patrols.models import Coverage, PatrolPlan
from patrols.patrol_plans import Draft, due_on, plans_of
from patrols.plan_walks import DayState, streets_on, walks_of
from patrols.task_rules import WEEKDAYS
from tests.patrols.walks import street
from tests.town import DISTRICT, LAT, LON, NEAR, STEP_LAT, STEP_LON, Town, at

TODAY = timezone.localdate
EVERY_DAY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"


def drawn(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [at(*one).coords for one in ((west, south), (east, south), (east, north), (west, north), (west, south))]
    return {"type": "Polygon", "coordinates": [ring]}


def draft(**more: Any) -> Draft:
    said = {
        "name": "西巷加密巡查",
        "why": "连续三周多发",
        "first_day": TODAY(),
        "last_day": TODAY() + timedelta(days=13),
    }
    return Draft(**{**said, "rule": EVERY_DAY, **more})


def planned(town: Town, *bounds: float, **more: Any) -> PatrolPlan:
    """Make a plan of Paula's over the middle grid's west half, or over a rectangle in hundreds of metres."""
    scope = town.scope("paula")
    west, south, east, north = bounds or (1.1, 1.1, 1.6, 1.9)
    return patrol_plans.make(scope, draft(**more), area_drawn(scope, drawn(west, south, east, north)))


def began(plan: PatrolPlan, days: int) -> PatrolPlan:
    """Let a plan have begun so many days ago."""
    plan.first_day = TODAY() - timedelta(days=days)
    plan.save(update_fields=["first_day"])
    return plan


def cover(one: Street, day: date, *, until: int = 0, unknown: int = 0, told: bool = False) -> None:
    """Write what was seen of a street on a day: covered up to so many per cent, unknown from there to so many."""
    covered = ((0, until * 10_000),) if until else ()
    gap = ((until * 10_000, unknown * 10_000),) if unknown else ()
    Coverage.objects.create(district=DISTRICT, street=one, day=day, covered=covered, unknown=gap, told=told)


def test_a_plan_holds_the_smallest_region_of_the_grids_it_touches_and_tells_their_owners(town: Town) -> None:
    plan = planned(town)
    assert (plan.region.code, plan.district, plan.geom.geom_type) == (f"{NEAR}001", DISTRICT, "MultiPolygon")
    (told,) = Notification.objects.all()
    assert (told.person, told.verb, told.subject) == (town.alice, "patrol_plan", "西巷加密巡查")
    assert told.data == {"grid": town.grids[5].code, "plan": str(plan.pk)}


def test_cells_become_the_ground_that_the_server_reckons_for_them(town: Town) -> None:
    """Whoever chooses cells is asked for no outline: a browser's own would be believed."""
    middle = at(1.5, 1.5)
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(middle.y, middle.x, 11), 1))
    area = area_of_cells(town.scope("paula"), [*cells, cells[0].upper()])
    assert list(area.cells) == cells
    assert area.square_metres == pytest.approx(sum(h3.cell_area(cell, "m^2") for cell in cells), rel=0.01)
    assert town.grids[5].pk in area.grids


def test_what_cells_cover_beyond_the_planners_region_is_cut_off(town: Town) -> None:
    """A hexagon on the border belongs to both sides; what somebody plans ends where their region does."""
    corner = at(0.2, 1.5)
    area = area_of_cells(town.scope("paula"), [h3.latlng_to_cell(corner.y, corner.x, 10)])
    assert area.geom.extent[0] >= LON - 1e-9
    assert area.square_metres < h3.cell_area(area.cells[0], "m^2") * 0.9


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([], "at least one"),
        (["nonsense"], "no cell"),
        (["8" * 15], "no cell"),
        ([h3.latlng_to_cell(LAT, LON, 3)], "too large"),
        ([h3.latlng_to_cell(LAT, LON, 10), h3.latlng_to_cell(LAT, LON, 11)], "one size"),
        ([h3.latlng_to_cell(10, 10, 10)], "outside"),
        ([h3.latlng_to_cell(LAT + 1.5 * STEP_LAT, LON + 6 * STEP_LON, 12)], "no grid"),
        (sorted(h3.grid_disk(h3.latlng_to_cell(LAT, LON, 12), 10)), "more than"),
    ],
)
def test_cells_that_cannot_be_are_refused_in_a_sentence(town: Town, cells: list[str], words: str) -> None:
    with translation.override("en"), pytest.raises(BadInput) as refused:
        area_of_cells(town.scope("paula"), cells)
    assert words in str(refused.value)


def test_an_area_lies_in_the_region_within_its_size_and_touches_a_grid(town: Town) -> None:
    scope = town.scope("paula")
    for outline, words in (
        (drawn(-0.5, 1, 1, 2), "outside"),
        (drawn(4, 1, 5, 2), "no grid"),
        ({"type": "Point", "coordinates": [LON, LAT]}, "type"),
        ({"type": "Polygon", "coordinates": [[[LON, LAT], [LON, LAT]]]}, ""),
    ):
        with translation.override("en"), pytest.raises(BadInput) as refused:
            area_drawn(scope, outline)
        assert words in str(refused.value)
    with pytest.raises(NotFound):
        area_drawn(town.scope("alice"), drawn(1, 1, 2, 2))


def test_an_area_beyond_its_size_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grids.planned_areas.MOST_KM2", 0.01)
    with pytest.raises(BadInput):
        area_drawn(town.scope("paula"), drawn(0, 0, 3, 3))


def test_what_a_plan_says_is_checked(town: Town) -> None:
    scope = town.scope("paula")
    area = area_drawn(scope, drawn(1.1, 1.1, 1.6, 1.9))
    today = TODAY()
    for wrong in (
        {"name": " "},
        {"why": ""},
        {"first_day": today - timedelta(days=1)},
        {"first_day": today + timedelta(days=400), "last_day": today + timedelta(days=401)},
        {"last_day": today - timedelta(days=1)},
        {"last_day": today + timedelta(days=366)},
        {"rule": "FREQ=DAILY"},
        {"rule": f"FREQ=WEEKLY;BYDAY={WEEKDAYS[(today.weekday() + 1) % 7]}", "last_day": today},
        {"starts": time(8)},
        {"starts": time(9), "ends": time(8)},
    ):
        try:
            patrol_plans.make(scope, draft(**wrong), area)
        except BadInput:
            continue
        pytest.fail(str(wrong))
    with pytest.raises(NotAllowed):
        patrol_plans.make(town.scope("dora"), draft(), area)
    assert not PatrolPlan.objects.exists()


def test_who_sees_a_plan_are_the_region_and_the_grids_it_touches(town: Town) -> None:
    plan = planned(town)
    seeing = [name for name in ("alice", "bob", "charlie", "dora", "olaf", "paula") if plans_of(town.scope(name))]
    assert seeing == ["alice", "bob", "dora", "paula"]
    assert not plans_of(NOBODY)
    edge = planned(town, 0, 1, 1, 2)
    assert edge not in plans_of(town.scope("alice"))
    assert plan in plans_of(town.scope("alice"))


def test_a_plan_falls_on_its_weekdays_until_it_ends(town: Town) -> None:
    today, scope = TODAY(), town.scope("paula")
    plan = planned(town, rule=f"FREQ=WEEKLY;BYDAY={WEEKDAYS[today.weekday()]}")
    grids = [town.grids[5].pk]
    assert due_on(grids, today) == [plan]
    assert due_on(grids, today + timedelta(days=1)) == []
    assert due_on([town.far_grid.pk], today) == []
    patrol_plans.end(scope, plan.pk, today, "已好转")
    assert due_on(grids, today + timedelta(days=7)) == []
    assert Notification.objects.filter(verb="patrol_plan_ended", person=town.alice).count() == 1
    with pytest.raises(Conflict):
        patrol_plans.end(scope, plan.pk, today, "已好转")


def test_withdrawn_before_it_began_it_asks_for_nothing(town: Town) -> None:
    today = TODAY()
    plan = planned(town, first_day=today + timedelta(days=2))
    ended = patrol_plans.end(town.scope("paula"), plan.pk, today, "划错了")
    assert walks_of([ended], today)[plan.pk].days == ()


def test_where_and_on_which_days_it_holds_stays_when_it_is_changed(town: Town) -> None:
    scope, today = town.scope("paula"), TODAY()
    plan = planned(town)
    patrol_plans.change(scope, plan.pk, {"name": "西巷夜间巡查", "starts": time(19), "ends": time(21), "rule": "x"})
    plan.refresh_from_db()
    assert (plan.name, plan.starts, plan.rule) == ("西巷夜间巡查", time(19), EVERY_DAY)
    assert Notification.objects.filter(verb="patrol_plan_changed", person=town.alice).count() == 1
    began(plan, 5)
    with pytest.raises(BadInput):
        patrol_plans.change(scope, plan.pk, {"last_day": today - timedelta(days=1)})
    with pytest.raises(BadInput):
        patrol_plans.end(scope, plan.pk, today - timedelta(days=2), "已好转")
    with pytest.raises(NotAllowed):
        patrol_plans.change(town.scope("dora"), plan.pk, {"name": "x"})
    with pytest.raises(NotFound):
        patrol_plans.change(town.scope("olaf"), plan.pk, {"name": "x"})


def test_a_plan_that_is_over_asks_for_nothing_afterwards(town: Town) -> None:
    plan = began(planned(town), 20)
    PatrolPlan.objects.filter(pk=plan.pk).update(last_day=TODAY() - timedelta(days=10))
    with pytest.raises(Conflict):
        patrol_plans.change(town.scope("paula"), plan.pk, {"last_day": TODAY() + timedelta(days=2)})


def test_of_each_planned_day_it_is_said_what_share_of_the_streets_was_covered(town: Town) -> None:
    """A street of 100 m crosses the area of 50 m in its half from 10 to 60 m:

    |-----[=====]----|     covered to 50 %: 40 of 50 m in the area
    """
    plan = began(planned(town), 6)
    lane, today = street("西巷", (1.0, 1.5), (2.0, 1.5)), TODAY()
    street("外街", (2.1, 1.5), (2.9, 1.5))
    cover(lane, today - timedelta(days=6), until=50)
    cover(lane, today - timedelta(days=5), until=30)
    cover(lane, today - timedelta(days=4), until=30, unknown=50)
    cover(lane, today - timedelta(days=3), told=True)
    cover(lane, today - timedelta(days=2), until=10)  # outside of the area
    with CaptureQueriesContext(connection) as queries:
        walks = walks_of([plan], today)[plan.pk]
    assert len(queries) == 1
    assert walks.streets == 1
    assert walks.metres == pytest.approx(50, abs=1)
    went = [(one.state, one.covered and round(one.covered, 1)) for one in walks.days[:8]]
    assert went == [
        (DayState.WALKED, 0.8),
        (DayState.PARTLY, 0.4),
        (DayState.UNKNOWN, 0.4),
        (DayState.WALKED, 1.0),
        (DayState.NO_RECORD, None),
        (DayState.NO_RECORD, None),
        (DayState.TODAY, None),
        (DayState.COMING, None),
    ]
    assert (walks.past, walks.count(DayState.WALKED)) == (6, 2)


def test_the_streets_of_a_plan_are_those_within_ones_own_grids(town: Town) -> None:
    plan = planned(town, 1.1, 1.1, 2.9, 1.9)
    lane = street("西巷", (1.0, 1.5), (2.0, 1.5))
    street("东巷", (2.1, 1.5), (2.9, 1.5))
    grid = town.grids[5].pk
    (row,) = streets_on([plan], [grid], TODAY())[plan.pk, grid]
    assert (row.name, row.walked, round(row.metres, -1)) == ("西巷", False, 90)
    cover(lane, TODAY(), until=90)
    (row,) = streets_on([plan], [grid], TODAY())[plan.pk, grid]
    assert row.walked


# --- over HTTP --------------------------------------------------------------------------------------------------------


def body(**more: Any) -> dict[str, Any]:
    said = {"name": "西巷加密巡查", "why": "连续三周多发", "rule": EVERY_DAY, "geometry": drawn(1.1, 1.1, 1.6, 1.9)}
    return {**said, "first_day": str(TODAY()), "last_day": str(TODAY() + timedelta(days=6)), **more}


def post(client: Client, address: str, given: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, given, content_type="application/json", headers=headers)


def test_a_planner_makes_reads_changes_and_ends_one(as_person: Callable[[str], Client], town: Town) -> None:
    paula, address = as_person("paula"), "/api/v1/patrol-plans"
    made = post(paula, address, body(starts="08:00", ends="10:00"), key="one")
    assert made.status_code == 201, made.content
    again = post(paula, address, body(starts="08:00", ends="10:00"), key="one")
    assert (again.json(), PatrolPlan.objects.count()) == (made.json(), 1)
    one = f"{address}/{made.json()['id']}"
    read = paula.get(one).json()
    assert (read["region"], read["geometry"]["type"], read["starts"]) == (f"{NEAR}001", "MultiPolygon", "08:00:00")
    assert [day["state"] for day in read["walks"]["days"]] == ["today", *["coming"] * 6]
    changed = paula.patch(one, {"name": "夜间"}, content_type="application/json")
    assert (changed.status_code, changed.json()["name"], changed.json()["starts"]) == (200, "夜间", "08:00:00")
    ended = post(paula, f"{one}/end", {"last_day": str(TODAY()), "why": "已好转"})
    assert (ended.status_code, ended.json()["ended_why"]) == (200, "已好转")


def test_a_leader_sees_the_plan_of_the_own_grid_and_no_figures(as_person: Callable[[str], Client], town: Town) -> None:
    plan = planned(town)
    one = f"/api/v1/patrol-plans/{plan.pk}"
    read = as_person("alice").get(one).json()
    assert (read["name"], read["walks"]) == (plan.name, None)
    assert as_person("charlie").get(one).status_code == 404
    assert post(as_person("alice"), f"{one}/end", {"last_day": str(TODAY()), "why": "x"}).status_code == 403
    assert post(as_person("alice"), "/api/v1/patrol-plans", body()).status_code == 404


def test_the_list_is_filtered_and_asks_the_database_as_often_for_many(
    as_person: Callable[[str], Client], town: Town
) -> None:
    paula = as_person("paula")
    plans = [planned(town) for _turn in range(4)]
    planned(town, 9.1, 1, 9.6, 2)
    address = "/api/v1/patrol-plans"
    with CaptureQueriesContext(connection) as queries:
        near = paula.get(f"{address}?region={NEAR}&limit=3&geometry=1&on={TODAY()}").json()
    assert len(queries) <= 5
    assert [row["id"] for row in near["results"]] == [str(plan.pk) for plan in plans[:0:-1]]
    assert near["results"][0]["geometry"]["type"] == "MultiPolygon"
    assert len(paula.get(near["next"]).json()["results"]) == 1
    assert paula.get(f"{address}?on={TODAY() + timedelta(days=40)}").json()["results"] == []


def test_a_body_that_cannot_be_is_refused_in_a_sentence(as_person: Callable[[str], Client], town: Town) -> None:
    paula, address = as_person("paula"), "/api/v1/patrol-plans"
    both = body(cells=["8931b40c113ffff"])
    neither = {name: value for name, value in body().items() if name != "geometry"}
    deep: Any = {"type": "GeometryCollection", "geometries": []}
    for wrong in (both, neither, body(geometry=deep), body(geometry="x"), body(rule="x"), body(first_day="2020-01-01")):
        answer = post(paula, address, wrong)
        assert answer.status_code == 422, answer.content
        assert answer.json()["detail"]
