"""Urging and supervising: who may, how often, who is told, what is counted; and how long each holder had a report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from grids import outbox
from grids.models import Notification, Outbox
from grids.problems import BadInput, Conflict, NotAllowed
from patrols.filing import Draft, file_report
from patrols.history import MOVED
from patrols.models import Event, Report
from patrols.presentation import report_detail_json
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.town import LITTER, PARKING, Town, at


@pytest.fixture
def litter(town: Town) -> Report:
    """Alice's litter in her own grid, led by Bob."""
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("alice"))
    transition(report.pk, "accept", town.scope("dora"))
    return transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.bob))


def told(verb: str) -> set[str]:
    for row in Outbox.objects.filter(topic=MOVED, done_at__isnull=True):
        outbox.run(str(row.pk))
    return set(Notification.objects.filter(verb=verb).values_list("person__username", flat=True))


def test_the_lead_is_told_and_it_is_counted(town: Town, litter: Report) -> None:
    transition(litter.pk, "urge", town.scope("dora"))
    urged = transition(litter.pk, "urge", town.scope("paula"))
    assert (urged.state, urged.urged, urged.due_at) == (State.DISPATCHED, 2, litter.due_at)
    assert told("urge") == {"bob"}


def test_supervising_needs_a_reason_and_is_for_dispatchers_and_planners(town: Town, litter: Report) -> None:
    with pytest.raises(BadInput):
        transition(litter.pk, "supervise", town.scope("paula"))
    for who in ("alice", "bob"):
        with pytest.raises(NotAllowed):
            transition(litter.pk, "supervise", town.scope(who), Move(reason="久拖不决"))
    marked = transition(litter.pk, "supervise", town.scope("paula"), Move(reason="久拖不决"))
    assert (marked.supervised, marked.state) == (1, State.DISPATCHED)
    assert told("supervise") == {"bob"}


def test_while_nobody_leads_it_the_dispatchers_are_told(town: Town) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=PARKING, geom=point, anchor=point), town.scope("bob"))
    transition(report.pk, "urge", town.scope("bob"))
    assert told("urge") == {"dora"}
    with pytest.raises(NotAllowed):
        transition(report.pk, "urge", town.scope("dora"))


def test_who_only_reported_it_urges_once_a_day(town: Town) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=PARKING, geom=point, anchor=point), town.scope("bob"))
    transition(report.pk, "urge", town.scope("bob"))
    with pytest.raises(Conflict, match=r"tomorrow|明天"):
        transition(report.pk, "urge", town.scope("bob"))
    fresh = Report.objects.for_list().get(pk=report.pk)
    offered = report_detail_json(fresh, town.scope("bob"), timezone.now())["verbs"]
    assert "urge" not in {row["verb"] for row in offered}
    yesterday = timezone.now() - timedelta(days=1)
    Event.objects.filter(report=report, verb="urge").update(recorded_at=yesterday)
    assert transition(report.pk, "urge", town.scope("bob")).urged == 2


def test_an_owner_urges_as_often_as_it_takes_but_not_their_own_work(town: Town, litter: Report) -> None:
    transition(litter.pk, "urge", town.scope("alice"))
    assert transition(litter.pk, "urge", town.scope("alice")).urged == 2
    with pytest.raises(NotAllowed):
        transition(litter.pk, "urge", town.scope("bob"))


def test_what_is_parked_is_supervised_without_moving_its_clock(town: Town, litter: Report) -> None:
    until = timezone.localdate() + timedelta(days=3)
    transition(litter.pk, "hold", town.scope("dora"), Move(reason="等待配件", until=until))
    stopped = timezone.now() - timedelta(hours=3)
    Report.objects.filter(pk=litter.pk).update(stopped_at=stopped, due_at=stopped + timedelta(hours=1))
    transition(litter.pk, "supervise", town.scope("paula"), Move(reason="久拖不决"))
    back = transition(litter.pk, "resume", town.scope("dora"))
    assert back.due_at is not None
    assert abs(back.due_at - timezone.now() - timedelta(hours=1)) < timedelta(seconds=10)


def test_both_stays_of_what_was_sent_back_are_timed(town: Town) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=PARKING, geom=point, anchor=point), town.scope("bob"))
    steps = [
        ("accept", "dora", Move(), 600),
        ("dispatch", "dora", Move(holder=town.squad), 540),
        ("send_back", "squad_member", Move(reason="不在我们辖区"), 420),
        ("dispatch", "dora", Move(holder=town.squad), 300),
        ("start", "squad_member", Move(), 240),
        ("hold", "dora", Move(reason="封路", until=timezone.localdate() + timedelta(days=2)), 200),
        ("resume", "dora", Move(), 100),
        ("handle", "squad_member", Move(), 40),
    ]
    now = timezone.now()
    for verb, who, move, ago in steps:
        transition(report.pk, verb, town.scope(who), move)
        event = Event.objects.filter(report=report, verb=verb).order_by("-recorded_at").first()
        assert event is not None
        Event.objects.filter(pk=event.pk).update(recorded_at=now - timedelta(minutes=ago))
    Event.objects.filter(report=report, verb="file").update(recorded_at=now - timedelta(minutes=610))
    Report.objects.filter(pk=report.pk).update(recorded_at=now - timedelta(minutes=611))
    fresh = Report.objects.for_list().get(pk=report.pk)
    stays = report_detail_json(fresh, town.scope("dora"), now)["stays"]
    assert [(stay["ended_by"], stay["seconds"] // 60) for stay in stays] == [("send_back", 120), (None, 160)]
    assert {stay["holder"]["name"] for stay in stays} == {str(town.squad)}
