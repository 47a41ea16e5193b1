"""A program that files reports and starts jobs at the small town, and says what was acknowledged.

`python -m tests.faults.filer COUNT` calls the application's functions itself, `python -m tests.faults.filer http PORT`
asks the web process, again and again with the same Idempotency-Key until it is answered. It prints one line per
committed step, after the commit: `filed ID`, `accepted ID`, `started ID`, `stopped ID`. It can be killed at any moment
like every other process; what it did not get to print was not acknowledged.
"""

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import count
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maps.site.settings")
django.setup()

from django.db import Error, connection  # noqa: E402
from django.test import Client  # noqa: E402

from grids import jobs  # noqa: E402
from grids.models import Person  # noqa: E402
from grids.problems import Problem  # noqa: E402
from grids.scope import scope_of  # noqa: E402
from patrols.filing import Draft, file_report  # noqa: E402
from patrols.transitions import transition  # noqa: E402
from tests.faults.work import ONCE, STEPS  # noqa: E402
from tests.town import LITTER, at, build_town  # noqa: E402

PAUSE_S = 0.15
EVERY = 3  # of so many reports one is accepted by the dispatcher too, and a job started
STOPPED = 9  # of so many a job that was started is stopped again
PATIENCE_S = 20.0


def say(word: str, identity: object) -> None:
    """Acknowledge."""
    print(f"{word} {identity}", flush=True)


def file_and_say(turn: int) -> None:
    """File one report as Bob; accept every third as Dora, start a job, and say so after each commit."""
    point = at(1.2 + turn % 5 / 10, 1.5)
    bob, dora = (Person.objects.get(username=name) for name in ("bob", "dora"))
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), scope_of(bob))
    say("filed", report.pk)
    if turn % EVERY == 0:
        transition(report.pk, "accept", scope_of(dora))
        say("accepted", report.pk)
        stopped = turn % STOPPED == 0
        job = jobs.start(ONCE if stopped else (ONCE, STEPS)[turn % 2], bob)
        say("started", job.pk)
        if stopped:
            jobs.cancel(job)
            say("stopped", job.pk)


def main(turns: int) -> None:
    """File so many reports; a database that goes away is waited for, as a person would try again."""
    for turn in range(turns):
        try:
            file_and_say(turn)
        except (Error, Problem) as error:
            print(f"not acknowledged: {type(error).__name__}", flush=True)
            connection.close()
        time.sleep(PAUSE_S)


def over_http(port: int) -> None:
    """File reports through the web process for ever, each with its key until it is answered."""
    cookies = sign_in()
    for turn in count():
        key, point = str(uuid4()), at(1.2 + turn % 5 / 10, 1.5)
        body = {"category": LITTER, "lon": point.x, "lat": point.y, "description": key}
        for status, answer in attempts(port, json.dumps(body), {**cookies, "Idempotency-Key": key}):
            if status == 201:
                say("filed", json.loads(answer)["id"])
                break
            print(f"not acknowledged: {status}", flush=True)
        time.sleep(PAUSE_S)


def sign_in() -> dict[str, str]:
    """Return the headers of a session of Bob's."""
    client = Client()
    while True:
        try:
            client.force_login(Person.objects.get(username="bob"))
        except Error:
            connection.close()
            time.sleep(PAUSE_S)
        else:
            connection.close()
            break
    token = "x" * 32
    cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
    return {"Cookie": cookie, "X-CSRFToken": token, "Content-Type": "application/json"}


def attempts(port: int, body: str, headers: dict[str, str]) -> Iterator[tuple[int, bytes]]:
    """Ask again and again; status 0 when nobody answered."""
    while True:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            link.request("POST", "/api/v1/reports", body, headers)
            response = link.getresponse()
            status, answer = response.status, response.read()
        except (OSError, http.client.HTTPException):
            status, answer = 0, b""
        finally:
            link.close()
        yield status, answer
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build_town()
    elif sys.argv[1] == "http":
        over_http(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]))
