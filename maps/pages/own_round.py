"""A volunteer's round (巡办路线): what they have in hand and which of their checkpoints are due, in a good order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard
from grids.models import Grid
from grids.rest import read_query
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page
from maps.pages.patch import checkpoints_of, grids_of
from maps.pages.patrol_bundle import EVERY, EVERY_ZERO, MOST_GRIDS
from maps.pages.wording import day_words, moment
from patrols.live import FRESH
from patrols.matching.rounds import MOST_STOPS, Stop, go_round
from patrols.models import LastPosition, Party, Report
from patrols.models.parties import PartyRole
from patrols.workflow import FIXING_STATES

Shape = serializers.Serializer[Any]
FROM = ("given", "position", "grid")
KINDS = ("report", "checkpoint")


class RoundQuery(Shape):
    """From where, and over what."""

    lon = serializers.FloatField(required=False, help_text="From here; without it from one's own position or grid.")
    lat = serializers.FloatField(required=False)
    kinds = serializers.CharField(required=False, max_length=40, help_text="report, checkpoint or both, by comma.")


class RoundStopShape(Shape):
    """A stop of a round."""

    kind = serializers.ChoiceField(KINDS)
    id = serializers.CharField()
    name = serializers.CharField()
    more = serializers.CharField(allow_blank=True, help_text="The state of a report, or when a place was last seen.")
    glyph = serializers.CharField()
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    metres = serializers.IntegerField(help_text="From the stop before, as the crow flies.")
    url = serializers.CharField(allow_blank=True)


class RoundStartShape(Shape):
    """Where a round begins."""

    origin = serializers.ChoiceField(FROM)
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class RoundShape(Shape):
    """One's own round."""

    start = RoundStartShape(allow_null=True, help_text="Null without a grid and a position.")
    metres = serializers.IntegerField()
    exact = serializers.BooleanField(help_text="Whether no order is shorter; with many stops it is a good one.")
    left = serializers.IntegerField(help_text="How many due places did not fit in.")
    stops = RoundStopShape(many=True)


@dataclass(frozen=True, slots=True)
class _Start:
    origin: str
    lon: float
    lat: float


class OwnRound(APIView):
    """The order in which to go round what one has in hand and what is due."""

    @extend_schema(parameters=[RoundQuery], responses=RoundShape)
    def get(self, request: Request) -> Response:
        """Return one's own round of today."""
        asked = read_query(RoundQuery, request.query_params.dict())
        given = None
        if "lon" in asked or "lat" in asked:
            place = geometry_guard.parse_point(asked.get("lon"), asked.get("lat"))
            given = _Start("given", place.x, place.y)
        kinds = {one for one in asked.get("kinds", "").split(",") if one} or set(KINDS)
        return Response(round_of(scope_of(request.user), given, kinds))


def round_of(scope: Scope, given: _Start | None = None, kinds: set[str] | None = None) -> dict[str, Any]:
    """Return the round of a person as JSON; the reports come before checkpoints where not all fit in."""
    grids = grids_of(scope, None)[:MOST_GRIDS]
    start = given or _start(scope, grids)
    if start is None:
        return {"start": None, "metres": 0, "exact": True, "left": 0, "stops": []}
    chosen = set(KINDS) if kinds is None else kinds
    found = list(_reports(scope)) if "report" in chosen else []
    if "checkpoint" in chosen:
        found += _due(grids, timezone.localdate())
    stops = {f"{one['kind']}:{one['id']}": one for one in found}
    kept = dict(list(stops.items())[:MOST_STOPS])
    way = go_round((start.lon, start.lat), [Stop(key, one["lon"], one["lat"]) for key, one in kept.items()])
    return {
        "start": {"origin": start.origin, "lon": start.lon, "lat": start.lat},
        "metres": way.metres,
        "exact": way.exact,
        "left": len(stops) - len(kept),
        "stops": [{**kept[leg.key], "metres": leg.metres} for leg in way.legs],
    }


@require_safe
@login_required
@never_cache
@by_page
def round_page(request: HttpRequest) -> HttpResponse:
    """Show one's own round: a list to go by, a map, and paper."""
    scope = scope_of(request.user)
    if not scope.grids and not Party.objects.busy().filter(person=scope.person).exists():
        raise Http404
    found = round_of(scope)
    context = {"round": found, "today": timezone.localdate(), "page": found}
    return render(request, "maps/round.html", context)


def _start(scope: Scope, grids: list[Grid]) -> _Start | None:
    fresh = LastPosition.objects.filter(person=scope.person, taken_at__gt=timezone.now() - FRESH).first()
    if fresh:
        return _Start("position", fresh.geom.x, fresh.geom.y)
    own = next((grid for grid in grids if grid.pk in scope.owned), None) or next(iter(grids), None)
    if own is None:
        return None
    inner = own.geom.point_on_surface
    return _Start("grid", inner.x, inner.y)


def _reports(scope: Scope) -> Iterator[dict[str, Any]]:
    mine = Party.objects.busy().filter(person=scope.person, role=PartyRole.LEAD).values("report")
    rows = Report.objects.visible_to(scope).filter(pk__in=mine, state__in=FIXING_STATES).select_related("category")
    for row in rows.order_by("due_at", "pk"):
        due = _("by %(moment)s") % {"moment": moment(row.due_at, timezone.now())} if row.due_at else ""
        yield {
            "kind": "report",
            "id": str(row.pk),
            "name": f"{row.category.local_name} · {row.place or row.number}",
            "more": " · ".join(filter(None, (row.get_state_display(), due))),
            "glyph": row.category.glyph,
            "lon": row.anchor.x,
            "lat": row.anchor.y,
            "url": reverse("report", args=[row.pk]),
        }


def _due(grids: list[Grid], today: date) -> Iterator[dict[str, Any]]:
    """Yield the checkpoints of grids that nobody passed within their days."""
    for grid in grids:
        for row in checkpoints_of(grid):
            passed, zero = row.passed, row.zero  # type: ignore[attr-defined]
            if passed and (today - passed).days < (EVERY_ZERO if zero else EVERY):
                continue
            middle = row.middle  # type: ignore[attr-defined]
            last = _("last seen %(day)s") % {"day": day_words(passed, today)} if passed else _("never seen")
            yield {
                "kind": "checkpoint",
                "id": str(row.pk),
                "name": row.local_name,
                "more": " · ".join(
                    filter(None, (row.type.local_name, _("zero-deduction point") if zero else "", last))
                ),
                "glyph": row.type.glyph,
                "lon": middle.x,
                "lat": middle.y,
                "url": "",
            }


api_urlpatterns: list[URLPattern] = [path("me/round", OwnRound.as_view(), name="api-own-round")]
urlpatterns: list[URLPattern] = [path("patrol/round/", round_page, name="round")]
