"""Who the caller is, and what they were told."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.endpoints.fields import IdField
from grids.models import ApiToken, Grid, Notification, Person
from grids.models.people import Role
from grids.paging import LARGEST_PAGE, PAGE, Order, moment
from grids.rest import Input, ListView, OneView, Query, once, one_of, read
from grids.scope import Scope, scope_of

Shape = serializers.Serializer[Any]


class MyRoleShape(Shape):
    """A role and the region it holds for."""

    role = serializers.ChoiceField(Role.values)
    region = serializers.CharField()


class MyGridShape(Shape):
    """A grid that the caller answers for."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    leads = serializers.BooleanField(help_text="Whether the caller owns it or stands in for its owner.")


class MyTokenShape(Shape):
    """The token that the request came with."""

    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(["read", "write"]))
    expires_at = serializers.DateTimeField()


class LimitsShape(Shape):
    """What a request may be like."""

    page = serializers.IntegerField(help_text="Rows a page has without `limit`.")
    largest_page = serializers.IntegerField()
    body_bytes = serializers.IntegerField()
    requests_a_minute = serializers.IntegerField(allow_null=True, help_text="Of this token; null for a session.")


class MeShape(Shape):
    """Who the caller is today."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    roles = MyRoleShape(many=True)
    grids = MyGridShape(many=True)
    token = MyTokenShape(allow_null=True)
    limits = LimitsShape()


class Me(APIView):
    """The caller."""

    @extend_schema(responses=MeShape)
    def get(self, request: Request) -> Response:
        """Return who you are, what you answer for and how much you may ask."""
        person, scope = request.user, scope_of(request.user)
        assert isinstance(person, Person)
        token = request.auth if isinstance(request.auth, ApiToken) else None
        grids = Grid.objects.filter(pk__in=scope.grids).order_by("code").values("id", "code", "name")
        me = {
            "id": person.pk,
            "username": person.username,
            "name": str(person),
            "roles": [{"role": role, "region": code} for role, codes in scope.regions.items() for code in codes],
            "grids": [{**grid, "leads": grid["id"] in scope.owned} for grid in grids],
            "token": token,
            "limits": {
                "page": PAGE,
                "largest_page": LARGEST_PAGE,
                "body_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
                "requests_a_minute": settings.TOKEN_RATE if token else None,
            },
        }
        return Response(MeShape(me).data)


class NotificationQuery(Query):
    """The filters of messages."""

    unread = serializers.BooleanField(default=False)


class NotificationShape(Shape):
    """Something the caller was told."""

    id = serializers.IntegerField()
    verb = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    data = serializers.DictField(help_text="What it is about, such as the id of a report.")  # type: ignore[assignment]
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class UpTo(Input):
    """How far somebody has read."""

    up_to = IdField(required=True, help_text="The id of the newest message that was seen.")


class ReadShape(Shape):
    """How many messages were marked."""

    read = serializers.IntegerField()


def _mine(request: Request) -> QuerySet[Notification]:
    assert isinstance(request.user, Person)
    return Notification.objects.filter(person=request.user)


class NotificationList(ListView):
    """What the caller was told, newest first."""

    query = NotificationQuery
    shape = NotificationShape
    order = Order((("created_at", moment), ("pk", int)), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return one's own."""
        rows = Notification.objects.filter(person=scope.person_id)
        return rows.filter(read_at__isnull=True) if asked["unread"] else rows


class NotificationDetail(OneView):
    """One message."""

    shape = NotificationShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return one's own."""
        return Notification.objects.filter(person=scope.person_id)


class NotificationRead(APIView):
    """Reading one message."""

    @extend_schema(operation_id="notifications_one_read_create", request=None, responses={200: NotificationShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Mark a message as read; one that is read stays as it is."""

        def work() -> tuple[int, dict[str, Any]]:
            _mine(request).filter(pk=identity, read_at__isnull=True).update(read_at=timezone.now())
            return 200, dict(NotificationShape(one_of(_mine(request), pk=identity)).data)  # type: ignore[call-overload]

        return once(request, work)


class NotificationsRead(APIView):
    """Reading all messages up to one."""

    @extend_schema(request=UpTo, responses={200: ReadShape})
    def post(self, request: Request) -> HttpResponse:
        """Mark as read what the caller had before them, and nothing that came since."""

        def work() -> tuple[int, dict[str, Any]]:
            shown = one_of(_mine(request), pk=read(UpTo, request)["up_to"])
            seen = _mine(request).filter(read_at__isnull=True, pk__lte=shown.pk)
            return 200, {"read": seen.update(read_at=timezone.now())}

        return once(request, work)


urlpatterns = [
    path("me", Me.as_view(), name="api-me"),
    path("notifications", NotificationList.as_view(), name="api-notifications"),
    path("notifications/read", NotificationsRead.as_view(), name="api-notifications-read"),
    path("notifications/<int:identity>", NotificationDetail.as_view(), name="api-notification"),
    path("notifications/<int:identity>/read", NotificationRead.as_view(), name="api-notification-read"),
]
