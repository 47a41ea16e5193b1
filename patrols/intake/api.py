"""The API of what a recording needs under /api/v1/: the consent, and paired trackers."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.models import Device, Person
from grids.paging import Order
from grids.problems import BadInput, NotFound
from grids.rest import Input, ListView, once, one_of, read
from grids.scope import Scope, scope_of
from patrols import patrolling, private_places
from patrols.intake import devices
from patrols.models import Consent, PrivatePlace

Shape = serializers.Serializer[Any]


class ConsentShape(Shape):
    """The consent to being recorded on patrol; both are null without one."""

    version = serializers.CharField(allow_null=True)
    given_at = serializers.DateTimeField(allow_null=True)


class DeviceShape(Shape):
    """A paired tracker."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    protocol = serializers.ChoiceField(Device.Protocol.values)
    speed_unit = serializers.ChoiceField(Device.Speed.values)
    crs = serializers.ChoiceField(Device.Crs.values)
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class PairedShape(DeviceShape):
    """A tracker just paired, with its secret."""

    secret = serializers.CharField(help_text="Shown this once.")


class DeviceInput(Input):
    """A tracker to pair."""

    name = serializers.CharField(max_length=80)
    protocol = serializers.ChoiceField(Device.Protocol.choices)
    speed_unit = serializers.ChoiceField(
        Device.Speed.choices, required=False, help_text="By default what the application usually sends."
    )
    crs = serializers.ChoiceField(Device.Crs.choices, default=Device.Crs.WGS84)


class DeviceChange(Input):
    """Another name of a tracker."""

    name = serializers.CharField(max_length=80)


class MyConsent(APIView):
    """One's own consent to being recorded on patrol."""

    @extend_schema(responses=ConsentShape)
    def get(self, request: Request) -> Response:
        """Return it."""
        consent = Consent.objects.filter(person=_person(request), withdrawn_at__isnull=True).first()
        return Response(_shown(ConsentShape, consent or {"version": None, "given_at": None}))

    @extend_schema(request=None, responses={200: ConsentShape})
    def post(self, request: Request) -> HttpResponse:
        """Give it; given again it stays as it is."""
        scope = scope_of(request.user)
        return once(request, lambda: (200, _shown(ConsentShape, patrolling.give_consent(scope))))

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Withdraw it: positions and tracks are deleted at once, and an active patrol ends."""
        patrolling.withdraw_consent(_person(request))
        return Response(status=204)


class DeviceList(ListView):
    """One's own trackers, and pairing one."""

    shape = DeviceShape
    order = Order(newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Device]:
        """Return one's own."""
        return Device.objects.filter(person=scope.person_id)

    @extend_schema(request=DeviceInput, responses={201: PairedShape})
    def post(self, request: Request) -> HttpResponse:
        """Pair a tracker; its secret is in this answer and kept nowhere, so this takes no Idempotency-Key."""
        if request.headers.get("Idempotency-Key"):
            raise BadInput(_("Pairing takes no Idempotency-Key: its answer is not kept."))
        data = read(DeviceInput, request)
        device, secret = devices.pair(
            _person(request), data["name"], data["protocol"], data.get("speed_unit", ""), data["crs"]
        )
        return Response({**_shown(DeviceShape, device), "secret": secret}, status=201)


class DeviceDetail(APIView):
    """One of one's own trackers."""

    @extend_schema(request=DeviceChange, responses=DeviceShape)
    def patch(self, request: Request, identity: int) -> Response:
        """Give it another name."""
        mine = Device.objects.filter(person=_person(request), revoked_at__isnull=True)
        one_of(mine, pk=identity)  # whose it is comes before what is asked of it
        name = read(DeviceChange, request)["name"]
        return Response(_shown(DeviceShape, devices.rename(_person(request), identity, name)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, identity: int) -> Response:
        """Revoke it at once and for ever."""
        if not devices.revoke(_person(request), identity):
            raise NotFound(_("There is no such paired device of yours."))
        return Response(status=204)


class PrivatePlaceShape(Shape):
    """A private place: where it is is shown to nobody."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class PrivatePlaceInput(Input):
    """A place to keep out of one's kept tracks."""

    lon = serializers.FloatField()
    lat = serializers.FloatField()
    radius = serializers.IntegerField(default=private_places.RADIUS, help_text="Metres around it.")


class PrivatePlaceList(ListView):
    """One's own private places, and marking one."""

    shape = PrivatePlaceShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[PrivatePlace]:
        """Return one's own."""
        return PrivatePlace.objects.filter(person=scope.person_id)

    @extend_schema(request=PrivatePlaceInput, responses={201: PrivatePlaceShape})
    def post(self, request: Request) -> HttpResponse:
        """Keep what lies around a place out of the tracks that are kept from now on; coverage does not change."""

        def work() -> tuple[int, dict[str, Any]]:
            data = read(PrivatePlaceInput, request)
            place = private_places.mark(_person(request), data["lon"], data["lat"], data["radius"])
            return 201, _shown(PrivatePlaceShape, place)

        return once(request, work)


class PrivatePlaceDetail(APIView):
    """One of one's own private places."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, identity: int) -> Response:
        """Remove it."""
        private_places.forget(_person(request), identity)
        return Response(status=204)


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _shown(shape: type[Shape], row: object) -> dict[str, Any]:
    return dict(shape(row).data)


urlpatterns = [
    path("me/consent", MyConsent.as_view(), name="api-me-consent"),
    path("me/private-places", PrivatePlaceList.as_view(), name="api-private-places"),
    path("me/private-places/<int:identity>", PrivatePlaceDetail.as_view(), name="api-private-place"),
    path("devices", DeviceList.as_view(), name="api-devices"),
    path("devices/<int:identity>", DeviceDetail.as_view(), name="api-device"),
]
