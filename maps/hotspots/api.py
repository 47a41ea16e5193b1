"""Hotspots under /api/v1/hotspots, for the planners of a region."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.boxes import read_box
from grids.models import Person
from grids.models.platform import JobState
from grids.paging import Order, next_address
from grids.problems import BadInput
from grids.rest import ListView, Query, once, one_of, page_of, read, read_query
from grids.scope import Scope, scope_of
from maps.hotspots import running, wording
from maps.hotspots.comparing import BECAME, CEASED, CHANGES, STAYED, Comparison, compare
from maps.hotspots.naming import names_of_points
from maps.hotspots.question import FEWEST_PERMUTATIONS, Question
from maps.hotspots.shapes import (
    CellQuery,
    CompareQuery,
    HotspotCellShape,
    HotspotComparisonShape,
    HotspotInput,
    HotspotRecurrenceShape,
    HotspotRunShape,
    RunQuery,
)
from maps.models import HotspotCell, HotspotRecurrence, HotspotRun
from maps.models.hotspots import Unit

NEWEST = Order(columns=(("pk", UUID),), newest_first=True)
HOTTEST = Order(columns=(("rank", int),))


class RunList(ListView):
    """Runs that looked for hotspots."""

    query = RunQuery
    shape: ClassVar[type[serializers.Serializer[Any]]] = HotspotRunShape
    order = NEWEST

    def rows(self, scope: Scope, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return the runs of the regions that somebody plans."""
        rows = running.visible(scope).select_related("job")
        return rows.filter(region_code__startswith=asked["region"]) if "region" in asked else rows

    @extend_schema(parameters=[RunQuery], responses=page_of(HotspotRunShape))
    def get(self, request: Request) -> Response:
        """Return a page of runs, the newest first, whoever made them."""
        asked = read_query(self.query, request.query_params.dict())
        rows, cursor = self.order.page(self.rows(scope_of(request.user), asked), asked["cursor"], asked["limit"])
        shown = [run_json(run, request.user) for run in rows]
        return Response({"results": shown, "next": next_address(request._request, cursor)})

    @extend_schema(request=HotspotInput, responses={201: HotspotRunShape})
    def post(self, request: Request) -> HttpResponse:
        """Look for hotspots in a region that one plans.

        The run is computed by a job, /api/v1/jobs/{id}, which can be cancelled. A period without any such problem, and
        more than a run takes, are 422.
        """

        def work() -> tuple[int, dict[str, Any]]:
            scope = scope_of(request.user)
            run = running.start(scope, question_of(scope, read(HotspotInput, request)))
            return 201, run_json(run, request.user)

        return once(request, work)


class RunOne(APIView):
    """A run."""

    @extend_schema(responses=HotspotRunShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return what was asked, how far it is, and what came of it."""
        return Response(run_json(found(request, identity), request.user))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, identity: UUID) -> Response:
        """Delete a run of one's own with all it found; one that is being computed is 409."""
        running.delete(scope_of(request.user), found(request, identity))
        return Response(status=204)


class CellList(APIView):
    """Places of a run."""

    @extend_schema(parameters=[CellQuery], responses=page_of(HotspotCellShape))
    def get(self, request: Request, identity: UUID) -> Response:
        """Return a page of places, the hottest first; those that could not be compared come last."""
        asked = read_query(CellQuery, request.query_params.dict())
        run = found(request, identity)
        rows = HotspotCell.objects.filter(run=run)
        if "class" in asked:
            rows = rows.filter(bin__in=[int(one) for one in asked["class"].split(",")])
        if "emerging" in asked:
            rows = rows.filter(emerging=asked["emerging"])
        if "effort" in asked:
            rows = rows.filter(effort_known=asked["effort"] == "known")
        if "bbox" in asked:
            rows = rows.filter(geom__intersects=read_box(asked["bbox"]))
        if "key" in asked:
            key = asked["key"]
            rows = rows.filter(cell=int(key, 16)) if run.unit == Unit.CELLS else rows.filter(grid_code=key)
        page, cursor = HOTTEST.page(rows, asked["cursor"], asked["limit"])
        names = wording.category_names(cell.category for cell in page if cell.category)
        places = _places(page)
        shown = [cell_json(run, cell, places[cell.pk], names) for cell in page]
        return Response({"results": shown, "next": next_address(request._request, cursor)})


class RecurrenceList(APIView):
    """Places where problems came back."""

    @extend_schema(parameters=[Query], responses=page_of(HotspotRecurrenceShape))
    def get(self, request: Request, identity: UUID) -> Response:
        """Return a page of places where a category was found at least three times in 90 days within 30 m."""
        asked = read_query(Query, request.query_params.dict())
        rows = HotspotRecurrence.objects.filter(run=found(request, identity))
        page, cursor = HOTTEST.page(rows, asked["cursor"], asked["limit"])
        names = wording.category_names(row.category for row in page)
        shown = [
            {
                "id": row.pk,
                "rank": row.rank,
                "place": row.local_name,
                "lon": round(row.anchor.x, 6),
                "lat": round(row.anchor.y, 6),
                "category": row.category,
                "category_name": names.get(row.category, row.category),
                "count": row.count,
                "days": [day.isoformat() for day in row.days],
                "reports": [str(report) for report in row.reports],
            }
            for row in page
        ]
        return Response({"results": shown, "next": next_address(request._request, cursor)})


class Compare(APIView):
    """Two runs side by side."""

    @extend_schema(parameters=[CompareQuery], responses=HotspotComparisonShape)
    def get(self, request: Request, identity: UUID) -> Response:
        """Return what became hot, stayed so or ceased between two runs over places of the same kind.

        The earlier one is `before`, whichever is asked first. Of a place that the later run could not compare nobody
        can say that it ceased: it is left out.
        """
        asked = read_query(CompareQuery, request.query_params.dict())
        told = compare(found(request, identity), found(request, asked["with"]))
        return Response(_comparison_json(told, request.user))


def found(request: Request, identity: UUID) -> HotspotRun:
    """Return a run that the reader may see; raises NotFound."""
    run: HotspotRun = one_of(running.visible(scope_of(request.user)).select_related("job"), pk=identity)
    return run


def question_of(scope: Scope, data: dict[str, Any]) -> Question:
    """Return what was asked, from checked input; raises NotFound for a region that one does not plan."""
    if 0 < data["permutations"] < FEWEST_PERMUTATIONS:
        raise BadInput(_("Give no permutations, or at least %(fewest)s.") % {"fewest": FEWEST_PERMUTATIONS})
    region = running.planned_region(scope, data.get("region", ""))
    rest = {name: value for name, value in data.items() if name not in ("region", "categories", "resolution")}
    categories = tuple(sorted(set(data["categories"])))
    return Question(region=region, categories=categories, resolution=int(data["resolution"]), **rest)


def run_json(run: HotspotRun, reader: Any) -> dict[str, Any]:
    """Return a run as JSON."""
    job = run.job
    done = run.state == JobState.DONE
    names = ("since", "until", "unit", "resolution", "categories", "source", "corrected", "permutations", "seed")
    return {
        "id": str(run.pk),
        "region": run.region_code,
        **{name: getattr(run, name) for name in names},
        "title": wording.title(run),
        "state": run.state,
        "job": str(job.pk) if job else None,
        "share": 1.0 if done else job.share if job else 0.0,
        "step": "" if done or job is None else job.step,
        "error": "" if done or job is None else job.error,
        "mine": isinstance(reader, Person) and run.made_by_id == reader.pk,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "code_version": run.code_version,
        "input_digest": run.input_digest,
        "sentence": wording.headline(run),
        "notes": wording.notes(run),
        "summary": run.summary or None,
    }


def cell_json(run: HotspotRun, cell: HotspotCell, place: str, names: dict[str, str]) -> dict[str, Any]:
    """Return a place as JSON."""
    effort = "none" if cell.walked_m is None else "known" if cell.effort_known else "unknown"
    plain = ("rank", "category", "category_count", "expected", "ratio", "rate", "households", "tested", "z", "p", "q")
    return {
        **_place_json(cell, place),
        **{name: getattr(cell, name) for name in plain},
        "category_name": names.get(cell.category, cell.category),
        "walked_km": None if cell.walked_m is None else round(cell.walked_m / 1000, 3),
        "effort": effort,
        "weekly": cell.weekly,
        "advice": wording.advice(cell),
        "reasons": wording.reasons(run, cell, names),
    }


def _place_json(cell: HotspotCell, place: str) -> dict[str, Any]:
    inside = cell.geom.point_on_surface
    return {
        "id": cell.pk,
        "key": cell.key,
        "place": place,
        "lon": round(inside.x, 6),
        "lat": round(inside.y, 6),
        "bbox": [round(side, 6) for side in cell.geom.extent],
        "count": cell.count,
        "by_source": cell.by_source,
        "class": cell.bin,
        "emerging": cell.emerging,
    }


def _places(cells: Iterable[HotspotCell]) -> dict[int, str]:
    """Return what places are called; the quiet ones, which have no name stored, are looked up in one query."""
    names = {cell.pk: cell.local_name for cell in cells}
    bare = [cell for cell in cells if not names[cell.pk]]
    points = [cell.geom.centroid.coords for cell in bare]
    for cell, (name, name_en) in zip(bare, names_of_points(points), strict=True):
        cell.name, cell.name_en = name, name_en
        names[cell.pk] = cell.local_name
    return names


def _comparison_json(told: Comparison, reader: Any) -> dict[str, Any]:
    counts = {change: sum(one.change == change for one in told.changes) for change in CHANGES}
    sentence = _("%(became)s places became hot, %(stayed)s stayed so, %(ceased)s ceased to be.") % {
        "became": counts[BECAME],
        "stayed": counts[STAYED],
        "ceased": counts[CEASED],
    }
    places = _places([change.one for change in told.changes])
    return {
        "before": run_json(told.before, reader),
        "after": run_json(told.after, reader),
        "sentence": sentence,
        "counts": counts,
        "results": [
            {
                **_place_json(change.one, places[change.one.pk]),
                "change": change.change,
                "class_before": change.earlier.bin if change.earlier and change.earlier.tested else None,
                "count_before": change.earlier.count if change.earlier else None,
            }
            for change in told.changes
        ],
    }


urlpatterns = [
    path("hotspots", RunList.as_view(), name="api-hotspots"),
    path("hotspots/<uuid:identity>", RunOne.as_view(), name="api-hotspot-run"),
    path("hotspots/<uuid:identity>/cells", CellList.as_view(), name="api-hotspot-cells"),
    path("hotspots/<uuid:identity>/recurrences", RecurrenceList.as_view(), name="api-hotspot-recurrences"),
    path("hotspots/<uuid:identity>/compare", Compare.as_view(), name="api-hotspot-compare"),
]
