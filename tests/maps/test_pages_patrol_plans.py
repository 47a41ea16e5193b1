"""Patrol plans on pages: made for chosen cells, compared with what was walked, seen by who walks; and other actions."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import h3
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Zone
from patrols.models import PatrolPlan
from patrols.patrol_plans import due_on
from patrols.task_rules import WEEKDAYS
from tests.patrols.test_patrol_plans import began, cover, planned
from tests.patrols.walks import street
from tests.town import NEAR, Town, at

SignIn = Callable[[str], Client]
ENGLISH = {"Accept-Language": "en"}
MIDDLE = at(1.5, 1.5)
CELL = h3.latlng_to_cell(MIDDLE.y, MIDDLE.x, 11)


def form(**more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    days = {"first_day": str(today), "last_day": str(today + timedelta(days=13))}
    said = {"cells": CELL, "name": "西巷加密", "why": "连续三周多发", "weekday": list(WEEKDAYS)}
    return {**said, **days, **more}


def test_chosen_cells_come_with_their_place_and_reason_and_become_a_plan(town: Town, as_person: SignIn) -> None:
    paula, address = as_person("paula"), "/planner/patrols/new/"
    street("文昌路", (1.0, 1.5), (2.0, 1.5))
    page = paula.get(f"{address}?cells={CELL}&why=连续三周多发").content.decode()
    assert all(words in page for words in ("文昌路", "连续三周多发", f'name="cells" value="{CELL}"'.split()[0]))
    made = paula.post(address, form())
    plan = PatrolPlan.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/planner/patrols/{plan.pk}/")
    assert (plan.cells, plan.why) == ([CELL], "连续三周多发")
    assert due_on([town.grids[5].pk], timezone.localdate()) == [plan]


def test_a_form_that_cannot_be_keeps_what_was_written_and_says_why(town: Town, as_person: SignIn) -> None:
    paula = as_person("paula")
    for wrong, words in (
        ({"weekday": []}, "day of the week"),
        ({"why": ""}, "why there is to be walked"),
        ({"last_day": ""}, "first and the last day"),
        ({"starts": "25:99"}, "no times of day"),
    ):
        answer = paula.post("/planner/patrols/new/", form(**wrong), headers=ENGLISH)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), wrong
        assert "西巷加密" in answer.content.decode()
    assert paula.get("/planner/patrols/new/?cells=zz").status_code == 422
    assert "Choose cells first" in paula.get("/planner/patrols/new/", headers=ENGLISH).content.decode()
    assert as_person("dora").get(f"/planner/patrols/new/?cells={CELL}").status_code == 404
    assert not PatrolPlan.objects.exists()


def test_the_list_and_the_page_set_planned_against_walked_without_anybody(town: Town, as_person: SignIn) -> None:
    plan = began(planned(town), 2)
    lane = street("西巷", (1.0, 1.5), (2.0, 1.5))
    cover(lane, timezone.localdate() - timedelta(days=1), until=90)
    paula = as_person("paula")
    with CaptureQueriesContext(connection) as queries:
        listed = paula.get("/planner/patrols/", headers=ENGLISH).content.decode()
    assert len(queries) <= 9
    assert "1 / 2" in listed
    with CaptureQueriesContext(connection) as queries:
        page = paula.get(f"/planner/patrols/{plan.pk}/", headers=ENGLISH).content.decode()
    assert len(queries) <= 10
    assert "Walked on 1 of 2 planned days" in page
    assert "unknown on 1" in page
    assert town.paula.name not in page.split("<main")[1]
    for _turn in range(3):
        planned(town)
    with CaptureQueriesContext(connection) as more:
        paula.get("/planner/patrols/", headers=ENGLISH)
    assert len(more) <= 9


def test_a_plan_is_changed_and_ended_on_its_page(town: Town, as_person: SignIn) -> None:
    plan, paula = planned(town), as_person("paula")
    address, today = f"/planner/patrols/{plan.pk}/", timezone.localdate()
    change = {"do": "change", "name": "夜巡", "why": "夜间多发", "last_day": str(today + timedelta(days=3))}
    assert paula.post(address, change | {"starts": "19:00", "ends": "21:00"}).status_code == 302
    assert paula.post(address, change | {"starts": "19:00", "ends": ""}).status_code == 422
    assert paula.post(address, {"do": "end", "last_day": str(today), "why": ""}).status_code == 422
    assert paula.post(address, {"do": "end", "last_day": str(today), "why": "已好转"}).status_code == 302
    plan.refresh_from_db()
    assert (plan.name, f"{plan.starts}", plan.ended_on) == ("夜巡", "19:00:00", today)
    assert as_person("alice").get(address).status_code == 404


def test_who_walks_sees_the_plan_in_the_grid_with_the_streets_left(town: Town, as_person: SignIn) -> None:
    plan = planned(town)
    lane = street("西巷", (1.0, 1.5), (2.0, 1.5))
    alice = as_person("alice")
    with CaptureQueriesContext(connection) as queries:
        page = alice.get("/my-grid/", headers=ENGLISH).content.decode()
    assert len(queries) <= 12
    assert all(words in page for words in (plan.name, plan.why, "To walk: 西巷", "1 patrol planned today"))
    with CaptureQueriesContext(connection) as queries:
        bundle = alice.get("/patrol/bundle.json").json()
    assert len(queries) <= 13  # one more than without a plan: the streets
    (kept,) = bundle["grids"][0]["plans"]
    assert (kept["name"], kept["streets"]) == (plan.name, [{"id": lane.pk, "walked": False}])
    assert kept["area"]["type"] == "MultiPolygon"
    cover(lane, timezone.localdate(), until=100)
    page = alice.get("/my-grid/", headers=ENGLISH).content.decode()
    assert "walked today" in page
    assert "1 patrol planned today" not in page
    assert plan.name not in as_person("charlie").get("/my-grid/").content.decode()


def test_a_task_of_the_place_is_filled_in_beforehand(town: Town, as_person: SignIn) -> None:
    paula = as_person("paula")
    answer = paula.get(f"/planner/tasks/new/?cells={CELL}&why=连续三周多发", headers=ENGLISH)
    assert answer.status_code == 302
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert asked["community"] == [f"{NEAR}001"]
    assert "连续三周多发" in asked["description-0"][0]
    form_page = paula.get(answer["Location"])
    assert (form_page.status_code, "连续三周多发" in form_page.content.decode()) == (200, True)
    assert as_person("alice").get(f"/planner/tasks/new/?cells={CELL}").status_code == 404


def test_grids_or_cells_become_the_area_of_a_campaign_until_it_is_ended(town: Town, as_person: SignIn) -> None:
    paula, today = as_person("paula"), timezone.localdate()
    days = {"name": "迎检行动", "first_day": str(today), "last_day": str(today + timedelta(days=9))}
    answer = paula.post("/planner/campaigns/new/", days | {"grids": town.grids[5].code})
    zone = Zone.objects.get()
    assert (answer.status_code, zone.kind, zone.region.code) == (302, "campaign", f"{NEAR}001")
    assert zone.geom.area == town.grids[5].geom.area
    page = paula.get("/planner/campaigns/").content.decode()
    assert "迎检行动" in page
    alice = as_person("alice")
    with CaptureQueriesContext(connection) as queries:
        hers = alice.get("/my-grid/", headers=ENGLISH).content.decode()
    assert len(queries) <= 12
    assert f"Campaign · {today} – {today + timedelta(days=9)}" in hers
    assert '"kind": "campaign"' in hers
    assert "迎检行动" not in as_person("charlie").get("/my-grid/").content.decode()
    assert len(json.loads(page.split('id="area-data"')[1].split(">", 1)[1].split("</script>")[0])["areas"]) == 1
    assert paula.post("/planner/campaigns/new/", days | {"grids": "nonsense"}).status_code == 404
    assert paula.post("/planner/campaigns/new/", days | {"cells": CELL, "name": ""}).status_code == 422
    over = {"zone": str(zone.pk), "last_day": str(today - timedelta(days=3))}
    assert paula.post("/planner/campaigns/", over).status_code == 422
    assert alice.post("/planner/campaigns/", over).status_code == 404
    assert paula.post("/planner/campaigns/", over | {"last_day": str(today)}).status_code == 302
    zone.refresh_from_db()
    assert zone.period.upper == today + timedelta(days=1)


def test_a_campaign_is_made_and_ended_over_the_api(town: Town, as_person: SignIn) -> None:
    paula, today = as_person("paula"), timezone.localdate()
    days = {"name": "迎检行动", "first_day": str(today), "last_day": str(today + timedelta(days=9))}
    made = paula.post("/api/v1/zones", days | {"cells": [CELL]}, content_type="application/json")
    assert (made.status_code, made.json()["kind"], made.json()["geometry"]["type"]) == (201, "campaign", "MultiPolygon")
    end = f"/api/v1/zones/{made.json()['id']}/end"
    assert paula.post(end, {"last_day": str(today)}, content_type="application/json").json()["last_day"] == str(today)
    none = as_person("dora").post("/api/v1/zones", days | {"cells": [CELL]}, content_type="application/json")
    assert none.status_code == 404


def test_the_map_is_told_the_ground_of_what_is_chosen_and_of_what_is_planned(town: Town, as_person: SignIn) -> None:
    paula, plan = as_person("paula"), planned(town)
    chosen = paula.get(f"/planner/area.json?cells={CELL}", headers=ENGLISH).json()
    assert (chosen["areas"][0]["geometry"]["type"], "hectares" in chosen["words"]) == ("MultiPolygon", True)
    with CaptureQueriesContext(connection) as queries:
        drawn = paula.get(f"/planner/planned.json?region={NEAR}").json()["areas"]
    assert len(queries) <= 5
    assert [(one["kind"], one["name"]) for one in drawn] == [("plan", plan.name)]
    assert paula.get("/planner/area.json?cells=zz").status_code == 422
    assert paula.get("/planner/area.json?grids=%00").status_code == 422
    assert paula.get("/planner/planned.json?region=%00").status_code == 422
