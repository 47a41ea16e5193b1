"""Run by test_replicas.py in a process of its own: a site of two views over a primary and its replica.

Prints what each step saw as one line of JSON. `GW_STOP_REPLICA` is the command that stops the replica.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from grids import reading  # noqa: E402
from grids.models import Slot  # noqa: E402
from maps.site import replicas  # noqa: E402


def write(request: HttpRequest) -> HttpResponse:
    Slot.objects.create(task=request.POST["name"], slot=timezone.now())
    return HttpResponse("ok")


def read(_request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        inside = reading.alias()
    names = sorted(Slot.objects.values_list("task", flat=True))
    return JsonResponse({"from": reading.alias(), "names": names, "in a transaction": inside})


# One of the names that may be read from a replica, and one that may not.
urlpatterns = [
    path("read", read, name="open311-services"),
    path("elsewhere", read, name="me"),
    path("write", write, name="write"),
]


def until(ask: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 20
    while not wanted(found := ask()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def replay(what: str) -> None:
    with connections["replica1"].cursor() as cursor:
        cursor.execute(f"select pg_wal_replay_{what}()")


def main() -> None:
    settings.ROOT_URLCONF, settings.ALLOWED_HOSTS = __name__, ["testserver"]
    settings.MIDDLEWARE = ["maps.site.replicas.ReadFromReplica"]
    with connection.schema_editor() as editor:
        editor.create_model(Slot)
    writer, other = Client(), Client()

    def seen(client: Client, **headers: str) -> Any:
        return client.get("/read", headers=headers).json()

    def from_replica(answer: Any) -> bool:
        return bool(answer["from"] == "replica1")

    told: dict[str, Any] = {}
    writer.post("/write", {"name": "a"})
    told["caught up"] = until(lambda: seen(writer), from_replica)
    told["another view"] = writer.get("/elsewhere").json()
    told["with a key"] = seen(other, Authorization="Bearer x")
    replay("pause")
    writer.post("/write", {"name": "b"})
    told["paused, the writer"] = seen(writer)
    told["paused, another"] = seen(other)
    forged = Client()
    forged.cookies[replicas.COOKIE] = "FFFFFFFF/FFFFFFFF:forged"
    told["paused, forged"] = seen(forged)
    settings.REPLICA_LAG = 0
    told["paused, too far behind"] = until(lambda: seen(other), lambda answer: not from_replica(answer))
    told["report, behind"] = replicas.report()
    settings.REPLICA_LAG = 10
    replay("resume")
    told["resumed"] = until(lambda: seen(writer), from_replica)
    told["report, ok"] = replicas.report()
    subprocess.run(json.loads(os.environ["GW_STOP_REPLICA"]), check=True, stdout=subprocess.DEVNULL)
    told["stopped"] = seen(writer)
    told["report, down"] = replicas.report()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
