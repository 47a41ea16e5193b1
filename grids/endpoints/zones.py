"""Zones over HTTP: areas and stretches with rules of their own, within the caller's scope."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import path
from rest_framework import serializers

from grids.endpoints.fields import DatedPlaceQuery, DatedShape, GeometryField, RegionField, chosen, outlined, placed
from grids.endpoints.places import NamedShape
from grids.models.areas import ZoneKind
from grids.rest import ListView, OneView
from grids.scope import Scope
from grids.seen import visible_zones


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


class ZoneDetail(OneView):
    """One zone."""

    shape = ZoneShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return what is seen today."""
        return outlined(_shown(visible_zones(scope)))


urlpatterns = [
    path("zones", ZoneList.as_view(), name="api-zones"),
    path("zones/<int:identity>", ZoneDetail.as_view(), name="api-zone"),
]
