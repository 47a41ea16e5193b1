"""Accepting proposals of grids under /api/v1/splits, and how the load is spread."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.models.grid import GridKind
from grids.models.people import AssignmentRole
from grids.rest import Input, once, read
from grids.scope import scope_of
from patrols.regridding.accepting import accept
from patrols.regridding.load import fair_load
from patrols.regridding.previewing import Concerned, Preview, preview

Shape = serializers.Serializer[Any]
EFFECTS = ("ends", "gains", "loses", "changes", "keeps")


class HolderShape(Shape):
    """Who answers."""

    kind = serializers.ChoiceField(("person", "team", "organisation"))
    id = serializers.IntegerField()
    name = serializers.CharField()


class OriginShape(Shape):
    """What a new grid has of an old one."""

    code = serializers.CharField()
    share = serializers.FloatField(help_text="Of the old grid's households, of 1.")
    households = serializers.IntegerField()


class NewGridShape(Shape):
    """A grid as it will be."""

    key = serializers.IntegerField(
        help_text="Its key in the proposal; negative for one that the proposal leaves alone."
    )
    kind = serializers.ChoiceField(GridKind.values)
    code = serializers.CharField()
    name = serializers.CharField()
    households = serializers.IntegerField(allow_null=True)
    change = serializers.ChoiceField(("same", "other outline", "new"))
    owners = HolderShape(many=True)
    open_reports = serializers.IntegerField()
    checkpoints = serializers.IntegerField()
    origins = OriginShape(many=True)


class EndingShape(Shape):
    """A code that ends."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class ConcernedShape(Shape):
    """Somebody who answers for a grid that gets another outline or ends."""

    holder = HolderShape()
    role = serializers.ChoiceField(AssignmentRole.values)
    before = serializers.CharField(help_text="The grid's code.")
    after = serializers.CharField(allow_null=True, help_text="The code of the grid that goes on; null when it ends.")
    effect = serializers.ChoiceField(EFFECTS)
    coming = serializers.IntegerField(help_text="Households that come.")
    going = serializers.IntegerField(help_text="Households that go.")


class MovingShape(Shape):
    """What gets another grid."""

    households = serializers.IntegerField()
    open_reports = serializers.IntegerField()
    checkpoints = serializers.IntegerField()


class PreviewShape(Shape):
    """What accepting a proposal would do today."""

    fingerprint = serializers.CharField(help_text="Accept with this one: what changed meanwhile is 409.")
    day = serializers.DateField()
    moving = MovingShape()
    people = ConcernedShape(many=True)
    grids = NewGridShape(many=True)
    ending = EndingShape(many=True)


class AcceptInput(Input):
    """The preview that was looked at."""

    fingerprint = serializers.CharField(max_length=64)


class AcceptedShape(Shape):
    """What was done."""

    id = serializers.IntegerField()
    day = serializers.DateField()
    reports = serializers.IntegerField(help_text="How many open reports got another grid.")
    grids = serializers.IntegerField(help_text="How many service grids the community has now.")
    unit_grids = serializers.IntegerField(help_text="How many unit grids.")


class GridLoadShape(Shape):
    """The load of a grid."""

    grid = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    owner = HolderShape(allow_null=True)
    households = serializers.IntegerField(allow_null=True)
    open_reports = serializers.IntegerField()
    checkpoints = serializers.IntegerField()
    street_m = serializers.FloatField(help_text="Streets and paths within it, in metres.")
    overloaded = serializers.ListField(child=serializers.CharField(), help_text="In which of the figures.")


class OwnerLoadShape(Shape):
    """The load of somebody who owns grids."""

    owner = HolderShape()
    grids = serializers.IntegerField()
    households = serializers.IntegerField()
    open_reports = serializers.IntegerField()
    checkpoints = serializers.IntegerField()
    street_m = serializers.FloatField()
    overloaded = serializers.ListField(child=serializers.CharField())


class LoadShape(Shape):
    """How the load is spread, the heaviest first."""

    rule = serializers.CharField(help_text="What counts as overloaded.")
    grids = GridLoadShape(many=True)
    owners = OwnerLoadShape(many=True)


class SplitPreview(APIView):
    """What accepting a proposal would do."""

    @extend_schema(responses=PreviewShape)
    def get(self, request: Request, identity: int) -> Response:
        """Return who gains, loses or changes, and what moves.

        A proposal that cannot be accepted is 422 with the reason.
        """
        return Response(preview_json(preview(scope_of(request.user), identity)))


class SplitAccept(APIView):
    """Making a proposal the grids of its community."""

    @extend_schema(request=AcceptInput, responses={200: AcceptedShape})
    def post(self, request: Request, identity: int) -> HttpResponse:
        """Accept it as its preview showed it, from today on.

        Of two who accept at once one is answered with 409, and so is who confirms what is no longer so.
        """
        scope = scope_of(request.user)

        def work() -> tuple[int, dict[str, Any]]:
            done = accept(scope, identity, read(AcceptInput, request)["fingerprint"])
            day = done.shown.succession.day.isoformat()
            return 200, {
                "id": done.run.pk,
                "day": day,
                "reports": done.reports,
                "grids": done.count(GridKind.SERVICE),
                "unit_grids": done.count(GridKind.UNIT),
            }

        return once(request, work)


class FairLoad(APIView):
    """How the load of grids is spread."""

    @extend_schema(responses=LoadShape)
    def get(self, request: Request, code: str) -> Response:
        """Return the load of each grid and owner of a region that one plans, by its code."""
        return Response(LoadShape(fair_load(scope_of(request.user), code)).data)


def preview_json(shown: Preview) -> dict[str, Any]:
    """Return a preview as JSON."""
    succession, owners = shown.succession, shown.owners
    origins: dict[int, list[dict[str, Any]]] = {}
    for flow in succession.flows:
        origins.setdefault(flow.new.key, []).append(
            {"code": flow.old.code, "share": round(flow.share, 4), "households": flow.households}
        )
    grids = []
    for change in succession.changes:
        load = shown.loads.get(change.key)
        grids.append(
            {
                "key": change.key,
                "kind": change.kind,
                "code": change.code,
                "name": change.name,
                "households": change.households,
                "change": "same" if change.same else "other outline" if change.keeps else "new",
                "owners": [holder_json(holder) for holder in owners.get(change.key, [])],
                "open_reports": load.reports if load else 0,
                "checkpoints": load.checkpoints if load else 0,
                "origins": origins.get(change.key, []),
            }
        )
    going_on = {change.keeps.pk for change in succession.changes if change.keeps}
    ending = [grid for grid in succession.ending if grid.pk not in going_on]
    moving = shown.moving
    return {
        "fingerprint": shown.fingerprint,
        "day": succession.day.isoformat(),
        "moving": {
            "households": shown.households,
            "open_reports": moving.reports,
            "checkpoints": moving.checkpoints,
        },
        "people": [_concerned_json(row) for row in shown.concerned],
        "grids": grids,
        "ending": [{"id": grid.pk, "code": grid.code, "name": grid.local_name} for grid in ending],
    }


def holder_json(holder: Any) -> dict[str, Any]:
    """Return who answers, as the assignments do."""
    return {"kind": holder._meta.model_name, "id": holder.pk, "name": str(holder)}


def _concerned_json(row: Concerned) -> dict[str, Any]:
    return {
        "holder": holder_json(row.holder),
        "role": row.role,
        "before": row.before.code,
        "after": row.after.code if row.after else None,
        "effect": row.effect,
        "coming": row.coming,
        "going": row.going,
    }


urlpatterns = [
    path("splits/<int:identity>/preview", SplitPreview.as_view(), name="api-split-preview"),
    path("splits/<int:identity>/accept", SplitAccept.as_view(), name="api-split-accept"),
    path("fair-load/<slug:code>", FairLoad.as_view(), name="api-fair-load"),
]
