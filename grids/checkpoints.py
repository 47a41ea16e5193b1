"""Checkpoints: entering one, changing it, ending it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grids.geometry_guard import to_geos
from grids.models import Checkpoint, CheckpointType, Region
from grids.models.people import Role
from grids.models.places import RegionLevel
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope
from grids.seen import visible_checkpoints

KEEPERS = (Role.PLANNER, Role.ADMIN)
FARTHEST = timedelta(days=3653)
SOURCE = "api"


@dataclass(frozen=True, slots=True)
class Entry:
    """A checkpoint to be entered; `geometry` has passed the guard and is in EPSG:4326."""

    name: str
    type: str
    geometry: BaseGeometry
    name_en: str = ""
    since: date | None = None
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What of a checkpoint is to change; None stays as it is."""

    name: str | None = None
    name_en: str | None = None
    type: str | None = None
    geometry: BaseGeometry | None = None


def enter(scope: Scope, entry: Entry, identity: str) -> Checkpoint:
    """Write a checkpoint; `identity` is what it is known by when the caller names none.

    Raises BadInput for an unknown type, a place outside of every community or a day that cannot be, NotAllowed in a
    region that is not the caller's to plan, Conflict for a source_id that is taken.
    """
    region = _community(scope, entry.geometry)
    since = entry.since or timezone.localdate()
    if abs(since - timezone.localdate()) > FARTHEST:
        raise BadInput(_("The first day must lie within ten years of today."))
    checkpoint = Checkpoint(
        name=entry.name,
        name_en=entry.name_en,
        type=_type(entry.type),
        region=region,
        geom=to_geos(entry.geometry),
        period=DateRange(since, None),
        source=SOURCE,
        source_id=entry.source_id or identity,
    )
    try:
        with transaction.atomic():
            checkpoint.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("There is a checkpoint with this source_id already.")) from error
    return checkpoint


def change(scope: Scope, identity: int, wanted: Change) -> Checkpoint:
    """Change a checkpoint's name, type or place; the history keeps what it was.

    Raises NotFound, NotAllowed and BadInput as `enter` does.
    """
    with transaction.atomic():
        checkpoint = _locked(scope, identity)
        changed: dict[str, Any] = {
            name: value for name in ("name", "name_en") if (value := getattr(wanted, name)) is not None
        }
        if wanted.type is not None:
            changed["type"] = _type(wanted.type)
        if wanted.geometry is not None:
            changed["geom"] = to_geos(wanted.geometry)
            changed["region"] = _community(scope, wanted.geometry)
        for name, value in changed.items():
            setattr(checkpoint, name, value)
        if changed:
            checkpoint.save(update_fields=list(changed))
        return checkpoint


def end(scope: Scope, identity: int, last_day: date) -> Checkpoint:
    """Let a checkpoint hold for the last time on a day; what was done there stays.

    Raises NotFound, NotAllowed, BadInput for a day before its first, Conflict when it ends by then already.
    """
    with transaction.atomic():
        checkpoint = _locked(scope, identity)
        period = checkpoint.period
        if last_day > timezone.localdate() + FARTHEST:
            raise BadInput(_("The last day must lie within ten years of today."))
        if period.lower and last_day < period.lower:
            raise BadInput(_("The last day lies before the first."))
        end_of_it = last_day + timedelta(days=1)
        if period.upper and period.upper <= end_of_it:
            raise Conflict(_("This checkpoint ends then or earlier already."))
        checkpoint.period = DateRange(period.lower, end_of_it)
        checkpoint.save(update_fields=["period"])
        return checkpoint


def _locked(scope: Scope, identity: int) -> Checkpoint:
    if not visible_checkpoints(scope).filter(pk=identity).exists():
        raise NotFound(_("There is no such thing here."))
    checkpoint: Checkpoint = (
        Checkpoint.objects.select_for_update(of=("self",)).select_related("region", "type").get(pk=identity)
    )
    _check_keeper(scope, checkpoint.region.code)
    return checkpoint


def _check_keeper(scope: Scope, code: str) -> None:
    if not any(scope.reaches(role, code) for role in KEEPERS):
        raise NotAllowed(_("The checkpoints of this region are kept by its planners."))


def _community(scope: Scope, geometry: BaseGeometry) -> Region:
    """Return the community that a point on the geometry lies in."""
    anchor = to_geos(geometry.representative_point())
    found = Region.objects.current().filter(level=RegionLevel.COMMUNITY, geom__covers=anchor).defer("geom")
    region: Region | None = found.order_by("code").first()
    if region is None:
        raise BadInput(_("The place lies outside of every community that is known here."))
    _check_keeper(scope, region.code)
    return region


def _type(code: str) -> CheckpointType:
    found = CheckpointType.objects.filter(code=code).first()
    if found is None:
        raise BadInput(_("There is no type of checkpoint “%(code)s”.") % {"code": code})
    return found
