"""The layers that can be taken away as a file: what somebody sees of one, as features or as rows of a table."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.gis.db.models.functions import AsWKB
from django.db.models import F, FloatField, Func, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.expressions import PointOnSurface
from grids.models import Assignment
from grids.models.catalogue import Kind as ReportKind
from grids.models.people import AssignmentRole
from grids.problems import BadInput
from grids.scope import Scope
from maps.exports.columns import BATCH, Cell
from maps.features.collection import Collection, Wanted
from maps.features.collections import COLLECTIONS
from maps.features.properties import Kind, Property
from patrols.filters import read_filter
from patrols.models import Report

REPORTS = "reports"


def _with(name: str, *more: Property) -> Collection:
    known = COLLECTIONS[name]
    return replace(known, properties=(*known.properties, *more))


# The list of reports has requests and tasks too, so its file says which is which.
LAYERS: dict[str, Collection] = {
    REPORTS: _with(REPORTS, Property("kind", gettext_lazy("Kind"), choices=dict(ReportKind.choices))),
    **{name: COLLECTIONS[name] for name in ("grid_owners", "checkpoints", "zones", "coverage")},
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A row for a file of features: its geometry as WKB in EPSG:4326, its box, and its properties by name."""

    wkb: bytes
    box: tuple[float, float, float, float]
    told: dict[str, Any]


def chosen(layer: str, filters: Mapping[str, str], scope: Scope) -> QuerySet[Any]:
    """Return what somebody sees of a layer and filters, in order; raises Problem for filters there are none of."""
    if layer == REPORTS:
        return read_filter(filters).apply(Report.objects.visible_to(scope)).order_by("-recorded_at", "-id")
    if any(filters.values()):
        raise BadInput(_("This layer is taken away as a whole: leave out the filters."))
    return LAYERS[layer].narrowed(scope, Wanted()).order_by("pk")


def features(layer: str, rows: QuerySet[Any]) -> Iterator[str]:
    """Yield the rows of a layer as features of GeoJSON, as the server's cursor gives them."""
    yield from rows.values_list(LAYERS[layer].feature(), flat=True).iterator(chunk_size=BATCH)


def shapes(layer: str, rows: QuerySet[Any]) -> Iterator[Shape]:
    """Yield the rows of a layer with their geometries."""
    one = LAYERS[layer]
    sides = (_number("ST_XMin", one), _number("ST_XMax", one), _number("ST_YMin", one), _number("ST_YMax", one))
    found = rows.values_list(AsWKB(one.geometry), *sides, one.properties_of())
    for wkb, west, east, south, north, told in found.iterator(chunk_size=BATCH):
        yield Shape(bytes(wkb), (west, east, south, north), json.loads(told))


def headings(layer: str) -> list[str]:
    """Return what stands above the columns of a layer's table."""
    told = [str(one.title) for one in (*LAYERS[layer].properties, *_beside(layer))]
    return [*told, _("Longitude"), _("Latitude")]


def cells(layer: str, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
    """Yield the cells of a layer's table; its place is a point on the thing."""
    one, beside = LAYERS[layer], _beside(layer)
    place = PointOnSurface(F(one.geometry))
    point = (Func(place, function=f"ST_{axis}", output_field=FloatField()) for axis in "XY")
    found = rows.values_list(*point, one.properties_of(), *(each.expression() for each in beside))
    say = [_saying(each) for each in one.properties]
    for lon, lat, text, *more in found.iterator(chunk_size=BATCH):
        told = json.loads(text)
        named = [speak(told[each.name]) for speak, each in zip(say, one.properties, strict=True)]
        yield [*named, *more, round(lon, 6), round(lat, 6)]


def _saying(one: Property) -> Any:
    """Return how a value is written for people."""
    labels: dict[Any, str] = {value: str(label) for value, label in one.choices.items()}
    if one.kind is Kind.FLAG:
        labels |= {True: _("yes"), False: _("no")}
    return lambda value: labels.get(value, value) if labels else value


def _number(function: str, collection: Collection) -> Func:
    return Func(F(collection.geometry), function=function, output_field=FloatField())


def _beside(layer: str) -> tuple[Property, ...]:
    """Return what only a table says: who answers for a grid, whom everybody who sees the row may know."""
    if layer != "grid_owners":
        return ()
    return (Property("owner_name", gettext_lazy("Owner"), value=_owner),)


def _owner() -> Subquery:
    owners = Assignment.objects.current().filter(grid=OuterRef("pk"), role=AssignmentRole.OWNER)
    name = Coalesce("person__name", "team__name", "organisation__name")
    return Subquery(owners.order_by("pk").values(named=name)[:1])
