"""A Redis that hangs without closing its connections holds nobody for long."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings
from redis.exceptions import RedisError

from grids import clock, doorbell, outbox
from grids.models import Outbox

HELD_S = 15


@pytest.fixture
def silence(settings: Settings) -> Iterator[None]:
    """Somebody who accepts every connection of Redis and never says a word."""
    kept: list[socket.socket] = []
    with TemporaryDirectory(prefix="gw-") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = Path(folder) / "redis.sock"
        listener.bind(str(path))
        listener.listen()

        def accept() -> None:
            while True:
                try:
                    kept.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        settings.REDIS_URL = f"unix://{path}?db=0"
        yield
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


@pytest.mark.usefixtures("silence")
def test_a_question_without_an_answer_ends() -> None:
    began = time.monotonic()
    with pytest.raises(RedisError):
        doorbell.brief().ping()
    assert time.monotonic() - began < 2 * doorbell.PATIENCE_S


@pytest.mark.django_db
@pytest.mark.usefixtures("silence")
def test_the_clock_goes_on_and_keeps_the_promise() -> None:
    with transaction.atomic():
        outbox.put("test")
    began = time.monotonic()
    assert outbox.relay() == 0
    assert "heartbeat" in clock.tick()
    assert time.monotonic() - began < HELD_S
    assert Outbox.objects.filter(topic="test", sent_at__isnull=True).count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("silence")
def test_readiness_is_told_in_time() -> None:
    began = time.monotonic()
    parts = Client().get("/readyz").json()["parts"]
    assert time.monotonic() - began < HELD_S
    assert parts["redis"].startswith("fails")
    assert parts["workers"].startswith("fails")
