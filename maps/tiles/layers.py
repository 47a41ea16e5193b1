"""The registry of layers: what each shows, from which zoom on, and who may see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from grids.composed import Composed
from grids.models import Assignment, Building, Designation, Grid, Place, Region, Street
from grids.models.grid import GridKind
from grids.models.people import AssignmentRole
from grids.models.places import StreetKind
from grids.scope import Scope
from grids.seen import visible_checkpoints
from maps.cells import asking
from maps.tiles.coverage import streets_statement
from maps.tiles.heat import heat_statement
from maps.tiles.hotspots import cells_statement, read_run
from maps.tiles.public import problems_statement
from maps.tiles.sql import Epoch
from patrols.filters import ReportFilter
from patrols.models import Report
from patrols.queries import late_at

Rows = QuerySet[Any]
Columns = Mapping[str, Combinable]

MAIN_STREETS = (
    StreetKind.TRUNK,
    StreetKind.PRIMARY,
    StreetKind.SECONDARY,
    StreetKind.RAIL,
    StreetKind.WATER,
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of tiles; a public one may be cached by anybody, any other is the person's alone.

    `rows` gives what somebody may see at a zoom, `columns` the properties of a feature, `fields` their types as
    TileJSON names them. No tile carries more than `most` features. What the ORM cannot compose has a `statement` of its
    own instead of rows and columns, None where nothing can be seen. Filters that are not those of reports have a `read`
    of their own, whose result, which can be a key, the statement is given.
    """

    name: str
    title: Promise
    public: bool
    fields: dict[str, str]
    rows: Callable[[Scope, ReportFilter, int], Rows] = lambda _scope, _wanted, _zoom: Region.objects.none()
    columns: Callable[[], Columns] = dict
    statement: Callable[[Scope, Any, int], Composed | None] | None = None
    read: Callable[[Mapping[str, Any]], Any] | None = None
    geometry: str = "geom"
    min_zoom: int = 0
    max_zoom: int = 16
    most: int = 20_000
    filters: tuple[str, ...] = field(default=())


def _regions(_scope: Scope, _wanted: ReportFilter, _zoom: int) -> Rows:
    return Region.objects.current()


def _grids(_scope: Scope, _wanted: ReportFilter, _zoom: int) -> Rows:
    return Grid.objects.current().filter(kind=GridKind.SERVICE)


def _grids_with_owners(scope: Scope, _wanted: ReportFilter, _zoom: int) -> Rows:
    return Grid.objects.current().filter(scope.within("region__code") | Q(pk__in=scope.grids), kind=GridKind.SERVICE)


def _streets(_scope: Scope, _wanted: ReportFilter, zoom: int) -> Rows:
    return Street.objects.all() if zoom >= 14 else Street.objects.filter(kind__in=MAIN_STREETS)


def _buildings(_scope: Scope, _wanted: ReportFilter, _zoom: int) -> Rows:
    return Building.objects.all()


def _places(_scope: Scope, _wanted: ReportFilter, _zoom: int) -> Rows:
    return Place.objects.all()


def _checkpoints(scope: Scope, _wanted: ReportFilter, _zoom: int) -> Rows:
    return visible_checkpoints(scope)


def _reports(scope: Scope, wanted: ReportFilter, _zoom: int) -> Rows:
    reports = Report.objects.visible_to(scope)
    return wanted.apply(reports if wanted.states else reports.open())


def _owned() -> Combinable:
    owners = Assignment.objects.current().filter(grid=OuterRef("pk"), role=AssignmentRole.OWNER)
    return Exists(owners)


def _late() -> Combinable:
    return Case(When(late_at(Now()), then=Value(True)), default=Value(False), output_field=BooleanField())


def _designated() -> Combinable:
    return Exists(Designation.objects.current().filter(checkpoint=OuterRef("pk")))


def _named(*names: str) -> Callable[[], Columns]:
    return lambda: {name: F(name) for name in names}


TEXT, NUMBER, FLAG = "String", "Number", "Boolean"
NAMES = {"name": TEXT, "name_en": TEXT}
OWNERS = Layer(
    name="grids",
    title=_("Grids with their owners"),
    public=False,
    rows=_grids_with_owners,
    columns=lambda: {**{name: F(name) for name in ("id", "code", "name", "households", "kind")}, "owner": _owned()},
    fields={"id": NUMBER, "code": TEXT, "name": TEXT, "households": NUMBER, "kind": TEXT, "owner": FLAG},
    min_zoom=9,
)
LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer(
            name="regions",
            title=_("Regions"),
            public=True,
            rows=_regions,
            columns=_named("id", "code", "name", "name_en", "level"),
            fields={"id": NUMBER, "code": TEXT, **NAMES, "level": TEXT},
        ),
        Layer(
            name="grids",
            title=_("Grids"),
            public=True,
            rows=_grids,
            columns=_named("id", "code", "name", "kind"),
            fields={"id": NUMBER, "code": TEXT, "name": TEXT, "kind": TEXT},
            min_zoom=9,
        ),
        Layer(
            name="streets",
            title=_("Streets"),
            public=True,
            rows=_streets,
            columns=_named("id", "name", "name_en", "kind"),
            fields={"id": NUMBER, **NAMES, "kind": TEXT},
            min_zoom=8,
        ),
        Layer(
            name="buildings",
            title=_("Buildings"),
            public=True,
            rows=_buildings,
            columns=_named("id", "name", "kind", "floors"),
            fields={"id": NUMBER, "name": TEXT, "kind": TEXT, "floors": NUMBER},
            min_zoom=14,
        ),
        Layer(
            name="places",
            title=_("Places"),
            public=True,
            rows=_places,
            columns=_named("id", "name", "name_en", "kind"),
            fields={"id": NUMBER, **NAMES, "kind": TEXT},
            min_zoom=11,
        ),
        Layer(
            name="problems",
            title=_("Problems by cell"),
            public=True,
            statement=problems_statement,
            fields={"id": TEXT, "cells": NUMBER, "open": NUMBER, "closed": NUMBER},
            min_zoom=8,
            filters=("state", "category"),
        ),
        Layer(
            name="checkpoints",
            title=_("Checkpoints"),
            public=False,
            rows=_checkpoints,
            columns=lambda: {
                "id": F("id"),
                "name": F("name"),
                "name_en": F("name_en"),
                "type": F("type__code"),
                "glyph": F("type__glyph"),
                # Nothing has been inspected before there are inspections, and unknown is not clear.
                "status": Value("unknown", output_field=CharField()),
                "zero": _designated(),
            },
            fields={"id": NUMBER, **NAMES, "type": TEXT, "glyph": TEXT, "status": TEXT, "zero": FLAG},
            min_zoom=11,
        ),
        Layer(
            name="coverage",
            title=_("Patrol coverage"),
            public=False,
            statement=streets_statement,
            fields={
                "id": NUMBER,
                **NAMES,
                "metres": NUMBER,
                "state": TEXT,
                "covered": NUMBER,
                "unknown": NUMBER,
                "told": FLAG,
                "days": NUMBER,
            },
            min_zoom=12,
            filters=("grid",),
        ),
        Layer(
            name="heat",
            title=_("Heat"),
            public=False,
            statement=heat_statement,
            read=asking.read_asked,
            fields={"id": TEXT, "n": NUMBER, "was": NUMBER, "ha": NUMBER},
            # A cell takes about fifty bytes, and a tile no more than fifty thousand.
            most=900,
            filters=asking.FILTERS,
        ),
        Layer(
            name="hotspots",
            title=_("Hotspots"),
            public=False,
            statement=cells_statement,
            read=read_run,
            fields={
                "id": NUMBER,
                "class": NUMBER,
                "n": NUMBER,
                "effort": TEXT,
                "tested": FLAG,
                "emerging": TEXT,
                "rate": NUMBER,
                "ratio": NUMBER,
            },
            min_zoom=8,
            filters=("run",),
        ),
        Layer(
            name="reports",
            title=_("Reports"),
            public=False,
            rows=_reports,
            columns=lambda: {
                "id": Cast("id", CharField()),
                "category": F("category__code"),
                "glyph": F("category__glyph"),
                "hazard": F("category__hazard"),
                "state": F("state"),
                "late": _late(),
                "waiting": Epoch("waiting_since"),
                "dispatch_due": Epoch("dispatch_due_at"),
                "dispatched": Epoch("dispatched_at"),
                "due": Epoch("due_at"),
            },
            fields={
                "id": TEXT,
                "category": TEXT,
                "glyph": TEXT,
                "hazard": FLAG,
                "state": TEXT,
                "late": FLAG,
                "waiting": NUMBER,
                "dispatch_due": NUMBER,
                "dispatched": NUMBER,
                "due": NUMBER,
            },
            geometry="anchor",
            filters=("state", "category", "grid", "kind", "late", "source", "since", "until"),
        ),
    )
}

# A map's ground in one request instead of three: the layers of a tile may simply stand behind each other.
GROUND = "ground"
GROUND_LAYERS = tuple(LAYERS[name] for name in ("places", "buildings", "streets"))


def sources() -> dict[str, dict[str, Any]]:
    """Return what a page's map needs to ask for tiles at once, by source: zooms, the layers inside, parameters."""
    found = {layer.name: _source((layer,)) for layer in LAYERS.values()}
    found[GROUND] = {**_source(GROUND_LAYERS), "name": GROUND, "contents": [layer.name for layer in GROUND_LAYERS]}
    found["owners"] = {**_source((OWNERS,)), "params": {"owners": "1"}}
    return found


def _source(layers: tuple[Layer, ...]) -> dict[str, Any]:
    zooms = [(layer.min_zoom, layer.max_zoom) for layer in layers]
    return {"name": layers[0].name, "minzoom": min(zooms)[0], "maxzoom": max(high for _low, high in zooms)}
