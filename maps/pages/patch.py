"""What a grid holds and who answers for it: checkpoints, people, bodies, each in one query."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import Centroid, ClosestPoint
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from grids.models import Assignment, Checkpoint, Designation, Grid, Organisation, Stairwell
from grids.models.people import AssignmentRole, OrganisationKind
from grids.scope import Scope
from grids.zones import campaigns_json
from patrols.models import Coverage, Report

USED_WITHIN = timedelta(days=90)
TOUCH = 0.000002  # degrees, about 20 cm: what lies on the edge must not fall between two grids by rounding
INSIDE = 0.00015  # degrees, about 15 m: a body answers here if it reaches this far over the edge


class _Core(Func):
    """An area without its rim."""

    function = "ST_Buffer"
    template = f"%(function)s(%(expressions)s, -{INSIDE})"
    output_field = GeometryField()


def grids_of(scope: Scope, code: str | None) -> list[Grid]:
    """Return a person's service grids by code, with their bodies, campaigns and usual categories, in one query.

    A grid named by `code` comes too if it lies in a region that the person sees as a whole.
    """
    mine = Q(pk__in=scope.grids)
    if code:
        mine |= Q(code=code) & scope.within("region__code")
    bodies = (
        Organisation.objects.current()
        .alias(core=_Core(OuterRef("geom")))
        .filter(jurisdiction__intersects=F("core"))
        .order_by("kind", "name")
        .values(json=JSONObject(name="name", name_en="name_en", kind="kind"))
    )
    used = (
        Report.objects.filter(grid=OuterRef("pk"), recorded_at__gte=timezone.now() - USED_WITHIN)
        .values("category__code")
        .annotate(times=Count("pk"))
        .order_by("-times", "category__code")
        .values("category__code")
    )
    rows = Grid.objects.current().filter(mine, kind="service").select_related("region").order_by("code")
    campaigns = campaigns_json(timezone.localdate())
    return list(rows.annotate(bodies=ArraySubquery(bodies), campaigns=campaigns, used=ArraySubquery(used)))


def checkpoints_of(grid: Grid) -> QuerySet[Checkpoint]:
    """Return the checkpoints whose middle lies in a grid; one on a shared edge belongs to both sides.

    `middle` is the place on it nearest to its centroid; `zero` says whether it must lose no points today; `passed` is
    the last day on which a patrol came by or ticked it.
    """
    reach = grid.geom.buffer(TOUCH)
    designated = Designation.objects.current().filter(checkpoint=OuterRef("pk"))
    seen = Coverage.objects.filter(district=grid.code[:6], checkpoint=OuterRef("pk")).order_by("-day")
    rows: QuerySet[Checkpoint] = (
        Checkpoint.objects.current()
        .filter(geom__intersects=reach)
        .annotate(middle=ClosestPoint("geom", Centroid("geom")), zero=Exists(designated))
        .annotate(passed=Subquery(seen.values("day")[:1]))
        .filter(middle__coveredby=reach)
        .select_related("type")
        .order_by("-zero", "type__sort", "name", "pk")
    )
    return rows


@dataclass(frozen=True)
class Answer:
    """Somebody who answers for something in a grid."""

    name: str
    role: str
    place: str = ""


@dataclass
class Answering:
    """Who answers for a grid, its checkpoints and its stairwells."""

    owner: str = ""
    people: list[Answer] = field(default_factory=list)
    stewards: list[Answer] = field(default_factory=list)
    checkpoints: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.people) + len(self.stewards)


def answering_for(grid: Grid) -> Answering:
    """Return who answers for a grid and for what lies in it today, in one query."""
    today = Assignment.objects.current()
    stairwells = Stairwell.objects.filter(geom__coveredby=grid.geom).values("pk")
    checkpoints = Checkpoint.objects.current().filter(geom__intersects=grid.geom.buffer(TOUCH)).values("pk")
    rows = [
        _columns(today.filter(grid=grid)),
        _columns(today.filter(checkpoint__in=checkpoints, role=AssignmentRole.OWNER)),
        _columns(today.filter(stairwell__in=stairwells)),
    ]
    found = Answering()
    wells: dict[str, list[str]] = defaultdict(list)
    order = {role: rank for rank, role in enumerate(AssignmentRole.values)}
    for row in sorted(rows[0].union(*rows[1:]), key=lambda r: (order[r["role"]], r["pk"])):
        name = _holder(row)
        if row["checkpoint_id"]:
            found.checkpoints[row["checkpoint_id"]] = name
        elif row["stairwell_id"]:
            wells[name].append(f"{_local(row, 'stairwell__building__')}{row['stairwell__label']}")
        else:
            if row["role"] == AssignmentRole.OWNER:
                found.owner = name
            found.people.append(Answer(name, _role(row)))
    comma = pgettext("list", ", ")
    found.stewards = [
        Answer(name, _("stairwell steward"), comma.join(sorted(places))) for name, places in wells.items()
    ]
    return found


def _columns(rows: Any) -> Any:
    holders = [f"{holder}__{part}" for holder in ("person", "team", "organisation") for part in ("name", "name_en")]
    places = ["checkpoint_id", "stairwell_id", "stairwell__label"]
    building = ["stairwell__building__name", "stairwell__building__name_en"]
    return rows.order_by().values("pk", "role", "person_id", *places, *building, *holders)


def _holder(row: dict[str, Any]) -> str:
    return next(filter(None, (_local(row, f"{kind}__") for kind in ("person", "team", "organisation"))), "")


def _local(row: dict[str, Any], prefix: str) -> str:
    english = (get_language() or "").startswith("en")
    return (english and row[f"{prefix}name_en"]) or row[f"{prefix}name"] or ""


def _role(row: dict[str, Any]) -> str:
    if row["role"] == AssignmentRole.OWNER:
        return _("grid leader")
    if row["role"] == AssignmentRole.DEPUTY:
        return _("deputy grid leader")
    return _("grid worker") if row["person_id"] else _("team")


def bodies_of(grid: Grid) -> list[Answer]:
    """Return the bodies with powers in a grid, as `grids_of` read them."""
    labels = dict(OrganisationKind.choices)
    return [Answer(_local(body, ""), str(labels.get(body["kind"], ""))) for body in grid.bodies]  # type: ignore[attr-defined]
