"""Keeping the counts of the public map: made anew every five minutes from the reports themselves.

A map view then reads a few rows however many reports there are, and nobody can ask it for anything finer than a cell.
What somebody retracts is gone from it with the next turn.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import Count, F, Func, IntegerField, Q, Sum
from django.utils import timezone

from grids import jobs, outbox
from grids.clock import task
from grids.models import Outbox
from patrols.public import ENOUGH, OPEN, WEIGHT, moderated
from patrols.workflow import State

TOPIC = "public.cells"
EVERY = timedelta(minutes=5)
KEY = ("district", "region_code", "column", "row", "category_id")
COUNTS = ("open", "closed", "closed_month", "took", "shown")
_LOCK = 7_345_233  # any constant: two that make the counts anew take turns
# Not with the messages that people wait for: a city takes some seconds.
outbox.rings(TOPIC, outbox.Bell(jobs.QUEUE, "grids.outbox.run"))

REFRESH = """
with counted as materialized (/*counted*/),
fresh as materialized (
  select {key}, {numbers}, sum(behind) over (partition by "column", "row") >= %s as shown from counted
),
gone as (
  delete from patrols_publiccell kept where not exists (select from fresh where {same})
),
made as (
  insert into patrols_publiccell ({key}, {counts})
  select {key}, {counts} from fresh
  on conflict ({key}) do update set ({counts}) = row({excluded})
  where ({kept}) is distinct from ({excluded})
  returning 1
)
select count(*) from made
"""


@transaction.atomic
def refresh(today: date | None = None) -> int:
    """Bring the counts in step with the reports and return how many rows of them changed."""
    counted, values = _counted(today or timezone.localdate()).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_STATEMENT.replace("/*counted*/", counted), [*values, ENOUGH])
        changed: int = cursor.fetchone()[0]
    return changed


def _counted(today: date) -> Any:
    """Return a row for each cell, community and category, in the order of the statement's columns."""
    month = timezone.make_aware(datetime.combine(today.replace(day=1), time()))
    closed = Q(state=State.CLOSED)
    span = F("closed_at") - F("recorded_at")
    hours = Func(
        span,
        template="greatest(0, floor(extract(epoch from %(expressions)s) / 3600))::int",
        output_field=IntegerField(),
    )
    rows = moderated(today).order_by().values(*KEY)
    return rows.annotate(
        open=Count("pk", filter=Q(state__in=OPEN)),
        closed=Count("pk", filter=closed),
        closed_month=Count("pk", filter=closed & Q(closed_at__gte=month)),
        took=ArrayAgg(hours, filter=closed & Q(closed_at__isnull=False), default=[]),
        behind=Sum(WEIGHT),
    )


@task("public map", EVERY)
def promise_to_refresh() -> None:
    """Have the counts made anew, unless they wait for it already."""
    if not Outbox.objects.filter(topic=TOPIC, done_at__isnull=True).exists():
        outbox.put(TOPIC)


@outbox.handles(TOPIC)
def refresh_promised(_promise: UUID, _payload: dict[str, Any]) -> None:
    """Make the counts anew."""
    refresh()


def _statement() -> str:
    """Return the statement with its columns; constants only."""

    def named(names: tuple[str, ...], table: str = "") -> str:
        return ", ".join(f'{table}"{name}"' for name in names)

    return REFRESH.format(
        key=named(KEY),
        numbers=named(COUNTS[:-1]),
        counts=named(COUNTS),
        excluded=named(COUNTS, "excluded."),
        kept=named(COUNTS, "patrols_publiccell."),
        same=" and ".join(f'fresh."{name}" = kept."{name}"' for name in KEY),
    )


_STATEMENT = _statement()
