"""Hostile input at a real server process: whatever comes, the same process goes on answering."""

import contextlib
import http.client
import json
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from grids.models import Outbox
from patrols.models import Event, Report
from tests.faults.processes import Program, children, environment, free_port, gunicorn, marked
from tests.maps.test_hostile_input import BODIES, FILED, REPORTS
from tests.town import Town, build_town

TOKEN = "t" * 32


@dataclass
class Live:
    """A server process and somebody who is signed in to it."""

    server: Program
    port: int
    cookie: str

    def post(self, body: str | bytes, key: str = "", **headers: str) -> tuple[int, bytes]:
        """File a report, or try to, over a connection of its own."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
        names = {"Cookie": self.cookie, "X-CSRFToken": TOKEN, "Content-Type": "application/json", **headers}
        try:
            link.putrequest("POST", REPORTS)
            for name, value in {**names, "Content-Length": str(len(given)), "Idempotency-Key": key}.items():
                link.putheader(name, value)
            # A body that is too large is refused before it is read whole; the answer is there all the same.
            with contextlib.suppress(BrokenPipeError):
                link.endheaders(given)
            answer = link.getresponse()
            return answer.status, answer.read()
        except ConnectionResetError:
            # Only a body over the limit may be cut off; anything else that is cut off may be a process that died.
            if len(given) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                raise
            return 413, b'{"detail": "The connection was closed while the body was sent."}'
        finally:
            link.close()


@pytest.fixture
def live(transactional_db: None, tmp_path: Path) -> Iterator[Live]:
    town: Town = build_town()
    client = Client()
    client.force_login(town.alice)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    port = free_port()
    with marked(environment(connection.settings_dict, tmp_path / "none.sock", tmp_path)) as env:
        server = gunicorn(env, tmp_path / "web.log", port)
        yield Live(server, port, f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={TOKEN}")
        server.stop()


def test_no_input_kills_or_fails_the_server(live: Live) -> None:
    workers = children(live.server.pid)
    assert len(workers) == 1
    for name, body in BODIES.items():
        status, answer = live.post(body)
        assert 400 <= status < 500, f"{name}: {status}"
        assert json.loads(answer)["detail"], name
    for raw in (b"\x00" * 1000, struct.pack("<BIdd", 1, 1, 1e250, 1e250), b"POST " * 100_000):
        assert 400 <= live.post(raw)[0] < 500
    assert not Report.objects.exists()
    assert not Outbox.objects.exists()
    # The very same process answers: none was aborted and replaced.
    assert children(live.server.pid) == workers
    assert live.post(json.dumps(FILED))[0] == 201
    said = live.server.said()
    assert "stack smashing" not in said
    assert "Traceback" not in said


def test_of_many_at_once_with_one_id_one_is_filed_and_the_others_are_told(live: Live) -> None:
    body = json.dumps({**FILED, "id": str(uuid4())})
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(status for status, _answer in pool.map(lambda _turn: live.post(body), range(8)))
    assert statuses == [201] + [409] * 7
    assert Report.objects.count() == Event.objects.count() == Outbox.objects.count() == 1


def test_of_many_at_once_with_one_key_all_get_the_one_answer(live: Live) -> None:
    body = json.dumps(FILED)
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _turn: live.post(body, key="once"), range(8)))
    [(status, answer)] = answers
    assert status == 201
    assert str(Report.objects.get().pk) == json.loads(answer)["id"]
    assert Event.objects.count() == Outbox.objects.count() == 1
