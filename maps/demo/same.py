"""What is the same problem in the demo city: who stands behind an original, what came back, numbers from outside."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from math import cos, hypot, radians

from django.utils import timezone

from grids.models.catalogue import Kind
from patrols.duplicates import METRES_A_DEGREE
from patrols.models import Follower, Report
from patrols.models.reports import Source
from patrols.workflow import State


def gather(reports: Iterable[Report]) -> list[Follower]:
    """Number what the hotline brought, count what came back, and return who follows originals; nothing is written."""
    told = sorted(reports, key=lambda report: report.recorded_at)
    for place, report in enumerate(told, start=1):
        if report.source == Source.HOTLINE:
            report.outside_number = f"12345-{timezone.localtime(report.recorded_at):%y%m%d}-{place:04}"
    _count_again(told)
    return [_follower(report) for report in told if report.duplicate_of]


def _follower(report: Report) -> Follower:
    original = report.duplicate_of
    assert original is not None
    if report.reporter_id != original.reporter_id or report.source == Source.HOTLINE:
        original.further += 1
    return Follower(
        district=report.district,
        report=original,
        via=report,
        filed=True,
        person=report.reporter,
        source=report.source,
        outside_number=report.outside_number,
        place=report.place,
        since=report.changed_at,
    )


def _count_again(told: list[Report]) -> None:
    closed: dict[str, list[Report]] = defaultdict(list)
    for report in told:
        if report.kind != Kind.PROBLEM:
            continue
        ago = report.recorded_at - timedelta(days=report.category.recurs_days)
        before = [
            one
            for one in closed[report.category.code]
            if one.closed_at and ago < one.closed_at < report.recorded_at and _same_place(one, report)
        ]
        if before:
            earlier = max(before, key=lambda one: one.closed_at or one.recorded_at)
            report.recurrence_of, report.times = earlier, earlier.times + 1
        if report.state == State.CLOSED:
            closed[report.category.code].append(report)


def _same_place(one: Report, other: Report) -> bool:
    if one.stairwell_id and other.stairwell_id:
        return one.stairwell_id == other.stairwell_id
    north = (one.anchor.y - other.anchor.y) * METRES_A_DEGREE
    east = (one.anchor.x - other.anchor.x) * METRES_A_DEGREE * cos(radians(other.anchor.y))
    return hypot(north, east) <= other.category.near_metres
