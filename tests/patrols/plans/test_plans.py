"""Dispatch plans over the API: made, looked at, changed, committed; who may, who is left out, what is never kept."""

import json
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids import jobs
from grids.models import Assignment, Availability, LookLog, Membership, Person, Region, Skill
from maps.privacy import retention
from patrols.filing import Draft, file_report
from patrols.models import DispatchPlan, LastPosition, Offer, Patrol, PlanRow, Report
from patrols.models.patrol import PatrolState
from patrols.plans import committing, making
from patrols.plans.committing import commit
from patrols.plans.making import Wish, make
from patrols.transitions import Move, transition
from tests.town import LITTER, MANHOLE, NEAR, PARKING, Town, at

Sign = Callable[[str], Client]
PLANS = "/api/v1/dispatch/plans"


def waits(town: Town, east: float = 1.5, north: float = 1.5, category: str = LITTER, place: str = "西市场") -> Report:
    """Return a report that was accepted and waits for dispatch."""
    point = at(east, north)
    report = file_report(Draft(category=category, geom=point, anchor=point, place=place), town.scope("bob"))
    return transition(report.pk, "accept", town.scope("dora"))


def walks(town: Town, person: Person, east: float, north: float) -> None:
    """Put somebody on patrol, just seen at a place."""
    now = timezone.now()
    patrol = Patrol.objects.create(
        district=NEAR[:6], person=person, grid=town.grids[5], state=PatrolState.ACTIVE, started_at=now
    )
    LastPosition.objects.create(person=person, patrol=patrol, geom=at(east, north), taken_at=now, accuracy=8)


def send(client: Client, address: str, body: dict[str, Any] | None = None, method: str = "post") -> Any:
    return getattr(client, method)(address, json.dumps(body or {}), content_type="application/json")


def rows(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["report"]["id"]: row for row in plan["rows"]}


def test_a_plan_is_made_changed_and_committed(town: Town, as_person: Sign) -> None:
    """Alice stands in the middle of grid 5, Bob walks half a hundred metres from the litter in the corner.

    Both cases of litter get somebody, the parked car nobody: only a body may act on it.
    """
    walks(town, town.bob, 0.5, 0.5)
    corner, middle = waits(town, 0.5, 1.0), waits(town, 1.5, 1.6)
    car = waits(town, 1.5, 1.5, PARKING)
    dora = as_person("dora")
    answer = send(dora, PLANS, {"radius_m": 400})
    assert answer.status_code == 201
    plan = answer.json()
    found = rows(plan)
    assert (found[str(corner.pk)]["person"]["id"], found[str(corner.pk)]["metres"]) == (town.bob.pk, 50)
    assert found[str(corner.pk)]["origin"] == "position"
    assert found[str(middle.pk)]["person"]["id"] == town.alice.pk
    assert found[str(middle.pk)]["metres"] == pytest.approx(10, abs=2)
    assert (found[str(car.pk)]["person"], found[str(car.pk)]["lacking"]) == (None, "body")
    assert plan["totals"]["served"] == 2
    assert plan["totals"]["unserved"] == 1
    assert plan["totals"]["longest"] == 50
    assert {row["id"]: row["origin"] for row in plan["people"]} == {town.alice.pk: "grid", town.bob.pk: "position"}
    assert LookLog.objects.filter(viewer=town.dora, owner=town.bob, what=LookLog.What.DISTANCE).exists()

    one = f"{PLANS}/{plan['id']}"
    given = send(dora, one, {"version": 0, "report": str(middle.pk), "person": town.bob.pk}, "patch").json()
    assert given["version"] == 1
    assert rows(given)[str(middle.pk)]["by_hand"] is True
    assert rows(given)[str(middle.pk)]["metres"] == 150
    left = send(dora, one, {"version": 1, "report": str(corner.pk), "left_out": True}, "patch").json()
    assert left["totals"]["left_out"] == 1
    done = send(dora, f"{one}/commit", {"version": 2})
    assert done.status_code == 200
    assert done.json()["state"] == "committed"
    assert rows(done.json())[str(middle.pk)]["outcome"] == "dispatched"
    assert rows(done.json())[str(corner.pk)]["outcome"] == ""
    middle.refresh_from_db()
    corner.refresh_from_db()
    assert (middle.state, corner.state) == ("dispatched", "accepted")
    assert middle.parties.get().person == town.bob
    again = send(dora, f"{one}/commit", {"version": 2})
    assert again.status_code == 200
    assert middle.events.filter(verb="dispatch").count() == 1
    # Where somebody was is gone with the proposal: Bob's round begins in his grid, however far he walks from there.
    [shown] = again.json()["people"]
    assert shown["origin"] == "grid"
    assert (shown["lon"], shown["lat"]) == pytest.approx((at(1.5, 1.5).x, at(1.5, 1.5).y))
    assert rows(again.json())[str(middle.pk)]["stop"] == 1


def test_a_dispatched_plan_says_in_which_order_each_goes_round_what_is_left_of_it(town: Town, as_person: Sign) -> None:
    """From the middle of grid 5 the nearest comes first, the farthest last; what is done or recalled is no stop.

    The numbers move up, and whoever has another's report by now has none of it.
    """
    far, near, middle = (waits(town, east, 1.5) for east in (1.9, 1.6, 1.75))
    dora = as_person("dora")
    plan = send(dora, PLANS).json()
    assert {row["stop"] for row in plan["rows"]} == {None}
    for version, report in enumerate((far, near, middle)):
        body = {"version": version, "report": str(report.pk), "person": town.bob.pk}
        plan = send(dora, f"{PLANS}/{plan['id']}", body, "patch").json()
    address = f"{PLANS}/{plan['id']}"
    send(dora, f"{address}/commit", {"version": 3})

    def stops() -> list[int | None]:
        found = rows(dora.get(address).json())
        return [found[str(report.pk)]["stop"] for report in (near, middle, far)]

    assert stops() == [1, 2, 3]
    transition(near.pk, "recall", town.scope("dora"), Move(reason="改派"))
    assert stops() == [None, 1, 2]
    transition(near.pk, "dispatch", town.scope("dora"), Move(holder=town.alice))
    transition(middle.pk, "start", town.scope("bob"))
    assert stops() == [None, 1, 2]
    transition(middle.pk, "handle", town.scope("bob"))
    assert stops() == [None, None, 1]


def test_whoever_has_no_grid_goes_round_from_the_first_report(town: Town, as_person: Sign) -> None:
    walks(town, town.bob, 1.6, 1.5)
    Assignment.objects.all().delete()
    report = waits(town)
    dora = as_person("dora")
    plan = send(dora, PLANS).json()
    done = send(dora, f"{PLANS}/{plan['id']}/commit", {"version": 0}).json()
    assert rows(done)[str(report.pk)]["stop"] == 1
    assert [(row["lon"], row["lat"]) for row in done["people"]] == [(None, None)]


def test_what_moved_meanwhile_is_left_out_and_named(town: Town, as_person: Sign) -> None:
    here, gone = waits(town), waits(town, 1.2, 1.2)
    dora = as_person("dora")
    plan = send(dora, PLANS).json()
    transition(gone.pk, "dispatch", town.scope("dora"), Move(holder=town.squad))
    done = send(dora, f"{PLANS}/{plan['id']}/commit", {"version": 0}).json()
    found = rows(done)
    assert found[str(here.pk)]["outcome"] == "dispatched"
    assert found[str(gone.pk)]["outcome"] == "moved"
    assert found[str(gone.pk)]["said"]
    assert (done["totals"]["dispatched"], done["totals"]["moved"]) == (1, 1)
    gone.refresh_from_db()
    assert gone.parties.get().organisation == town.squad


def test_of_two_who_change_or_commit_the_second_is_told(town: Town, as_person: Sign) -> None:
    report = waits(town)
    dora = as_person("dora")
    one = f"{PLANS}/{send(dora, PLANS).json()['id']}"
    off = {"version": 0, "report": str(report.pk), "person": None}
    assert send(dora, one, off, "patch").status_code == 200
    assert send(dora, one, off, "patch").status_code == 409
    assert send(dora, f"{one}/commit", {"version": 0}).status_code == 409
    report.refresh_from_db()
    assert report.state == "accepted"
    assert send(dora, f"{one}/discard", {"version": 1}).json()["state"] == "discarded"
    assert send(dora, f"{one}/commit", {"version": 2}).status_code == 409
    assert send(dora, one, {**off, "version": 2}, "patch").status_code == 409


def test_who_cannot_be_sent_is_refused_and_nothing_changes(town: Town, as_person: Sign) -> None:
    report, manhole = waits(town), waits(town, 1.3, 1.3, MANHOLE)
    far = file_report(Draft(category=LITTER, geom=at(9.5, 1.5), anchor=at(9.5, 1.5), place="远"), town.scope("charlie"))
    dora = as_person("dora")
    one = f"{PLANS}/{send(dora, PLANS).json()['id']}"

    def patch(**body: Any) -> int:
        status: int = send(dora, one, {"version": 0, **body}, "patch").status_code
        return status

    assert patch(report=str(report.pk), person=town.charlie.pk) == 404  # of another subdistrict
    assert patch(report=str(report.pk), person=10**9) == 422
    assert patch(report=str(manhole.pk), person=town.bob.pk) == 422  # only guarded by volunteers
    assert patch(report=str(report.pk), person=town.squad_member.pk) == 422  # has no grid
    assert patch(report=str(far.pk), person=town.bob.pk) == 422  # does not wait here
    assert patch(report=str(report.pk)) == 422
    assert patch(report="x") == 400
    plan = DispatchPlan.objects.get()
    assert plan.version == 0
    assert not plan.rows.filter(by_hand=True).exists()


def test_a_report_that_came_since_is_added(town: Town, as_person: Sign) -> None:
    dora = as_person("dora")
    plan = send(dora, PLANS).json()
    assert plan["rows"] == []
    report = waits(town)
    one = f"{PLANS}/{plan['id']}"
    choices = dora.get(f"{one}/choices/{report.pk}").json()["results"]
    assert [row["id"] for row in choices] == [town.alice.pk, town.bob.pk]
    added = send(dora, one, {"version": 0, "report": str(report.pk), "person": choices[0]["id"]}, "patch").json()
    assert rows(added)[str(report.pk)]["person"]["name"] == choices[0]["name"]


def test_a_row_may_ask_instead_of_send(town: Town, as_person: Sign) -> None:
    report = waits(town)
    dora = as_person("dora")
    plan = send(dora, PLANS).json()
    one = f"{PLANS}/{plan['id']}"
    send(dora, one, {"version": 0, "report": str(report.pk), "as_offer": True}, "patch")
    done = send(dora, f"{one}/commit", {"version": 1}).json()
    assert rows(done)[str(report.pk)]["outcome"] == "offered"
    assert (done["totals"]["dispatched"], done["totals"]["offered"]) == (0, 1)
    report.refresh_from_db()
    assert report.state == "accepted"
    assert Offer.objects.get().person_id == plan["rows"][0]["person"]["id"]
    # Who is asked already is in no other plan before they have answered.
    assert make(town.scope("dora"), Wish()).rows.get().lacking == "asked"


def test_the_skills_that_a_category_asks_for_are_needed(town: Town) -> None:
    report = waits(town)
    town.litter.skills = ["first-aid"]
    town.litter.save(update_fields=["skills"])
    assert make(town.scope("dora"), Wish()).rows.get().lacking == "no_skill"
    Skill.objects.create(person=town.bob, code="first-aid")
    assert make(town.scope("dora"), Wish()).rows.get(report=report).person == town.bob


def test_quiet_hours_hours_and_the_cap_keep_people_out(town: Town) -> None:
    first, second = waits(town), waits(town, 1.4, 1.4)
    now = timezone.localtime()
    Person.objects.filter(pk=town.alice.pk).update(
        quiet_from=(now - timedelta(hours=1)).time(), quiet_until=(now + timedelta(hours=1)).time()
    )
    Availability.objects.create(
        person=town.bob, weekday=(now.isoweekday() % 7) + 1, starts=time(0, 0), ends=time(23, 59)
    )
    plan = make(town.scope("dora"), Wish())
    assert set(plan.rows.values_list("lacking", flat=True)) == {"nobody_free"}
    assert plan.figures["volunteers"] == 0
    Availability.objects.all().update(weekday=now.isoweekday())
    plan = make(town.scope("dora"), Wish(cap=1))
    assert sorted(plan.rows.values_list("lacking", flat=True)) == ["", "all_taken"]
    assert set(plan.rows.values_list("person", flat=True)) == {town.bob.pk, None}
    commit(town.scope("dora"), plan.pk, 0)
    plan = make(town.scope("dora"), Wish(cap=1))  # bob has one in hand now
    assert list(plan.rows.values_list("lacking", flat=True)) == ["nobody_free"]
    walks(town, town.alice, 1.5, 1.5)  # who is on patrol can be asked in any case
    plan = make(town.scope("dora"), Wish(cap=1))
    assert list(plan.rows.values_list("person", flat=True)) == [town.alice.pk]
    assert {first.pk, second.pk} >= set(plan.rows.values_list("report", flat=True))


def test_whoever_gave_it_back_is_not_proposed_again(town: Town) -> None:
    report = waits(town)
    dora = town.scope("dora")
    transition(report.pk, "dispatch", dora, Move(holder=town.alice))
    transition(report.pk, "send_back", town.scope("alice"), Move(reason="不在辖区"))
    assert make(dora, Wish()).rows.get().person == town.bob


def test_what_is_late_goes_first_where_people_are_missing(town: Town) -> None:
    soon, late = waits(town), waits(town, 2.9, 2.9)
    Report.objects.filter(pk=late.pk).update(dispatch_due_at=timezone.now() - timedelta(hours=2))
    Assignment.objects.filter(person=town.bob).delete()
    plan = make(town.scope("dora"), Wish(cap=1))
    by_report = {row.report_id: row for row in plan.rows.all()}
    assert by_report[late.pk].person == town.alice
    assert by_report[late.pk].weight == 5
    assert by_report[soon.pk].lacking == "all_taken"
    even = make(town.scope("dora"), Wish(cap=1, urgency="even"))
    assert even.rows.get(report=soon).person == town.alice
    near = make(town.scope("dora"), Wish(radius_m=100, cap=1))
    assert near.rows.get(report=late).lacking == "nobody_near"
    assert near.rows.get(report=late).nearest == pytest.approx(198, abs=2)


def test_nobody_but_the_dispatchers_of_all_its_regions_sees_a_plan(town: Town, as_person: Sign) -> None:
    waits(town)
    one = f"{PLANS}/{send(as_person('dora'), PLANS).json()['id']}"
    assert [row["state"] for row in as_person("dora").get(PLANS).json()["results"]] == ["proposed"]
    for name in ("alice", "bob", "olaf", "paula", "charlie"):
        client = as_person(name)
        assert client.get(one).status_code == 404
        assert send(client, f"{one}/commit", {"version": 0}).status_code == 404
        assert client.get(PLANS).json()["results"] == []
    assert send(as_person("paula"), PLANS).status_code == 403
    Membership.objects.create(person=town.olaf, role="dispatcher", region=Region.objects.get(code=NEAR[:6]))
    assert as_person("olaf").get(one).status_code == 200  # of the whole district now
    wide = send(as_person("olaf"), PLANS).json()
    assert as_person("dora").get(f"{PLANS}/{wide['id']}").status_code == 404


@pytest.mark.parametrize("bad", [{"radius_m": 5}, {"cap": 0}, {"urgency": "x"}, {"radius_m": True}, {"radius_m": 1e9}])
def test_wishes_that_cannot_be_are_refused(town: Town, as_person: Sign, bad: dict[str, Any]) -> None:
    assert send(as_person("dora"), PLANS, bad).status_code in {400, 422}
    assert not DispatchPlan.objects.exists()


def test_making_and_committing_cost_a_fixed_number_of_queries(town: Town) -> None:
    scope = town.scope("dora")

    def cost(work: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    waits(town)
    few = cost(lambda: make(scope, Wish()))
    for _number in range(8):
        waits(town)
    assert cost(lambda: make(scope, Wish())) == few <= 22


def test_much_is_made_and_committed_by_a_job(town: Town, as_person: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "AT_ONCE", 0)
    monkeypatch.setattr(committing, "AT_ONCE", 0)
    report = waits(town)
    dora = as_person("dora")
    answer = send(dora, PLANS)
    assert answer.status_code == 202
    plan = answer.json()
    assert (plan["state"], plan["rows"]) == ("making", [])
    work_off()
    one = f"{PLANS}/{plan['id']}"
    assert dora.get(one).json()["totals"]["served"] == 1
    started = send(dora, f"{one}/commit", {"version": 0})
    assert started.status_code == 202
    assert UUID(started.json()["commit_job"])
    work_off()
    report.refresh_from_db()
    assert report.state == "dispatched"
    assert PlanRow.objects.get().outcome == "dispatched"
    assert [job.state for job in jobs.Job.objects.all()] == ["done", "done"]


def test_what_a_large_plan_came_to_counts_what_went_out_as_offers(
    town: Town, as_person: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "AT_ONCE", 0)
    asked, _sent = waits(town), waits(town, 1.6, 1.6)
    plan = make(town.scope("dora"), Wish())
    change = {"version": 0, "report": str(asked.pk), "as_offer": True}
    send(as_person("dora"), f"{PLANS}/{plan.pk}", change, "patch")
    send(as_person("dora"), f"{PLANS}/{plan.pk}/commit", {"version": 1})
    work_off()
    found = jobs.Job.objects.get().result
    assert found is not None
    assert found["summary"] == "已派遣 1 件，以任务邀约发出 1 件"


def test_old_plans_are_forgotten_after_their_days(town: Town, settings: Any) -> None:
    waits(town)
    settings.PLANS_KEPT_DAYS = 30
    old, young = make(town.scope("dora"), Wish()), make(town.scope("dora"), Wish())
    now = timezone.now()
    DispatchPlan.objects.filter(pk=old.pk).update(made_at=now - timedelta(days=31))
    DispatchPlan.objects.filter(pk=young.pk).update(made_at=now - timedelta(days=29))
    assert retention.forget()["dispatch plans"] == 1
    assert retention.forget()["dispatch plans"] == 0
    assert PlanRow.objects.get().plan == young


def work_off() -> None:
    """Do the jobs that wait."""
    from grids.models import Outbox

    for promise in Outbox.objects.filter(topic=jobs.TOPIC, done_at=None):
        jobs.run(str(promise.pk))
