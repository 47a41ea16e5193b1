"""Following the stream of events: what each changes in the counts is written down, and how far the reading came.

Events are read in the order of (transaction, id) and below the oldest running transaction only, since one with a lower
number may still commit. Only transitions change a count: what a problem is, where it lies and when it was recorded
stays as it was filed, reports are not deleted, and neither another outline of a grid nor another edition of the
catalogue (the code counts, not the row) nor the erasure of a person touches any of it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from maps.cells import locking
from maps.cells.codes import NUMBERS, number_of
from maps.cells.hexagons import cell_at
from maps.models import CellCursor, CellDelta

BATCH = 5_000
# What the transitions of problems changed after a cursor that were not counted from reports; in any order.
UNREAD = """
from patrols_event e
join patrols_report r on r.id = e.report_id
join grids_category c on c.id = r.category_id
where (e.transaction, e.id) > (%(transaction)s::xid8, %(event)s::uuid)
  and not pg_visible_in_snapshot(e.transaction, %(baseline)s::pg_snapshot)
"""
READ = f"""
select e.transaction::text::bigint, e.id, e.recorded_at, e.before, e.after, r.kind, r.district, r.region_code,
       ST_X(r.anchor), ST_Y(r.anchor), (r.recorded_at at time zone %(zone)s)::date, c.code
{UNREAD}
  and e.transaction < coalesce(%(below)s::xid8, pg_snapshot_xmin(pg_current_snapshot()))
order by e.transaction, e.id
limit %(batch)s
"""
# The moment up to which everything was read: now, unless what is committed already lies beyond a running transaction.
READ_UNTIL = """
select least(clock_timestamp(), min(e.recorded_at)) from patrols_event e
where e.transaction >= pg_snapshot_xmin(pg_current_snapshot())
  and not pg_visible_in_snapshot(e.transaction, %(baseline)s::pg_snapshot)
  and e.transaction <> coalesce(pg_current_xact_id_if_assigned(), '0'::xid8)
"""
AHEAD = "select %s::xid8 >= pg_snapshot_xmax(pg_current_snapshot())"


@dataclass(frozen=True, slots=True)
class Place:
    """What a change counts in: the smallest cell on the local day of recording."""

    district: str
    region_code: str
    cell: int
    day: date
    category: int


def counted(kind: str) -> bool:
    """Whether a kind of report is counted: problems only; requests and tasks say nothing about what is wrong where."""
    return kind == "problem"


@transaction.atomic
def follow(most_batches: int = 4, below: int | None = None) -> int | None:
    """Write down what new events change and return how many were read; None before the counts were first made.

    `below` is the transaction to stop before, by default the oldest one that is running. Returns 0 while somebody else
    has the lock.
    """
    if not locking.take(wait=False):
        return 0
    cursor = CellCursor.objects.first()
    if cursor is None or (below is None and _of_another_cluster(cursor)):
        return None
    read = 0
    for _turn in range(most_batches):
        rows = _rows(cursor, below)
        if rows:
            _append(rows)
            cursor.transaction, cursor.event, cursor.read_until = rows[-1][0], rows[-1][1], rows[-1][2]
        read += len(rows)
        if len(rows) < BATCH:
            cursor.read_until = _read_until(cursor)
            break
    cursor.save(update_fields=["transaction", "event", "read_until"])
    return read


def _of_another_cluster(cursor: CellCursor) -> bool:
    """Whether the cursor stands where no transaction has come: the database was put into a younger cluster."""
    with connection.cursor() as link:
        link.execute(AHEAD, [str(cursor.transaction)])
        return bool(link.fetchone()[0])


def position(cursor: CellCursor) -> dict[str, Any]:
    """Return a cursor's place as the statements name it."""
    return {"transaction": str(cursor.transaction), "event": cursor.event, "baseline": cursor.baseline}


def _rows(cursor: CellCursor, below: int | None) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "batch": BATCH,
        "below": None if below is None else str(below),
    }
    with connection.cursor() as link:
        link.execute(READ, {**position(cursor), **values})
        return list(link.fetchall())


def _read_until(cursor: CellCursor) -> Any:
    with connection.cursor() as link:
        link.execute(READ_UNTIL, position(cursor))
        return link.fetchone()[0]


def _append(rows: list[tuple[Any, ...]]) -> None:
    changes = changes_of(rows)
    CellDelta.objects.bulk_create(
        [
            CellDelta(
                district=place.district,
                region_code=place.region_code,
                cell=place.cell,
                day=place.day,
                category=place.category,
                state=state,
                count=count,
            )
            for (place, state), count in changes.items()
            if count
        ]
    )


def changes_of(rows: list[tuple[Any, ...]]) -> Counter[tuple[Place, int]]:
    """Return what events add to each place and state, or take away."""
    changes: Counter[tuple[Place, int]] = Counter()
    for _transaction, _event, _at, before, after, kind, district, region, lon, lat, day, code in rows:
        if before == after or not counted(kind):
            continue
        place = Place(district, region, cell_at(lon, lat), day, number_of(code))
        if before:
            changes[place, NUMBERS[before]] -= 1
        changes[place, NUMBERS[after]] += 1
    return changes


FIRST_EVENT = UUID(int=0)
