"""Reads of lists, tiles and public pages from streaming replicas, with what the reader wrote in them.

After whatever may have written, the reader gets a signed cookie with the primary's position in its log (LSN) behind
that commit. A replica answers them only once it has replayed as far: exact, where a number of seconds would be a guess.
Who has no cookie wrote nothing lately and may be answered by any replica that is not too far behind.

Who somebody is and what they may see is always read from the primary: what is taken from a person is taken at once.
"""

import logging
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections, models
from django.http import HttpRequest, HttpResponseBase

from grids import reading

COOKIE = "gw_written"
KEPT_SECONDS = 300  # a replica that is further behind than this is left out anyway
DOWN_SECONDS = 5.0  # so long a replica that did not answer is not asked again
LSN = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
# Reads of these may go to a replica: pages of rows, tiles, and what anybody may read.
NAMES = frozenset(
    {
        *("tile", "tilejson", "reports", "api-reports", "api-regions", "api-grids", "api-checkpoints", "public"),
        *("ogc-collections", "ogc-collection", "ogc-items", "ogc-item"),
        *("open311-services", "open311-service", "open311-requests", "open311-request", "open311-token"),
    }
)
# Their rows say who somebody is and what they may do.
PRIMARY_APPS = frozenset({"sessions", "auth", "account", "mfa", "usersessions", "contenttypes", "django_cache"})
PRIMARY_MODELS = frozenset({"person", "apitoken", "device", "membership", "assignment", "open311client"})
# Whether a position was replayed; how many seconds it is behind, which are none while all that came is replayed and
# more may come; and whether it is a replica at all.
_ASKED = """
    select pg_last_wal_replay_lsn() >= coalesce(%s, '0/0')::pg_lsn,
           case when pg_last_wal_receive_lsn() is not distinct from pg_last_wal_replay_lsn()
                     and exists (select from pg_stat_wal_receiver) then 0
                else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end,
           pg_is_in_recovery()
"""
_log = logging.getLogger(__name__)
_down_until: dict[str, float] = {}
Answer = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class State:
    """How a replica is: whether it has replayed a position, and how many seconds it is behind."""

    reached: bool
    behind: float


class Router:
    """Reads of our own tables go where the request reads; everything else goes to the primary."""

    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str | None:
        """Return the database to read a table from."""
        label, name = model._meta.app_label, model._meta.model_name
        return DEFAULT_DB_ALIAS if label in PRIMARY_APPS or name in PRIMARY_MODELS else reading.alias()

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str | None:
        """Return the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *_objects: models.Model, **_hints: Any) -> bool | None:
        """Replicas hold the same rows: rows of one may refer to rows of another."""
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool | None:
        """Replicas follow the primary."""
        return db == DEFAULT_DB_ALIAS


class ReadFromReplica:
    """Chooses for each read where it reads, and marks the reader after each write."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the choice itself is made when the view is known."""
        if not settings.REPLICAS:
            return self.get_response(request)
        with reading.reading_from(DEFAULT_DB_ALIAS):
            response = self.get_response(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and response.status_code < 500:
            mark(response)
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Let a view that only reads read from a replica."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if not settings.REPLICAS or request.method not in {"GET", "HEAD"} or name not in NAMES:
            return
        # A program with a key takes no cookie along, so nobody knows what it wrote.
        if "Authorization" in request.headers:
            return
        chosen = choose(written_of(request))
        if chosen is not None:
            reading.choose(chosen)


def choose(written: str | None) -> str | None:
    """Return a replica that has replayed a position, in turn by chance; None where there is none."""
    replicas = random.sample(settings.REPLICAS, len(settings.REPLICAS))
    for name in replicas:
        if time.monotonic() < _down_until.get(name, 0.0):
            continue
        state = state_of(name, written)
        if state is not None and state.reached and state.behind <= settings.REPLICA_LAG:
            return str(name)
        if state is not None and state.behind > settings.REPLICA_LAG:
            _log.warning("%s is %.0f seconds behind: it is left out.", name, state.behind)
    return None


def state_of(name: str, written: str | None = None) -> State | None:
    """Return how a replica is, None for one that does not answer or is none; then it is not asked for a while."""
    try:
        with connections[name].cursor() as cursor:
            cursor.execute(_ASKED, [written])
            reached, behind, follows = cursor.fetchone()
    except (DatabaseError, InterfaceError) as error:
        _down_until[name] = time.monotonic() + DOWN_SECONDS
        _log.warning("%s does not answer (%s): reads go elsewhere.", name, type(error).__name__)
        connections[name].close()
        return None
    if not follows:
        _down_until[name] = time.monotonic() + DOWN_SECONDS
        _log.error("%s is no replica: it does not follow any other server.", name)
        return None
    return State(bool(reached), float(behind or 0))


def mark(response: HttpResponseBase) -> None:
    """Give the reader the primary's position behind what they wrote."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_wal_lsn()::text")
        (lsn,) = cursor.fetchone()
    response.set_signed_cookie(
        COOKIE, lsn, max_age=KEPT_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def written_of(request: HttpRequest) -> str | None:
    """Return the position behind what the reader wrote last, None where that is long ago."""
    known = request.get_signed_cookie(COOKIE, default=None, max_age=KEPT_SECONDS)
    return known if known and LSN.fullmatch(known) else None


def report() -> dict[str, str]:
    """Return the state of each replica in a word or two, for /readyz."""
    found = {}
    for name in settings.REPLICAS:
        state = state_of(name)
        late = state is not None and state.behind > settings.REPLICA_LAG
        found[name] = "down" if state is None else f"{state.behind:.0f} s behind" if late else "ok"
    return found
