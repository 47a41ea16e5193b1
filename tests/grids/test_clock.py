"""The clock: a slot runs once, however many clocks there are."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from grids import clock
from grids.models import Slot

NOON = datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    task = clock.Task("test", timedelta(minutes=1), lambda: done.append("run"))
    monkeypatch.setattr(clock, "_tasks", {"test": task})
    return done


def test_a_slot_is_the_start_of_its_interval() -> None:
    assert clock.slot_of(NOON, timedelta(minutes=1)) == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert clock.slot_of(NOON, timedelta(hours=6)) == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_task_runs_once_per_slot(runs: list[str]) -> None:
    assert clock.tick(NOON) == ["test"]
    assert clock.tick(NOON + timedelta(seconds=30)) == []
    assert clock.tick(NOON + timedelta(seconds=60)) == ["test"]
    assert len(runs) == 2


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_run_it_once(runs: list[str]) -> None:
    start = threading.Barrier(2)

    def tick() -> None:
        start.wait()
        clock.tick(NOON)
        connection.close()

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == ["run"]
    assert Slot.objects.count() == 1


@pytest.mark.django_db
def test_a_task_that_fails_leaves_its_slot_free(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        message = "no luck"
        raise RuntimeError(message)

    monkeypatch.setattr(clock, "_tasks", {"test": clock.Task("test", timedelta(minutes=1), fail)})
    assert clock.tick(NOON) == []
    assert not Slot.objects.exists()


@pytest.mark.django_db
def test_a_task_that_takes_long_to_fail_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []

    def fail() -> None:
        runs.append("slow")
        time.sleep(0.05)
        raise RuntimeError

    tasks = {
        "slow": clock.Task("slow", timedelta(minutes=1), fail),
        "quick": clock.Task("quick", timedelta(seconds=1), lambda: runs.append("quick")),
    }
    monkeypatch.setattr(clock, "_tasks", tasks)
    monkeypatch.setattr(clock, "_resting", {})
    for second in range(3):
        assert clock.tick(NOON + timedelta(seconds=second)) == ["quick"]
    assert runs == ["slow", "quick", "quick", "quick"]
    monkeypatch.setattr(clock, "_resting", {"slow": time.monotonic() - 0.001})  # its rest is over
    clock.tick(NOON + timedelta(seconds=3))
    assert runs.count("slow") == 2


@pytest.mark.django_db
def test_the_site_s_own_tasks_all_run() -> None:
    assert set(clock.tick(NOON)) >= {"heartbeat", "sweep", "tidy", "jobs-lost", "jobs-old", "partitions", "parking"}
