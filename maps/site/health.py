"""Health: is the process alive, and is everything it needs there?"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rq import Worker

from grids import doorbell
from grids.clock import HEARTBEAT
from grids.models import Slot
from maps.site import replicas

CLOCK_SILENCE = timedelta(minutes=3)
WORKER_SILENCE = timedelta(minutes=3)


@require_safe
@never_cache
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive, without touching anything else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer with the state of every part; 503 when one fails."""
    parts = {name: _state(check) for name, check in CHECKS.items()}
    healthy = all(state == "ok" for state in parts.values())
    # Without a replica everything works, from the primary: its state is told and takes no process out of service.
    told = {"replicas": replicas.report()} if settings.REPLICAS else {}
    return JsonResponse({"ready": healthy, "parts": parts, **told}, status=200 if healthy else 503)


def _state(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # whatever goes wrong in a part is that part's state
        return f"fails: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select postgis_version()")
    return "ok"


def _migrations() -> str:
    if cache.get("migrations-done"):
        return "ok"
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        return f"{len(pending)} pending"
    cache.set("migrations-done", 1, 60)
    return "ok"


def _redis() -> str:
    doorbell.brief().ping()
    return "ok"


def _workers() -> str:
    oldest = timezone.now() - WORKER_SILENCE
    workers = Worker.all(connection=doorbell.brief())
    served = {
        queue
        for worker in workers
        if worker.last_heartbeat and worker.last_heartbeat > oldest
        for queue in worker.queue_names()
    }
    missing = sorted(set(settings.RQ_QUEUES) - served)
    return f"none for {', '.join(missing)}" if missing else "ok"


def _clock() -> str:
    recent = Slot.objects.filter(task=HEARTBEAT, slot__gt=timezone.now() - CLOCK_SILENCE)
    return "ok" if recent.exists() else "silent"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "workers": _workers,
    "clock": _clock,
}
