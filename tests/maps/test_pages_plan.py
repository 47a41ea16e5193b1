"""The pages of plans, of one's round and of replays: what they show, to whom, and at what cost."""

import json
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids import jobs
from grids.models import Availability, Checkpoint, Designation, LookLog, Membership, Outbox, Person, Region
from patrols.filing import Draft, file_report
from patrols.models import Call, Coverage, DispatchPlan, Event, Offer, Report
from patrols.plans.committing import commit
from patrols.plans.making import Wish, make
from patrols.transitions import Move, transition
from tests.patrols.plans.test_plans import walks
from tests.town import LITTER, NEAR, Town, at

Sign = Callable[[str], Client]


def waits(town: Town, east: float = 1.5, north: float = 1.5, place: str = "西市场") -> Report:
    point = at(east, north)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point, place=place), town.scope("bob"))
    return transition(report.pk, "accept", town.scope("dora"))


def data_of(answer: Any, name: str) -> Any:
    text = answer.content.decode()
    return json.loads(text.split(f'<script id="{name}" type="application/json">')[1].split("</script>")[0])


def work_off() -> None:
    for promise in Outbox.objects.filter(topic=jobs.TOPIC, done_at=None):
        jobs.run(str(promise.pk))


# -- the plan -------------------------------------------------------------------------------------------------------


def test_the_plan_page_shows_the_newest_proposal_within_its_queries(town: Town, as_person: Sign) -> None:
    dora = as_person("dora")
    assert data_of(dora.get("/dispatch/plan/"), "plan-data")["plan"] is None
    waits(town)
    # Somebody on patrol, whom to show is a look and noted, and somebody who serves in a whole district.
    walks(town, town.bob, 1.5, 1.5)
    Membership.objects.filter(person=town.alice).update(region=Region.objects.get(code=NEAR[:6]))
    waits(town, 1.6, 1.6)
    for _turn in range(3):
        plan = make(town.scope("dora"), Wish(cap=1))
    for address in ("/dispatch/plan/", f"/dispatch/plan/?plan={plan.pk}"):
        LookLog.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            answer = dora.get(address)
        shown = data_of(answer, "plan-data")
        assert shown["plan"]["id"] == str(plan.pk)
        assert shown["plan"]["totals"]["people"] == 2
        assert LookLog.objects.exists()
        assert len(captured) <= 12
    commit(town.scope("dora"), plan.pk, 0)
    DispatchPlan.objects.exclude(pk=plan.pk).delete()
    with CaptureQueriesContext(connection) as captured:
        shown = data_of(dora.get("/dispatch/plan/"), "plan-data")
    assert (shown["plan"]["id"], shown["plan"]["state"]) == (str(plan.pk), "committed")
    assert [row["stop"] for row in shown["plan"]["rows"]] == [1, 1]
    assert len(captured) <= 12
    # Tomorrow it is one of those of late.
    DispatchPlan.objects.update(ended_at=timezone.now() - timedelta(days=1))
    assert data_of(dora.get("/dispatch/plan/"), "plan-data")["plan"] is None
    assert dora.get("/dispatch/plan/?plan=x").status_code == 404
    assert as_person("alice").get("/dispatch/plan/").status_code == 404


# -- the round ------------------------------------------------------------------------------------------------------


def test_a_round_goes_over_what_is_in_hand_and_what_is_due(town: Town, as_person: Sign) -> None:
    """Alice's grid is the middle one: its market is due, and she has two reports, east and north of it.

    From the corner of the grid the market comes first, then whatever makes the way short.
    """
    for east, north, place in ((1.9, 1.5, "东"), (1.5, 1.9, "北")):
        report = waits(town, east, north, place)
        transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.alice))
    waits(town, 1.1, 1.1, "别人的")
    alice = as_person("alice")
    found = alice.get(f"/api/v1/me/round?lon={at(1.5, 1.4).x}&lat={at(1.5, 1.4).y}").json()
    assert found["start"]["origin"] == "given"
    assert [stop["kind"] for stop in found["stops"]] == ["checkpoint", "report", "report"]
    assert [stop["metres"] for stop in found["stops"]] == [10, 40, pytest.approx(57, abs=1)]
    assert found["metres"] == pytest.approx(107, abs=1)
    assert found["exact"]
    only = alice.get("/api/v1/me/round?kinds=report").json()
    assert only["start"]["origin"] == "grid"
    assert {stop["kind"] for stop in only["stops"]} == {"report"}
    page = alice.get("/patrol/round/")
    assert len(data_of(page, "round-data")["stops"]) == 3


def test_a_checkpoint_that_was_passed_is_due_again_after_its_days(town: Town, as_person: Sign) -> None:
    """Seen yesterday: not due for a week, unless it must lose no point, which is looked at every day."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Coverage.objects.create(district=NEAR[:6], checkpoint=town.checkpoint, day=yesterday, told=True)
    alice = as_person("alice")
    assert alice.get("/api/v1/me/round").json()["stops"] == []
    Designation.objects.create(checkpoint=town.checkpoint)
    assert [stop["kind"] for stop in alice.get("/api/v1/me/round").json()["stops"]] == ["checkpoint"]
    assert Checkpoint.objects.count() == 1


def test_a_place_that_is_none_is_refused_and_who_has_no_grid_has_no_round(town: Town, as_person: Sign) -> None:
    alice = as_person("alice")
    for query in ("lon=1e308&lat=0", "lon=200&lat=0", "lon=111", "lon=nan&lat=40", "x=1"):
        assert alice.get(f"/api/v1/me/round?{query}").status_code in {400, 422}, query
    assert as_person("paula").get("/api/v1/me/round").json()["start"] is None
    assert as_person("paula").get("/patrol/round/").status_code == 404


# -- the replay -----------------------------------------------------------------------------------------------------

FORM = {
    "limit_minutes": "30",
    "accepts_percent": "100",
    "answer_minutes": "1",
    "one_waves": "1",
    "one_delay_minutes": "60",
    "one_stands_minutes": "1",
    "one_volunteers_percent": "100",
    "two_waves": "1，1",
    "two_delay_minutes": "1",
    "two_stands_minutes": "30",
    "two_volunteers_percent": "100",
}


def days(back: int = 3) -> dict[str, str]:
    today = timezone.localdate()
    return {"since": (today - timedelta(days=back)).isoformat(), "until": today.isoformat()}


def test_a_replay_compares_two_ways_and_says_what_is_assumed(town: Town, as_person: Sign) -> None:
    """A offer that stands a minute is taken by 63 of 100; two that stand half an hour by nearly everybody."""
    for number in range(6):
        waits(town, 1.1 + number / 10, 1.5)
    Event.objects.filter(verb="accept").update(occurred_at=timezone.now() - timedelta(hours=1))
    paula = as_person("paula")
    started = paula.post("/planner/replay/", {**FORM, **days()})
    assert started.status_code == 302
    assert paula.get(started["Location"]).status_code == 200
    work_off()
    page = paula.get(started["Location"]).content.decode()
    found = jobs.Job.objects.get(kind="dispatch-replay").result
    assert found is not None
    assert (found["incidents"], found["volunteers"], found["habits"]["known"]) == (6, 3, 0)
    one, two = found["outcomes"]
    assert one["nobody"]["mean"] > two["nobody"]["mean"]
    assert one["within"]["low"] <= one["within"]["mean"] <= one["within"]["high"]
    assert one["curve"] == sorted(one["curve"])
    assert "1.2" in page
    assert str(town.alice) not in page
    assert "alice" not in json.dumps(found).lower()


def test_who_is_asked_when_is_as_they_have_said(town: Town) -> None:
    """Alice gave Tuesday mornings, Bob has quiet hours; a case of a hazard says so, and what its clock showed."""
    from patrols.plans.replaying import incidents_of, places_of

    Availability.objects.create(person=town.alice, weekday=2, starts=time(9), ends=time(12))
    Person.objects.filter(pk=town.bob.pk).update(quiet_from=time(21), quiet_until=time(6, 30))
    found = {(place.hours, place.quiet) for place in places_of((NEAR,))}
    assert found == {(((33 * 60, 36 * 60),), None), ((), (21 * 60, 6 * 60 + 30))}
    waits(town)
    local = timezone.localtime(Event.objects.get(verb="accept").occurred_at)
    [case] = incidents_of((NEAR,), timezone.localdate(), timezone.localdate(), 60.0)
    assert case.week == pytest.approx(local.weekday() * 1440 + local.hour * 60 + local.minute, abs=1)
    assert case.hazard is False


def test_habits_are_what_became_of_dispatches(town: Town) -> None:
    """Of thirty dispatches to volunteers twenty were started, six minutes later, and ten were sent back."""
    from patrols.plans.replaying import habits_of

    dora, alice = town.scope("dora"), town.scope("alice")
    for number in range(30):
        report = waits(town)
        transition(report.pk, "dispatch", dora, Move(holder=town.alice))
        if number % 3:
            transition(report.pk, "start", alice)
        else:
            transition(report.pk, "send_back", alice, Move(reason="不在"))
    for event in Event.objects.filter(verb="start"):
        dispatched = Event.objects.get(report=event.report_id, verb="dispatch").occurred_at
        Event.objects.filter(id=event.id).update(occurred_at=dispatched + timedelta(minutes=6))
    habits, known, source = habits_of((NEAR,), timezone.localdate(), None, None)
    assert (known, source) == (30, "dispatches")
    assert habits.accepts == pytest.approx(20 / 30)
    assert habits.answer == pytest.approx(360)
    given, _known, _source = habits_of((NEAR,), timezone.localdate(), 10, 1)
    assert (given.accepts, given.answer) == (0.1, 60.0)
    assert habits_of(("150198",), timezone.localdate(), None, None)[1] == 0


def test_habits_are_how_offers_were_answered_where_there_are_enough(town: Town) -> None:
    """Of thirty-two offers eight were taken on after four minutes, the others declined or run out.

    Those that were withdrawn, or that somebody else was quicker for, say nothing.
    """
    from patrols.plans.replaying import habits_of

    now = timezone.now()
    for number in range(32):
        report = waits(town)
        call = Call.objects.create(
            district=NEAR[:6],
            report=report,
            kind="waves",
            wave_minutes=5,
            stands_minutes=15,
            asked_by=town.dora,
            opened_at=now,
            next_at=now,
        )
        state = "done" if number % 4 == 0 else ("declined", "expired")[number % 2]
        for person, given in ((town.alice, state), (town.bob, "withdrawn")):
            taken = now + timedelta(minutes=4) if given == "done" else None
            Offer.objects.create(
                district=NEAR[:6],
                call=call,
                report=report,
                person=person,
                state=given,
                wave=0,
                place=0 if given == "done" else None,
                offered_at=now,
                expires_at=now + timedelta(minutes=15),
                accepted_at=taken,
            )
    habits, known, source = habits_of((NEAR,), timezone.localdate(), None, None)
    assert (known, source) == (32, "offers")
    assert habits.accepts == pytest.approx(0.25)
    assert habits.answer == pytest.approx(240)


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "x"},
        {"one_waves": ""},
        {"one_waves": "a"},
        {"two_waves": "0"},
        {"two_delay_minutes": "-1"},
        {"accepts_percent": "101"},
        {"until": (timezone.localdate() + timedelta(days=2)).isoformat()},
        {"since": "2000-01-01"},
        {"since": timezone.localdate().isoformat(), "until": "2020-01-01"},
    ],
)
def test_what_cannot_be_replayed_is_said_on_the_form(town: Town, as_person: Sign, wrong: dict[str, str]) -> None:
    answer = as_person("paula").post("/planner/replay/", {**FORM, **days(), **wrong})
    assert answer.status_code == 422
    assert answer.content.decode().count('aria-invalid="true"') == 1
    assert not jobs.Job.objects.exists()


def test_replays_are_the_planners_and_each_one_s_own(town: Town, as_person: Sign) -> None:
    paula = as_person("paula")
    started = paula.post("/planner/replay/", {**FORM, **days()})
    assert as_person("dora").get("/planner/replay/").status_code == 404
    body = {"one": {"waves": [1], "delay_minutes": 1, "stands_minutes": 1}, **days()}
    body["two"] = body["one"]
    send = as_person("dora").post("/api/v1/dispatch/replays", json.dumps(body), content_type="application/json")
    assert send.status_code == 403
    made = paula.post("/api/v1/dispatch/replays", json.dumps(body), content_type="application/json")
    assert made.status_code == 201
    assert made.json()["state"] == "waiting"
    work_off()
    failed = jobs.Job.objects.filter(kind="dispatch-replay").values_list("state", flat=True)
    assert set(failed) == {"failed"}  # there was no case in these days
    assert paula.get(started["Location"]).status_code == 200
