"""From outbox to inbox, whatever dies in between: nothing acknowledged is lost, nothing is told twice."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from grids.models import Notification, Outbox, Slot
from patrols.filing import Draft, file_report
from tests.faults.processes import minds, python, until
from tests.faults.stage import PROMISES_LONG_WORK, RING_AGAIN_S, House, Stage, staged
from tests.town import LITTER, Town, at, build_town

PATIENCE_S = 120.0
CONCERNED = ["alice", "dora"]


@pytest.fixture
def town(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def stage(town: Town, house: House) -> Iterator[Stage]:
    with staged(house, clocks=1, long=False) as stage:
        yield stage


def file_one(town: Town) -> Outbox:
    point = at(1.5, 1.5)
    file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    return Outbox.objects.get(done_at__isnull=True)


def told() -> list[str]:
    return sorted(Notification.objects.values_list("person__username", flat=True))


def file_one_elsewhere(town: Town) -> str:
    """File a report over a second connection, so that it is committed while ours is in a transaction."""

    def work() -> str:
        try:
            return str(file_one(town).pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def a_clock_that_dies_between_marking_and_ringing_costs_a_delay(stage: Stage, town: Town) -> None:
    """A Redis that stands still holds the clock at the very point: the row is marked as sent, the bell not rung."""
    clock = stage.programs["clock0"]
    assert until(lambda: Slot.objects.filter(task="heartbeat").exists())
    os.kill(stage.redis.pid, signal.SIGSTOP)
    row = file_one(town)
    assert until(lambda: Outbox.objects.filter(pk=row.pk, sent_at__isnull=False).exists())
    clock.kill()
    stage.empty_redis()
    stage.wait_until_quiet(PATIENCE_S)
    assert told() == CONCERNED


def a_job_killed_in_the_middle_leaves_nothing_and_is_done_again(stage: Stage, town: Town) -> None:
    """A message of the same key, not yet committed, holds the job between its writes and its commit."""
    with transaction.atomic():
        row = file_one_elsewhere(town)
        Notification.objects.create(person=town.alice, key=str(row), verb="x", subject="x")
        assert until(lambda: stage.waiting_for_locks() > 0 and stage.horses()), stage.report()
        stage.kill_horse()
        transaction.set_rollback(True)
    stage.wait_until_quiet(PATIENCE_S)
    assert told() == CONCERNED


def a_worker_killed_while_its_job_lives_on_doubles_nothing(stage: Stage, town: Town) -> None:
    with transaction.atomic():
        row = file_one_elsewhere(town)
        Notification.objects.create(person=town.alice, key=str(row), verb="x", subject="x")
        assert until(lambda: stage.waiting_for_locks() > 0 and stage.horses()), stage.report()
        stage.worker.kill()
        stage.mend()
        # The orphan waits in its transaction; the bell rings again and a second one comes to wait for the row.
        assert until(lambda: stage.waiting_for_locks() > 1), stage.report()
        transaction.set_rollback(True)
    stage.wait_until_quiet(PATIENCE_S)
    assert told() == CONCERNED
    assert until(lambda: stage.waiting_for_locks() == 0)


def what_was_promised_while_redis_was_away_is_told_after_it(stage: Stage, town: Town) -> None:
    assert until(lambda: Slot.objects.filter(task="heartbeat").exists())
    stage.redis.kill()
    row = file_one(town)
    time.sleep(1.5)
    assert stage.programs["clock0"].alive
    row.refresh_from_db()
    assert row.sent_at is None
    assert row.done_at is None
    stage.wait_until_quiet(PATIENCE_S)
    assert told() == CONCERNED


def a_second_clock_runs_no_slot_again_and_rings_nothing_twice(stage: Stage, town: Town) -> None:
    other = stage.program("clock1", python("manage.py", "clock"))
    assert until(lambda: minds(other.pid, signal.SIGTERM)), stage.report()
    Slot.objects.exclude(task__in=PROMISES_LONG_WORK).delete()
    assert until(lambda: Slot.objects.filter(task="sweep").count() >= 3)
    for _turn in range(5):
        file_one(town)
        stage.wait_until_quiet(PATIENCE_S)
    assert not Slot.objects.values("task", "slot").annotate(times=Count("pk")).filter(times__gt=1).exists()
    assert told() == sorted(CONCERNED * 5)
    assert stage.programs["clock0"].stop() == stage.programs["clock1"].stop() == 0


def a_backlog_is_not_rung_over_and_over(stage: Stage, town: Town) -> None:
    """While no worker runs the queue grows to its bound, however often the lost bells are looked for."""
    stage.programs.pop("worker").kill()
    old = timezone.now() - timedelta(minutes=5)
    payload = {"report": "00000000-0000-0000-0000-000000000000", "verb": "file", "actor": None}
    Outbox.objects.bulk_create(
        Outbox(topic="report.moved", payload=payload, available_at=old, sent_at=old) for _row in range(1500)
    )
    del town
    stage.mend()
    assert until(lambda: stage.waiting_jobs() >= 1000)
    time.sleep(3 * RING_AGAIN_S)
    assert stage.waiting_jobs() <= 1200


POINTS = (
    a_clock_that_dies_between_marking_and_ringing_costs_a_delay,
    a_job_killed_in_the_middle_leaves_nothing_and_is_done_again,
    a_worker_killed_while_its_job_lives_on_doubles_nothing,
    what_was_promised_while_redis_was_away_is_told_after_it,
    a_second_clock_runs_no_slot_again_and_rings_nothing_twice,
    a_backlog_is_not_rung_over_and_over,
)


def test_named_points(stage: Stage, town: Town, subtests: pytest.Subtests) -> None:
    for point in POINTS:
        Notification.objects.all().delete()
        with subtests.test(point.__name__):
            point(stage, town)
