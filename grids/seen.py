"""Which checkpoints and zones somebody sees: the one rule for lists, tiles and single things."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from grids.models import Assignment, Checkpoint, Grid, Zone
from grids.models.base import PeriodQuerySet
from grids.scope import Scope


def visible_checkpoints(scope: Scope, day: date | None = None) -> QuerySet[Checkpoint]:
    """Return the checkpoints of a day that somebody sees."""
    return checkpoints_ever(scope).on(day or timezone.localdate())


def visible_zones(scope: Scope, day: date | None = None) -> QuerySet[Zone]:
    """Return the zones of a day that somebody sees."""
    return zones_ever(scope).on(day or timezone.localdate())


def checkpoints_ever(scope: Scope) -> PeriodQuerySet:
    """Return the checkpoints that somebody sees, those included that are over or have not begun."""
    return _visible(Checkpoint, "checkpoint", scope)


def zones_ever(scope: Scope) -> PeriodQuerySet:
    """Return the zones that somebody sees, those included that are over or have not begun."""
    return _visible(Zone, "zone", scope)


def _visible(model: type[Checkpoint | Zone], place: str, scope: Scope) -> PeriodQuerySet:
    """Return what lies in somebody's regions or meets their grids, or what they, their team or body answer for."""
    condition = scope.within("region__code")
    if scope.grids:
        mine = Grid.objects.filter(pk__in=scope.grids, geom__intersects=OuterRef("geom"))
        condition |= Q(Exists(mine))
    if scope.person:
        holder = Q(person=scope.person)
        if scope.teams:
            holder |= Q(team__in=scope.teams)
        if scope.organisations:
            holder |= Q(organisation__in=scope.organisations)
        condition |= Q(Exists(Assignment.objects.current().filter(holder, **{place: OuterRef("pk")})))
    rows: PeriodQuerySet = model.objects.filter(condition)
    return rows
