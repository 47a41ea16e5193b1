"""Which checkpoints and zones somebody sees: the one rule for lists, tiles and single things."""

from datetime import date
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from grids.models import Assignment, Checkpoint, Grid, Zone
from grids.scope import Scope

Seen = TypeVar("Seen", Checkpoint, Zone)


def visible_checkpoints(scope: Scope, day: date | None = None) -> QuerySet[Checkpoint]:
    """Return the checkpoints of a day that somebody sees."""
    return _visible(Checkpoint, "checkpoint", scope, day)


def visible_zones(scope: Scope, day: date | None = None) -> QuerySet[Zone]:
    """Return the zones of a day that somebody sees."""
    return _visible(Zone, "zone", scope, day)


def _visible(model: type[Seen], place: str, scope: Scope, day: date | None) -> QuerySet[Seen]:
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
    return model.objects.on(day or timezone.localdate()).filter(condition)
