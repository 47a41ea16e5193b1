"""Who carries how much (负荷) in a community, as the split studio shows it: in the order of the map, with reasons."""

import statistics
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.db.models import Collect, GeometryField
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FloatField, Func, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.models import Grid, Region
from grids.models.grid import GridKind
from grids.scope import Scope
from patrols.regridding.load import fair_load

Row = dict[str, Any]
FIGURES = ("households", "open_reports", "checkpoints", "street_m")


class _Inner(Func):
    """A point inside an area, where its label stands."""

    function = "ST_PointOnSurface"
    output_field = GeometryField()


class _East(Func):
    """The longitude of a point."""

    function = "ST_X"
    output_field = FloatField()


class _North(Func):
    """The latitude of a point."""

    function = "ST_Y"
    output_field = FloatField()


@dataclass(frozen=True)
class Load:
    """What a grid carries, or the owner of several; `reasons` say in what that is too much, `over` names it."""

    numbers: tuple[int, ...]
    owner: str
    households: int | None
    reports: int
    checkpoints: int
    metres: float
    reasons: tuple[str, ...]
    over: frozenset[str]

    @property
    def kilometres(self) -> str:
        """The length of the streets as it is read."""
        return f"{self.metres / 1000:.1f}"


@dataclass(frozen=True)
class GridLoad(Load):
    """What a grid carries; `at` is where its label stands."""

    id: int
    at: tuple[float, float]

    @property
    def number(self) -> int:
        """The sequence number within the community."""
        return self.numbers[0]


@dataclass(frozen=True)
class Loads:
    """The grids of a community by number, and the owners of several of them, who carries most first."""

    grids: list[GridLoad]
    owners: list[Load]


def with_spots(regions: QuerySet[Region]) -> QuerySet[Any]:
    """Return regions with a place inside each of their present service grids, as `spots`.

    `outlines` are those grids as one geometry; `ended` is the day on which grids last ended: on the day before there
    were others than today's.
    """
    grids = Grid.objects.current().filter(region__code=OuterRef("code"), kind=GridKind.SERVICE).order_by()
    inner = _Inner("geom")
    spots = grids.values(json=JSONObject(grid="pk", lon=_East(inner), lat=_North(inner)))
    today = timezone.localdate()
    over = Grid.objects.filter(region__code=OuterRef("code"), kind=GridKind.SERVICE, period__endswith__lte=today)
    ends = over.order_by("-period__endswith").values("period__endswith")[:1]
    outlines = grids.values("region__code").annotate(together=Collect("geom")).values("together")
    return regions.annotate(spots=ArraySubquery(spots), outlines=Subquery(outlines), ended=Subquery(ends))


def loads_of(scope: Scope, region: Any) -> Loads:
    """Return what each present service grid of a community carries; raises NotFound for who does not plan there.

    The community comes from `with_spots`.
    """
    found = fair_load(scope, region.code)
    inner = {spot["grid"]: (spot["lon"], spot["lat"]) for spot in region.spots}
    rows = sorted(found["grids"], key=lambda row: row["code"])
    middles = _medians(rows)
    grids = [GridLoad(**_figures(row, [row], middles), id=row["grid"], at=inner[row["grid"]]) for row in rows]
    several = [row for row in found["owners"] if row["grids"] > 1]
    middles = _medians(found["owners"])
    owners = [_figures(row, [one for one in rows if one["owner"] == row["owner"]], middles) for row in several]
    return Loads(grids, [Load(**owner) for owner in owners])


def _figures(row: Row, grids: list[Row], middles: dict[str, float]) -> dict[str, Any]:
    return {
        "numbers": tuple(int(one["code"][12:]) for one in grids),
        "owner": row["owner"]["name"] if row["owner"] else "",
        "households": row["households"],
        "reports": row["open_reports"],
        "checkpoints": row["checkpoints"],
        "metres": row["street_m"],
        "reasons": tuple(_reason(name, row[name], middles[name]) for name in row["overloaded"]),
        "over": frozenset(row["overloaded"]),
    }


def _medians(rows: list[Row]) -> dict[str, float]:
    return {name: statistics.median([row[name] or 0 for row in rows]) if rows else 0 for name in FIGURES}


def _reason(name: str, value: float, middle: float) -> str:
    """Say in what, and how many times the median that everybody else is measured by."""
    if not middle:
        words = {
            "households": _("households, where most have none"),
            "open_reports": _("open reports, where most have none"),
            "checkpoints": _("checkpoints, where most have none"),
            "street_m": _("streets, where most have none"),
        }
        return words[name]
    words = {
        "households": _("%(times)s times the median of households"),
        "open_reports": _("%(times)s times the median of open reports"),
        "checkpoints": _("%(times)s times the median of checkpoints"),
        "street_m": _("%(times)s times the median of streets"),
    }
    return words[name] % {"times": f"{value / middle:.1f}"}
