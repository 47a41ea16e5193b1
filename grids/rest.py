"""What every view of the API shares: bodies and addresses checked, POSTs answered once, lists in pages by key.

A list is a `ListView` with the query it takes, the shape of a row and `rows`; a thing is a `OneView`. Both describe
themselves to the schema (`grids.openapi`); other operations say what they take and give with `extend_schema`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.idempotency import answer_once
from grids.models import Person
from grids.paging import LARGEST_PAGE, LONGEST_CURSOR, PAGE, Order, next_address
from grids.problems import BadInput, NotFound, Problem
from grids.scope import Scope, scope_of

Shape = type[serializers.Serializer[Any]]
ANY_ID = 2**63 - 1
NUMBERS = (serializers.FloatField, serializers.IntegerField, serializers.DecimalField)


class Input(serializers.Serializer[Any]):
    """A body; what the framework says about a wrong one in two sentences is said in one."""

    default_error_messages = {"invalid": gettext_lazy("The body must be a JSON object.")}


class Query(serializers.Serializer[Any]):
    """What may be asked of a list: a page and, in what derives from it, filters. Nothing else is taken."""

    limit = serializers.IntegerField(
        min_value=1, max_value=LARGEST_PAGE, default=PAGE, help_text="How many rows a page has at most."
    )
    cursor = serializers.CharField(
        max_length=LONGEST_CURSOR, default="", help_text="Where a page begins; stands in `next` of the page before."
    )


def once(
    request: Request,
    work: Callable[[], tuple[int, dict[str, Any]]],
    tied_to: bytes | None = None,
    prepare: Callable[[], None] = lambda: None,
) -> HttpResponse:
    """Answer a POST, giving the stored answer again when its Idempotency-Key was used already.

    The key stays tied to the body, or to `tied_to` where the body of the same request is not the same twice (a form
    with files has another boundary each time: give a digest of what it holds). `prepare` is done before the
    transaction, unless the answer is stored already.
    """
    assert isinstance(request.user, Person)
    tied = f"{request.method} {request.path}\n".encode() + (request.body if tied_to is None else tied_to)

    def render() -> tuple[int, bytes]:
        status, data = work()
        return status, JSONRenderer().render(data)

    status, body = answer_once(request.user, request.headers.get("Idempotency-Key", ""), tied, render, prepare)
    return HttpResponse(body, status=status, content_type="application/json")


def read(serializer: Shape, request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Validate a body; raises ValidationError, which becomes one sentence a field."""
    # The body is read here, under Django's size limit, before the parser streams it.
    _size_checked = request.body
    checked = serializer(data=request.data, partial=partial)
    _refuse_booleans(checked, request.data)
    checked.is_valid(raise_exception=True)
    data: dict[str, Any] = checked.validated_data
    return data


def _refuse_booleans(field: serializers.Field[Any, Any, Any, Any] | None, value: Any, name: str = "") -> None:
    """Raise BadInput where a number is asked for and `true` or `false` given: Python would take them for 1 and 0."""
    if isinstance(value, bool) and isinstance(field, NUMBERS):
        raise BadInput(_("%(field)s: this must be a number, not true or false.") % {"field": name})
    if isinstance(field, serializers.Serializer) and isinstance(value, Mapping):
        for inner, child in field.fields.items():
            _refuse_booleans(child, value.get(inner), inner)
    elif isinstance(field, serializers.ListField | serializers.ListSerializer) and isinstance(value, list):
        for each in value:
            _refuse_booleans(field.child, each, name)


def read_query(query: Shape, given: Mapping[str, Any]) -> dict[str, Any]:
    """Validate an address's parameters, the empty ones as if they were absent; raises Problem (400) that names what is.

    A parameter that is not known is refused: ignoring it would answer another question than was asked.
    """
    known = query().fields
    for name in given:
        if name not in known:
            raise Problem(
                _("There is no filter “%(name)s”; there are %(allowed)s.") % {"name": name, "allowed": ", ".join(known)}
            )
    checked = query(data={name: value for name, value in given.items() if value != ""})
    checked.is_valid(raise_exception=True)
    data: dict[str, Any] = checked.validated_data
    return data


@cache
def page_of(shape: Shape) -> Shape:
    """Return the shape of a page of rows."""
    fields = {
        "results": shape(many=True),
        "next": serializers.URLField(allow_null=True, help_text="The address of the next page; null on the last."),
    }
    return type(f"{shape.__name__.removesuffix('Shape')}PageShape", (serializers.Serializer,), fields)


class ListView(APIView):
    """A list in pages by key."""

    query: ClassVar[type[Query]] = Query
    shape: ClassVar[Shape]
    order: ClassVar[Order] = Order()

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return what somebody may see of what was asked for, in no order."""
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        """Return a page."""
        asked = read_query(self.query, request.query_params.dict())
        rows, cursor = self.order.page(self.rows(scope_of(request.user), asked), asked["cursor"], asked["limit"])
        shown = self.shape(rows, many=True).data
        return Response({"results": shown, "next": next_address(request._request, cursor)})


class OneView(APIView):
    """One thing by its id."""

    shape: ClassVar[Shape]

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return what somebody may see."""
        raise NotImplementedError

    def find(self, request: Request, **key: Any) -> Any:
        """Return the thing with a key; raises NotFound, also for what is out of scope."""
        return one_of(self.rows(scope_of(request.user)), **key)

    def get(self, request: Request, identity: int) -> Response:
        """Return it."""
        return Response(self.shape(self.find(request, pk=identity)).data)


def one_of(rows: QuerySet[Any], **key: Any) -> Any:
    """Return the one of the visible rows with a key; raises NotFound."""
    row = rows.filter(Q(**key)).first()
    if row is None:
        raise NotFound(_("There is no such thing here."))
    return row
