"""What anybody may know of effort: how much of a community's streets was walked in a week, once five people walked.

A grid is one person, and a week of a community that three walked is three people: there the figure is withheld. It is
made once, when the week is over, and in steps of five per cent, so that no two figures differ by one known walk. There
is none for a subdistrict or district: with the others it would give away those that are withheld.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from grids import jobs, outbox
from grids.clock import task
from grids.models import Grid, Outbox
from grids.models.grid import GridKind
from patrols.coverage_summary import Summary, summaries
from patrols.models import Patrol, PublicEffort
from patrols.models.patrol import PatrolState

TOPIC = "public.effort"
EVERY = timedelta(hours=1)
LATE = timedelta(days=1)  # what phones still hand in after the week
ENOUGH = 5  # people who walked in the community
STEP = 5  # per cent
KEPT = timedelta(weeks=9)
outbox.rings(TOPIC, outbox.Bell(jobs.QUEUE, "grids.outbox.run"))


def last_week(today: date) -> date:
    """Return the Monday of the last week (ISO 8601) that was over yesterday already."""
    day = today - LATE
    return day - timedelta(days=day.weekday() + 7)


def make(today: date | None = None) -> int:
    """Write the figures of the last whole week, once, and return of how many communities."""
    today = today or timezone.localdate()
    week = last_week(today)
    if PublicEffort.objects.filter(week=week).exists():
        return 0
    grids: dict[str, list[int]] = defaultdict(list)
    for code, grid in Grid.objects.on(week).filter(kind=GridKind.SERVICE).values_list("region__code", "pk"):
        grids[code].append(grid)
    found = summaries([grid for group in grids.values() for grid in group], week, week + timedelta(days=6))
    people = _people(week)
    rows = [
        PublicEffort(
            district=code[:6],
            region_code=code,
            week=week,
            share=share_of((found[grid] for grid in group if grid in found), people[code]),
        )
        for code, group in sorted(grids.items())
    ]
    with transaction.atomic():
        PublicEffort.objects.filter(week__lt=today - KEPT).delete()
        return len(PublicEffort.objects.bulk_create(rows, ignore_conflicts=True))


def share_of(grids: Iterable[Summary], people: int) -> int | None:
    """Return the share of the metres of a community's grids that was walked, in whole steps of five per cent.

    None with fewer people than are enough, and where nothing was recorded: that is unknown, and not nothing.
    """
    known = list(grids)
    metres = sum(one.metres for one in known)
    if people < ENOUGH or not metres or not any(one.recorded for one in known):
        return None
    return min(100, int(sum(one.covered for one in known) / metres * 100 / STEP + 0.5) * STEP)


def _people(week: date) -> Counter[str]:
    """Return how many walked in each community in a week; who has no grid counts nowhere."""
    begin, end = (timezone.make_aware(datetime.combine(week + timedelta(days=days), time())) for days in (0, 7))
    walked = Patrol.objects.filter(started_at__gte=begin, started_at__lt=end, grid__isnull=False)
    pairs = walked.exclude(state=PatrolState.PLANNED).order_by().values_list("grid__region__code", "person").distinct()
    return Counter(code for code, _person in pairs)


@task("public effort", EVERY)
def promise_to_make() -> None:
    """Have the figures made, unless they are there or wait for it already."""
    waiting = Outbox.objects.filter(topic=TOPIC, done_at__isnull=True).exists()
    if not waiting and not PublicEffort.objects.filter(week=last_week(timezone.localdate())).exists():
        outbox.put(TOPIC)


@outbox.handles(TOPIC)
def make_promised(_promise: UUID, _payload: dict[str, Any]) -> None:
    """Make the figures."""
    make()
