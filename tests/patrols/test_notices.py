"""Who is told what: everybody concerned, nobody twice, never the actor, never an outsider."""

from typing import Any
from uuid import uuid4

import pytest

from grids import outbox
from grids.models import Notification, Outbox
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from tests.town import LITTER, PARKING, Town, at


def keep_promises() -> None:
    for row in Outbox.objects.filter(done_at__isnull=True).order_by("created_at"):
        outbox.run(str(row.pk))


def told(verb: str) -> set[str]:
    return set(Notification.objects.filter(verb=verb).values_list("person__username", flat=True))


def file_by(town: Town, name: str, category: str = LITTER) -> Report:
    point = at(1.5, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point), town.scope(name))


def test_filing_tells_the_owner_and_the_region_s_dispatcher(town: Town) -> None:
    file_by(town, "bob")
    keep_promises()
    assert told("file") == {"alice", "dora"}


def test_the_actor_is_not_told_of_their_own_doing(town: Town) -> None:
    file_by(town, "alice")
    keep_promises()
    assert told("file") == {"dora"}


def test_the_loop_tells_each_whose_turn_it_is(town: Town) -> None:
    report = file_by(town, "alice")
    steps: list[tuple[str, str, Move | None]] = [
        ("dora", "accept", None),
        ("dora", "dispatch", Move(holder=town.bob)),
        ("bob", "start", None),
        ("bob", "handle", None),
        ("alice", "return", Move(reason="仍有残留")),
    ]
    for who, verb, move in steps:
        transition(report.pk, verb, town.scope(who), move)
    keep_promises()
    assert told("accept") == {"alice"}
    assert told("dispatch") == {"bob", "alice"}
    assert told("handle") == {"alice", "dora"}
    assert told("return") == {"bob"}


def test_the_staff_of_a_body_is_told_of_its_case(town: Town) -> None:
    report = file_by(town, "bob", PARKING)
    transition(report.pk, "accept", town.scope("dora"))
    transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.squad))
    keep_promises()
    assert "squad_member" in told("dispatch")


def test_a_promise_kept_twice_tells_once(town: Town) -> None:
    file_by(town, "bob")
    row = Outbox.objects.get()
    outbox.run(str(row.pk))
    Outbox.objects.update(done_at=None)
    outbox.run(str(row.pk))
    assert Notification.objects.filter(person=town.dora).count() == 1


def test_outsiders_are_told_nothing(town: Town) -> None:
    file_by(town, "bob")
    keep_promises()
    assert not Notification.objects.filter(person__username__in=["charlie", "olaf", "paula"]).exists()


def test_a_report_gone_meanwhile_is_no_error(town: Town) -> None:
    payload: dict[str, Any] = {"report": str(uuid4()), "verb": "file", "after": "reported", "actor": None}
    outbox._handlers["report.moved"](uuid4(), payload)
    assert not Notification.objects.exists()


@pytest.mark.parametrize("category", [LITTER, PARKING])
def test_a_notice_says_what_it_is_about(town: Town, category: str) -> None:
    report = file_by(town, "bob", category)
    keep_promises()
    notice = Notification.objects.get(person=town.dora)
    assert notice.data["report"] == str(report.pk)
    assert notice.data["category"] == category
    assert notice.subject == report.number
