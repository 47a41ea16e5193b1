"""The API of coverage under /api/v1/."""

from typing import Any

from django.db.models import Q
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.models import Grid
from grids.models.grid import GridKind
from grids.rest import Input, one_of, read_query
from grids.scope import scope_of
from patrols.coverage import INTERVAL, Walked, grid_seen

Shape = serializers.Serializer[Any]


class StreetSeenShape(Shape):
    """A street as far as it lies within a grid."""

    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    metres = serializers.FloatField()
    covered = serializers.FloatField(help_text="Share that was measured as walked in the interval.")
    unknown = serializers.FloatField(help_text="Share that lies in gaps of patrols and was not walked otherwise.")
    told = serializers.BooleanField(help_text="Whether it was ticked by hand in the interval.")
    walked_on = serializers.DateField(allow_null=True)
    told_on = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField([state.value for state in Walked])


class GridSeenShape(Shape):
    """What is known of a grid's streets; the three lengths in metres add up to all."""

    grid = serializers.CharField()
    interval_days = serializers.IntegerField()
    covered = serializers.FloatField()
    unknown = serializers.FloatField()
    not_covered = serializers.FloatField()
    streets = StreetSeenShape(many=True)


class CoverageQuery(Input):
    """On which day."""

    on = serializers.DateField(required=False, help_text="As it stood on this day; today without it.")


class CoverageView(APIView):
    """How the streets of a grid stand."""

    @extend_schema(parameters=[CoverageQuery], responses=GridSeenShape)
    def get(self, request: Request, code: str) -> Response:
        """Return it for one's own grid, or one of one's region; nobody's name and no patrol is in it."""
        asked = read_query(CoverageQuery, request.query_params.dict())
        scope = scope_of(request.user)
        day = asked.get("on", timezone.localdate())
        visible = Grid.objects.on(day).filter(Q(pk__in=scope.grids) | scope.within("region__code"))
        seen = grid_seen(one_of(visible.filter(kind=GridKind.SERVICE), code=code), day)
        shown = {
            "grid": code,
            "interval_days": INTERVAL.days,
            "covered": round(seen.covered, 1),
            "unknown": round(seen.unknown, 1),
            "not_covered": round(seen.not_covered, 1),
            "streets": seen.streets,
        }
        return Response(GridSeenShape(shown).data)


urlpatterns = [path("coverage/<slug:code>", CoverageView.as_view(), name="api-coverage")]
