"""What a collection of features is, and how a page of one is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Func, Q, QuerySet
from django.utils.functional import Promise

from grids.paging import read_key, write_key
from grids.scope import Scope
from maps.features.properties import Property
from maps.features.spans import Span
from maps.features.sql import Feature, Properties

Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a collection: an area in EPSG:4326, a time, values of properties; a page by size and cursor."""

    area: GEOSGeometry | None = None
    span: Span | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 10
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some features as texts, and the cursor of those after them, empty at the end."""

    features: list[str]
    cursor: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Features of one kind; those of a public one may be cached by anybody, of any other each sees their own.

    `rows` gives all that somebody may see of a time, in no order. `shape` is the type of GeoJSON that all geometries
    have, empty where they differ; `timed` says that `datetime` tells them apart. `told` writes all properties at once
    where each by itself would be dear. `pager` makes a page; without one pages go by id.
    """

    name: str
    title: str | Promise
    description: str | Promise
    public: bool
    rows: Callable[[Scope, Wanted], Rows]
    properties: tuple[Property, ...]
    shape: str = ""
    geometry: str = "geom"
    identity: Callable[[str], Any] = int
    told: Callable[[], Func] | None = None
    timed: bool = False
    pager: Callable[["Collection", Scope, Wanted], Page] | None = None

    @property
    def queryables(self) -> dict[str, Property]:
        """The properties that a request may name."""
        return {one.name: one for one in self.properties if one.lookup}

    def feature(self) -> Feature:
        """Return the expression that writes a row as a feature."""
        return Feature(self.geometry, self.properties_of(), multi=self.shape.startswith("Multi"))

    def properties_of(self) -> Func:
        """Return the expression that writes the properties of a row as the text of a JSON object."""
        return self.told() if self.told else Properties({one.name: one.expression() for one in self.properties})

    def narrowed(self, scope: Scope, wanted: Wanted) -> Rows:
        """Return all that somebody may see of what is wanted, in no order."""
        condition = Q()
        if wanted.area:
            condition &= Q(**{f"{self.geometry}__intersects": wanted.area})
        for name, value in wanted.values.items():
            condition &= self.queryables[name].condition(value)
        return self.rows(scope, wanted).filter(condition)

    def page(self, scope: Scope, wanted: Wanted) -> Page:
        """Return a page, in one query; raises Problem (400) for a cursor that is not ours."""
        if self.pager:
            return self.pager(self, scope, wanted)
        key = read_key(wanted.cursor, int)
        rows = self.narrowed(scope, wanted)
        rows = rows.filter(pk__gt=key[0]) if key else rows
        found = list(rows.order_by("pk").values_list("pk", self.feature())[: wanted.limit + 1])
        more = len(found) > wanted.limit
        texts = [text for _key, text in found[: wanted.limit]]
        return Page(texts, write_key(found[wanted.limit - 1][0]) if more else "")

    def one(self, scope: Scope, identity: Any) -> str | None:
        """Return one feature by its id, or None where somebody sees none; those of other times too."""
        everything = Wanted(span=Span())
        found = self.rows(scope, everything).filter(pk=identity).order_by().values_list(self.feature(), flat=True)
        return next(iter(found[:1]), None)
