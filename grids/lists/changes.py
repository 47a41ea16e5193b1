"""What bringing a row in would change: what is wanted, compared with what there is."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import shapely
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from grids.lists.drafts import Draft
from grids.models import Assignment
from grids.models.lists import Fate
from grids.models.people import AssignmentRole


def compare(draft: Draft, current: Mapping[str, Any] | None) -> None:
    """Set a row's fate and what the thing was `before`; only what the row speaks of counts."""
    if current is None:
        draft.fate, draft.before = Fate.NEW, None
        return
    differing = {name: current.get(name) for name, value in draft.wanted.items() if current.get(name) != value}
    draft.fate = Fate.CHANGED if differing else Fate.UNCHANGED
    draft.before = differing or None


def wkb(shape: BaseGeometry) -> str:
    """Return a geometry as it is compared and kept: hexadecimal WKB."""
    return str(shapely.to_wkb(shape, hex=True, output_dimension=2))


def stored(geom: Any) -> BaseGeometry:
    """Return a geometry of the database as one of Shapely's."""
    return shapely.from_wkb(bytes(geom.wkb))


def since_of(period: Any) -> str | None:
    """Return the first day of a period as a list would write it."""
    return period.lower.isoformat() if period and period.lower else None


def owners_of(place: str, targets: Iterable[int], today: date) -> dict[int, int | None]:
    """Return the person who owns each of these places today: None where it is a team or a body."""
    rows = Assignment.objects.on(today).filter(role=AssignmentRole.OWNER, **{f"{place}__in": list(targets)})
    return dict(rows.values_list(f"{place}_id", "person_id"))


def assign(place: str, owners: Mapping[int, int], today: date) -> None:
    """Make people the owners of places from today; who owned them until now does so no longer.

    An ownership that would only begin later is taken away where the new one would overlap it.
    """
    if not owners:
        return
    held = Assignment.objects.select_for_update().filter(role=AssignmentRole.OWNER, **{f"{place}__in": list(owners)})
    for row in held.filter(Q(period__contains=today) | Q(period__startswith__gt=today)):
        end_from(row, today)
    Assignment.objects.bulk_create(
        Assignment(
            **{f"{place}_id": target}, person_id=person, role=AssignmentRole.OWNER, period=DateRange(today, None)
        )
        for target, person in owners.items()
    )


def end_from(row: Any, today: date) -> None:
    """End a dated row so that yesterday was its last day; one that never held a day is deleted."""
    if row.period.lower is not None and row.period.lower >= today:
        row.delete()
        return
    row.period = DateRange(row.period.lower, today)
    row.save(update_fields=["period"])


def begun(since: str | None, today: date) -> DateRange:
    """Return the open period that begins on a day, today if none is said."""
    return DateRange(date.fromisoformat(since) if since else today, None)
