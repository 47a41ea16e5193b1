"""Keeping the index of names: who changes places calls `refresh` or `follow` in the same transaction.

A task of every hour finds what was forgotten, what was written past the site, and what begins or ends with the day.

A row of the index carries a stamp, a digest of what its source said. What differs is made anew, nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from grids import jobs, outbox
from grids.clock import task
from grids.models import (
    Building,
    Checkpoint,
    Grid,
    Organisation,
    Outbox,
    Place,
    Region,
    ServicePoint,
    Stairwell,
    Street,
)
from grids.models.search import SearchSource
from grids.search import sources
from grids.search.readings import readings
from grids.search.spelling import Spelling, spell

TOPIC = "search.index"
CATCH_UP, CATCH_UP_EVERY = "search index", timedelta(hours=1)
BATCH = 2_000
LONGEST_NAME = 300
_LOCK = 7_345_201  # any constant: two that look through the same source take turns
_BY_MODEL: Final[dict[type[models.Model], str]] = {
    Region: SearchSource.REGION,
    Place: SearchSource.PLACE,
    Street: SearchSource.STREET,
    Building: SearchSource.BUILDING,
    Stairwell: SearchSource.STAIRWELL,
    Grid: SearchSource.GRID,
    Checkpoint: SearchSource.CHECKPOINT,
    ServicePoint: SearchSource.SERVICE_POINT,
    Organisation: SearchSource.ORGANISATION,
}
# Not with the messages that people wait for: a city takes a while.
outbox.rings(TOPIC, outbox.Bell(jobs.QUEUE, "grids.outbox.run"))
_COLUMNS: Final = (
    "source, source_key, kind, region_code, name, name_en, text, key, pinyin, sounds, initials, weight, point, box, "
    "stamp"
)


@dataclass(frozen=True, slots=True)
class Named:
    """One row of a source with all it is called."""

    source: str
    id: int
    stamp: UUID
    kind: str
    name: str
    name_en: str
    names: Sequence[str]
    region_code: str
    lon: float
    lat: float
    box: Sequence[float]


@dataclass(frozen=True, slots=True)
class Changes:
    """How many places were made anew and how many are gone."""

    made: int = 0
    gone: int = 0


@transaction.atomic
def refresh(source: str, ids: Iterable[int] | None = None) -> Changes:
    """Bring the index in step with a source's rows, all of them or those with the ids; in the caller's transaction."""
    chosen = None if ids is None else list(ids)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK, sources.ALL.index(source)])
        changed, gone = _differing(cursor, source, chosen)
        stale = [*changed, *gone]
        if stale:
            cursor.execute("delete from grids_searchname where source = %s and source_key = any(%s)", [source, stale])
        for batch in _batches(changed):
            cursor.execute(sources.described(source), {"today": timezone.localdate(), "ids": batch})
            write(cursor, (Named(source, *row) for row in cursor.fetchall()))
    return Changes(len(changed), len(gone))


def follow(row: models.Model, key: int | None = None) -> None:
    """Take in a row that was just saved, or with its former key one that was deleted; leave alone what is no place."""
    key = row.pk if key is None else key
    source = _BY_MODEL.get(type(row))
    if source is None or key is None:
        return
    refresh(source, [key])
    if source == SearchSource.BUILDING:
        # Its stairwells are called after it.
        refresh(SearchSource.STAIRWELL, Stairwell.objects.filter(building=key).values_list("pk", flat=True))


def reconcile(chosen: Iterable[str] = sources.ALL) -> dict[str, Changes]:
    """Look through whole sources, each in a transaction of its own, and return what changed."""
    return {source: refresh(source) for source in chosen}


@task(CATCH_UP, CATCH_UP_EVERY)
def promise_to_catch_up() -> None:
    """Have every source looked through that does not wait for it already: the clock itself has bells to ring."""
    waiting = set(Outbox.objects.filter(topic=TOPIC, done_at__isnull=True).values_list("payload__source", flat=True))
    for source in sources.ALL:
        if source not in waiting:
            outbox.put(TOPIC, source=source)


@outbox.handles(TOPIC)
def catch_up(_promise: UUID, payload: dict[str, Any]) -> None:
    """Take in what came without a call of `refresh`: what was written past the site, what begins or ends today."""
    refresh(payload["source"])


def write(cursor: Any, rows: Iterable[Named]) -> None:
    """Append the index's rows of places that have none."""
    with cursor.copy(f"copy grids_searchname ({_COLUMNS}) from stdin") as copy:
        for row in rows:
            for text, spelling in spellings(row.names):
                copy.write_row(_line(row, text, spelling))


def spellings(names: Iterable[str]) -> Iterator[tuple[str, Spelling]]:
    """Return every name with each of its readings, each pair of key and reading once."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for text in names:
        for reading in readings(text[:LONGEST_NAME]) if text else ():
            for spoken in (False, True):
                spelling = spell(text[:LONGEST_NAME], reading, spoken=spoken)
                if spelling.key and (spelling.key, spelling.pinyin) not in seen:
                    seen.add((spelling.key, spelling.pinyin))
                    yield text[:LONGEST_NAME], spelling


def _line(row: Named, text: str, spelling: Spelling) -> tuple[Any, ...]:
    return (
        row.source,
        row.id,
        row.kind,
        row.region_code,
        row.name[:LONGEST_NAME],
        row.name_en[:LONGEST_NAME],
        text,
        spelling.key,
        " ".join(spelling.pinyin),
        " ".join(spelling.sounds),
        spelling.initials,
        sources.WEIGHTS[row.kind],
        f"SRID=4326;POINT({row.lon!r} {row.lat!r})",
        list(row.box),
        row.stamp,
    )


def _differing(cursor: Any, source: str, ids: list[int] | None) -> tuple[list[int], list[int]]:
    """Return the ids of rows that are new or changed, and of those that are no longer there."""
    among = "" if ids is None else "and source_key = any(%(ids)s)"
    cursor.execute(
        f"""
        select coalesce(now.id, kept.id), now.id is null
        from ({sources.stamped(source, chosen=ids is not None)}) as now
        full join (
            select source_key as id, min(stamp::text)::uuid as stamp
            from grids_searchname where source = %(source)s {among} group by source_key
        ) as kept on kept.id = now.id
        where now.stamp is distinct from kept.stamp
        """,  # noqa: S608 - constants only
        {"today": timezone.localdate(), "source": source, "ids": ids},
    )
    rows = cursor.fetchall()
    return [key for key, gone in rows if not gone], [key for key, gone in rows if gone]


def _batches(ids: list[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
