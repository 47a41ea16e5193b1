"""What goes when the way of a patrol is deleted or a consent withdrawn; coverage stays, since it knows nobody."""

from datetime import datetime

from django.db.models import QuerySet

from grids.models import Person
from patrols.models import Fix, LastPosition, Patrol, Sight, Track, TrackFile
from patrols.models.patrol import PatrolState
from patrols.posts.presence import forget_tracks


def forget_recorded(person: Person, now: datetime) -> None:
    """Delete everything that a person's patrols recorded and end an active one, within the caller's transaction.

    What covers streets stays, without the patrol that saw it.
    """
    Fix.objects.filter(person=person).delete()
    active = Patrol.objects.filter(person=person, state=PatrolState.ACTIVE)
    active.filter(started_at__lte=now).update(state=PatrolState.ENDED, ended_at=now)
    forget_ways(Patrol.objects.filter(person=person).exclude(state=PatrolState.PLANNED), now)
    LastPosition.objects.filter(person=person).delete()


def forget_ways(patrols: "QuerySet[Patrol]", now: datetime) -> None:
    """Delete what is kept of patrols that are over and note it, within the caller's transaction; positions aside."""
    found = list(patrols.select_for_update().values_list("pk", flat=True))
    LastPosition.objects.filter(patrol__in=found).delete()
    Track.objects.filter(patrol__in=found).delete()
    TrackFile.objects.filter(patrol__in=found).delete()
    Sight.objects.filter(patrol__in=found).update(patrol=None)
    forget_tracks(found)
    # Without positions there is nothing to measure: what was measured would be taken for unknown.
    rows = Patrol.objects.filter(pk__in=found)
    rows.filter(state=PatrolState.ENDED).update(state=PatrolState.MEASURED)
    rows.filter(forgotten_at__isnull=True).update(forgotten_at=now)
