"""Who made a change: what the triggers of `grids.models.history` write into each event beside the row.

The triggers read a setting of the database session, the name of which is pghistory's. Its own way to set it rewrites
every statement and breaks those sent with many sets of parameters or with a bare per cent sign; this one touches only
statements that write. It leaves out the second setting, with which pghistory would also keep a row that can be changed:
changes that belong together have the same `id` in what is written into each event.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.db import connection, models
from django.http import HttpRequest, HttpResponseBase

_WRITES = re.compile(r"\s*(insert|update|delete|with|merge|copy)\b", re.IGNORECASE)
_NAME = "SELECT set_config('pghistory.context_metadata', %s, true)"
_KEY = "pghistory__context_metadata"
_NAME_BY_KEY = _NAME.replace("%s", f"%({_KEY})s")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
Parameters = Sequence[Any] | Mapping[str, Any] | None


@contextmanager
def attributed(**who: object) -> Iterator[None]:
    """Let every change made in this thread within the block say who made it, such as `task="handover"`."""
    with attributed_to(lambda: who):
        yield
    if connection.in_atomic_block and not connection.needs_rollback:
        # What the caller's transaction does afterwards is the caller's.
        with connection.cursor() as cursor:
            cursor.execute(_NAME, ("",))


@contextmanager
def attributed_to(who: Callable[[], Mapping[str, object]]) -> Iterator[None]:
    """Let every change within the block say who made it, asked anew for each statement that writes."""
    identity = str(uuid4())

    def name(execute: Callable[..., Any], sql: str, params: Parameters, many: bool, context: dict[str, Any]) -> Any:
        # A cursor with a name takes one query that reads, and nothing else.
        if not isinstance(sql, str) or not _WRITES.match(sql) or getattr(context["cursor"], "name", None):
            return execute(sql, params, many, context)
        said = json.dumps({"id": identity, **who()}, ensure_ascii=False)
        if many:
            # It holds for the transaction: outside of one, every set of parameters would be one by itself.
            if connection.in_atomic_block:
                context["cursor"].cursor.execute(_NAME, (said,))
            return execute(sql, params, many, context)
        if params is None:
            sql, params = sql.replace("%", "%%"), ()
        if isinstance(params, Mapping):
            result = execute(f"{_NAME_BY_KEY}; {sql}", {**params, _KEY: said}, many, context)
        else:
            result = execute(f"{_NAME}; {sql}", (said, *params), many, context)
        # The answer of the statement is the last one, after that of naming.
        while context["cursor"].nextset():
            pass
        return result

    with connection.execute_wrapper(name):
        yield


def changed_by_people(model: type[models.Model]) -> models.QuerySet[Any, Any]:
    """Return the keys of the rows of a table that somebody added or changed by a page or the API."""
    relation = next(one for one in model._meta.related_objects if one.name == "history")
    model_of_events: Any = relation.related_model
    events: models.QuerySet[Any, Any] = model_of_events._default_manager.filter(pgh_context__user__isnull=False)
    return events.exclude(pgh_context__user=None).values("pgh_obj")


class HistoryMiddleware:
    """Names the person and the address of a request in every change it makes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; one that only reads is not burdened."""
        if request.method in SAFE_METHODS:
            return self.get_response(request)
        with attributed_to(lambda: {"user": getattr(request.user, "pk", None), "url": address_of(request)}):
            return self.get_response(request)


def address_of(request: HttpRequest) -> str:
    """Return where a request went, without the key of a link: whoever reads the history could open the link with it."""
    token = request.resolver_match.kwargs.get("token") if request.resolver_match else None
    return request.path.replace(str(token), "-") if token else request.path
