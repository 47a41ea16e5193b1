"""Partitions: made ahead, made once, and nothing inserted is ever refused or lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from patrols import partitions
from patrols.filing import Draft, file_report
from patrols.models import Event
from tests.town import LITTER, Town, at


def partition_of(event: Event) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select tableoid::regclass::text from patrols_event where id = %s", [event.id])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_days_and_months_are_made_once() -> None:
    now = datetime(2031, 5, 20, tzinfo=UTC)
    made = partitions.ensure(partitions.EVENTS, now)
    assert made[0] == "patrols_event_203102"
    assert made[-1] == "patrols_event_203107"
    assert len(partitions.ensure(partitions.FIXES, now)) == 16
    assert partitions.ensure(partitions.EVENTS, now) == []


def test_rows_move_from_the_default_partition_into_their_own(town: Town) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    event = Event.objects.get(report=report)
    assert partition_of(event) == "patrols_event_default"
    partitions.ensure(partitions.EVENTS, timezone.now())
    assert partition_of(event) == f"patrols_event_{timezone.now().astimezone(UTC):%Y%m}"
    assert Event.objects.filter(report=report).count() == 1


@pytest.mark.django_db
def test_partitions_reach_ahead_of_the_next_tick() -> None:
    assert partitions.EVENTS.ahead > timedelta(days=31)
    assert partitions.FIXES.ahead > timedelta(days=1)
