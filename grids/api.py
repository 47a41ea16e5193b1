"""The API of places under /api/v1/."""

from django.contrib.gis.geos import Point
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard
from grids.endpoints import assignments, bodies, checkpoints, me, people, places, search, splits, zones
from grids.near import describe


class NearGridShape(serializers.Serializer[dict[str, object]]):
    """The grid of a place."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class NearStairwellShape(serializers.Serializer[dict[str, object]]):
    """A stairwell that may be meant."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]


class NearShape(serializers.Serializer[dict[str, object]]):
    """What a place is called."""

    grid = NearGridShape(allow_null=True)
    place = serializers.CharField(allow_blank=True)
    stairwells = NearStairwellShape(many=True)


class PlaceNear(APIView):
    """What a tapped place is called."""

    @extend_schema(
        parameters=[OpenApiParameter("lon", float, required=True), OpenApiParameter("lat", float, required=True)],
        responses={200: NearShape},
    )
    def get(self, request: Request) -> Response:
        """Return grid, words and stairwells for lon and lat in EPSG:4326."""
        checked = geometry_guard.parse_point(request.query_params.get("lon"), request.query_params.get("lat"))
        point = geometry_guard.to_geos(checked)
        assert isinstance(point, Point)
        return Response(describe(point))


urlpatterns = [
    path("places/near", PlaceNear.as_view(), name="api-place-near"),
    *places.urlpatterns,
    *search.urlpatterns,
    *checkpoints.urlpatterns,
    *zones.urlpatterns,
    *bodies.urlpatterns,
    *people.urlpatterns,
    *assignments.urlpatterns,
    *splits.urlpatterns,
    *me.urlpatterns,
]
