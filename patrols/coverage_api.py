"""The API of coverage under /api/v1/."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.endpoints.fields import RegionField
from grids.models import Grid
from grids.models.grid import GridKind
from grids.paging import next_address
from grids.problems import NotFound
from grids.rest import Input, ListView, Query, one_of, page_of, read_query
from grids.scope import Scope, scope_of
from patrols.coverage import INTERVAL, Walked, grid_seen
from patrols.coverage_summary import Evenness, Summary, check_period, evenness, summaries

Shape = serializers.Serializer[Any]


class DayField(serializers.DateField):
    """A day on which there can have been patrols."""

    def __init__(self, **options: Any) -> None:
        within = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
        super().__init__(**{"validators": within, **options})


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

    on = DayField(required=False, help_text="As it stood on this day; today without it.")


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


class PeriodQuery(Input):
    """From which day to which; the last seven days without them."""

    region = RegionField()
    since = DayField(required=False, help_text="The first day.")
    until = DayField(required=False, help_text="The last day, today without it.")


class SummaryQuery(PeriodQuery, Query):
    """Grids of a region in a period."""


class SpreadShape(Shape):
    """The least, middle and largest of so many grids, and how unequal they are, 0 to 1; null if that says nothing."""

    count = serializers.IntegerField()
    least = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    most = serializers.FloatField(allow_null=True)
    gini = serializers.FloatField(allow_null=True)


class SummaryShape(Shape):
    """What was walked in a grid in a period; metres that are `covered`, `unknown` and `not_covered` add up to all."""

    grid = serializers.CharField(source="code")
    name = serializers.CharField(source="local_name")
    metres = serializers.FloatField(source="summary.metres")
    covered = serializers.FloatField(source="summary.covered")
    told = serializers.FloatField(
        source="summary.told", help_text="How much of what is covered was only ticked by hand."
    )
    unknown = serializers.FloatField(source="summary.unknown")
    not_covered = serializers.FloatField(source="summary.not_covered")
    share = serializers.FloatField(
        source="summary.share", allow_null=True, help_text="Null where nothing was recorded: that is not 0."
    )
    recorded = serializers.BooleanField(source="summary.recorded")
    revisit_days = serializers.FloatField(
        source="summary.revisit", allow_null=True, help_text="The median of days from one walk of a street to the next."
    )
    revisits = serializers.IntegerField(source="summary.revisits", help_text="Of so many pairs of walks.")
    last_walk = serializers.DateField(source="summary.last_walk", allow_null=True)
    streets = serializers.IntegerField(source="summary.streets")
    overdue = serializers.IntegerField(source="summary.overdue", help_text="Streets that are overdue on the last day.")
    never = serializers.IntegerField(source="summary.never", help_text="Streets that nobody is known to have walked.")
    checkpoints = serializers.IntegerField(source="summary.checkpoints")
    passed = serializers.IntegerField(source="summary.passed", help_text="Checkpoints that a patrol came by.")
    actual = serializers.IntegerField(source="summary.actual", help_text="Patrols begun.")


class EvennessShape(Shape):
    """How evenly what was recorded is spread over the grids of a region."""

    grids = serializers.IntegerField()
    unrecorded = serializers.IntegerField(help_text="Grids of which nothing was recorded in the period.")
    per_street = SpreadShape(help_text="Metres walked for each metre of street.")
    per_household = SpreadShape(help_text="Metres walked for each household.")


class SummaryView(ListView):
    """What was walked in many grids."""

    query = SummaryQuery
    shape: ClassVar[type[Shape]] = SummaryShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return the grids of the last day."""
        rows = Grid.objects.on(period_of(asked)[1]).filter(kind=GridKind.SERVICE)
        rows = rows.filter(Q(pk__in=scope.grids) | scope.within("region__code"))
        return rows.filter(region__code__startswith=asked["region"]) if "region" in asked else rows

    @extend_schema(parameters=[SummaryQuery], responses=page_of(SummaryShape))
    def get(self, request: Request) -> Response:
        """Return a page of grids by their ids; nobody's name and no patrol is in it."""
        asked = read_query(self.query, request.query_params.dict())
        since, until = period_of(asked)
        grids, cursor = self.order.page(self.rows(scope_of(request.user), asked), asked["cursor"], asked["limit"])
        found: dict[int, Summary] = summaries((grid.pk for grid in grids), since, until)
        for grid in grids:
            grid.summary = found[grid.pk]
        shown = self.shape(grids, many=True).data
        return Response({"results": shown, "next": next_address(request._request, cursor)})


class EvennessView(APIView):
    """How evenly what was walked is spread."""

    looks_up = True

    @extend_schema(parameters=[PeriodQuery], responses=EvennessShape)
    def get(self, request: Request) -> Response:
        """Return it for a region that one sees as a whole; it compares grids, never people."""
        asked = read_query(PeriodQuery, request.query_params.dict())
        since, until = period_of(asked)
        region = asked.get("region", "")
        scope = scope_of(request.user)
        if not scope.wide or not any(region.startswith(code) for code in (scope.wide if region else ("",))):
            raise NotFound(_("There is no such region here."))
        rows = Grid.objects.on(until).filter(scope.within("region__code"), region__code__startswith=region)
        grids = dict(rows.filter(kind=GridKind.SERVICE).values_list("pk", "households"))
        found: Evenness = evenness(summaries(grids, since, until), grids)
        return Response(EvennessShape(found).data)


def period_of(asked: dict[str, Any]) -> tuple[date, date]:
    """Return the first and the last day that are asked for; raises BadInput for what is none or too long."""
    until = asked.get("until", timezone.localdate())
    since = asked.get("since", until - timedelta(days=6))
    check_period(since, until)
    return since, until


urlpatterns = [
    path("coverage", SummaryView.as_view(), name="api-coverage-summary"),
    path("coverage/evenness", EvennessView.as_view(), name="api-coverage-evenness"),
    path("coverage/<slug:code>", CoverageView.as_view(), name="api-coverage"),
]
