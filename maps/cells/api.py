"""The API of heat under /api/v1/: the cells with most, and how many there were over time."""

from typing import Any

from django.contrib.gis.geos import Polygon
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.boxes import read_box
from grids.problems import Problem
from grids.rest import Input, read_query
from grids.scope import scope_of
from maps.cells.asking import read_asked
from maps.cells.hexagons import FINEST, RESOLUTIONS, resolution_at
from maps.cells.listing import counted_until, shown, top_cells
from maps.cells.series import Step, series

Shape = serializers.Serializer[Any]
MOST_CELLS = 100
BOX = "west,south,east,north in degrees, EPSG:4326."


class HeatQuery(Input):
    """Which problems."""

    since = serializers.CharField(required=False, help_text="The first day on which they were recorded.")
    until = serializers.CharField(required=False, help_text="The last day.")
    category = serializers.CharField(required=False, help_text="Codes by comma, of any edition of the catalogue.")
    state = serializers.CharField(required=False, help_text="States by comma, or “open”.")


class CellsQuery(HeatQuery):
    """Of which cells."""

    bbox = serializers.CharField(help_text=BOX)
    zoom = serializers.IntegerField(
        min_value=0, max_value=22, required=False, help_text="Cells of the size that this zoom shows, 12 without it."
    )
    resolution = serializers.IntegerField(
        min_value=RESOLUTIONS[0], max_value=FINEST, required=False, help_text="Cells of this size instead."
    )
    versus_since = serializers.CharField(required=False, help_text="The first day of a period to compare with.")
    versus_until = serializers.CharField(required=False, help_text="Its last day.")
    limit = serializers.IntegerField(min_value=1, max_value=MOST_CELLS, default=10)


class SeriesQuery(HeatQuery):
    """In which spans."""

    bbox = serializers.CharField(required=False, help_text=f"{BOX} All of one's regions without it.")
    step = serializers.ChoiceField([step.value for step in Step], default=Step.DAY.value)


class HotCellShape(Shape):
    """A cell with what lies in it."""

    id = serializers.CharField(help_text="The H3 cell in hexadecimal.")
    n = serializers.IntegerField(help_text="How many problems were recorded in it.")
    was = serializers.IntegerField(allow_null=True, help_text="How many in the period compared with.")
    ha = serializers.FloatField(help_text="Its area in hectares.")
    per_ha = serializers.FloatField(help_text="Problems for each hectare.")
    centre = serializers.ListField(child=serializers.FloatField(), help_text="Longitude and latitude.")
    bounds = serializers.ListField(child=serializers.FloatField(), help_text="West, south, east, north in degrees.")
    name = serializers.CharField(help_text="The place, else the street, else the region; may be empty.")
    place = serializers.CharField(help_text="A named place in it, empty for large cells.")
    street = serializers.CharField(help_text="The street nearest to its middle, empty for large cells.")
    region = serializers.CharField(help_text="The community, subdistrict or district of its middle.")


class HotCellsShape(Shape):
    """The cells with most, most first."""

    as_of = serializers.DateTimeField(allow_null=True, help_text="Up to when everything is counted.")
    resolution = serializers.IntegerField(help_text="The H3 resolution.")
    results = HotCellShape(many=True)


class SpanShape(Shape):
    """A day, week or month."""

    since = serializers.DateField(help_text="Its first day; weeks begin on Monday.")
    n = serializers.IntegerField(help_text="How many problems were recorded in it, within the window.")


class HeatSeriesShape(Shape):
    """Spans in order, empty ones included."""

    as_of = serializers.DateTimeField(allow_null=True, help_text="Up to when everything is counted.")
    step = serializers.ChoiceField([step.value for step in Step])
    resolution = serializers.IntegerField(help_text="Of a box, cells of this size whose middle lies in it are counted.")
    total = serializers.IntegerField()
    results = SpanShape(many=True)


class HotCells(APIView):
    """The cells with most problems."""

    @extend_schema(parameters=[CellsQuery], responses=HotCellsShape)
    def get(self, request: Request) -> Response:
        """Return those of a box, in the regions that one sees as a whole."""
        given = request.query_params.dict()
        query = read_query(CellsQuery, given)
        resolution = query.get("resolution", resolution_at(query.get("zoom", 12)))
        found = top_cells(scope_of(request.user), read_asked(given), _box(query["bbox"]), resolution, query["limit"])
        return Response({"as_of": counted_until(), "resolution": resolution, "results": [shown(one) for one in found]})


class HeatSeries(APIView):
    """How many problems were recorded over time."""

    @extend_schema(parameters=[SeriesQuery], responses=HeatSeriesShape)
    def get(self, request: Request) -> Response:
        """Return it for a box, or all of the regions that one sees as a whole."""
        given = request.query_params.dict()
        query = read_query(SeriesQuery, given)
        box = _box(query["bbox"]) if "bbox" in query else None
        found = series(scope_of(request.user), read_asked(given), box, Step(query["step"]))
        return Response(
            {
                "as_of": counted_until(),
                "step": query["step"],
                "resolution": found.resolution,
                "total": found.total,
                "results": [{"since": day, "n": n} for day, n in found.spans],
            }
        )


def _box(text: str) -> Polygon:
    box = read_box(text)
    if box is None:
        raise Problem(_("bbox must be west,south,east,north in degrees."))
    return box


urlpatterns = [
    path("heat/cells", HotCells.as_view(), name="api-heat-cells"),
    path("heat/series", HeatSeries.as_view(), name="api-heat-series"),
]
