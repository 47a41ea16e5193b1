"""The finer rules of moving a report: other eyes, clocks that stop fairly, dates within reason, originals that live."""

from datetime import timedelta

import pytest
from django.utils import timezone

from grids import clock
from grids.models import Membership, Notification, Organisation, Outbox
from grids.outbox import run
from grids.problems import BadInput, NotAllowed, NotFound
from patrols.filing import Draft, file_report
from patrols.models import Event, Party, Report
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.town import LITTER, PARKING, Town, at

TOMORROW = timedelta(days=1)


def filed(town: Town, category: str = LITTER) -> Report:
    point = at(1.5, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point), town.scope("bob"))


def go(town: Town, report: Report, *steps: tuple[str, str, Move | None]) -> Report:
    for who, verb, move in steps:
        report = transition(report.pk, verb, town.scope(who), move)
    return report


def until(days: int) -> Move:
    return Move(reason="等待配件", until=timezone.localdate() + timedelta(days=days))


def dispatched(town: Town) -> Report:
    return go(town, filed(town), ("dora", "accept", None), ("dora", "dispatch", Move(holder=town.bob)))


def keep_promises() -> None:
    for row in Outbox.objects.filter(done_at__isnull=True).order_by("created_at"):
        run(str(row.pk))


def test_a_day_beyond_a_year_is_refused(town: Town) -> None:
    report = dispatched(town)
    for verb in ("hold", "extend"):
        with pytest.raises(BadInput):
            transition(report.pk, verb, town.scope("paula"), until(400))


def test_an_extension_never_shortens(town: Town) -> None:
    report = dispatched(town)
    far = timezone.now() + timedelta(days=30)
    Report.objects.filter(pk=report.pk).update(due_at=far)
    with pytest.raises(BadInput):
        transition(report.pk, "extend", town.scope("dora"), until(1))
    longer = go(town, report, ("dora", "extend", until(40)))
    assert longer.due_at is not None
    assert longer.due_at > far
    assert longer.state == State.DISPATCHED


def test_who_accepted_does_not_park_before_dispatch_but_a_planner_may(town: Town) -> None:
    report = go(town, filed(town), ("dora", "accept", None))
    with pytest.raises(NotAllowed):
        transition(report.pk, "hold", town.scope("dora"), until(3))
    assert go(town, report, ("paula", "hold", until(3))).state == State.ON_HOLD


def test_after_an_approval_the_proposer_may_still_verify(town: Town) -> None:
    report = go(
        town,
        filed(town),
        ("dora", "accept", None),
        ("dora", "request_approval", Move(holder=town.bob)),
        ("paula", "approve", None),
        ("bob", "start", None),
        ("bob", "handle", None),
        ("dora", "close", None),
    )
    assert report.state == State.CLOSED


def test_a_refused_approval_goes_back_with_its_reason(town: Town) -> None:
    report = go(town, filed(town), ("dora", "accept", None), ("dora", "request_approval", Move(holder=town.bob)))
    with pytest.raises(BadInput):
        transition(report.pk, "refuse_approval", town.scope("alice"))
    back = go(town, report, ("alice", "refuse_approval", Move(reason="先现场核实")))
    assert back.state == State.ACCEPTED
    assert Event.objects.get(report=report, verb="refuse_approval").reason == "先现场核实"


def test_a_colleague_of_the_same_body_does_not_verify_its_fix(town: Town) -> None:
    Membership.objects.create(person=town.alice, role="staff", region=town.grids[1].region, organisation=town.squad)
    report = go(
        town,
        filed(town, PARKING),
        ("dora", "accept", None),
        ("dora", "dispatch", Move(holder=town.squad)),
        ("squad_member", "start", None),
        ("squad_member", "handle", None),
    )
    with pytest.raises(NotAllowed):
        transition(report.pk, "close", town.scope("alice"))


def test_waiting_for_verification_does_not_count_against_the_handler(town: Town) -> None:
    report = go(town, dispatched(town), ("bob", "start", None), ("bob", "handle", None))
    day_ago = timezone.now() - timedelta(days=1)
    Report.objects.filter(pk=report.pk).update(handled_at=day_ago, due_at=day_ago + timedelta(hours=2))
    returned = go(town, report, ("alice", "return", Move(reason="仍有残留")))
    assert returned.due_at is not None
    assert abs(returned.due_at - timezone.now() - timedelta(hours=2)) < timedelta(seconds=10)


def test_what_was_fixed_on_the_spot_is_returned_to_who_fixed_it(town: Town) -> None:
    report = go(town, filed(town), ("bob", "handle_on_spot", None), ("dora", "return", Move(reason="仍有残留")))
    assert [str(lead) for lead in Party.objects.leading().filter(report=report)] == [str(town.bob)]
    assert report.due_at is not None
    assert report.due_at > timezone.now()
    assert Event.objects.get(report=report, verb="return").person == town.bob
    Notification.objects.all().delete()
    keep_promises()
    assert set(Notification.objects.filter(verb="return").values_list("person", flat=True)) == {town.bob.pk}
    again = go(town, report, ("bob", "start", None), ("bob", "handle", None), ("dora", "close", None))
    assert again.state == State.CLOSED


@pytest.mark.parametrize("ended", ["withdraw", "reject"])
def test_a_report_does_not_repeat_one_that_came_to_nothing(town: Town, ended: str) -> None:
    original, repetition = filed(town), filed(town)
    who = "bob" if ended == "withdraw" else "dora"
    go(town, original, (who, ended, Move(reason="误报")))
    with pytest.raises(BadInput):
        transition(repetition.pk, "mark_duplicate", town.scope("dora"), Move(original=original.pk))
    assert Report.objects.open().count() == 1


def test_two_reports_are_not_each_other_s_duplicates(town: Town) -> None:
    one, other = filed(town), filed(town)
    go(town, one, ("dora", "mark_duplicate", Move(original=other.pk)))
    with pytest.raises(BadInput):
        transition(other.pk, "mark_duplicate", town.scope("dora"), Move(original=one.pk))


def test_a_body_whose_time_is_over_gets_nothing(town: Town) -> None:
    report = go(town, filed(town, PARKING), ("dora", "accept", None))
    lower = town.squad.period.lower
    Organisation.objects.filter(pk=town.squad.pk).update(period=(lower, lower + TOMORROW))
    with pytest.raises(NotFound):
        transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.squad))


def test_a_body_without_powers_gets_no_case_that_needs_them(town: Town) -> None:
    report = go(town, filed(town, PARKING), ("dora", "accept", None))
    Organisation.objects.filter(pk=town.squad.pk).update(kind="property")
    town.squad.refresh_from_db()
    with pytest.raises(BadInput):
        transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.squad))


def test_a_parked_report_comes_back_on_its_day_by_itself(town: Town) -> None:
    report = go(town, dispatched(town), ("dora", "hold", until(3)))
    clock.tick()
    report.refresh_from_db()
    assert report.state == State.ON_HOLD
    Report.objects.filter(pk=report.pk).update(hold_until=timezone.localdate())
    clock.tick(timezone.now() + timedelta(minutes=5))
    report.refresh_from_db()
    assert (report.state, report.hold_until) == (State.DISPATCHED, None)
    event = Event.objects.filter(report=report).latest("recorded_at")
    assert (event.verb, event.actor) == ("resume", None)
    keep_promises()
    told = set(Notification.objects.filter(verb="resume").values_list("person__username", flat=True))
    assert told == {"bob", "dora"}


def test_who_was_asked_and_no_longer_is_hears_of_it(town: Town) -> None:
    """Dispatched to the squad, recalled, dispatched to Bob, all before the worker ran."""
    report = dispatched(town)
    go(town, report, ("dora", "recall", Move(reason="派错了")), ("dora", "dispatch", Move(holder=town.alice)))
    keep_promises()
    assert set(Notification.objects.filter(verb="recall").values_list("person__username", flat=True)) == {"bob"}
    asked = Notification.objects.filter(verb="dispatch", person=town.alice)
    assert asked.exists()


@pytest.mark.parametrize(("who", "source", "allowed"), [
    ("bob", "inspection", False),
    ("bob", "hotline", False),
    ("dora", "hotline", True),
    ("dora", "inspection", False),
])  # fmt: skip
def test_a_source_is_not_to_be_had_by_saying_so(town: Town, who: str, source: str, allowed: bool) -> None:
    point = at(1.5, 1.5)
    draft = Draft(category=LITTER, geom=point, anchor=point, source=source)
    if allowed:
        assert file_report(draft, town.scope(who)).source == source
    else:
        with pytest.raises(NotAllowed):
            file_report(draft, town.scope(who))


def test_a_problem_of_another_age_is_refused(town: Town) -> None:
    point = at(1.5, 1.5)
    long_ago = timezone.now() - timedelta(days=365 * 30)
    with pytest.raises(BadInput):
        file_report(Draft(category=LITTER, geom=point, anchor=point, occurred_at=long_ago), town.scope("bob"))
