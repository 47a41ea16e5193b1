"""What changed from one event of history to the next, in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pghistory.models import Event

from grids.models import Person
from maps.admin.periods import period_text

LABELS: dict[str, Promise] = {
    "insert": gettext_lazy("Added"),
    "update": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
    "found": gettext_lazy("There when the history began"),
    "contact": gettext_lazy("Phone or e-mail changed"),
    "password": gettext_lazy("Password changed"),
}
WITHOUT_VALUES = frozenset({"contact", "password"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One column before and after; an empty text where there was nothing."""

    name: str
    before: str
    after: str


@dataclass(slots=True)
class Change:
    """One event: when, of what, by whom, and what it changed."""

    at: datetime
    model: type[models.Model]
    key: Any
    label: str
    what: str
    who: str
    person: Person | None
    address: str
    title: str
    differences: list[Difference] = field(default_factory=list)


def tracked(model: type[models.Model]) -> type[Event] | None:
    """Return the model of a table's events, None when it keeps no history."""
    relation = next((one for one in model._meta.related_objects if one.name == "history"), None)
    events: Any = relation.related_model if relation else None
    return events if events and issubclass(events, Event) else None


def rows_of(model: Any) -> models.QuerySet[Any]:
    """Return the rows of a table whose columns only the running program knows."""
    rows: models.QuerySet[Any] = model._default_manager.all()
    return rows


def with_former(events: models.QuerySet[Any]) -> Any:
    """Add to each event the id of the event before it of the same row."""
    earlier = rows_of(events.model).filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id"))
    return events.annotate(former=Subquery(earlier.order_by("-pgh_id").values("pgh_id")[:1]))


def read_changes(events: Sequence[Any]) -> list[Change]:
    """Return the changes that events tell of, in their order; a few queries for all of them.

    The events come from `with_former`, of one table or of several.
    """
    former: dict[tuple[type[models.Model], int], Any] = {}
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for event in events:
        if event.former:
            wanted[type(event)].add(event.former)
    for model, ids in wanted.items():
        for row in model._default_manager.filter(pk__in=ids):
            former[model, row.pk] = row
    names = _Names([*events, *former.values()])
    return [_change(event, former.get((type(event), event.former)), names) for event in events]


class _Names:
    """What the rows that events refer to are called: one query for each table referred to."""

    def __init__(self, events: Iterable[Any]) -> None:
        wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
        for event in events:
            wanted[Person].add((event.pgh_context or {}).get("user"))
            for column in columns_of(type(event)):
                if isinstance(column, models.ForeignKey):
                    wanted[column.remote_field.model].add(getattr(event, column.attname))
        self.rows = {
            model: _light(model).in_bulk([key for key in keys if key is not None]) for model, keys in wanted.items()
        }

    def of(self, model: type[models.Model], key: Any) -> str:
        """Return what a row is called today, or its id when it is gone."""
        row = self.rows.get(model, {}).get(key)
        return str(row) if row is not None else f"#{key}"

    def person(self, key: Any) -> Person | None:
        found = self.rows.get(Person, {}).get(key)
        return found if isinstance(found, Person) else None


def _light(model: type[models.Model]) -> models.QuerySet[Any]:
    """Return the rows of a table without outlines, with what their names are made of."""
    heavy = [column.name for column in model._meta.concrete_fields if column.get_internal_type().endswith("Field")
             and hasattr(column, "geom_type")]  # fmt: skip
    above = [name for name in ("building", "type", "person", "organisation", "checkpoint") if _has(model, name)]
    return model._base_manager.defer(*heavy).select_related(*above) if above else model._base_manager.defer(*heavy)


def _has(model: type[models.Model], name: str) -> bool:
    return any(column.name == name and column.many_to_one for column in model._meta.concrete_fields)


def columns_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return the columns of the row that an event repeats."""
    own = (column for column in model._meta.concrete_fields if not column.name.startswith("pgh_"))
    return [column for column in own if column.name != "id"]


def _change(event: Any, former: Any, names: _Names) -> Change:
    model = event.pgh_tracked_model
    context = event.pgh_context or {}
    person = names.person(context.get("user"))
    change = Change(
        at=event.pgh_created_at,
        model=model,
        key=event.pgh_obj_id,
        label=event.pgh_label,
        what=str(LABELS.get(event.pgh_label, event.pgh_label)),
        who=_who(context, person),
        person=person,
        address=str(context.get("url", "")),
        title=_title(event, names),
    )
    if event.pgh_label not in WITHOUT_VALUES:
        change.differences = list(_differences(event, former, names))
    return change


def _who(context: dict[str, Any], person: Person | None) -> str:
    if person is not None:
        return str(person)
    task = context.get("task") or context.get("command")
    if task:
        return _("the system (%(task)s)") % {"task": task}
    return _("the system") if context else _("straight in the database")


def _title(event: Any, names: _Names) -> str:
    """Return what the row was called then, as the model itself would say."""
    model = event.pgh_tracked_model
    row = model(**{column.attname: getattr(event, column.attname) for column in columns_of(type(event))})
    row.pk = event.pgh_obj_id
    for column in columns_of(type(event)):
        if isinstance(column, models.ForeignKey):
            found = names.rows.get(column.remote_field.model, {}).get(getattr(event, column.attname))
            if found is not None:
                setattr(row, column.name, found)
    try:
        return str(row)
    except (AssertionError, models.ObjectDoesNotExist):
        return f"#{event.pgh_obj_id}"


def _differences(event: Any, former: Any, names: _Names) -> Iterable[Difference]:
    gone = event.pgh_label == "delete"
    for column in columns_of(type(event)):
        now = getattr(event, column.attname)
        if gone or former is None:
            if now not in (None, "", []):
                text = value_text(column, event, names)
                yield Difference(_name(column), text if gone else "", "" if gone else text)
        elif not same(getattr(former, column.attname), now):
            yield Difference(_name(column), value_text(column, former, names), value_text(column, event, names))


def same(one: Any, other: Any) -> bool:
    """Whether two values of a column are the same; geometries are compared by their coordinates."""
    if isinstance(one, GEOSGeometry) and isinstance(other, GEOSGeometry):
        return bool(one.equals_exact(other))
    return bool(one == other)


def _name(column: models.Field[Any, Any]) -> str:
    return str(column.verbose_name)


def value_text(column: models.Field[Any, Any], event: Any, names: _Names) -> str:
    """Return a column's value in words."""
    value = getattr(event, column.attname)
    if value is None:
        return "—"
    if isinstance(column, models.ForeignKey):
        return names.of(column.remote_field.model, value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    match value:
        case bool():
            return _("yes") if value else _("no")
        case DateRange():
            return period_text(value)
        case GEOSGeometry():
            return shape_text(value)
        case list():
            return ", ".join(map(str, value))
        case datetime():
            return localize(timezone.localtime(value))
        case date():
            return value.isoformat()
    return str(value)


def shape_text(shape: GEOSGeometry) -> str:
    """Return a geometry in words: its kind, how many points it has, and where its middle lies."""
    middle = shape.centroid
    return _("%(kind)s with %(points)d points around %(lon).5f, %(lat).5f") % {
        "kind": shape.geom_type,
        "points": shape.num_coords,
        "lon": middle.x,
        "lat": middle.y,
    }
