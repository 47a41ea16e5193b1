"""Taking a list back that was just brought in, as long as nothing was built on it."""

from datetime import date
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.lists.changes import owners_of, since_of, stored, wkb
from grids.lists.committing import TAKE_BACK_WITHIN, made_searchable
from grids.lists.remembering import remember_places
from grids.models import Asset, Assignment, Checkpoint, ListImport, ListRow
from grids.models.lists import Fate, ListKind, ListState
from grids.models.people import AssignmentRole
from grids.problems import Conflict

_MODELS: dict[str, Any] = {ListKind.CHECKPOINTS: Checkpoint, ListKind.ASSETS: Asset}


def can_be_taken_back(listed: ListImport) -> bool:
    """Whether a list may still be taken back: of things with places, within a day, and when it ended nothing."""
    return (
        listed.kind in _MODELS
        and listed.state == ListState.DONE
        and listed.finished_at is not None
        and timezone.now() - listed.finished_at < TAKE_BACK_WITHIN
        and not (listed.result or {}).get("ended")
    )


def things_of(listed: ListImport) -> QuerySet[Any]:
    """Return what there is today of the things with places that a list brought in or knew already."""
    targets = listed.rows.exclude(target=None).values("target")
    things: QuerySet[Any] = _MODELS[listed.kind].objects.current().filter(pk__in=targets)
    return things


def take_back(listed: ListImport) -> int:
    """Delete what a list created and restore what it changed; return how many things.

    All or nothing: raises Conflict when one of them is used, or was changed since.
    """
    with transaction.atomic():
        held = ListImport.objects.select_for_update().select_related("region").get(pk=listed.pk)
        if not can_be_taken_back(held):
            raise Conflict(_("This list can no longer be taken back."))
        assert held.finished_at is not None
        day = timezone.localdate(held.finished_at)
        rows = [row for row in held.rows.exclude(before=None) if row.target is not None]
        _refuse_changed(held, rows)
        model = _MODELS[held.kind]
        owners_changed = {
            row.target: row.before["owner"] for row in rows if row.target and row.before and "owner" in row.before
        }
        _give_back(owners_changed, day)
        _restore(model, [row for row in rows if row.fate == Fate.CHANGED])
        _delete(model, [row.target for row in rows if row.fate == Fate.NEW and row.target is not None])
        made_searchable(held.kind, [row.target for row in rows if row.target is not None])
        remember_places(held)
        ListImport.objects.filter(pk=held.pk).update(state=ListState.UNDONE)
    return len(rows)


def _refuse_changed(listed: ListImport, rows: list[ListRow]) -> None:
    """Refuse if anything is not as the list left it."""
    model = _MODELS[listed.kind]
    targets = [row.target for row in rows if row.target is not None]
    things = model.objects.select_for_update().in_bulk(targets)
    owners = owners_of("checkpoint", targets, timezone.localdate()) if model is Checkpoint else {}
    changed = 0
    for row in rows:
        thing = things.get(row.target)
        differing = thing is None or any(
            after != _now(thing, name, owners) for name, (_before, after) in (row.before or {}).items()
        )
        changed += differing
    if changed:
        raise Conflict(_("%(count)s things were changed since: nothing was taken back.") % {"count": changed})


def _now(thing: Any, name: str, owners: dict[int, int | None]) -> Any:
    if name == "owner":
        return owners.get(thing.pk)
    if name == "geom":
        return wkb(stored(thing.geom))
    if name == "since":
        return since_of(thing.period)
    if name == "current":
        return not thing.period.isempty and thing.period.upper is None
    return getattr(thing, name)


def _give_back(changed: dict[int, list[int | None]], day: date) -> None:
    """Take the ownerships away that the list gave on a day, and let those go on that it ended.

    `changed` are the owners before and after, by place. One that the list ended on its first day was deleted and is
    made again.
    """
    at = Assignment.objects.filter(checkpoint__in=changed, role=AssignmentRole.OWNER)
    begun = at.filter(period__startswith=day).values_list("pk", "checkpoint_id", "person_id")
    at.filter(pk__in=[pk for pk, place, person in begun if changed[place or 0][1] == person]).delete()
    owned = set()
    for ended in at.filter(period__endswith=day).select_for_update():
        ended.period = DateRange(ended.period.lower, None)
        ended.save(update_fields=["period"])
        owned.add(ended.checkpoint_id)
    Assignment.objects.bulk_create(
        Assignment(checkpoint_id=place, person_id=old, role=AssignmentRole.OWNER, period=DateRange(day, None))
        for place, (old, _given) in changed.items()
        if old is not None and place not in owned
    )


def _restore(model: Any, rows: list[ListRow]) -> None:
    things = model.objects.in_bulk([row.target for row in rows])
    for row in rows:
        thing = things[row.target]
        for name, (old, _after) in (row.before or {}).items():
            if name == "geom":
                thing.geom = GEOSGeometry(old, srid=4326)
            elif name == "since":
                thing.period = DateRange(date.fromisoformat(old) if old else None, thing.period.upper)
            elif name == "current":
                thing.period = DateRange(thing.period.lower, timezone.localdate())
            elif name != "owner":
                setattr(thing, name, old)
        thing.save()


def _delete(model: type[Model], targets: list[int]) -> None:
    """Delete things that nothing refers to; what keeps their history is no such thing."""
    for relation in model._meta.related_objects:
        name = relation.field.name
        if name == "pgh_obj":
            continue
        used = relation.related_model._default_manager.filter(**{f"{name}__in": targets})  # type: ignore[union-attr]
        if count := used.count():
            raise Conflict(_("%(count)s things refer to it already: nothing was taken back.") % {"count": count})
    model._default_manager.filter(pk__in=targets).delete()
