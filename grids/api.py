"""The API of places under /api/v1/."""

from django.contrib.gis.geos import Point
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard
from grids.near import describe


class PlaceNear(APIView):
    """What a tapped place is called."""

    def get(self, request: Request) -> Response:
        """Return grid, words and stairwells for lon and lat in EPSG:4326."""
        checked = geometry_guard.parse_point(request.query_params.get("lon"), request.query_params.get("lat"))
        point = geometry_guard.to_geos(checked)
        assert isinstance(point, Point)
        return Response(describe(point))


urlpatterns = [path("places/near", PlaceNear.as_view(), name="api-place-near")]
