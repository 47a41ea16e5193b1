"""Reports, parties and events by COPY, a hundred thousand at a time, in the order of time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.db import models

from fixtures.simulation import keys
from fixtures.simulation.districts import offset_of
from fixtures.simulation.schedule import Draw, degrees
from grids.models import Grid, Organisation, Person
from maps.simulate import binary
from maps.simulate.binary import Array, Cell
from maps.simulate.crowd import Crowd
from maps.simulate.districts import Districts, Ints
from maps.simulate.stories import Template
from maps.simulate.tables import copied
from patrols.models import Event, Party, Report
from patrols.workflow import State

DAY_US = 86_400 * 1_000_000
WEEK_US = 7 * DAY_US
UNIX_US = 946_684_800_000_000  # from 1970 to 2000
CHUNK = 100_000
# What the database fills in by itself: serial ids, and the transaction that writes an event.
COLUMNS: dict[type[models.Model], list["models.Field[Any, Any]"]] = {
    Report: list(Report._meta.concrete_fields),
    Party: [f for f in Party._meta.concrete_fields if f.column != "id"],
    Event: [f for f in Event._meta.concrete_fields if f.column not in (None, "transaction")],
}
# What each block makes by itself.
OWN = frozenset({"id", "number", "public_number", "region_code", "anchor", "geom", "report_id", "duplicate_of_id"})
UNTIL = b'\x01{"until": "'
Ids = npt.NDArray[np.uint8]
Later = Callable[["Block"], Array]


@dataclass
class Chunk:
    """What is drawn for the reports of a chunk: all arrays have its length."""

    story: Ints
    district: Ints
    shift: Ints  # microseconds, back in time
    filed: Ints
    ids: Ids
    twins: Ids
    codes: Array
    public: Array
    east: Array
    north: Array
    chance: Array


class Writer:
    """Lays reports out and copies them; `first` is what their case numbers count from."""

    def __init__(self, where: Districts, made: list[Template], crowd: Crowd, entropy: list[int], first: int) -> None:
        self.where, self.made, self.crowd, self.first = where, made, crowd, first
        self.rng = np.random.default_rng(entropy)
        self.person, self.body = where.index("people"), where.index("bodies")
        self.codes = np.array(where.codes, dtype="S6")
        self.offsets = np.array([offset_of(k) for k in range(len(where.codes))])
        self.filed = np.array([binary.micros(one.report.recorded_at) for one in made])
        self.repeats = np.array([one.report.state == State.DUPLICATE for one in made])
        self.known: dict[int, list[tuple[str, Cell | Later]]] = {}
        self.volunteers = crowd.of_communities(where)
        self.counts: dict[type[models.Model], int] = dict.fromkeys(COLUMNS, 0)
        for one in made:
            shapely.prepare(one.polygon)

    def columns_of(self, row: models.Model) -> list[tuple[str, Cell | Later]]:
        """The columns of a story's row, worked out once."""
        if id(row) not in self.known:
            fields = COLUMNS[type(row)]
            self.known[id(row)] = [(field.column, _column(self, row, field)) for field in fields]
        return self.known[id(row)]

    def write(self, draw: Draw, say: Callable[[int], None]) -> dict[type[models.Model], int]:
        """Copy all reports with their parties and events, and return how many of each."""
        for start in range(0, len(draw), CHUNK):
            end = min(start + CHUNK, len(draw))
            self._write(self._chunk(draw, start, end))
            say(end)
        return self.counts

    def _chunk(self, draw: Draw, start: int, end: int) -> Chunk:
        story, district = draw.story[start:end], draw.district[start:end]
        shift = -draw.weeks[start:end] * WEEK_US
        filed = self.filed[story] + shift
        ids = keys.uuid7(self.rng, (filed + UNIX_US) // 1000)
        numbers = np.arange(self.first + start, self.first + end) % keys.CODES
        codes = keys.codes(numbers)
        public = np.char.add(keys.codes(keys.CODES - 1 - numbers), codes[::-1]).astype("S16")
        east, north = degrees(draw.east[start:end], draw.north[start:end])
        chance = self.rng.random((end - start, 4))
        twins = self._twins(story, district, ids)
        return Chunk(story, district, shift, filed, ids, twins, codes, public, east, north, chance)

    def _twins(self, story: Ints, district: Ints, ids: Ids) -> Ids:
        """What each duplicate repeats: the last report before it in its district that is none; or else zeros."""
        twins = np.zeros_like(ids)
        repeats = self.repeats[story]
        for code in np.unique(district[repeats]):
            mine = np.flatnonzero(district == code)
            originals, copies = mine[~repeats[mine]], mine[repeats[mine]]
            before = np.searchsorted(originals, copies) - 1
            has = before >= 0
            twins[copies[has]] = ids[originals[before[has]]]
        return twins

    def _write(self, chunk: Chunk) -> None:
        rows: dict[type[models.Model], list[tuple[Array, Array]]] = {model: [] for model in COLUMNS}
        # Duplicates without an original have NULL there and so a block of their own.
        kind = chunk.story * 2 + chunk.twins.any(axis=1)
        order = np.argsort(kind, kind="stable")
        for some in np.split(order, np.flatnonzero(np.diff(kind[order])) + 1):
            Block(self, chunk, some).lay_out(rows)
        for model, fields in COLUMNS.items():
            if rows[model]:
                lines = binary.rows(rows[model])
                with copied(model._meta.db_table, [f.column for f in fields], in_binary=True) as copy:
                    copy.write(binary.HEADER + b"".join(lines) + binary.TRAILER)
                self.counts[model] += len(lines)


def _column(writer: "Writer", row: models.Model, column: "models.Field[Any, Any]") -> Cell | Later:
    """What stands in a column of a story's row: the same in every telling, or what a block makes of it."""
    value, where = getattr(row, column.attname), writer.where
    if column.column == "district":
        return lambda block: writer.codes[block.district]
    if value is None:
        return None
    if column.related_model is Person:
        place = writer.person[value]
        return lambda block: binary.bigints(block.instead.get(place, where.people[block.district, place]))
    if column.related_model is Organisation:
        body = writer.body[value]
        return lambda block: binary.bigints(where.bodies[block.district, body])
    if column.related_model is Grid:
        return lambda block: binary.bigints(where.grids[block.district, block.one.grid])
    if isinstance(column, models.DateTimeField):
        moment = binary.micros(value)
        return lambda block: binary.bigints(moment + block.shift)
    if isinstance(column, models.DateField):
        return lambda block: binary.days(block.day(value).astype(np.int64))
    if column.column == "data" and "until" in value:
        return lambda block: np.char.add(np.char.add(UNTIL, block.day(value["until"]).astype("S10")), b'"}')
    if column.column in OWN:
        return None
    return binary.constant(value, column.get_internal_type())


class Block:
    """All reports of a chunk that tell the same story; `some` are their places in the chunk."""

    def __init__(self, writer: Writer, chunk: Chunk, some: Ints) -> None:
        self.writer, self.chunk, self.some = writer, chunk, some
        self.one = writer.made[chunk.story[some[0]]]
        self.district, self.shift = chunk.district[some], chunk.shift[some]
        self.report = binary.uuids(chunk.ids[some])
        self.instead = self._volunteers()

    def lay_out(self, rows: dict[type[models.Model], list[tuple[Array, Array]]]) -> None:
        """Add the blocks of the reports, of their parties and of their events."""
        one, chunk, some = self.one, self.chunk, self.some
        point = self._points()
        own: dict[str, Cell] = {
            "id": self.report,
            "number": _case_numbers(one.report.recorded_at, self.shift, chunk.codes[some]),
            "public_number": chunk.public[some],
            "region_code": np.char.add(self.writer.codes[self.district], one.report.region_code[6:].encode()),
            "anchor": point,
            "geom": point,
        }
        if chunk.twins[some[0]].any():
            own["duplicate_of_id"] = binary.uuids(chunk.twins[some])
        rows[Report].append((chunk.filed[some], self._block(one.report, own)))
        for party in one.parties:
            rows[Party].append((chunk.filed[some], self._block(party, {"report_id": self.report})))
        for event in one.events:
            at = binary.micros(event.recorded_at) + self.shift
            made = binary.uuids(keys.uuid7(self.writer.rng, (at + UNIX_US) // 1000))
            rows[Event].append((at, self._block(event, {"id": made, "report_id": self.report})))

    def _volunteers(self) -> dict[int, Array]:
        """Simulated volunteers of the same community who do what the story's own volunteers did."""
        first, size = (edge[self.district, self.one.grid] for edge in self.writer.volunteers)
        if not size.any():
            return {}
        out = {}
        for person, turn in self.one.volunteers.items():
            seat = first + (self.chunk.chance[self.some, turn % 4] * size).astype(np.int64)
            there = self.writer.crowd.people[np.minimum(seat, len(self.writer.crowd) - 1)]
            out[person] = np.where(size > 0, there, self.writer.where.people[self.district, person])
        return out

    def _block(self, row: models.Model, own: dict[str, Cell]) -> Array:
        cells = [
            own[name] if name in own else cell(self) if callable(cell) else cell
            for name, cell in self.writer.columns_of(row)
        ]
        return binary.block(cells, len(self.some))

    def day(self, day: Any) -> Array:
        """A day moved with the story, unless the story waits for it."""
        shift = 0 if self.one.parked else self.shift // DAY_US
        return np.broadcast_to(np.datetime64(day, "D") + shift, len(self.some))

    def _points(self) -> Array:
        """The story's place, up to 60 m off it where that lies in the same grid, in each row's district."""
        x, y = self.one.report.anchor.x, self.one.report.anchor.y
        east, north = self.chunk.east[self.some], self.chunk.north[self.some]
        inside = shapely.contains_xy(self.one.polygon, x + east, y + north)
        there = self.writer.offsets[self.district]
        lon, lat = x + np.where(inside, east, 0) + there[:, 0], y + np.where(inside, north, 0) + there[:, 1]
        return binary.points(np.round(lon, 7), np.round(lat, 7))


def _case_numbers(filed: datetime, shift: Ints, codes: Array) -> Array:
    """Case numbers such as 261120-7KX2-M9QD: the local day, and a code that no other report has."""
    local = np.datetime64(filed.replace(tzinfo=None), "s") + shift // 1_000_000
    days = np.array([moment.strftime("%y%m%d-") for moment in local.tolist()], dtype="S7")
    halves = np.ascontiguousarray(codes).view("S4").reshape(-1, 2)
    return np.char.add(np.char.add(days, halves[:, 0]), np.char.add(b"-", halves[:, 1])).astype("S16")
