"""Storing what trackers and phones sent: once each, with the patrol it belongs to, whatever order it comes in.

A position counts if its time lies within a patrol of a volunteer who has consented. One without a patrol waits, unread
by anybody: the patrol may have been started on a phone that is still without a network. What cannot be a position is
kept aside with its reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import shapely
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

from grids import shifts
from grids.models import Device, Person
from patrols.intake.devices import note
from patrols.measuring import promise_measure
from patrols.models import Consent, LastPosition, Patrol
from patrols.models.patrol import PatrolState
from patrols.protocols.readings import Reading

KEPT = timedelta(days=7)
CLOCK_TOLERANCE = timedelta(minutes=5)
STAGE = "patrols_fix_stage"
COLUMNS = (
    "district", "taken_at", "id", "device_id", "person_id", "patrol_id", "geom", "accuracy", "speed", "course",
    "altitude", "attributes", "quarantine",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose positions these are: a person's, from a device or the patrol page (None), in which coordinates."""

    person: Person
    district: str
    device: Device | None = None
    crs: shifts.Crs = "wgs84"


@dataclass(frozen=True, slots=True)
class Stored:
    """How many readings were new and count, wait for a patrol, are kept aside, or were known already."""

    new: int = 0
    waiting: int = 0
    aside: int = 0
    known: int = 0
    consented: bool = True


class _Row(NamedTuple):
    """What is to be stored: tuples are made in a third of the time of dataclasses, and these are many."""

    taken_at: datetime
    identity: str
    lon: float | None
    lat: float | None
    reading: Reading
    reason: str
    patrol: Patrol | None = None


class _Written(NamedTuple):
    """How many `rows` of a patrol (or of none) were new, and the moment of the newest of them."""

    patrol: UUID | None
    aside: bool
    rows: int
    newest: datetime


@transaction.atomic(savepoint=False)
def store(sender: Sender, readings: Sequence[Reading]) -> Stored:
    """Store readings and return what became of them; without an open consent nothing is stored at all.

    What belongs to a patrol whose way was deleted is not kept, and counts as known.
    """
    # Held until the end: whoever withdraws it meanwhile waits, and then finds what was stored here.
    consent = Consent.objects.select_for_update(no_key=True).filter(person=sender.person, withdrawn_at__isnull=True)
    if not consent.first():
        return Stored(consented=False)
    now = timezone.now()
    rows = _with_patrols(sender.person, list(_rows(sender, readings, now)))
    written = _write(sender, [row for row in rows if not row.patrol or not row.patrol.forgotten_at])
    _hear(sender, rows, written)
    aside = sum(group.rows for group in written if group.aside)
    counted = sum(group.rows for group in written if group.patrol)
    new = sum(group.rows for group in written)
    stored = Stored(counted, new - aside - counted, aside, len(rows) - new)
    if sender.device:
        note(sender.device, _became(stored, rows), now)
    return stored


def _became(stored: Stored, rows: list[_Row]) -> str:
    """Return in a word what became of what a device sent: nothing to say, or why it does not count."""
    if stored.new or stored.known:
        return ""
    return "waiting" if stored.waiting else rows[-1].reason


def _rows(sender: Sender, readings: Sequence[Reading], now: datetime) -> Iterator[_Row]:
    """Yield what is to be stored, with its place in WGS-84 and the reason if it does not count."""
    places = np.array([(0.0, 0.0) if r.lon is None or r.lat is None else (r.lon, r.lat) for r in readings])
    if sender.crs != "wgs84" and len(places):
        moved = shifts.geometry_to_wgs84(shapely.multipoints(places), sender.crs)
        places = shapely.get_coordinates(moved)
    # Asked once: for a thousand rows it would be asked for through a lazy user a thousand times.
    whose = f"{sender.person.pk} {sender.device.pk if sender.device else 0}"
    seen = set()
    for reading, (lon, lat) in zip(readings, places.tolist(), strict=True):
        row = _row(whose, reading, None if reading.lon is None else (lon, lat), now)
        if row.identity not in seen:
            seen.add(row.identity)
            yield row


def _row(whose: str, reading: Reading, place: tuple[float, float] | None, now: datetime) -> _Row:
    taken, reason = reading.taken_at or now, str(reading.fault or "")
    if not reason and taken > now + CLOCK_TOLERANCE:
        reason = "future"
    elif not reason and taken < now - KEPT:
        reason = "too_old"
    # What lies has no time of its own: it goes with the day of its arrival, and once a day if it is sent over and over.
    stored_at = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) if reason else taken
    what: Any = sorted(reading.attributes.items(), key=repr) if place is None else [round(x * 1e7) for x in place]
    said = f"{whose} {(reading.taken_at or stored_at).timestamp()} {what} {reason}"
    digest = blake2b(said.encode(), digest_size=16).hexdigest()
    if reason and reading.taken_at:
        reading.attributes.setdefault("time", reading.taken_at.isoformat())
    # A UUID of version 8 (RFC 9562), as text: it goes into COPY and is not looked at here.
    identity = f"{digest[:12]}8{digest[13:16]}8{digest[17:]}"
    lon, lat = place or (None, None)
    return _Row(stored_at, identity, lon, lat, reading, reason)


def _with_patrols(person: Person, rows: list[_Row]) -> list[_Row]:
    """Return the rows with the patrol in whose time each was taken."""
    good = [row.taken_at for row in rows if not row.reason]
    if not good:
        return rows
    reached = Q(ended_at__isnull=True) | Q(ended_at__gte=min(good))
    patrols = list(
        Patrol.objects.filter(reached, person=person, started_at__lte=max(good)).exclude(state=PatrolState.PLANNED)
    )
    return [row if row.reason else _at(row, patrols) for row in rows]


def _at(row: _Row, patrols: Iterable[Patrol]) -> _Row:
    for patrol in patrols:
        assert patrol.started_at
        if patrol.started_at <= row.taken_at and (patrol.ended_at is None or row.taken_at <= patrol.ended_at):
            return row._replace(patrol=patrol)
    return row


def _write(sender: Sender, rows: list[_Row]) -> list[_Written]:
    """Write rows through COPY and a table of the session's own; return what was new of each patrol.

    COPY knows no ON CONFLICT, and executing an INSERT for each row takes many times as long.
    """
    if not rows:
        return []
    names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    stage = sql.Identifier(STAGE)
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "create temporary table if not exists {} (like patrols_fix including defaults) on commit delete rows"
            ).format(stage)
        )
        with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(stage, names)) as copy:
            whose = (sender.device.pk if sender.device else None, sender.person.pk)
            for row in rows:
                copy.write_row(_cells(sender.district, whose, row))
        cursor.execute(
            sql.SQL(
                "with new as (insert into patrols_fix ({names}) select {names} from {stage} on conflict do nothing"
                " returning patrol_id, quarantine, taken_at)"
                " select patrol_id, quarantine <> '', count(*), max(taken_at) from new group by 1, 2"
            ).format(names=names, stage=stage)
        )
        written = [_Written(*group) for group in cursor.fetchall()]
        cursor.execute(sql.SQL("delete from {}").format(stage))
    return written


def _cells(district: str, whose: tuple[int | None, int], row: _Row) -> tuple[Any, ...]:
    reading = row.reading
    place = None if row.lon is None or row.lat is None else f"SRID=4326;POINT({row.lon!r} {row.lat!r})"
    return (
        district,
        row.taken_at,
        row.identity,
        *whose,
        row.patrol.pk if row.patrol else None,
        place,
        reading.accuracy,
        reading.speed,
        reading.course,
        reading.altitude,
        Jsonb(reading.attributes) if reading.attributes else "{}",
        row.reason,
    )


def _hear(sender: Sender, rows: list[_Row], written: list[_Written]) -> None:
    """Note the sign of life of an active patrol, and let one that was ended be measured again."""
    for group in written:
        if group.patrol is None:
            continue
        active = Patrol.objects.filter(pk=group.patrol, state=PatrolState.ACTIVE)
        if active.filter(Q(heard_at__isnull=True) | Q(heard_at__lt=group.newest)).update(heard_at=group.newest):
            _show(sender, group.patrol, next(row for row in rows if row.taken_at == group.newest and row.patrol))
        elif not active.exists():
            promise_measure(group.patrol)


def _show(sender: Sender, patrol: UUID, row: _Row) -> None:
    assert row.lon is not None
    assert row.lat is not None
    position = LastPosition(
        person=sender.person,
        patrol_id=patrol,
        district=sender.district,
        geom=Point(row.lon, row.lat, srid=4326),
        accuracy=row.reading.accuracy,
        taken_at=row.taken_at,
    )
    changed = ["patrol", "district", "geom", "accuracy", "taken_at"]
    LastPosition.objects.bulk_create([position], update_conflicts=True, unique_fields=["person"], update_fields=changed)
