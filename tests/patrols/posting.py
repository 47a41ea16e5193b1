"""Posts and shifts in the little town, for tests."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from grids import outbox
from grids.geometry_guard import parse_point
from grids.models import Membership, Outbox, Person, Region
from patrols.models import Post, Shift
from patrols.posts import planning
from tests.town import DISTRICT, NEAR, Town, at


def post(town: Town, name: str = "北门路口", east: float = 1.5, north: float = 1.5, **more: object) -> Post:
    """Let Paula enter a post so many hundred metres from the town's corner."""
    point = at(east, north)
    entry = planning.Entry(name=name, place=parse_point(point.x, point.y), **more)  # type: ignore[arg-type]
    return planning.enter(town.scope("paula"), entry)


def shift(where: Post, hours: float = 24, length: float = 1.5, wanted: int = 1) -> Shift:
    """Write a shift that begins in so many hours (of late, with a negative number)."""
    start = (timezone.now() + timedelta(hours=hours)).replace(microsecond=0)
    return Shift.objects.create(
        district=DISTRICT,
        post=where,
        day=timezone.localdate(start),
        starts_at=start,
        ends_at=start + timedelta(hours=length),
        wanted=wanted,
    )


def keep_promises() -> None:
    """Do what was promised, as the worker would."""
    for row in Outbox.objects.filter(done_at__isnull=True):
        outbox.run(str(row.pk))


def volunteer(name: str) -> Person:
    """Write another volunteer of the near community."""
    person = Person.objects.create_user(name, "a-long-password", name=name)
    Membership.objects.create(person=person, role="volunteer", region=Region.objects.get(code=f"{NEAR}001"))
    return person


def week(days: tuple[int, ...] = (1, 2, 3, 4, 5), **more: object) -> planning.Week:
    """Return a weekly shift from 07:30 to 09:00."""
    return planning.Week(days, time(7, 30), time(9), **more)  # type: ignore[arg-type]


def local(day: date, clock: time) -> datetime:
    """Return a moment of the site's clock."""
    return timezone.make_aware(datetime.combine(day, clock))
