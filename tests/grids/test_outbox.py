"""The outbox: promises are kept once, whatever dies in between."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from grids import outbox
from grids.models import Notification, Outbox, Person


class Bell:
    """Stands in for the queue: remembers what was rung, or is out of order."""

    def __init__(self, *, broken: bool = False) -> None:
        self.rung: list[str] = []
        self.broken = broken
        self.count = 0
        self.job_ids: list[str] = []

    def enqueue(self, _function: str, identity: str, **_options: object) -> None:
        if self.broken:
            raise RedisDown
        self.rung.append(identity)


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Bell:
    bell = Bell()
    monkeypatch.setattr("grids.doorbell.queue", lambda _name: bell)
    return bell


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []

    def keep(promise: UUID, payload: dict[str, Any]) -> None:
        person = Person.objects.create_user(payload["name"])
        Notification.objects.create(person=person, key=str(promise), verb="x", subject="x")
        if payload.get("fails"):
            message = "no luck"
            raise RuntimeError(message)
        done.append(payload["name"])

    monkeypatch.setitem(outbox._handlers, "test", keep)
    return done


def promise(**payload: object) -> Outbox:
    with transaction.atomic():
        return outbox.put("test", **payload)


@pytest.mark.django_db(transaction=True)
def test_a_promise_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        outbox.put("test")


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_promise_was_never_made(bell: Bell) -> None:
    with transaction.atomic():
        outbox.put("test", name="a")
        transaction.set_rollback(True)
    assert outbox.relay() == 0
    assert bell.rung == []


@pytest.mark.django_db
def test_the_relay_rings_once(bell: Bell) -> None:
    row = promise(name="a")
    assert outbox.relay() == 1
    assert outbox.relay() == 0
    assert bell.rung == [str(row.pk)]


@pytest.mark.django_db
def test_a_bell_out_of_order_costs_a_delay_and_no_promise(bell: Bell) -> None:
    row = promise(name="a")
    bell.broken = True
    assert outbox.relay() == 0
    bell.broken = False
    assert outbox.relay() == 1
    assert bell.rung == [str(row.pk)]


@pytest.mark.django_db
def test_a_lost_bell_is_rung_again_after_a_while(bell: Bell) -> None:
    row = promise(name="a")
    outbox.relay()
    assert outbox.sweep() == 0
    Outbox.objects.update(sent_at=timezone.now() - outbox.RING_AGAIN_AFTER - timedelta(seconds=1))
    assert outbox.sweep() == 1
    outbox.relay()
    assert bell.rung == [str(row.pk)] * 2


@pytest.mark.django_db
def test_a_bell_that_still_hangs_there_is_not_rung_again(bell: Bell) -> None:
    """Behind an hour's work a promise waits longer than a bell takes to count as lost."""
    row = promise(name="a")
    outbox.relay()
    bell.job_ids = [str(row.pk)]
    Outbox.objects.update(sent_at=None)
    outbox.relay()
    assert bell.rung == [str(row.pk)]
    row.refresh_from_db()
    assert row.sent_at


@pytest.mark.django_db
def test_nothing_is_added_to_a_long_queue(bell: Bell) -> None:
    row = promise(name="a")
    bell.count = outbox.LONGEST_QUEUE
    assert outbox.relay() == 0
    bell.count -= 1
    assert outbox.relay() == 1
    assert bell.rung == [str(row.pk)]


@pytest.mark.django_db
def test_a_job_that_runs_twice_has_one_effect(kept: list[str]) -> None:
    row = promise(name="a")
    outbox.run(str(row.pk))
    outbox.run(str(row.pk))
    assert kept == ["a"]
    assert Notification.objects.count() == 1
    assert outbox.sweep() == 0


@pytest.mark.django_db
def test_a_failing_handler_leaves_nothing_behind_and_is_tried_again_later(kept: list[str]) -> None:
    row = promise(name="a", fails=True)
    outbox.run(str(row.pk))
    row.refresh_from_db()
    assert (row.done_at, row.sent_at, row.attempts) == (None, None, 1)
    assert "no luck" in row.error
    assert row.available_at > timezone.now()
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_kept_promises_are_forgotten_after_a_week(kept: list[str]) -> None:
    row = promise(name="a")
    outbox.run(str(row.pk))
    assert outbox.purge() == 0
    Outbox.objects.update(done_at=timezone.now() - timedelta(days=8))
    assert outbox.purge() == 1


def test_a_topic_has_one_handler() -> None:
    with pytest.raises(ValueError, match="handler"):
        outbox.handles("report.moved")(lambda _promise, _payload: None)
