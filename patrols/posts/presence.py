"""Who was there: by the phone's position when it was said, by a recorded patrol, or by one's own word (自报).

Nothing known is never absence. Of a position it is only kept whether it lay within the post's radius.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.problems import BadInput, Conflict, NotFound
from grids.scope import Scope
from grids.splitting.crs import Plane
from patrols.models import Patrol, Post, Turn
from patrols.models.posts import HELD_STATES
from patrols.moments import stated_moment
from patrols.tracks.cleaning import Cleaned
from patrols.tracks.fixes import Fixes

EARLY = timedelta(hours=1)  # who comes earlier than this does not come to the shift
LATE = timedelta(hours=2)  # who leaves later than this has forgotten to say so
VAGUEST = 100.0  # metres: a position vaguer than this says nothing
ROOM = 50.0  # metres at most that a vague position may lie beyond the radius


@dataclass(frozen=True, slots=True)
class Here:
    """A position that passed the guard, in EPSG:4326, with its accuracy in metres where known."""

    lon: float
    lat: float
    accuracy: float | None = None


@transaction.atomic
def arrive(scope: Scope, identity: UUID, at: datetime | None = None, here: Here | None = None) -> Turn:
    """Note that somebody came to their shift, by their word, and measured if `here` lies within the post's radius.

    `at` is when the phone noted it. Said again it changes nothing but that a position counts once it is there. Raises
    NotFound, Conflict for a place that is one's own no more, BadInput for a moment that lies outside of the shift.
    """
    turn = _own(scope, identity)
    shift = turn.shift
    moment = stated_moment(at, timezone.now())
    if moment < shift.starts_at - EARLY:
        raise BadInput(_("The shift begins only later: say so again within an hour of it."))
    if moment > shift.ends_at:
        raise BadInput(_("The shift was over by then."))
    located = bool(here and _is_near(shift.post, here))
    before = (turn.arrived_at, turn.located)
    turn.arrived_at = min(turn.arrived_at or moment, moment)
    turn.located = turn.located or located
    if (turn.arrived_at, turn.located) != before:
        turn.save(update_fields=["arrived_at", "located"])
    return turn


@transaction.atomic
def leave(scope: Scope, identity: UUID, at: datetime | None = None) -> Turn:
    """Note that somebody left; said again the first word counts.

    Raises NotFound, Conflict, BadInput for a moment before the arrival or long after the shift.
    """
    turn = _own(scope, identity)
    moment = stated_moment(at, timezone.now())
    if turn.arrived_at is None:
        raise BadInput(_("Say first that you have come."))
    if moment < turn.arrived_at:
        raise BadInput(_("You cannot leave before you came."))
    if turn.left_at is None:
        turn.left_at = min(moment, turn.shift.ends_at + LATE)
        turn.save(update_fields=["left_at"])
    return turn


@transaction.atomic
def undo_arrival(scope: Scope, identity: UUID) -> Turn:
    """Take back that one came, as if nothing had been said; what a patrol recorded stays. Raises NotFound, Conflict."""
    turn = _own(scope, identity)
    turn.arrived_at, turn.left_at, turn.located = None, None, False
    turn.save(update_fields=["arrived_at", "left_at", "located"])
    return turn


def note_track(patrol: Patrol, cleaned: Cleaned, fixes: Fixes) -> None:
    """Note at which of their posts a volunteer's track was during the shift, and since when; again changes nothing."""
    if cleaned.plane is None:
        return
    for turn in _turns_of(patrol):
        first = _first_near(turn, cleaned.plane, cleaned, fixes)
        if first is not None:
            Turn.objects.filter(pk=turn.pk).update(tracked_at=Least("tracked_at", first))


def forget_tracks(patrols: Iterable[UUID]) -> None:
    """Forget what the ways of patrols, by id, told of their volunteers' having been at posts."""
    ways = Patrol.objects.filter(
        pk__in=patrols,
        person=OuterRef("person"),
        started_at__lte=OuterRef("tracked_at"),
        ended_at__gte=OuterRef("tracked_at"),
    )
    Turn.objects.filter(Exists(ways), tracked_at__isnull=False).update(tracked_at=None)


def _turns_of(patrol: Patrol) -> Iterator[Turn]:
    during: Any = DateTimeTZRange(patrol.started_at, patrol.ended_at, "[]")
    rows = Turn.objects.filter(person=patrol.person_id, state__in=HELD_STATES, during__overlap=during)
    yield from rows.select_related("shift__post").order_by("pk")


def _first_near(turn: Turn, plane: Plane, cleaned: Cleaned, fixes: Fixes) -> datetime | None:
    post, shift = turn.shift.post, turn.shift
    middle = plane.forward(np.array([[post.geom.x, post.geom.y]]))[0]
    low, high = shift.starts_at.timestamp(), shift.ends_at.timestamp()
    found = []
    for segment in cleaned.segments:
        time = fixes.time[segment]
        near = np.hypot(*(cleaned.metres[segment] - middle).T) <= post.radius
        inside = time[near & (time >= low) & (time <= high)]
        found += inside[:1].tolist()
    return datetime.fromtimestamp(min(found), timezone.get_current_timezone()) if found else None


def _is_near(post: Post, here: Here) -> bool:
    if here.accuracy is not None and here.accuracy > VAGUEST:
        return False
    reach = post.radius + min(here.accuracy or 0.0, ROOM)
    point = Point(here.lon, here.lat, srid=4326)
    return Post.objects.filter(Q(geom__distance_lte=(point, D(m=reach))), pk=post.pk).exists()


def _own(scope: Scope, identity: UUID) -> Turn:
    rows = Turn.objects.select_for_update(of=("self",), no_key=True).select_related("shift__post")
    turn = rows.filter(shift=identity, person=scope.person_id).order_by("-since").first()
    if turn is None:
        raise NotFound(_("You have no place in this shift."))
    if turn.state not in HELD_STATES:
        raise Conflict(_("You have no place in this shift any more."))
    return turn
