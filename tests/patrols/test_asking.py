"""Asking for an extension or a deferral: by who deals with it, one at a time, answered by somebody else."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from grids.problems import BadInput, Conflict, NotAllowed
from patrols.filing import Draft, file_report
from patrols.models import Event, Report
from patrols.presentation import report_detail_json
from patrols.requirements import end_of
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.town import LITTER, Town, at


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def litter(town: Town) -> Report:
    """Bob's litter, which Dora sent him to."""
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    transition(report.pk, "accept", town.scope("dora"))
    return transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.bob))


def step(town: Town, report: Report, who: str, verb: str, days: int = 0, reason: str = "") -> Report:
    until = in_days(days) if days else None
    return transition(report.pk, verb, town.scope(who), Move(until=until, reason=reason))


def verbs_of(town: Town, report: Report, who: str) -> set[str]:
    fresh = Report.objects.for_list().get(pk=report.pk)
    return {row["verb"] for row in report_detail_json(fresh, town.scope(who), timezone.now())["verbs"]}


def test_an_extension_that_is_granted_moves_the_due_time_to_the_day_that_was_asked_for(
    town: Town, litter: Report
) -> None:
    asked = step(town, litter, "bob", "ask_extension", 5, "等待配件")
    assert (asked.state, asked.ask, asked.ask_until) == (State.DISPATCHED, "extension", in_days(5))
    assert asked.due_at == litter.due_at
    granted = step(town, litter, "paula", "approve_extension")
    assert (granted.state, granted.ask, granted.asked_by_id) == (State.DISPATCHED, "", None)
    assert granted.due_at == end_of(in_days(5))
    event = Event.objects.get(report=litter, verb="approve_extension")
    assert event.data == {"until": in_days(5).isoformat()}


def test_a_deferral_that_is_granted_parks_it_until_the_day_that_was_asked_for(town: Town, litter: Report) -> None:
    step(town, litter, "bob", "start")
    step(town, litter, "bob", "ask_deferral", 9, "冬季停工")
    parked = step(town, litter, "dora", "approve_deferral")
    assert (parked.state, parked.hold_until, parked.came_from) == (State.DEFERRED, in_days(9), State.IN_PROGRESS)
    back = step(town, litter, "bob", "resume")
    assert (back.state, back.ask, back.stopped_at) == (State.IN_PROGRESS, "", None)


def test_only_one_thing_is_asked_for_at_a_time(town: Town, litter: Report) -> None:
    step(town, litter, "bob", "ask_extension", 5, "等待配件")
    with pytest.raises(Conflict):
        step(town, litter, "bob", "ask_deferral", 9, "冬季停工")
    assert verbs_of(town, litter, "bob") >= {"withdraw_ask", "start"}
    assert not verbs_of(town, litter, "bob") & {"ask_extension", "ask_deferral"}


def test_an_answer_fits_what_was_asked_for(town: Town, litter: Report) -> None:
    with pytest.raises(Conflict):
        step(town, litter, "dora", "approve_extension")
    step(town, litter, "bob", "ask_extension", 5, "等待配件")
    with pytest.raises(Conflict):
        step(town, litter, "dora", "approve_deferral")
    offered = verbs_of(town, litter, "dora")
    assert "approve_extension" in offered
    assert "approve_deferral" not in offered


def test_refusing_needs_a_reason_and_leaves_the_due_time(town: Town, litter: Report) -> None:
    step(town, litter, "bob", "ask_extension", 5, "等待配件")
    with pytest.raises(BadInput):
        step(town, litter, "dora", "refuse_ask")
    refused = step(town, litter, "dora", "refuse_ask", reason="配件已到")
    assert (refused.ask, refused.due_at) == ("", litter.due_at)
    assert step(town, litter, "bob", "ask_extension", 3, "再等两天").ask == "extension"


@pytest.mark.parametrize("verb", ["ask_extension", "ask_deferral"])
def test_asking_needs_a_reason_and_a_day_ahead(town: Town, litter: Report, verb: str) -> None:
    with pytest.raises(BadInput):
        step(town, litter, "bob", verb, 5)
    with pytest.raises(BadInput):
        step(town, litter, "bob", verb, reason="等待配件")
    with pytest.raises(BadInput):
        step(town, litter, "bob", verb, -1, "等待配件")


@pytest.mark.parametrize("who", ["dora", "paula", "alice"])
def test_only_who_deals_with_it_asks(town: Town, litter: Report, who: str) -> None:
    with pytest.raises(NotAllowed):
        step(town, litter, who, "ask_extension", 5, "等待配件")


def test_nobody_grants_what_they_asked_for_and_no_outsider_does(town: Town, litter: Report) -> None:
    step(town, litter, "bob", "ask_extension", 5, "等待配件")
    for who in ("bob", "alice"):
        with pytest.raises(NotAllowed):
            step(town, litter, who, "approve_extension")
    withdrawn = step(town, litter, "bob", "withdraw_ask")
    assert (withdrawn.ask, withdrawn.ask_until) == ("", None)


def test_starting_leaves_it_and_handling_lets_it_lapse(town: Town, litter: Report) -> None:
    step(town, litter, "bob", "ask_extension", 5, "等待配件")
    assert step(town, litter, "bob", "start").ask == "extension"
    assert step(town, litter, "bob", "handle").ask == ""
    assert Event.objects.get(report=litter, verb="handle").data["lapsed"] == "extension"


def test_what_was_asked_for_until_a_day_that_passed_is_not_granted(town: Town, litter: Report) -> None:
    step(town, litter, "bob", "ask_extension", 5, "等待配件")
    Report.objects.filter(pk=litter.pk).update(ask_until=timezone.localdate())
    with pytest.raises(BadInput, match=r"passed|已过"):
        step(town, litter, "dora", "approve_extension")


def test_an_extension_never_shortens_the_time(town: Town, litter: Report) -> None:
    Report.objects.filter(pk=litter.pk).update(due_at=end_of(in_days(9)))
    with pytest.raises(BadInput):
        step(town, litter, "bob", "ask_extension", 5, "等待配件")
