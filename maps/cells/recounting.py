"""Counting anew from reports: the first time, and to prove that what was kept equals what there is.

One statement reads the reports together with its own snapshot, so that what it saw and what the followed events add
are told apart to the transaction, while reports go on being written. For the proof the same statement also takes away
what is written down or not read yet: what remains is what the counts must say.
"""

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.problems import Conflict
from maps.cells import locking, outlines
from maps.cells.codes import NUMBERS
from maps.cells.following import FIRST_EVENT, UNREAD, position
from maps.cells.hexagons import cell_at
from maps.cells.levels import written
from maps.cells.summing import STAGE, Say, roll_up
from maps.models import CellCursor, CellDelta

log = logging.getLogger(__name__)
CHUNK = 50_000
TURNS, PAUSE = 120, 5.0  # ten minutes and more
REPORTS = """
select pg_current_snapshot()::text, null::int, null::text, null::text, null::float8, null::float8, null::bigint,
       null::text, null::int, null::text, null::int
union all
select null, 1, r.district, r.region_code, ST_X(r.anchor), ST_Y(r.anchor), null,
       (r.recorded_at at time zone %(zone)s)::date::text, c.code::int, r.state, null
from patrols_report r join grids_category c on c.id = r.category_id where r.kind = 'problem'
"""
SIDES = "cross join lateral (values (1, e.before), (-1, e.after)) as side (sign, state)"
LESS = """
union all
select null, side.sign, r.district, r.region_code, ST_X(r.anchor), ST_Y(r.anchor), null,
       (r.recorded_at at time zone %(zone)s)::date::text, c.code::int, side.state, null
/*unread*/
  and r.kind = 'problem' and e.before <> e.after and side.state <> ''
union all
select null, -d.count, d.district, d.region_code, null, null, d.cell, d.day::text, d.category, null, d.state
from maps_celldelta d
""".replace("/*unread*/", UNREAD.replace("where", f"{SIDES} where", 1))
EXPECTED = "create temp table cell_expected (like maps_cellcount) on commit drop"
# Made beside the counts that are read meanwhile, with its key only once all rows are there, and put in their place.
NEW = """
drop table if exists cell_new;
create table cell_new (like maps_cellcount including constraints including storage) with (fillfactor = 90)
"""
KEYED = "alter table cell_new add constraint cell_new_pkey primary key (/*key*/)"
SWAP = """
drop table maps_cellcount;
alter table cell_new rename to maps_cellcount;
alter index cell_new_pkey rename to maps_cellcount_pkey
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
    """Make all counts anew from reports, in one transaction, and set the cursor to what was seen.

    Until it is done the counts that were there are read. Raises Conflict where somebody reads them for very long.
    """
    locking.take(wait=True)
    _be_patient()
    result = Result()
    now = timezone.now()
    snapshot = _stage(REPORTS, {"zone": settings.TIME_ZONE}, result, say)
    CellDelta.objects.all().delete()
    lay_down(result, say)
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
    return result


def lay_down(result: Result, say: Say) -> None:
    """Replace all counts by those of the staged facts."""
    with connection.cursor() as link:
        link.execute(NEW)
        result.counts = roll_up("cell_new", say)
        say(_("Ordering counts"), 0.8)
        link.execute(written(KEYED))
        link.execute("analyze cell_new")
    say(_("Drawing cells"), 0.9)
    result.drawn = outlines.draw_new(outlines.EVERYWHERE.format(counts="cell_new"))
    _put_in_place()


def _put_in_place() -> None:
    """Let the new counts be read; who reads the old ones is waited for, and nobody else waits for that for long."""
    for _turn in range(TURNS):
        with contextlib.suppress(OperationalError), transaction.atomic(), connection.cursor() as link:
            link.execute("set local lock_timeout = '500ms'")
            link.execute("lock table maps_cellcount in access exclusive mode")
            link.execute(SWAP)
            link.execute("set local lock_timeout = default")
            return
        time.sleep(PAUSE)
    raise Conflict(_("Somebody reads the counts for long, such as a backup: count anew when that is over."))


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
        result.counts = roll_up("cell_expected", say)
        say(_("Comparing counts"), 0.8)
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
    result.drawn = outlines.draw_new(outlines.EVERYWHERE.format(counts="maps_cellcount"))
    CellCursor.objects.update(checked_at=timezone.now(), differences=result.differences)
    return result


def _be_patient() -> None:
    with connection.cursor() as link:
        link.execute("set local statement_timeout = 0")
        link.execute("set local work_mem = '256MB'")


def _stage(statement: str, values: dict[str, Any], result: Result, say: Say) -> str:
    """Write what a statement reads as facts into a temporary table and return the statement's snapshot."""
    snapshot = ""
    places: dict[tuple[str, str], int] = {}
    with connection.cursor() as link:
        link.execute("drop table if exists cell_fact, cell_community, cell_expected, cell_different")
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
                copy.write("".join(_lines(rows, places)))
            words = {"number": f"{result.problems:,}"}
            say(_("%(number)s problems read") % words, min(0.3, 0.3 * result.problems / about))
    with connection.cursor() as link:
        with link.copy("copy cell_community from stdin") as copy:
            for (district, region), place in places.items():
                copy.write_row((place, district, region))
        link.execute("analyze cell_fact")
        link.execute("analyze cell_community")
    return snapshot


def _lines(rows: list[tuple[Any, ...]], places: dict[tuple[str, str], int]) -> Iterator[str]:
    for _snapshot, sign, district, region, lon, lat, cell, day, category, state, number in rows:
        place = places.setdefault((district, region), len(places))
        where = cell_at(lon, lat) if cell is None else cell
        code = NUMBERS[state] if number is None else number
        yield f"{place}\t{where}\t{day}\t{category}\t{code}\t{sign}\n"
