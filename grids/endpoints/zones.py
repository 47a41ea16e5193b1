"""Zones over HTTP: areas and stretches with rules of their own, within the caller's scope."""

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from grids import zones
from grids.endpoints.fields import (
    GEOMETRY,
    DatedPlaceQuery,
    DatedShape,
    EndInput,
    GeometryField,
    RegionField,
    chosen,
    outlined,
    placed,
)
from grids.endpoints.places import NamedShape
from grids.models import Zone
from grids.models.areas import ZoneKind
from grids.planned_areas import PlannedArea, area_drawn, area_of_cells
from grids.problems import BadInput
from grids.rest import Input, ListView, OneView, once, read
from grids.scope import Scope, scope_of
from grids.seen import visible_zones
from grids.zones import LONGEST_NAME, Campaign


@extend_schema_field(GEOMETRY)
class AnyGeometry(serializers.JSONField):
    """A geometry as it was given; what it is, the guard finds out."""


class AreaInput(Input):
    """An area, by cells of the map or as an outline."""

    cells = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, help_text="Ids of H3 cells of one size."
    )
    geometry = AnyGeometry(required=False, help_text="A Polygon or MultiPolygon of GeoJSON, WGS-84, instead of cells.")


def area_given(scope: Scope, data: dict[str, Any]) -> PlannedArea:
    """Return the area that a body gives by cells or as an outline; raises BadInput for both or neither."""
    cells, geometry = data.pop("cells", None), data.pop("geometry", None)
    if (cells is None) == (geometry is None):
        raise BadInput(_("Give either cells or a geometry."))
    return area_of_cells(scope, cells) if cells is not None else area_drawn(scope, geometry)


class CampaignInput(AreaInput):
    """The area of a campaign."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    first_day = serializers.DateField()
    last_day = serializers.DateField(help_text="The last day, itself included.")


class ZoneQuery(DatedPlaceQuery):
    """The filters of zones."""

    region = RegionField()
    kind = serializers.ChoiceField(ZoneKind.values, required=False)


class ZoneShape(NamedShape, DatedShape):
    """An area or stretch with rules of its own."""

    kind = serializers.ChoiceField(ZoneKind.values)
    region = serializers.CharField(source="region_code", help_text="The region's code.")
    source = serializers.CharField()  # type: ignore[assignment]
    source_id = serializers.CharField()
    geometry = GeometryField()


def _shown(rows: QuerySet[Any]) -> QuerySet[Any]:
    shown: QuerySet[Any] = rows.annotate(region_code=F("region__code"))
    return shown


class ZoneList(ListView):
    """Zones within the caller's scope: duty, core and campaign areas, exemptions."""

    query = ZoneQuery
    shape = ZoneShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return those of a day."""
        rows = chosen(visible_zones(scope, asked.get("on")), asked, region="region__code__startswith", kind="kind")
        return placed(_shown(rows), asked)

    @extend_schema(request=CampaignInput, responses={201: ZoneShape})
    def post(self, request: Request) -> HttpResponse:
        """Make the area of a campaign; the region's planners may."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(CampaignInput, request)
            area = area_given(scope, data)
            return 201, _one(zones.make_campaign(scope, Campaign(**data), area))

        return once(request, work)


class ZoneEnd(APIView):
    """The end of a campaign's area."""

    @extend_schema(request=EndInput, responses={200: ZoneShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Let it hold until a day and no longer."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            return 200, _one(zones.end_campaign(scope, identity, read(EndInput, request)["last_day"]))

        return once(request, work)


def _one(zone: Zone) -> dict[str, Any]:
    return dict(ZoneShape(outlined(_shown(Zone.objects.filter(pk=zone.pk))).get()).data)


class ZoneDetail(OneView):
    """One zone."""

    shape = ZoneShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return what is seen today."""
        return outlined(_shown(visible_zones(scope)))


urlpatterns = [
    path("zones", ZoneList.as_view(), name="api-zones"),
    path("zones/<int:identity>/end", ZoneEnd.as_view(), name="api-zone-end"),
    path("zones/<int:identity>", ZoneDetail.as_view(), name="api-zone"),
]
