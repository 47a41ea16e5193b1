"""What any request costs: a view that only knows who asks, and one that writes one row."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from grids.models import LookLog
from tests.bench.client import COUNT


@login_required
def nothing(request: HttpRequest) -> HttpResponse:
    """Answer whoever is signed in with nothing."""
    return HttpResponse(status=204)


@login_required
@transaction.atomic
def insert(request: HttpRequest) -> HttpResponse:
    """Write one row in a transaction of its own."""
    person: Any = request.user.pk
    LookLog.objects.create(viewer_id=person, owner_id=person, what="bench")
    return HttpResponse(status=201)


class CountQueries:
    """Says in a header how many queries a request made, if the request asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, counted where that is wanted."""
        if COUNT not in request.headers:
            return self.get_response(request)
        statements: list[str] = []

        def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
            statements.append(sql)
            return execute(sql, parameters, many, context)

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response[COUNT] = str(len(statements))
        return response
