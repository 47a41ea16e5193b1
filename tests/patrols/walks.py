"""Streets, consents and walks in the little town, for tests of what patrols cover."""

import itertools
from datetime import datetime, timedelta

from django.contrib.gis.geos import LineString
from django.utils import timezone

from grids.models import Person, Street
from grids.scope import scope_of
from patrols.intake.storing import Sender, Stored, store
from patrols.models import Patrol
from patrols.patrolling import Start, end, give_consent, start
from patrols.protocols.readings import Reading
from tests.town import DISTRICT, at


def street(name: str, *ends: tuple[float, float], kind: str = "residential") -> Street:
    """Write a street through points in hundreds of metres from the town's corner."""
    return Street.objects.create(
        source_id=name, name=name, kind=kind, geom=LineString([at(*one).coords for one in ends], srid=4326)
    )


def walk(
    since: datetime, way: list[tuple[float, float]], every: int = 10, step: float = 0.14, accuracy: float = 5.0
) -> list[Reading]:
    """Return readings along a way in hundreds of metres, one in so many seconds and so many hundred metres."""
    readings: list[Reading] = []
    clock = since
    for (west, south), (east, north) in itertools.pairwise(way):
        length = ((east - west) ** 2 + (north - south) ** 2) ** 0.5
        count = max(1, round(length / step))
        for turn in range(count + 1):
            place = at(west + (east - west) * turn / count, south + (north - south) * turn / count)
            readings.append(Reading(place.x, place.y, clock, accuracy))
            clock += timedelta(seconds=every)
    return readings


def hours_ago(hours: float) -> datetime:
    """Return a moment some hours ago on a whole second; earlier where the hour before midnight would make two days."""
    moment = (timezone.now() - timedelta(hours=hours)).replace(microsecond=0)
    return moment - timedelta(hours=1) if timezone.localtime(moment).hour == 23 else moment


def begun(person: Person, grid: int | None = None, since: datetime | None = None) -> Patrol:
    """Let somebody consent and start a patrol."""
    person = Person.objects.get(pk=person.pk)
    give_consent(scope_of(person))
    return start(scope_of(person), Start(grid=grid, at=since))


def ended(patrol: Patrol, moment: datetime | None = None) -> Patrol:
    """Let its volunteer end a patrol."""
    return end(scope_of(Person.objects.get(pk=patrol.person_id)), patrol.pk, moment)


def sent(person: Person, readings: list[Reading]) -> Stored:
    """Store readings of the patrol page."""
    return store(Sender(person, DISTRICT), readings)
