"""The API of offers under /api/v1/: asking volunteers, and how those who were asked answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.models.people import Role
from grids.paging import Order, moment
from grids.problems import BadInput, NotAllowed
from grids.rest import ANY_ID, Input, ListView, Query, once, one_of, read
from grids.scope import Scope, scope_of
from patrols.api import find
from patrols.models import Call, Offer
from patrols.models.offers import MOST_PLACES, CallKind
from patrols.offering import answering, calling
from patrols.offering.showing import calls_of, mark_seen, own_offers, why_over, with_report
from patrols.offering.table import LIVE_STATES, STEPS, By, CallState, OfferState
from patrols.presentation import category_json, grid_json
from patrols.shapes import CategoryShape, GridRefShape, HolderRefShape, PersonRefShape

Shape = serializers.Serializer[Any]
MOST_ASKED = 50
MOST_WAVES = 6


class OfferVerbShape(Shape):
    """A step that may be taken now."""

    verb = serializers.ChoiceField(sorted(STEPS))
    label = serializers.CharField()  # type: ignore[assignment]


class TakenShape(Shape):
    """Who has taken a place of a call."""

    id = serializers.UUIDField(help_text="The offer.")
    person = serializers.SerializerMethodField()
    state = serializers.ChoiceField(OfferState.choices)
    state_label = serializers.CharField(source="get_state_display")
    accepted_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(PersonRefShape)
    def get_person(self, offer: Offer) -> dict[str, Any]:
        """Return them by id and name."""
        return {"id": offer.person_id, "name": str(offer.person)}


class CallShape(Shape):
    """A round of asking: its policy, how far it has come, and who has taken it on. Nobody learns who declined."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(CallKind.choices)
    state = serializers.ChoiceField(CallState.choices)
    state_label = serializers.CharField(source="get_state_display")
    team = serializers.SerializerMethodField()
    waves = serializers.ListField(child=serializers.IntegerField(), help_text="How many are asked at a time.")
    wave = serializers.IntegerField(help_text="How many times people were asked so far.")
    wave_minutes = serializers.IntegerField()
    stands_minutes = serializers.IntegerField(help_text="How long an offer stands.")
    places = serializers.IntegerField()
    asked_by = serializers.SerializerMethodField()
    opened_at = serializers.DateTimeField()
    next_at = serializers.SerializerMethodField(help_text="When more are asked or the call ends; null when it is over.")
    ended_at = serializers.DateTimeField(allow_null=True)
    asked = serializers.IntegerField(help_text="How many were asked.")
    standing = serializers.IntegerField(help_text="How many have not answered yet.")
    seen = serializers.IntegerField(help_text="How many have seen it.")
    unavailable = serializers.IntegerField(help_text="How many are not available.")
    taken = TakenShape(many=True)

    @extend_schema_field(HolderRefShape(allow_null=True))
    def get_team(self, call: Call) -> dict[str, Any] | None:
        """Return the team that was asked."""
        return {"kind": "team", "id": call.team.pk, "name": str(call.team)} if call.team else None

    @extend_schema_field(PersonRefShape)
    def get_asked_by(self, call: Call) -> dict[str, Any]:
        """Return the dispatcher."""
        return {"id": call.asked_by_id, "name": str(call.asked_by)}

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_at(self, call: Call) -> str | None:
        """Return when the clock looks again."""
        return call.next_at.isoformat() if call.state == CallState.OPEN else None


class CallsShape(Shape):
    """The calls of a report, the newest first."""

    results = CallShape(many=True)
    next = serializers.URLField(allow_null=True)


class OfferReportShape(Shape):
    """What one is asked to deal with. Without a place once it concerns somebody no longer."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    category = CategoryShape()
    place = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    grid = GridRefShape(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)


class OfferShape(Shape):
    """What one was asked, until when and by whom."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(OfferState.choices)
    state_label = serializers.CharField(source="get_state_display")
    why_over = serializers.SerializerMethodField(help_text="Why it cannot be taken any more; else empty.")
    verbs = serializers.SerializerMethodField()
    asked_by = serializers.SerializerMethodField()
    offered_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    report = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_why_over(self, offer: Offer) -> str:
        """Return the sentence."""
        return why_over(offer, timezone.now())

    @extend_schema_field(OfferVerbShape(many=True))
    def get_verbs(self, offer: Offer) -> list[dict[str, str]]:
        """Return what one may do with it."""
        if why_over(offer, timezone.now()):
            return []
        steps = [step for step in STEPS.values() if By.ASKED in step.by and offer.state in step.sources]
        return [{"verb": step.verb, "label": str(step.label)} for step in steps]

    @extend_schema_field(PersonRefShape)
    def get_asked_by(self, offer: Offer) -> dict[str, Any]:
        """Return the dispatcher."""
        return {"id": offer.call.asked_by_id, "name": str(offer.call.asked_by)}

    @extend_schema_field(OfferReportShape)
    def get_report(self, offer: Offer) -> dict[str, Any]:
        """Return what it is about."""
        report, live = offer.report, offer.state in LIVE_STATES
        return {
            "id": str(report.pk),
            "number": report.number,
            "category": category_json(report.category),
            "place": report.place,
            "description": report.description if live else "",
            "lon": report.anchor.x if live else None,
            "lat": report.anchor.y if live else None,
            "grid": grid_json(report.grid) if report.grid else None,
            "due_at": report.due_at.isoformat() if report.due_at and live else None,
        }


class CallInput(Input):
    """Whom to ask: some people, or a team, or wave after wave of whoever fits best."""

    people = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=ANY_ID),
        min_length=1,
        max_length=MOST_ASKED,
        required=False,
    )
    team = serializers.IntegerField(min_value=1, max_value=ANY_ID, required=False)
    waves = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_ASKED),
        min_length=1,
        max_length=MOST_WAVES,
        required=False,
    )
    wave_minutes = serializers.IntegerField(min_value=1, max_value=240, required=False)
    stands_minutes = serializers.IntegerField(min_value=1, max_value=1440, required=False)
    places = serializers.IntegerField(min_value=1, max_value=MOST_PLACES, required=False)


class OfferVerbInput(Input):
    """Nothing is to be said."""


class OfferQuery(Query):
    """The filters of one's own offers."""

    state = serializers.ChoiceField(OfferState.values, required=False, help_text="Only those in this state.")


class ReportOffers(APIView):
    """Who was asked to deal with a report."""

    @extend_schema(responses=CallsShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return its calls, the newest first, to the dispatchers of its region."""
        report = find(request, identity)
        if not scope_of(request.user).reaches(Role.DISPATCHER, report.region_code):
            raise NotAllowed(_("Who is asked is for the dispatchers of the region."))
        return Response({"results": CallShape(calls_of([report.pk]), many=True).data, "next": None})

    @extend_schema(request=CallInput, responses={201: CallShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Ask volunteers, one or several at once or in waves. A report that waits to be accepted is accepted by it."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(CallInput, request)
            if sum(name in data for name in ("people", "team", "waves")) != 1:
                raise BadInput(_("Say whom to ask: people, or a team, or how many at a time (waves)."))
            given: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
            }
            return 201, _call(calling.open_call(identity, scope, calling.Policy(**given)))

        return once(request, work)


class ReportOffersWithdraw(APIView):
    """Asking nobody any more."""

    @extend_schema(request=OfferVerbInput, responses={200: CallShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """End the call that is open; everybody who was still asked is told."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            read(OfferVerbInput, request)
            return 200, _call(calling.withdraw_call(identity, scope))

        return once(request, work)


class OfferList(ListView):
    """One's own offers, the newest first: those that stand or are in hand, and those that ended within a day."""

    query = OfferQuery
    shape = OfferShape
    order = Order((("offered_at", moment), ("pk", UUID)), newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Offer]:
        """Return them."""
        rows = own_offers(scope, timezone.now())
        return rows.filter(state=asked["state"]) if asked.get("state") else rows


class OfferSeen(APIView):
    """Saying that one has seen what one is asked."""

    @extend_schema(request=OfferVerbInput, responses={200: OfferShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Note it; the dispatcher learns how many have seen it."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            read(OfferVerbInput, request)
            offer = one_of(with_report(Offer.objects.filter(person=scope.person)), pk=identity)
            mark_seen([offer], timezone.now())
            return 200, dict(OfferShape(offer).data)

        return once(request, work)


def _verb(name: str, verb: Callable[[Scope, UUID], Offer], sentence: str) -> type[APIView]:
    """Return the view of a verb; it is answered with the offer as it is then."""

    def post(self: APIView, request: Request, identity: UUID) -> HttpResponse:
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            read(OfferVerbInput, request)
            verb(scope, identity)
            return 200, dict(OfferShape(with_report(Offer.objects.all()).get(pk=identity)).data)

        return once(request, work)

    post.__doc__ = sentence
    described = extend_schema(request=OfferVerbInput, responses={200: OfferShape})(post)
    return type(name, (APIView,), {"post": described, "__doc__": sentence})


Accept = _verb("OfferAccept", answering.accept, "Take it on; of two at the same moment one gets the last place.")
Decline = _verb("OfferDecline", answering.decline, "Say that one cannot go now. Nobody is told who did.")
Arrive = _verb("OfferArrive", answering.arrive, "Say that one is on the spot.")
Finish = _verb("OfferDone", answering.finish_work, "Say that it is done; of the report, if one leads it.")
Release = _verb("OfferRelease", answering.release, "Give back what one has taken on; others are asked.")
Withdraw = _verb("OfferWithdraw", answering.withdraw, "Take back, as a dispatcher, what somebody is asked.")


def _call(call: Call) -> dict[str, Any]:
    return dict(CallShape(calls_of([call.report_id]).get(pk=call.pk)).data)


ONE = "offers/<uuid:identity>"
urlpatterns = [
    path("reports/<uuid:identity>/offers", ReportOffers.as_view(), name="api-report-offers"),
    path("reports/<uuid:identity>/offers/withdraw", ReportOffersWithdraw.as_view(), name="api-report-offers-withdraw"),
    path("offers", OfferList.as_view(), name="api-offers"),
    path(f"{ONE}/seen", OfferSeen.as_view(), name="api-offer-seen"),
    path(f"{ONE}/accept", Accept.as_view(), name="api-offer-accept"),
    path(f"{ONE}/decline", Decline.as_view(), name="api-offer-decline"),
    path(f"{ONE}/arrive", Arrive.as_view(), name="api-offer-arrive"),
    path(f"{ONE}/done", Finish.as_view(), name="api-offer-done"),
    path(f"{ONE}/release", Release.as_view(), name="api-offer-release"),
    path(f"{ONE}/withdraw", Withdraw.as_view(), name="api-offer-withdraw"),
]
