"""Counting anew from reports: the first time, and to prove that what was kept equals what there is.

One statement reads the reports together with its own snapshot, so that what it saw and what the followed events add
are told apart to the transaction, while reports go on being written. For the proof the same statement also takes away
what is written down or not read yet: what remains is what the counts must say.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maps.cells import locking, outlines
from maps.cells.codes import NUMBERS
from maps.cells.following import FIRST_EVENT, UNREAD, position
from maps.cells.hexagons import RESOLUTIONS, cell_at
from maps.cells.levels import COUNTS, OF_ALL_TIME, written
from maps.models import CellCount, CellCursor, CellDelta

log = logging.getLogger(__name__)
CHUNK = 50_000
Say = Callable[[str, float], None]
REPORTS = """
select pg_current_snapshot()::text, null::int, null::text, null::text, null::float8, null::float8, null::bigint,
       null::date, null::int, null::text, null::int
union all
select null, 1, r.district, r.region_code, ST_X(r.anchor), ST_Y(r.anchor), null,
       (r.recorded_at at time zone %(zone)s)::date, c.code::int, r.state, null
from patrols_report r join grids_category c on c.id = r.category_id where r.kind = 'problem'
"""
SIDES = "cross join lateral (values (1, e.before), (-1, e.after)) as side (sign, state)"
LESS = """
union all
select null, side.sign, r.district, r.region_code, ST_X(r.anchor), ST_Y(r.anchor), null,
       (r.recorded_at at time zone %(zone)s)::date, c.code::int, side.state, null
/*unread*/
  and r.kind = 'problem' and e.before <> e.after and side.state <> ''
union all
select null, -d.count, d.district, d.region_code, null, null, d.cell, d.day, d.category, null, d.state
from maps_celldelta d
""".replace("/*unread*/", UNREAD.replace("where", f"{SIDES} where", 1))
STAGE = """
create temp table cell_fact (
  district text, region_code text, cell bigint, day date, category int, state smallint, n int
) on commit drop
"""
# Of the smallest cells the facts themselves are summed up.
DAILY = """
create temp table cell_day_{level} on commit drop as
select district, region_code, cell_parent(cell, {level}) as cell, day, category, state, sum(n)::int as n
from {finer} group by 1, 2, 3, 4, 5, 6 having sum(n) <> 0
"""
EXPECTED = "create temp table cell_expected (like maps_cellcount) on commit drop"
# Laid down as it will be read: first what is read by default, and cells that are neighbours near each other.
INSERT = """
insert into /*target*/ (/*columns*/)
select /*columns*/ from (/*some*/) as found order by category > 0, district, cell, category, month, state
"""
DIFFERENT = """
create temp table cell_different on commit drop as
select /*key*/, kept.count, expected.count as expected
from maps_cellcount kept full join cell_expected expected using (/*key*/)
where (kept.count, kept.days) is distinct from (expected.count, expected.days)
"""
EXAMPLES = "select /*key*/, count, expected from cell_different order by 1, 2, 3, 4, 5, 6 limit 20"
REPAIR = """
delete from maps_cellcount where (/*key*/) in (select /*key*/ from cell_different);
insert into maps_cellcount (/*columns*/)
select /*columns*/ from cell_expected where (/*key*/) in (select /*key*/ from cell_different)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One count that was not what the reports say; None where there was or should be no row."""

    district: str
    cell: int
    category: int
    month: int
    state: int
    region_code: str
    kept: int | None
    expected: int | None


@dataclass(slots=True)
class Result:
    """What came of counting: problems read, counts there are, cells drawn anew, and differences that were found."""

    problems: int = 0
    counts: int = 0
    drawn: int = 0
    differences: int = 0
    examples: list[Difference] = field(default_factory=list)


def _silent(_text: str, _share: float) -> None:
    """Say nothing."""


@transaction.atomic
def fill(say: Say = _silent) -> Result:
    """Make all counts anew from reports, in one transaction, and set the cursor to what was seen."""
    locking.take(wait=True)
    _be_patient()
    result = Result()
    now = timezone.now()
    snapshot = _stage(REPORTS, {"zone": settings.TIME_ZONE}, result, say)
    CellCount.objects.all().delete()
    CellDelta.objects.all().delete()
    _roll_up("maps_cellcount", say)
    say(_("Drawing cells"), 0.95)
    result.drawn = outlines.draw_new()
    oldest = int(snapshot.split(":")[0])
    CellCursor.objects.update_or_create(
        id=1,
        defaults={
            "baseline": snapshot,
            "transaction": oldest - 1,
            "event": FIRST_EVENT,
            "read_until": now,
            "counted_until": now,
            "checked_at": now,
            "differences": 0,
        },
    )
    result.counts = CellCount.objects.count()
    return result


@transaction.atomic
def reconcile(say: Say = _silent) -> Result:
    """Compare all counts with the reports, put right what differs, log it and return it.

    Counts that were never made are made. Writers of reports are not held up; the events wait to be folded meanwhile.
    """
    locking.take(wait=True)
    cursor = CellCursor.objects.first()
    if cursor is None:
        return fill(say)
    _be_patient()
    result = Result()
    _stage(REPORTS + LESS, {"zone": settings.TIME_ZONE, **position(cursor)}, result, say)
    with connection.cursor() as link:
        link.execute(EXPECTED)
    _roll_up("cell_expected", say)
    say(_("Comparing counts"), 0.9)
    with connection.cursor() as link:
        link.execute(written("alter table cell_expected add primary key (/*key*/)"))
        link.execute("analyze cell_expected")
        link.execute(written(DIFFERENT))
        link.execute(written(EXAMPLES))
        result.examples = [Difference(*row) for row in link.fetchall()]
        link.execute("select count(*) from cell_different")
        result.differences = link.fetchone()[0]
        if result.differences:
            link.execute(written(REPAIR))
    for one in result.examples:
        log.error("a count of cell %x was %s and should be %s: %s", one.cell, one.kept, one.expected, one)
    result.drawn = outlines.draw_new()
    result.counts = CellCount.objects.count()
    CellCursor.objects.update(checked_at=timezone.now(), differences=result.differences)
    return result


def _be_patient() -> None:
    with connection.cursor() as link:
        link.execute("set local statement_timeout = 0")
        link.execute("set local work_mem = '256MB'")


def _stage(statement: str, values: dict[str, Any], result: Result, say: Say) -> str:
    """Write what a statement reads as facts into a temporary table and return the statement's snapshot."""
    snapshot = ""
    with connection.cursor() as link:
        link.execute("drop table if exists cell_fact, cell_expected, cell_different")
        link.execute(STAGE)
        link.execute("select greatest(reltuples, 1) from pg_class where oid = 'patrols_report'::regclass")
        about = link.fetchone()[0]
    with connection.connection.cursor(name="cells") as source:
        source.execute(statement, values)
        while rows := source.fetchmany(CHUNK):
            if not snapshot:
                snapshot = rows.pop(0)[0]
            result.problems += sum(1 for row in rows if row[4] is not None and row[1] == 1)
            with (
                connection.connection.cursor() as target,
                target.copy("copy cell_fact from stdin") as copy,
            ):
                copy.write("".join(_lines(rows)))
            words = {"number": f"{result.problems:,}"}
            say(_("%(number)s problems read") % words, min(0.4, 0.4 * result.problems / about))
    with connection.cursor() as link:
        link.execute("analyze cell_fact")
    return snapshot


def _lines(rows: list[tuple[Any, ...]]) -> Iterator[str]:
    for _snapshot, sign, district, region, lon, lat, cell, day, category, state, number in rows:
        place = cell_at(lon, lat) if cell is None else cell
        code = NUMBERS[state] if number is None else number
        yield f"{district}\t{region}\t{place}\t{day}\t{category}\t{code}\t{sign}\n"


def _roll_up(target: str, say: Say) -> None:
    """Write all counts of the staged facts, from the smallest cells to the largest."""
    finer = "cell_fact"
    for done, level in enumerate(reversed(RESOLUTIONS)):
        say(_("Counting cells of size %(size)s") % {"size": level}, 0.4 + 0.5 * done / len(RESOLUTIONS))
        rows = f"cell_day_{level}"
        with connection.cursor() as link:
            link.execute(f"drop table if exists {rows}, cell_month")
            link.execute(DAILY.format(level=level, finer=finer))
            link.execute(f"drop table {finer}")
            link.execute(f"create temp table cell_month on commit drop as {COUNTS.format(rows=rows)}")
            for some in ("select * from cell_month", OF_ALL_TIME.format(counts="cell_month")):
                link.execute(written(INSERT, target=target, some=some))
        finer = rows
    with connection.cursor() as link:
        link.execute(f"drop table {finer}, cell_month")
