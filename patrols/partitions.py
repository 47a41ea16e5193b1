"""Partitions of events (monthly) and fixes (daily), made ahead of time.

A default partition catches what has no partition of its own, so that no insert ever fails; when a partition is made
whose rows already lie in the default one, they move within the same transaction.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from grids import clock


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table partitioned by range of a time column."""

    table: str
    column: str
    monthly: bool
    back: timedelta
    ahead: timedelta


EVENTS = Partitioned("patrols_event", "recorded_at", monthly=True, back=timedelta(days=100), ahead=timedelta(days=62))
FIXES = Partitioned("patrols_fix", "taken_at", monthly=False, back=timedelta(days=7), ahead=timedelta(days=8))


@clock.task("partitions", timedelta(hours=6))
def make_ahead() -> None:
    """Make the partitions of the days and months around now that are missing."""
    for kind in (EVENTS, FIXES):
        ensure(kind, timezone.now())


def ensure(kind: Partitioned, now: datetime) -> list[str]:
    """Make the missing partitions from `back` before to `ahead` after a moment; return their names."""
    present = _present(kind)
    made = []
    first = (now - kind.back).astimezone(UTC).date()
    last = (now + kind.ahead).astimezone(UTC).date()
    start = first.replace(day=1) if kind.monthly else first
    while start <= last:
        end = _next(start, monthly=kind.monthly)
        name = f"{kind.table}_{start:%Y%m}" if kind.monthly else f"{kind.table}_{start:%Y%m%d}"
        if name not in present:
            _make(kind, name, start, end)
            made.append(name)
        start = end
    return made


def _next(start: date, *, monthly: bool) -> date:
    return (start + timedelta(days=32)).replace(day=1) if monthly else start + timedelta(days=1)


def _make(kind: Partitioned, name: str, start: date, end: date) -> None:
    low, high = (datetime.combine(day, time(), UTC) for day in (start, end))
    names = {
        "part": sql.Identifier(name),
        "parent": sql.Identifier(kind.table),
        "rest": sql.Identifier(f"{kind.table}_default"),
        "column": sql.Identifier(kind.column),
        "low": sql.Literal(low),
        "high": sql.Literal(high),
    }
    steps = (
        "create table {part} (like {parent} including defaults including constraints)",
        "with moved as (delete from {rest} where {column} >= {low} and {column} < {high} returning *)"
        " insert into {part} select * from moved",
        "alter table {parent} attach partition {part} for values from ({low}) to ({high})",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # Two clocks at once: the second waits here and then finds the partition made.
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [name])
        cursor.execute("select to_regclass(%s)", [name])
        if cursor.fetchone() == (None,):
            for step in steps:
                cursor.execute(sql.SQL(step).format(**names))


def drop_before(kind: Partitioned, moment: datetime) -> list[str]:
    """Drop the partitions that end at or before a moment, and what the default one holds from before it.

    Returns the names of the dropped partitions. Waits five seconds at most for whoever uses the table.
    """
    dropped = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '5s'")
        # A table with rows whose foreign keys are yet to be checked cannot be dropped.
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
        for name, start in _present(kind).items():
            if datetime.combine(_next(start, monthly=kind.monthly), time(), UTC) <= moment:
                cursor.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
                dropped.append(name)
        rest, column = sql.Identifier(f"{kind.table}_default"), sql.Identifier(kind.column)
        cursor.execute(sql.SQL("delete from {} where {} < %s").format(rest, column), [moment])
        cursor.execute("set local lock_timeout = default")
    return dropped


def _present(kind: Partitioned) -> dict[str, date]:
    """The names of the partitions that are there, with their first days; the default one aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select child.relname from pg_inherits join pg_class child on child.oid = inhrelid"
            " where inhparent = %s::regclass order by 1",
            [kind.table],
        )
        names = [name for (name,) in cursor.fetchall() if name != f"{kind.table}_default"]
    form = "%Y%m" if kind.monthly else "%Y%m%d"
    return {name: datetime.strptime(name.rpartition("_")[2], form).replace(tzinfo=UTC).date() for name in names}
