"""Checkpoints and their types: read within one's scope, kept by planners."""

from typing import Any
from uuid import uuid4

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import geometry_guard, shifts
from grids.checkpoints import Change, Entry, change, end, enter
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
from grids.models import Checkpoint, CheckpointType, Designation
from grids.rest import Input, ListView, OneView, Query, once, read
from grids.scope import Scope, scope_of
from grids.seen import visible_checkpoints

CRS = ("wgs84", "gcj02", "bd09")
KINDS = geometry_guard.only("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


@extend_schema_field(GEOMETRY)
class GivenGeometry(serializers.JSONField):
    """A geometry to be stored."""


class CheckpointQuery(DatedPlaceQuery):
    """The filters of checkpoints."""

    region = RegionField()
    type = serializers.SlugField(max_length=40, required=False, help_text="The code of a type.")


class CheckpointShape(NamedShape, DatedShape):
    """A place that assessment teams score."""

    type = serializers.CharField(source="type_code", help_text="The code of its type.")
    region = serializers.CharField(source="region_code", help_text="The community's code.")
    zero_deduction = serializers.BooleanField(help_text="Whether it is on the zero-deduction list today.")
    source = serializers.CharField()  # type: ignore[assignment]
    source_id = serializers.CharField()
    geometry = GeometryField()


class CheckpointInput(Input):
    """A checkpoint to be entered."""

    name = serializers.CharField(max_length=120)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)
    type = serializers.SlugField(max_length=40)
    geometry = GivenGeometry()
    crs = serializers.ChoiceField(CRS, default="wgs84")
    since = serializers.DateField(required=False)
    source_id = serializers.CharField(max_length=120, required=False)


class CheckpointChange(Input):
    """What is to change."""

    name = serializers.CharField(max_length=120, required=False)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)
    type = serializers.SlugField(max_length=40, required=False)
    geometry = GivenGeometry(required=False)
    crs = serializers.ChoiceField(CRS, default="wgs84")


def _shown(rows: QuerySet[Any]) -> QuerySet[Any]:
    zero = Exists(Designation.objects.current().filter(checkpoint=OuterRef("pk")))
    shown: QuerySet[Any] = rows.annotate(type_code=F("type__code"), region_code=F("region__code"), zero_deduction=zero)
    return shown


def _written(checkpoint: Checkpoint) -> dict[str, Any]:
    shown: dict[str, Any] = CheckpointShape(outlined(_shown(Checkpoint.objects.all())).get(pk=checkpoint.pk)).data
    return shown


class CheckpointList(ListView):
    """Checkpoints within the caller's scope."""

    query = CheckpointQuery
    shape = CheckpointShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return those of a day."""
        rows = chosen(
            visible_checkpoints(scope, asked.get("on")), asked, region="region__code__startswith", type="type__code"
        )
        return placed(_shown(rows), asked)

    @extend_schema(request=CheckpointInput, responses={201: CheckpointShape})
    def post(self, request: Request) -> HttpResponse:
        """Enter a checkpoint.

        Planners and administrators do so within their region; the community follows from the place. `source_id` is
        what it is called elsewhere: the same one again is 409.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(CheckpointInput, request)
            crs, given = data.pop("crs"), data.pop("geometry")
            return 201, _written(enter(scope, Entry(geometry=_geometry(given, crs), **data), str(uuid4())))

        return once(request, work)


class CheckpointDetail(OneView):
    """One checkpoint."""

    shape = CheckpointShape

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Return what is seen today."""
        return outlined(_shown(visible_checkpoints(scope)))

    @extend_schema(request=CheckpointChange, responses=CheckpointShape)
    def patch(self, request: Request, identity: int) -> Response:
        """Change its name, type or place."""
        data = read(CheckpointChange, request)
        crs = data.pop("crs")
        if "geometry" in data:
            data["geometry"] = _geometry(data["geometry"], crs)
        return Response(_written(change(scope_of(request.user), identity, Change(**data))))


class CheckpointEnd(APIView):
    """The end of a checkpoint."""

    @extend_schema(request=EndInput, responses={200: CheckpointShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Let it hold until a day and no longer; what was done there stays."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            return 200, _written(end(scope, identity, read(EndInput, request)["last_day"]))

        return once(request, work)


class CheckpointTypeShape(serializers.Serializer[Any]):
    """A type of checkpoint such as a school gate."""

    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    glyph = serializers.CharField()
    geometry = serializers.ChoiceField(["point", "line", "polygon"])


class CheckpointTypeList(ListView):
    """Types of checkpoints."""

    query = Query
    shape = CheckpointTypeShape

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return all."""
        return CheckpointType.objects.all()


def _geometry(given: Any, crs: shifts.Crs) -> Any:
    return geometry_guard.check_sound(shifts.geometry_to_wgs84(geometry_guard.check_geojson(given, KINDS), crs))


urlpatterns = [
    path("checkpoints", CheckpointList.as_view(), name="api-checkpoints"),
    path("checkpoints/<int:identity>", CheckpointDetail.as_view(), name="api-checkpoint"),
    path("checkpoints/<int:identity>/end", CheckpointEnd.as_view(), name="api-checkpoint-end"),
    path("checkpoint-types", CheckpointTypeList.as_view(), name="api-checkpoint-types"),
]
