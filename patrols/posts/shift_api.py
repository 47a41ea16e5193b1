"""The API of shifts under /api/v1/: who is wanted where, taking a place, swapping it, coming and leaving."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.endpoints.fields import IdField, RegionField
from grids.paging import Order, moment
from grids.problems import BadInput
from grids.rest import ANY_ID, Input, ListView, Query, once, one_of, read
from grids.scope import Scope, scope_of
from grids.shifts import CRS
from patrols.models import Shift, Turn
from patrols.models.posts import HELD_STATES, MOST_WANTED, Presence, ShiftState, TurnState
from patrols.posts import planning, presence, turns
from patrols.posts.attendance import with_presence
from patrols.posts.post_api import point_of
from patrols.posts.reach import check_assigner, visible_shifts

Shape = serializers.Serializer[Any]
WRONG_MOMENT: dict[str, Any] = {"invalid": gettext_lazy("This must be a moment such as 2026-11-03T08:30:00+08:00.")}


class TurnShape(Shape):
    """Somebody's place in a shift."""

    state = serializers.ChoiceField(TurnState.choices)
    since = serializers.DateTimeField()
    presence = serializers.ChoiceField(
        Presence.choices, help_text="Whether the person was there by position, by their own word, or unknown."
    )
    arrived_at = serializers.DateTimeField(allow_null=True)
    left_at = serializers.DateTimeField(allow_null=True)


class PersonTurnShape(Shape):
    """Who had or has a place in a shift; presence is nobody's business here."""

    person = serializers.IntegerField(source="person_id")
    name = serializers.CharField(source="person.local_name")
    state = serializers.ChoiceField(TurnState.choices)
    since = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ShiftPostShape(Shape):
    """Where a shift is."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    region = serializers.CharField(source="region.code")
    lon = serializers.FloatField(source="geom.x")
    lat = serializers.FloatField(source="geom.y")
    radius = serializers.IntegerField()


class ShiftShape(Shape):
    """A time at a post for a number of people."""

    id = serializers.UUIDField()
    post = ShiftPostShape()
    day = serializers.DateField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    wanted = serializers.IntegerField()
    taken = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="How many people it still needs.")
    swaps = serializers.IntegerField(help_text="How many of the places somebody wants to swap.")
    state = serializers.ChoiceField(ShiftState.choices)
    reason = serializers.CharField(allow_blank=True)
    measured = serializers.IntegerField(source="there", help_text="How many were there by position.")
    told = serializers.IntegerField(source="by_word", help_text="How many were there by their own word only.")
    mine = serializers.SerializerMethodField(help_text="One's own place, null without one.")

    @extend_schema_field(TurnShape(allow_null=True))
    def get_mine(self, shift: Any) -> dict[str, Any] | None:
        """Return the reader's own place."""
        return dict(TurnShape(shift.own[0]).data) if shift.own else None


class ShiftQuery(Query):
    """The filters of shifts."""

    since = serializers.DateField(required=False, help_text="The first day; today without it.")
    until = serializers.DateField(required=False, help_text="The last day; without it four weeks after the first.")
    post = IdField(help_text="The id of a post.")
    region = RegionField()
    vacant = serializers.BooleanField(required=False, help_text="Only those that lack somebody, or none of them.")
    mine = serializers.BooleanField(default=False, help_text="Only those where one has a place.")


class OnceInput(Input):
    """A single shift."""

    day = serializers.DateField()
    starts = serializers.TimeField(help_text="In the site's time zone.")
    ends = serializers.TimeField()
    wanted = serializers.IntegerField(min_value=1, max_value=MOST_WANTED, default=1)


class WantedInput(Input):
    """How many people a shift wants."""

    wanted = serializers.IntegerField(min_value=1, max_value=MOST_WANTED, required=False)


class ReasonInput(Input):
    """Why."""

    reason = serializers.CharField(max_length=200)


class WhoInput(Input):
    """Whom it is about."""

    person = serializers.IntegerField(min_value=1, max_value=ANY_ID)


class ShiftVerbInput(Input):
    """Nothing is to be said."""


class LeaveInput(Input):
    """When it was; now without it."""

    at = serializers.DateTimeField(required=False, error_messages=WRONG_MOMENT)


class ArriveInput(LeaveInput):
    """When it was, and where the phone is, if it says so. The position itself is not kept."""

    lon = serializers.FloatField(min_value=-180, max_value=180, required=False)
    lat = serializers.FloatField(min_value=-90, max_value=90, required=False)
    accuracy = serializers.FloatField(min_value=0, max_value=100_000, required=False, help_text="Metres.")
    crs = serializers.ChoiceField(CRS, default="wgs84")


class ShiftList(ListView):
    """Shifts within the caller's reach, in the order of their time."""

    query = ShiftQuery
    shape = ShiftShape
    order = Order((("starts_at", moment), ("pk", UUID)))

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Shift]:
        """Return those of some days."""
        since = asked.get("since") or timezone.localdate()
        rows = visible_shifts(scope).filter(day__gte=since)
        if asked.get("until"):
            rows = rows.filter(day__lte=asked["until"])
        if asked.get("post"):
            rows = rows.filter(post=asked["post"])
        if asked.get("region"):
            rows = rows.filter(post__region__code__startswith=asked["region"])
        if asked.get("vacant") is not None:
            lacks = Q(state=ShiftState.OPEN, taken__lt=F("wanted"), ends_at__gt=timezone.now())
            rows = rows.filter(lacks if asked["vacant"] else ~lacks)
        if asked["mine"]:
            own = Turn.objects.filter(person=scope.person_id, state__in=HELD_STATES)
            rows = rows.filter(pk__in=own.values("shift"))
        return shown(rows, scope)


class ShiftDetail(APIView):
    """One shift."""

    @extend_schema(responses=ShiftShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return it."""
        return Response(_one(scope_of(request.user), identity))

    @extend_schema(request=WantedInput, responses=ShiftShape)
    def patch(self, request: Request, identity: UUID) -> Response:
        """Say how many people it wants; never fewer than have a place."""
        scope = scope_of(request.user)
        planning.set_wanted(scope, identity, read(WantedInput, request).get("wanted"))
        return Response(_one(scope, identity))


class ShiftAdd(APIView):
    """Adding a single shift to a post."""

    @extend_schema(request=OnceInput, responses={201: ShiftShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Add it."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            shift = planning.add_shift(scope, identity, planning.Once(**read(OnceInput, request)))
            return 201, _one(scope, shift.pk)

        return once(request, work)


class ShiftTurns(APIView):
    """Who had or has a place in a shift."""

    @extend_schema(responses=PersonTurnShape(many=True))
    def get(self, request: Request, identity: UUID) -> Response:
        """Return them, the latest first, to who says who stands there; whether they came is not in it."""
        scope = scope_of(request.user)
        shift = one_of(visible_shifts(scope), pk=identity)
        check_assigner(scope, shift.post.region.code)
        rows = Turn.objects.filter(shift=shift).select_related("person").order_by("-since", "-pk")
        return Response(PersonTurnShape(rows, many=True).data)


class Verb(APIView):
    """One verb of a shift; each is answered with the shift as it is then."""

    def act(self, request: Request, scope: Scope, identity: UUID) -> object:
        """Do it."""
        raise NotImplementedError

    def answer(self, request: Request, identity: UUID) -> HttpResponse:
        """Do it once, and return the shift."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            self.act(request, scope, identity)
            return 200, _one(scope, identity)

        return once(request, work)


def _plain(verb: Callable[[Scope, UUID], Turn], sentence: str) -> type[APIView]:
    """Return the view of a verb that needs nothing but the shift."""

    def act(self: Verb, request: Request, scope: Scope, identity: UUID) -> Turn:
        read(ShiftVerbInput, request)
        return verb(scope, identity)

    def post(self: Verb, request: Request, identity: UUID) -> HttpResponse:
        return self.answer(request, identity)

    post.__doc__ = sentence
    described = extend_schema(request=ShiftVerbInput, responses={200: ShiftShape})(post)
    name = "Shift" + "".join(part.capitalize() for part in verb.__name__.split("_"))
    return type(name, (Verb,), {"act": act, "post": described, "__doc__": sentence})


Take = _plain(turns.take, "Take a free place; of two at the same moment one gets the last.")
Release = _plain(turns.release, "Give one's place back before the shift begins.")
Swap = _plain(turns.ask_swap, "Ask others to take over; until somebody does, the place stays one's own.")
Keep = _plain(turns.keep, "Take back the wish to swap.")
TakeOver = _plain(turns.take_over, "Take the place of who wants to swap; both are told.")
UndoArrive = _plain(presence.undo_arrival, "Take back that one came.")


class Arrive(Verb):
    """Saying that one came."""

    @extend_schema(request=ArriveInput, responses={200: ShiftShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Note that one came, now or at a moment that the phone noted; measured if it says a position nearby."""
        return self.answer(request, identity)

    def act(self, request: Request, scope: Scope, identity: UUID) -> Turn:
        """Do it."""
        data = read(ArriveInput, request)
        here = None
        if ("lon" in data) != ("lat" in data):
            raise BadInput(_("Give both lon and lat, or neither."))
        if "lon" in data:
            point = point_of(data["lon"], data["lat"], data["crs"])
            here = presence.Here(point.x, point.y, data.get("accuracy"))
        return presence.arrive(scope, identity, data.get("at"), here)


class Leave(Verb):
    """Saying that one left."""

    @extend_schema(request=LeaveInput, responses={200: ShiftShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Note that one left."""
        return self.answer(request, identity)

    def act(self, request: Request, scope: Scope, identity: UUID) -> Turn:
        """Do it."""
        return presence.leave(scope, identity, read(LeaveInput, request).get("at"))


class Assign(Verb):
    """Giving somebody a place."""

    @extend_schema(request=WhoInput, responses={200: ShiftShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Give somebody a free place; they are told, and may ask for a swap."""
        return self.answer(request, identity)

    def act(self, request: Request, scope: Scope, identity: UUID) -> Turn:
        """Do it."""
        return turns.assign(scope, identity, read(WhoInput, request)["person"])


class Remove(Verb):
    """Taking somebody off."""

    @extend_schema(request=WhoInput, responses={200: ShiftShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Take somebody off a shift; they are told."""
        return self.answer(request, identity)

    def act(self, request: Request, scope: Scope, identity: UUID) -> Turn:
        """Do it."""
        return turns.remove(scope, identity, read(WhoInput, request)["person"])


class Cancel(Verb):
    """Cancelling a shift."""

    @extend_schema(request=ReasonInput, responses={200: ShiftShape})
    def post(self, request: Request, identity: UUID) -> HttpResponse:
        """Cancel it; those who had a place are told."""
        return self.answer(request, identity)

    def act(self, request: Request, scope: Scope, identity: UUID) -> Shift:
        """Do it."""
        return planning.cancel(scope, identity, read(ReasonInput, request)["reason"])


def shown(rows: QuerySet[Shift], scope: Scope) -> QuerySet[Shift]:
    """Give shifts what a row shows of them: who is there in numbers, swaps, and the reader's own place."""
    own = Turn.objects.filter(person=scope.person_id, state__in=HELD_STATES)
    swaps = Count("turns", filter=Q(turns__state=TurnState.SWAP_WANTED))
    return with_presence(rows).annotate(swaps=swaps).prefetch_related(Prefetch("turns", own, to_attr="own"))


def _one(scope: Scope, identity: UUID) -> dict[str, Any]:
    return dict(ShiftShape(one_of(shown(visible_shifts(scope), scope), pk=identity)).data)


ONE = "shifts/<uuid:identity>"
urlpatterns = [
    path("posts/<int:identity>/shifts", ShiftAdd.as_view(), name="api-post-shifts"),
    path("shifts", ShiftList.as_view(), name="api-shifts"),
    path(ONE, ShiftDetail.as_view(), name="api-shift"),
    path(f"{ONE}/turns", ShiftTurns.as_view(), name="api-shift-turns"),
    path(f"{ONE}/take", Take.as_view(), name="api-shift-take"),
    path(f"{ONE}/release", Release.as_view(), name="api-shift-release"),
    path(f"{ONE}/swap", Swap.as_view(), name="api-shift-swap"),
    path(f"{ONE}/keep", Keep.as_view(), name="api-shift-keep"),
    path(f"{ONE}/take-over", TakeOver.as_view(), name="api-shift-take-over"),
    path(f"{ONE}/arrive", Arrive.as_view(), name="api-shift-arrive"),
    path(f"{ONE}/arrive/undo", UndoArrive.as_view(), name="api-shift-arrive-undo"),
    path(f"{ONE}/leave", Leave.as_view(), name="api-shift-leave"),
    path(f"{ONE}/assign", Assign.as_view(), name="api-shift-assign"),
    path(f"{ONE}/remove", Remove.as_view(), name="api-shift-remove"),
    path(f"{ONE}/cancel", Cancel.as_view(), name="api-shift-cancel"),
]
