"""Regions, grids, streets, buildings and stairwells: the ground, open to everybody who is signed in."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import path
from rest_framework import serializers

from grids.endpoints.fields import (
    DatedPlaceQuery,
    DatedShape,
    GeometryField,
    IdField,
    PlaceQuery,
    RegionField,
    chosen,
    on_day,
    outlined,
    placed,
)
from grids.models import Building, Grid, Region, Stairwell, Street
from grids.models.grid import GridKind
from grids.models.places import BuildingKind, RegionLevel, StreetKind
from grids.rest import ListView, OneView
from grids.scope import Scope

Shape = serializers.Serializer[Any]


class NamedShape(Shape):
    """A thing with a name."""

    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)


class RegionQuery(DatedPlaceQuery):
    """The filters of regions."""

    region = RegionField()
    level = serializers.ChoiceField(RegionLevel.values, required=False)


class RegionShape(NamedShape, DatedShape):
    """A district, subdistrict or community; its code begins with that of the region around it."""

    code = serializers.CharField()
    level = serializers.ChoiceField(RegionLevel.values)
    geometry = GeometryField()


class RegionList(ListView):
    """Administrative regions."""

    query = RegionQuery
    shape = RegionShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return those of a day."""
        rows = chosen(on_day(Region.objects.all(), asked), asked, region="code__startswith", level="level")
        return placed(rows, asked)


class RegionDetail(OneView):
    """One region."""

    shape = RegionShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return all."""
        return outlined(Region.objects.all())


class GridQuery(DatedPlaceQuery):
    """The filters of grids."""

    region = RegionField()
    code = serializers.RegexField(r"^[0-9]{15}$", required=False)
    kind = serializers.ChoiceField(GridKind.values, required=False)


class GridShape(DatedShape):
    """A grid; who answers for it stands in the assignments."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    kind = serializers.ChoiceField(GridKind.values)
    name = serializers.CharField()
    region = serializers.CharField(source="region_code", help_text="The community's code.")
    unit_of = serializers.IntegerField(source="parent_id", allow_null=True, help_text="A unit grid's service grid.")
    households = serializers.IntegerField(allow_null=True)
    geometry = GeometryField()


def _grids() -> QuerySet[Any]:
    return Grid.objects.annotate(region_code=F("region__code"))


class GridList(ListView):
    """Grids: patches of a community with an owner."""

    query = GridQuery
    shape = GridShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return those of a day."""
        rows = chosen(on_day(_grids(), asked), asked, region="code__startswith", code="code", kind="kind")
        return placed(rows, asked)


class GridDetail(OneView):
    """One grid."""

    shape = GridShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return all."""
        return outlined(_grids())


class StreetQuery(PlaceQuery):
    """The filters of streets."""

    kind = serializers.ChoiceField(StreetKind.values, required=False)


class StreetShape(NamedShape):
    """A street, path, railway or waterway."""

    kind = serializers.ChoiceField(StreetKind.values)
    tunnel = serializers.BooleanField(help_text="Whether it runs under the ground.")
    geometry = GeometryField()


class StreetList(ListView):
    """Streets, paths, railways and waterways."""

    query = StreetQuery
    shape = StreetShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return them."""
        return placed(chosen(Street.objects.all(), asked, kind="kind"), asked)


class StreetDetail(OneView):
    """One street."""

    shape = StreetShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return all."""
        return outlined(Street.objects.all())


class BuildingQuery(PlaceQuery):
    """The filters of buildings."""

    kind = serializers.ChoiceField(BuildingKind.values, required=False)
    region = RegionField()


class BuildingShape(NamedShape):
    """A building with its households."""

    kind = serializers.ChoiceField(BuildingKind.values)
    estate = serializers.CharField(allow_blank=True)
    households = serializers.IntegerField(allow_null=True)
    floors = serializers.IntegerField(allow_null=True)
    region = serializers.CharField(source="region_code", allow_null=True, help_text="The region's code.")
    geometry = GeometryField()


def _buildings() -> QuerySet[Any]:
    return Building.objects.annotate(region_code=F("region__code"))


class BuildingList(ListView):
    """Buildings."""

    query = BuildingQuery
    shape = BuildingShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return them."""
        return placed(chosen(_buildings(), asked, kind="kind", region="region__code__startswith"), asked)


class BuildingDetail(OneView):
    """One building."""

    shape = BuildingShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return all."""
        return outlined(_buildings())


class StairwellQuery(PlaceQuery):
    """The filters of stairwells."""

    building = IdField()


class StairwellShape(Shape):
    """A stairwell of a building."""

    id = serializers.IntegerField()
    building = serializers.IntegerField(source="building_id")
    label = serializers.CharField()  # type: ignore[assignment]
    households = serializers.IntegerField(allow_null=True)
    geometry = GeometryField()


class StairwellList(ListView):
    """Stairwells, the smallest places that somebody answers for."""

    query = StairwellQuery
    shape = StairwellShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return them."""
        return placed(chosen(Stairwell.objects.all(), asked, building="building_id"), asked)


class StairwellDetail(OneView):
    """One stairwell."""

    shape = StairwellShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return all."""
        return outlined(Stairwell.objects.all())


urlpatterns = [
    path("regions", RegionList.as_view(), name="api-regions"),
    path("regions/<int:identity>", RegionDetail.as_view(), name="api-region"),
    path("grids", GridList.as_view(), name="api-grids"),
    path("grids/<int:identity>", GridDetail.as_view(), name="api-grid"),
    path("streets", StreetList.as_view(), name="api-streets"),
    path("streets/<int:identity>", StreetDetail.as_view(), name="api-street"),
    path("buildings", BuildingList.as_view(), name="api-buildings"),
    path("buildings/<int:identity>", BuildingDetail.as_view(), name="api-building"),
    path("stairwells", StairwellList.as_view(), name="api-stairwells"),
    path("stairwells/<int:identity>", StairwellDetail.as_view(), name="api-stairwell"),
]
