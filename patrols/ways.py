"""What is kept of the way of one's own patrol: shown, written as GPX, and deleted.

What it covered stays when it is deleted, since that knows nobody.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from grids.models import Person
from grids.problems import Conflict
from grids.scope import Scope
from patrols.forgetting import forget_ways
from patrols.models import Fix, Patrol, Track, TrackFile
from patrols.models.patrol import PatrolState
from patrols.patrolling import find
from patrols.protocols.gpx_writing import Way, written

Lines = list[list[list[float]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept way of a patrol: lines of (longitude, latitude), those of points without a time apart."""

    track: Track | None
    lines: Lines
    untimed: Lines


def kept_of(patrol: Patrol) -> Kept:
    """Return what is kept of a patrol's way; the caller has checked whose it is."""
    track = Track.objects.filter(patrol=patrol).annotate(json=AsGeoJSON("geom", precision=6)).defer("geom").first()
    shapes = TrackFile.objects.filter(patrol=patrol, shape__isnull=False).annotate(json=AsGeoJSON("shape", precision=6))
    untimed = [line for text in shapes.order_by("pk").values_list("json", flat=True) for line in _coordinates(text)]
    return Kept(track, _coordinates(getattr(track, "json", None)), untimed)


def _coordinates(text: str | None) -> Lines:
    return list(json.loads(text)["coordinates"]) if text else []


def gpx_of(patrol: Patrol) -> bytes | None:
    """Return the kept way as GPX 1.1, None if there is none: one track, and one for points that had no time."""
    kept, start = kept_of(patrol), patrol.started_at
    if start is None or not (kept.lines or kept.untimed):
        return None
    name = _("Patrol of %(day)s") % {"day": date_format(timezone.localtime(start), "Y-m-d H:i")}
    about = _("The way as it is kept: cleaned, without what lies near private places, and without times.")
    ways = [Way(name, about, kept.lines)] if kept.lines else []
    if kept.untimed:
        ways.append(
            Way(name, _("Points of a file that had no time: they show a way and counted for nothing."), kept.untimed)
        )
    return written(timezone.now(), name, about, ways)


def gpx_response(patrol: Patrol, content: bytes) -> HttpResponse:
    """Return a GPX file to be kept, named after the patrol's beginning."""
    assert patrol.started_at
    response = HttpResponse(content, content_type="application/gpx+xml")
    name = timezone.localtime(patrol.started_at).strftime("%Y-%m-%d-%H%M")
    response["Content-Disposition"] = f'attachment; filename="patrol-{name}.gpx"'
    patch_cache_control(response, private=True, no_store=True)
    return response


@transaction.atomic
def forget_way(scope: Scope, identity: UUID) -> Patrol:
    """Delete what is kept of the way of one's own patrol; a second time does no harm.

    Raises NotFound, and Conflict while the patrol is under way.
    """
    patrol = find(scope, identity, lock=True)
    if patrol.state not in {PatrolState.ENDED, PatrolState.MEASURED}:
        raise Conflict(_("This patrol is not over: end it first."))
    assert patrol.started_at
    times = (patrol.started_at, patrol.ended_at or timezone.now())
    Fix.objects.filter(district=patrol.district, taken_at__range=times, patrol=patrol).delete()
    Fix.objects.filter(person=patrol.person_id, taken_at__range=times, patrol__isnull=True).delete()
    forget_ways(Patrol.objects.filter(pk=patrol.pk), timezone.now())
    patrol.refresh_from_db()
    return patrol


@transaction.atomic
def forget_all_ways(person: Person) -> int:
    """Delete every position and way of a person's patrols, and return how many patrols that were.

    Raises Conflict while one is under way.
    """
    patrols = Patrol.objects.filter(person=person, forgotten_at__isnull=True)
    if patrols.select_for_update().filter(state=PatrolState.ACTIVE).exists():
        raise Conflict(_("A patrol of yours is under way: end it first."))
    over = patrols.filter(state__in=[PatrolState.ENDED, PatrolState.MEASURED])
    count = over.count()
    Fix.objects.filter(person=person).delete()
    forget_ways(over, timezone.now())
    return count
