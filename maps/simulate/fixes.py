"""Consents, patrols and raw fixes by COPY, day after day into the daily partitions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from fixtures.simulation import keys, walks
from fixtures.simulation.districts import offset_of
from fixtures.simulation.walks import Walk
from maps.simulate import binary
from maps.simulate.binary import Array, Cell
from maps.simulate.crowd import Crowd
from maps.simulate.districts import Districts, Ints
from maps.simulate.reports import UNIX_US
from maps.simulate.tables import constants, copied, copy_rows
from patrols import partitions
from patrols.models import Consent, Fix, Patrol
from patrols.models.patrol import PatrolState

SLICE = 100_000
VERSION = "simulated"
GIVEN = ["district", "taken_at", "id", "received_at", "person_id", "patrol_id", "geom", "accuracy", "speed"]


class Writer:
    """Writes what a crowd records; nobody in it may have given a consent already."""

    def __init__(self, where: Districts, crowd: Crowd, entropy: list[int]) -> None:
        self.where, self.crowd = where, crowd
        self.rng = np.random.default_rng(entropy)
        rounds = walks.rounds(where.city)
        self.rounds = [rounds[row.code] for row in where.city.grids]
        self.codes = np.array(where.codes, dtype="S6")
        self.offsets = np.array([offset_of(k) for k in range(len(where.codes))])
        self.rest = constants(Fix, [*GIVEN, "pk"])
        self.consents: set[int] = set()
        self.patrols = self.fixes = 0

    def write(self, seed: str, now: datetime, count: int, say: Callable[[int], None]) -> tuple[int, int]:
        """Write so many fixes of the last days, and return how many patrols and fixes there are."""
        partitions.ensure(partitions.FIXES, now)
        for day in walks.walks(seed, now, len(self.crowd), count):
            self._consent(day)
            self._day(day)
            say(self.fixes)
        return self.patrols, self.fixes

    def _consent(self, day: list[Walk]) -> None:
        new = {walk.number for walk in day} - self.consents
        self.consents |= new
        copy_rows(
            Consent,
            ["person_id", "district", "version", "given_at"],
            (
                (int(self.crowd.people[n]), self._district(n)[1], VERSION, day[0].started - timedelta(days=30))
                for n in sorted(new)
            ),
        )

    def _district(self, number: int) -> tuple[int, str]:
        row = int(self.crowd.grid[number]) // self.where.grids.shape[1]
        return row, self.where.codes[row]

    def _day(self, day: list[Walk]) -> None:
        if not day:
            return
        started = np.array([binary.micros(walk.started) for walk in day])
        ids = keys.uuid7(self.rng, (started + UNIX_US) // 1000)
        flat = self.where.grids.reshape(-1)
        copy_rows(
            Patrol,
            ["id", "district", "person_id", "grid_id", "state", "started_at", "ended_at"],
            (
                (
                    _hex(identity),
                    self._district(walk.number)[1],
                    int(self.crowd.people[walk.number]),
                    int(flat[self.crowd.grid[walk.number]]),
                    PatrolState.ENDED,
                    walk.started.astimezone(UTC),
                    (walk.started + timedelta(seconds=walks.SECONDS * walk.fixes)).astimezone(UTC),
                )
                for walk, identity in zip(day, ids, strict=True)
            ),
        )
        self.patrols += len(day)
        self._fixes(day, started, ids)

    def _fixes(self, day: list[Walk], started: Ints, ids: npt.NDArray[np.uint8]) -> None:
        """The fixes of a day in the order in which they came in."""
        sizes = np.array([walk.fixes for walk in day])
        patrol = np.repeat(np.arange(len(day)), sizes)
        turn = np.arange(len(patrol)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        taken = started[patrol] + turn * walks.SECONDS * 1_000_000
        number = np.array([walk.number for walk in day])
        district, grid = np.divmod(self.crowd.grid[number], self.where.grids.shape[1])
        there = np.concatenate(
            [
                walks.recorded(self.rng, self.rounds[grid[k]], walk.fixes) + self.offsets[district[k]]
                for k, walk in enumerate(day)
            ]
        )
        order = np.argsort(taken, kind="stable")
        columns = [*GIVEN, *self.rest]
        with copied(Fix._meta.db_table, columns, in_binary=True) as copy:
            copy.write(binary.HEADER)
            for begin in range(0, len(order), SLICE):
                some = order[begin : begin + SLICE]
                own = patrol[some]
                copy.write(
                    self._block(taken[some], self.codes[district[own]], self.crowd.people[number[own]], ids[own],
                                np.round(there[some], 7)).tobytes()
                )  # fmt: skip
            copy.write(binary.TRAILER)
        self.fixes += len(order)

    def _block(self, taken: Ints, district: Array, person: Ints, patrol: npt.NDArray[np.uint8], there: Array) -> Array:
        count = len(taken)
        cells: list[Cell] = [
            district,
            binary.bigints(taken),
            binary.uuids(keys.uuid7(self.rng, (taken + UNIX_US) // 1000)),
            binary.bigints(taken + self.rng.integers(500_000, 20_000_000, count)),
            binary.bigints(person),
            binary.uuids(patrol),
            binary.points(there[:, 0], there[:, 1]),
            binary.floats(np.round(self.rng.gamma(4.0, 2.0, count) + 2.0, 1)),
            binary.floats(np.round(self.rng.normal(walks.SPEED, 0.15, count).clip(0.0), 2)),
        ]
        return binary.block([*cells, *self.rest.values()], count)


def _hex(identity: npt.NDArray[np.uint8]) -> str:
    return identity.tobytes().hex()
