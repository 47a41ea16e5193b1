"""Moving a report: the right person, the right state, once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols.filing import Draft, file_report
from patrols.models import Event, Party, Report
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.town import LITTER, PARKING, Town, at


@pytest.fixture
def litter(town: Town) -> Report:
    point = at(1.5, 1.5)
    return file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))


@pytest.fixture
def parking(town: Town) -> Report:
    point = at(1.5, 1.5)
    return file_report(Draft(category=PARKING, geom=point, anchor=point), town.scope("bob"))


def go(town: Town, report: Report, *steps: tuple[str, str, Move | None]) -> Report:
    for who, verb, move in steps:
        report = transition(report.pk, verb, town.scope(who), move)
    return report


def test_the_whole_loop_from_report_to_verified_fix(town: Town, litter: Report) -> None:
    done = go(
        town,
        litter,
        ("dora", "accept", None),
        ("dora", "dispatch", Move(holder=town.bob)),
        ("bob", "start", None),
        ("bob", "handle", None),
        ("alice", "close", None),
    )
    assert done.state == State.CLOSED
    assert done.handler_id == town.bob.pk
    verbs = list(Event.objects.filter(report=litter).order_by("recorded_at").values_list("verb", flat=True))
    assert verbs == ["file", "accept", "dispatch", "start", "handle", "close"]
    assert Party.objects.get(report=litter).state == "done"


def test_the_handler_does_not_verify_their_own_fix(town: Town, litter: Report) -> None:
    go(
        town,
        litter,
        ("dora", "accept", None),
        ("dora", "dispatch", Move(holder=town.alice)),
        ("alice", "start", None),
        ("alice", "handle", None),
    )
    with pytest.raises(NotAllowed, match=r"somebody else|另一个人"):
        transition(litter.pk, "close", town.scope("alice"))
    assert go(town, litter, ("dora", "close", None)).state == State.CLOSED


def test_a_volunteer_is_never_sent_to_what_only_a_body_may_do(town: Town, parking: Report) -> None:
    go(town, parking, ("dora", "accept", None))
    with pytest.raises(BadInput):
        transition(parking.pk, "dispatch", town.scope("dora"), Move(holder=town.bob))
    assert go(town, parking, ("dora", "dispatch", Move(holder=town.squad))).state == State.DISPATCHED


def test_somebody_of_another_subdistrict_is_not_found(town: Town, litter: Report) -> None:
    go(town, litter, ("dora", "accept", None))
    with pytest.raises(NotFound):
        transition(litter.pk, "dispatch", town.scope("dora"), Move(holder=town.charlie))


def test_a_body_sends_back_with_a_reason_and_another_gets_it(town: Town, parking: Report) -> None:
    go(town, parking, ("dora", "accept", None), ("dora", "dispatch", Move(holder=town.squad)))
    with pytest.raises(BadInput):
        transition(parking.pk, "send_back", town.scope("squad_member"))
    back = go(town, parking, ("squad_member", "send_back", Move(reason="不在我们辖区")))
    assert (back.state, back.due_at, back.number) == (State.SENT_BACK, None, parking.number)
    assert not Party.objects.present().filter(report=parking).exists()
    again = go(town, parking, ("dora", "dispatch", Move(holder=town.squad)))
    assert again.state == State.DISPATCHED


def test_a_step_the_table_does_not_have_is_a_conflict_and_writes_nothing(town: Town, litter: Report) -> None:
    with pytest.raises(Conflict):
        transition(litter.pk, "close", town.scope("dora"))
    assert Event.objects.filter(report=litter).count() == 1


def test_a_stale_view_is_a_conflict(town: Town, litter: Report) -> None:
    go(town, litter, ("dora", "accept", None))
    with pytest.raises(Conflict):
        transition(litter.pk, "dispatch", town.scope("dora"), Move(expected="reported", holder=town.bob))


@pytest.mark.parametrize("who", ["charlie", "olaf"])
def test_outsiders_do_not_find_it(town: Town, litter: Report, who: str) -> None:
    with pytest.raises(NotFound):
        transition(litter.pk, "accept", town.scope(who))


@pytest.mark.parametrize("who", ["bob", "alice", "paula"])
def test_seeing_is_not_dispatching(town: Town, litter: Report, who: str) -> None:
    with pytest.raises(NotAllowed):
        transition(litter.pk, "accept", town.scope(who))


def test_the_clock_stands_while_a_report_is_on_hold(town: Town, litter: Report) -> None:
    go(town, litter, ("dora", "accept", None), ("dora", "dispatch", Move(holder=town.bob)))
    until = timezone.localdate() + timedelta(days=3)
    held = go(town, litter, ("dora", "hold", Move(reason="等待配件", until=until)))
    parked = timezone.now() - timedelta(hours=3)
    due = parked + timedelta(hours=1)
    Report.objects.filter(pk=litter.pk).update(stopped_at=parked, due_at=due)
    resumed = go(town, litter, ("bob", "resume", None))
    assert held.state == State.ON_HOLD
    assert resumed.state == State.DISPATCHED
    assert resumed.due_at is not None
    assert abs(resumed.due_at - (timezone.now() + timedelta(hours=1))) < timedelta(seconds=10)


def test_a_duplicate_names_its_original(town: Town, litter: Report, parking: Report) -> None:
    with pytest.raises(BadInput):
        transition(litter.pk, "mark_duplicate", town.scope("dora"))
    with pytest.raises(BadInput):
        transition(litter.pk, "mark_duplicate", town.scope("dora"), Move(original=litter.pk))
    marked = go(town, litter, ("dora", "mark_duplicate", Move(original=parking.pk)))
    assert (marked.state, marked.duplicate_of_id) == (State.DUPLICATE, parking.pk)


def test_approval_is_by_somebody_else_than_who_asked(town: Town, litter: Report) -> None:
    go(town, litter, ("dora", "accept", None), ("dora", "request_approval", Move(holder=town.bob)))
    with pytest.raises(NotAllowed):
        transition(litter.pk, "approve", town.scope("dora"))
    assert go(town, litter, ("alice", "approve", None)).state == State.DISPATCHED


def test_rework_goes_back_to_whoever_did_it(town: Town, litter: Report) -> None:
    again = go(
        town,
        litter,
        ("dora", "accept", None),
        ("dora", "dispatch", Move(holder=town.bob)),
        ("bob", "start", None),
        ("bob", "handle", None),
        ("alice", "return", Move(reason="仍有残留")),
        ("bob", "start", None),
    )
    assert (again.state, again.handled_at) == (State.IN_PROGRESS, None)


@pytest.mark.django_db(transaction=True)
def test_of_two_dispatchers_at_once_one_wins_and_the_other_is_told() -> None:
    from tests.town import build_town

    town = build_town()
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    start, outcomes = threading.Barrier(2), []

    def accept() -> None:
        scope = town.scope("dora")
        start.wait()
        try:
            transition(report.pk, "accept", scope)
            outcomes.append("won")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "won"]
    assert Event.objects.filter(report=report, verb="accept").count() == 1
