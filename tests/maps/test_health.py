"""Health: alive says nothing of the rest, ready names the part that fails."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from grids.clock import HEARTBEAT, slot_of
from grids.models import Slot
from maps.site import health

Checks = dict[str, Callable[[], str]]
HEALTHY: Checks = {"redis": lambda: "ok", "workers": lambda: "ok"}


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Checks:
    checks = {**health.CHECKS, **HEALTHY}
    monkeypatch.setattr(health, "CHECKS", checks)
    return checks


def beat(age: timedelta) -> None:
    Slot.objects.create(task=HEARTBEAT, slot=slot_of(timezone.now() - age, timedelta(minutes=1)))


def test_alive_asks_nothing_of_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_ready_when_every_part_is(client: Client, parts: Checks) -> None:
    beat(timedelta())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "parts": dict.fromkeys(parts, "ok")}
    assert "no-cache" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_silent_clock_is_named(client: Client, parts: Checks) -> None:
    beat(timedelta(minutes=10))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["clock"] == "silent"


@pytest.mark.django_db
def test_a_part_that_breaks_is_named_without_its_secrets(client: Client, parts: Checks) -> None:
    def broken() -> str:
        message = "redis://:secret@host"
        raise RedisDown(message)

    parts["redis"] = broken
    beat(timedelta())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["redis"] == "fails: ConnectionError"
    assert "secret" not in answer.content.decode()
