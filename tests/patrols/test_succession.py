"""Handing over on a day: what moves, what stays, and taking it back."""

from datetime import date, timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids import clock
from grids.models import Assignment, Membership, Notification, Person, Region, Team
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols.filing import Draft, file_report
from patrols.models import Event, Handover, HandoverItem, Party, Report
from patrols.succession import KINDS, Plan, Preview, carry_out_due, handovers_of, plan_handover, preview, undo
from patrols.transitions import Move, transition
from tests.town import FAR, LITTER, Town, at


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def plan(town: Town, to: Person | None, days: int = 0, kinds: tuple[str, ...] = KINDS) -> Plan:
    return Plan(town.alice.pk, to.pk if to else None, in_days(days), kinds, "轮岗")


def confirmed(town: Town, wanted: Plan, who: str = "paula") -> Handover:
    shown = preview(town.scope(who), wanted)
    return plan_handover(town.scope(who), wanted, uuid4(), shown.fingerprint)


def held_by(town: Town, person: Person, *verbs: str) -> Report:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    transition(report.pk, "accept", town.scope("dora"))
    transition(report.pk, "dispatch", town.scope("dora"), Move(holder=person))
    for verb in verbs:
        transition(report.pk, verb, town.scope(person.username))
    return report


def lead(report: Report) -> Party:
    return Party.objects.leading().get(report=report)


def told(verb: str) -> set[str]:
    return set(Notification.objects.filter(verb=verb).values_list("person__username", flat=True))


def owners(town: Town, day: date) -> list[str]:
    rows = Assignment.objects.on(day).filter(grid=town.grids[5], role="owner")
    return [row.person.username for row in rows if row.person]


def test_the_preview_shows_exactly_what_moves_and_changes_nothing(town: Town) -> None:
    report = held_by(town, town.alice, "start")
    shown = preview(town.scope("paula"), plan(town, town.bob))
    assert [row.grid for row in shown.moves] == [town.grids[5]]
    assert shown.reports == [report]
    assert owners(town, timezone.localdate()) == ["alice"]
    assert not Handover.objects.exists()


def test_today_everything_moves_at_once(town: Town) -> None:
    report = held_by(town, town.alice, "start")
    done = confirmed(town, plan(town, town.bob))
    assert done.state == "done"
    assert owners(town, in_days(-1)) == ["alice"]
    assert owners(town, timezone.localdate()) == ["bob"]
    assert lead(report).person == town.bob
    assert town.grids[5].pk in town.scope("bob").owned
    assert town.grids[5].pk not in town.scope("alice").owned
    assert {"alice", "bob", "paula"} <= told("handover_done")


def test_a_report_keeps_its_state_and_clock_and_its_history_says_so(town: Town) -> None:
    report = held_by(town, town.alice, "start")
    before = Report.objects.get(pk=report.pk)
    confirmed(town, plan(town, town.bob))
    after = Report.objects.get(pk=report.pk)
    assert (after.state, after.due_at, after.dispatched_at) == ("in_progress", before.due_at, before.dispatched_at)
    assert lead(report).state == "working"
    event = Event.objects.filter(report=report).order_by("-recorded_at").first()
    assert event
    assert (event.verb, event.actor, event.person, event.reason) == ("hand_over", town.paula, town.bob, "轮岗")
    transition(report.pk, "handle", town.scope("bob"))


def test_a_coming_day_is_written_at_once_and_reports_wait_for_it(town: Town) -> None:
    report = held_by(town, town.alice)
    made = confirmed(town, plan(town, town.bob, 7))
    assert made.state == "planned"
    assert owners(town, in_days(6)) == ["alice"]
    assert owners(town, in_days(7)) == ["bob"]
    assert lead(report).person == town.alice
    assert told("handover_planned") == {"alice", "bob"}
    assert carry_out_due() == 0


def test_on_the_day_the_reports_held_by_then_move_once(town: Town) -> None:
    first = held_by(town, town.alice)
    confirmed(town, plan(town, town.bob, 7))
    second = held_by(town, town.alice)
    transition(first.pk, "recall", town.scope("dora"), Move(reason="改派"))
    Handover.objects.update(day=timezone.localdate())  # the day has come
    assert carry_out_due() == 1
    assert carry_out_due() == 0
    assert lead(second).person == town.bob
    assert Report.objects.get(pk=first.pk).state == "accepted"
    assert Event.objects.filter(verb="hand_over").count() == 1
    assert list(HandoverItem.objects.filter(report__isnull=False).values_list("report", flat=True)) == [second.pk]


def test_the_clock_knows_the_task(town: Town) -> None:
    confirmed(town, plan(town, town.bob, 1))
    Handover.objects.update(day=timezone.localdate())
    assert "succession" in clock.tick()
    assert Handover.objects.get().state == "done"


def test_until_the_day_it_can_be_undone_and_all_is_as_before(town: Town) -> None:
    before = list(Assignment.objects.filter(person=town.alice).values_list("pk", "period"))
    made = confirmed(town, plan(town, town.bob, 7))
    undo(town.scope("paula"), made.pk)
    assert list(Assignment.objects.filter(person=town.alice).values_list("pk", "period")) == before
    assert owners(town, in_days(8)) == ["alice"]
    assert told("handover_cancelled") == {"alice", "bob"}
    assert carry_out_due() == 0
    with pytest.raises(Conflict):
        undo(town.scope("paula"), made.pk)


def test_the_lesser_part_of_the_successor_ends_and_comes_back_with_undoing(town: Town) -> None:
    bobs = Assignment.objects.get(person=town.bob)
    made = confirmed(town, plan(town, town.bob, 7))
    rows = Assignment.objects.on(in_days(8)).filter(person=town.bob, grid=town.grids[5])
    assert [row.role for row in rows] == ["owner"]
    undo(town.scope("paula"), made.pk)
    assert Assignment.objects.get(pk=bobs.pk).period == bobs.period


def test_from_its_day_on_it_cannot_be_undone(town: Town) -> None:
    made = confirmed(town, plan(town, town.bob, 7))
    Handover.objects.update(day=timezone.localdate())
    with pytest.raises(Conflict):
        undo(town.scope("paula"), made.pk)
    assert owners(town, in_days(8)) == ["bob"]


def test_undoing_refuses_when_somebody_changed_what_it_wrote(town: Town) -> None:
    made = confirmed(town, plan(town, town.bob, 7))
    new = Assignment.objects.get(person=town.bob, grid=town.grids[5], role="owner")
    Assignment.objects.filter(pk=new.pk).update(period=DateRange(in_days(7), in_days(20)))
    with pytest.raises(Conflict):
        undo(town.scope("paula"), made.pk)
    assert Handover.objects.get().state == "planned"


def test_what_changed_since_the_preview_is_not_moved(town: Town) -> None:
    shown = preview(town.scope("paula"), plan(town, town.bob))
    Assignment.objects.create(person=town.alice, grid=town.grids[1], role="owner", period=DateRange(in_days(-3), None))
    with pytest.raises(Conflict):
        plan_handover(town.scope("paula"), plan(town, town.bob), uuid4(), shown.fingerprint)
    assert owners(town, timezone.localdate()) == ["alice"]
    assert not Handover.objects.exists()


def test_two_who_hand_over_the_same_at_once_do_it_once(town: Town) -> None:
    shown = preview(town.scope("paula"), plan(town, town.bob))
    plan_handover(town.scope("paula"), plan(town, town.bob), uuid4(), shown.fingerprint)
    with pytest.raises(Conflict):
        plan_handover(town.scope("paula"), plan(town, town.bob), uuid4(), shown.fingerprint)


def test_a_vacancy_ends_the_part_and_recalls_what_nobody_began(town: Town) -> None:
    waiting, begun = held_by(town, town.alice), held_by(town, town.alice, "start")
    shown = preview(town.scope("paula"), plan(town, None))
    assert shown.reports == [waiting]
    assert [row for row, _why in shown.stays] == [begun]
    confirmed(town, plan(town, None))
    assert owners(town, timezone.localdate()) == []
    assert Report.objects.get(pk=waiting.pk).state == "accepted"
    assert Report.objects.get(pk=begun.pk).state == "in_progress"
    assert lead(begun).person == town.alice


def test_only_the_chosen_kinds_move(town: Town) -> None:
    report = held_by(town, town.alice)
    confirmed(town, plan(town, town.bob, kinds=("reports",)))
    assert owners(town, timezone.localdate()) == ["alice"]
    assert lead(report).person == town.bob


def test_a_role_in_a_team_goes_with_the_team(town: Town) -> None:
    region = town.grids[5].region
    team = Team.objects.create(code="t1", name="一队", level=1, region=region)
    Membership.objects.filter(person=town.alice).update(team=team)
    made = confirmed(town, plan(town, town.bob, 3, ("teams",)))
    gained = Membership.objects.on(in_days(3)).get(person=town.bob, role="leader")
    assert gained.team == team
    assert not Membership.objects.on(in_days(3)).filter(person=town.alice).exists()
    undo(town.scope("paula"), made.pk)
    assert Membership.objects.on(in_days(3)).filter(person=town.alice, team=team).exists()
    assert not Membership.objects.on(in_days(3)).filter(person=town.bob, role="leader").exists()


def test_what_lies_elsewhere_stays_and_says_so(town: Town) -> None:
    petra = Person.objects.create_user("petra", name="裴")
    Membership.objects.create(person=petra, role="planner", region=Region.objects.get(code=FAR))
    Membership.objects.create(person=town.alice, role="volunteer", region=Region.objects.get(code=FAR))
    shown: Preview = preview(town.scope("petra"), plan(town, town.charlie))
    assert shown.empty
    assert [row for row, _why in shown.stays] == [Assignment.objects.get(person=town.alice)]
    with pytest.raises(BadInput):
        confirmed(town, plan(town, town.charlie), "petra")


def test_a_successor_without_a_role_there_takes_nothing_over(town: Town) -> None:
    held_by(town, town.alice)
    shown = preview(town.scope("paula"), plan(town, town.charlie))
    assert shown.empty
    assert len(shown.stays) == 2


def test_what_begins_on_that_day_stays(town: Town) -> None:
    Assignment.objects.filter(person=town.alice).update(period=DateRange(timezone.localdate(), None))
    shown = preview(town.scope("paula"), plan(town, town.bob))
    assert not shown.moves
    assert len(shown.stays) == 1
    assert preview(town.scope("paula"), plan(town, town.bob, 1)).moves


@pytest.mark.parametrize("who", ["alice", "dora", "squad_member"])
def test_only_who_looks_after_people_hands_over(town: Town, who: str) -> None:
    with pytest.raises(NotFound):
        preview(town.scope(who), plan(town, town.bob))


def test_impossible_plans_are_refused(town: Town) -> None:
    scope = town.scope("paula")
    for wanted in (plan(town, town.alice), plan(town, town.bob, -1), plan(town, town.bob, 400)):
        with pytest.raises(BadInput):
            preview(scope, wanted)
    for kinds in ((), ("grids", "souls")):
        with pytest.raises(BadInput):
            preview(scope, plan(town, town.bob, kinds=kinds))
    with pytest.raises(NotFound):
        preview(scope, Plan(10**9, town.bob.pk, timezone.localdate(), KINDS))
    with pytest.raises(NotFound):
        preview(scope, Plan(town.alice.pk, 10**9, timezone.localdate(), KINDS))


def test_a_handover_that_reaches_further_is_not_somebody_smaller_s_to_undo(town: Town) -> None:
    made = confirmed(town, plan(town, town.bob, 7))
    nora = Person.objects.create_user("nora")
    Membership.objects.create(person=nora, role="planner", region=town.grids[5].region)
    with pytest.raises(NotAllowed):
        undo(town.scope("nora"), made.pk)
    with pytest.raises(NotFound):
        undo(town.scope("olaf"), made.pk)


def test_what_somebody_hands_over_in_another_district_is_others_business(town: Town) -> None:
    elsewhere = Handover.objects.create(
        district="150198", codes=["150198"], person=town.alice, day=in_days(3), kinds=["grids"], planned_by=town.olaf
    )
    here = confirmed(town, plan(town, town.bob, 3))
    assert list(handovers_of(town.scope("paula"))) == [here]
    with pytest.raises(NotFound):
        undo(town.scope("paula"), elsewhere.pk)


def test_many_reports_move_in_batches_until_all_have(town: Town) -> None:
    reports = [held_by(town, town.alice) for _number in range(3)]
    with patch("patrols.succession.AT_ONCE", 2):
        made = confirmed(town, plan(town, town.bob))
        assert made.state == "planned"
        assert carry_out_due() == 1
    assert {lead(report).person for report in reports} == {town.bob}
    assert HandoverItem.objects.filter(report__isnull=False).count() == 3


def test_a_dispatcher_hands_a_single_report_over(town: Town) -> None:
    report = held_by(town, town.alice, "start")
    with pytest.raises(NotAllowed):
        transition(report.pk, "hand_over", town.scope("alice"), Move(holder=town.bob))
    transition(report.pk, "hand_over", town.scope("dora"), Move(holder=town.bob))
    assert lead(report).person == town.bob
    assert Report.objects.get(pk=report.pk).state == "in_progress"


def test_a_parked_report_that_nobody_leads_is_handed_over_to_nobody(town: Town) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    transition(report.pk, "accept", town.scope("dora"))
    transition(report.pk, "hold", town.scope("paula"), Move(reason="等待", until=in_days(3)))
    with pytest.raises(NotAllowed):
        transition(report.pk, "hand_over", town.scope("dora"), Move(holder=town.bob))
