"""Proposals of grids for the communities that somebody plans: read, edited by hand, discarded."""

import json
import math
from typing import Any

import shapely
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.endpoints.checkpoints import GivenGeometry
from grids.endpoints.fields import GEOMETRY, RegionField, chosen
from grids.endpoints.jobs import JobShape
from grids.models import Region, SplitBlock, SplitEdit, SplitGrid, SplitRun
from grids.models.grid import GridKind
from grids.models.places import RegionLevel
from grids.models.splits import SplitSource, SplitState
from grids.paging import Order
from grids.problems import NotAllowed, NotFound
from grids.reach import managed, manages
from grids.rest import Input, ListView, Query, once, one_of, read
from grids.scope import Scope, scope_of
from grids.split_words import told
from grids.splits.editing import VERBS, Edit, discard, edit, redo, undo, visible
from grids.splits.ground import to_shapely
from grids.splits.quality import remarks_of
from grids.splits.running import Wish, start
from grids.splits.sources import from_grids
from grids.splitting import BARRIERS, LEAST_UNIT_AREA, MODES
from grids.splitting.plan import metres

MOST_KEY = 2**31 - 1
Shape = serializers.Serializer[Any]


class SplitQuery(Query):
    """The filters of proposals."""

    region = RegionField()
    state = serializers.ChoiceField(SplitState.values, required=False)


class SplitShape(Shape):
    """A proposal of grids."""

    id = serializers.IntegerField()
    region = serializers.CharField(source="region_code", help_text="The community's code.")
    source = serializers.ChoiceField(SplitSource.values, help_text="How it came to be.")  # type: ignore[assignment]
    state = serializers.ChoiceField(SplitState.values)
    version = serializers.IntegerField(help_text="Grows with every change; an edit names the one it saw.")
    grids = serializers.IntegerField(source="grid_count", help_text="How many grids it has.")
    parameters = serializers.JSONField(help_text="What it was computed with.")
    quality = serializers.JSONField(help_text="The figures of its present state.")
    remarks = serializers.JSONField(help_text="What a planner should know: codes and values.")
    sentences = serializers.SerializerMethodField(help_text="The same in the reader's language, a sentence each.")
    can_undo = serializers.BooleanField()
    can_redo = serializers.BooleanField()
    created_by = serializers.CharField(allow_null=True, source="created_by_name")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_sentences(self, run: Any) -> list[str]:
        """Return the remarks, and where barriers lie inside of the present grids."""
        return told(remarks_of(run.remarks, run.quality))


@extend_schema_field(GEOMETRY)
class ExactGeometry(serializers.Field[Any, Any, Any, Any]):
    """A polygon with every digit it has: neighbours share their vertices."""

    def to_representation(self, value: Any) -> Any:
        """Return it as GeoJSON."""
        return json.loads(shapely.to_geojson(shapely.orient_polygons(to_shapely(value))))


class GroundArea(serializers.IntegerField):
    """The area of a polygon in whole square metres."""

    def to_representation(self, value: Any) -> int:
        """Return it."""
        shape = to_shapely(value)
        return round(float(shapely.area(shape)) * math.prod(metres(shape.centroid.y)))


class SplitGridShape(Shape):
    """A grid of a proposal."""

    key = serializers.IntegerField(help_text="What edits call it; it stays.")
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(GridKind.values)
    # The framework's own attribute of this name is taken off the class before it could be confused.
    parent = serializers.IntegerField(  # type: ignore[assignment]
        allow_null=True, help_text="The key of a unit grid's service grid."
    )
    name = serializers.CharField(allow_blank=True)
    households = serializers.IntegerField()
    area_m2 = GroundArea(source="geom", help_text="In square metres.")
    geometry = ExactGeometry(source="geom")


class SplitDetailShape(SplitShape):
    """A proposal with its grids."""

    features = SplitGridShape(many=True)


class SplitBlockShape(Shape):
    """A block of a proposal: the smallest piece that changes its grid."""

    key = serializers.IntegerField()
    grid = serializers.IntegerField(help_text="The key of the smallest grid it belongs to.")
    households = serializers.IntegerField()
    buildings = serializers.IntegerField(source="building_count")
    geometry = ExactGeometry(source="geom")


class SplitBlocksShape(Shape):
    """All blocks of a proposal."""

    version = serializers.IntegerField()
    results = SplitBlockShape(many=True)


class StartInput(Input):
    """What is to be computed: either the households of a grid or the number of grids."""

    region = serializers.RegexField(r"^[0-9]{12}$", help_text="The community's code.")
    households = serializers.IntegerField(min_value=1, max_value=100_000, required=False, help_text="Wanted in a grid.")
    number = serializers.IntegerField(min_value=1, max_value=999, required=False, help_text="How many grids.")
    mode = serializers.ChoiceField(
        MODES, required=False, help_text="`nested` makes service grids that consist of whole unit grids."
    )
    unit_area = serializers.FloatField(
        min_value=LEAST_UNIT_AREA, max_value=1e7, required=False, help_text="Of a unit grid, in m²; 10,000 without it."
    )
    barriers = serializers.ListField(
        child=serializers.ChoiceField(sorted(BARRIERS)),
        required=False,
        max_length=len(BARRIERS),
        help_text="Kinds of streets, railways and waterways that divide people.",
    )
    setting = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="0 for compact grids, 1 for borders along barriers."
    )
    seed = serializers.IntegerField(min_value=0, max_value=MOST_KEY, required=False)


class FromGridsInput(Input):
    """Which grids a proposal begins with."""

    region = serializers.RegexField(r"^[0-9]{12}$", help_text="The community's code.")
    on = serializers.DateField(required=False, help_text="The day whose grids it has; today without it.")


class VersionInput(Input):
    """The version of the proposal that the caller saw."""

    version = serializers.IntegerField(min_value=1, max_value=MOST_KEY)


class KeyField(serializers.IntegerField):
    """The key of a grid or block."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MOST_KEY, "required": False, **options})


class PlaceField(serializers.ListField):
    """Longitude and latitude."""

    def __init__(self) -> None:
        super().__init__(child=serializers.FloatField(), min_length=2, max_length=2, required=False)


class EditInput(VersionInput):
    """An edit: `merge` takes one and two, `move` block and to, or unit and to, `redraw` one, two and line, `drag`
    vertex and place."""

    verb = serializers.ChoiceField(VERBS)
    one = KeyField(help_text="The key of a grid.")
    two = KeyField(help_text="The key of a grid beside it.")
    block = KeyField(help_text="The key of a block.")
    unit = KeyField(help_text="The key of a unit grid.")
    to = KeyField(help_text="The key of the grid it goes to.")
    line = GivenGeometry(required=False, help_text="The line along which the border runs then.")
    vertex = PlaceField()
    place = PlaceField()


def shown(rows: QuerySet[SplitRun]) -> QuerySet[Any]:
    """Return proposals with what is shown of them."""
    later = SplitEdit.objects.filter(parent=OuterRef("head"))
    return rows.annotate(
        region_code=F("region__code"),
        grid_count=Count("grids", filter=Q(grids__present=True)),
        quality=F("head__quality"),
        can_undo=Q(head__parent__isnull=False, state=SplitState.PROPOSED),
        can_redo=Exists(later) & Q(state=SplitState.PROPOSED),
        created_by_name=F("created_by__name"),
    )


def detail(identity: int) -> dict[str, Any]:
    """Return a proposal with its grids."""
    run = shown(SplitRun.objects.all()).get(pk=identity)
    features = SplitGrid.objects.filter(run=identity, present=True).order_by("kind", "number", "key")
    return {**SplitShape(run).data, "features": SplitGridShape(features, many=True).data}


def community(scope: Scope, code: str) -> Region:
    """Return a community in which somebody plans; raises NotAllowed for who plans nowhere, and NotFound."""
    if not managed(scope):
        raise NotAllowed(_("Grids are made by the planners and administrators of the region."))
    found: Region | None = (
        Region.objects.current().filter(code=code, level=RegionLevel.COMMUNITY).first()
        if manages(scope, code)
        else None
    )
    if found is None:
        raise NotFound(_("There is no such community here."))
    return found


class SplitList(ListView):
    """Proposals of grids in the regions that one plans, newest first."""

    query = SplitQuery
    shape = SplitShape
    order = Order(newest_first=True)

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return them."""
        return shown(chosen(visible(scope), asked, region="region__code__startswith", state="state"))

    @extend_schema(request=StartInput, responses={201: JobShape})
    def post(self, request: Request) -> HttpResponse:
        """Start computing a proposal; the answer is the job, whose result names the proposal as `split`."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(StartInput, request)
            region = community(scope, data.pop("region"))
            if "barriers" in data:
                data["barriers"] = tuple(sorted(set(data["barriers"])))
            assert scope.person is not None
            return 201, dict(JobShape(start(scope.person, region, Wish(**data))).data)

        return once(request, work)


class SplitFromGrids(APIView):
    """Proposals that begin with grids that are or were there."""

    @extend_schema(request=FromGridsInput, responses={201: SplitDetailShape})
    def post(self, request: Request) -> HttpResponse:
        """Make the grids of a day a proposal, to edit them or to bring them back."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(FromGridsInput, request)
            day = data.get("on") or timezone.localdate()
            return 201, detail(from_grids(community(scope, data["region"]), day, scope.person).pk)

        return once(request, work)


class SplitDetail(APIView):
    """One proposal."""

    @extend_schema(responses=SplitDetailShape)
    def get(self, request: Request, identity: int) -> Response:
        """Return it with its grids."""
        return Response(detail(one_of(visible(scope_of(request.user)), pk=identity).pk))


class SplitBlocks(APIView):
    """The blocks of a proposal."""

    @extend_schema(responses=SplitBlocksShape)
    def get(self, request: Request, identity: int) -> Response:
        """Return them all."""
        run = one_of(visible(scope_of(request.user)), pk=identity)
        blocks = SplitBlock.objects.filter(run=run, present=True).annotate(building_count=F("buildings__len"))
        rows = SplitBlockShape(blocks.order_by("key"), many=True).data
        return Response({"version": run.version, "results": rows})


class SplitEdits(APIView):
    """Editing a proposal by hand."""

    @extend_schema(request=EditInput, responses={200: SplitDetailShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Merge grids, move a block or a unit grid, redraw a border or drag a vertex.

        The cover stays exact; what would break it is 422 with the reason. Another version than the caller saw is 409.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            data = read(EditInput, request)
            version, verb = data.pop("version"), data.pop("verb")
            return 200, detail(edit(scope, identity, version, Edit(verb, data)).pk)

        return once(request, work)


class SplitUndo(APIView):
    """Taking the last edit of a proposal back."""

    @extend_schema(request=VersionInput, responses={200: SplitDetailShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Undo it; with nothing to undo it is 409."""
        scope = scope_of(request.user)
        return once(request, lambda: (200, detail(undo(scope, identity, read(VersionInput, request)["version"]).pk)))


class SplitRedo(APIView):
    """Doing an edit of a proposal again."""

    @extend_schema(request=VersionInput, responses={200: SplitDetailShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Do again what was undone last; with nothing to do again it is 409."""
        scope = scope_of(request.user)
        return once(request, lambda: (200, detail(redo(scope, identity, read(VersionInput, request)["version"]).pk)))


class DiscardedShape(Shape):
    """The proposal that is gone."""

    id = serializers.IntegerField()


class SplitDiscard(APIView):
    """Deleting a proposal."""

    @extend_schema(request=VersionInput, responses={200: DiscardedShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Delete it with all its edits; an accepted one stays (409)."""
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            discard(scope, identity, read(VersionInput, request)["version"])
            return 200, {"id": identity}

        return once(request, work)


urlpatterns = [
    path("splits", SplitList.as_view(), name="api-splits"),
    path("splits/from-grids", SplitFromGrids.as_view(), name="api-splits-from-grids"),
    path("splits/<int:identity>", SplitDetail.as_view(), name="api-split"),
    path("splits/<int:identity>/blocks", SplitBlocks.as_view(), name="api-split-blocks"),
    path("splits/<int:identity>/edits", SplitEdits.as_view(), name="api-split-edits"),
    path("splits/<int:identity>/undo", SplitUndo.as_view(), name="api-split-undo"),
    path("splits/<int:identity>/redo", SplitRedo.as_view(), name="api-split-redo"),
    path("splits/<int:identity>/discard", SplitDiscard.as_view(), name="api-split-discard"),
]
