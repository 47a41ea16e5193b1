"""A simulated city, all or nothing: districts, volunteers, reports with their histories, patrols with their fixes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil

from django.db import connection, transaction

from fixtures.city import TIME_ZONE, City, Teller, staged
from fixtures.city.model import Report as Story
from fixtures.city.texts import SUMMER_ONLY, WINTER_ONLY
from fixtures.simulation import crowd as crowds
from fixtures.simulation.districts import MOST
from fixtures.simulation.keys import CODES
from fixtures.simulation.schedule import Plan, draw
from grids.models import (
    Assignment,
    Building,
    Checkpoint,
    Grid,
    Membership,
    Organisation,
    Person,
    Place,
    Region,
    Stairwell,
    Street,
    Team,
)
from grids.problems import BadInput, Conflict
from maps.simulate import crowd as people
from maps.simulate import districts, fixes, reports
from maps.simulate.bare import bare
from maps.simulate.stories import templates, told
from patrols import partitions
from patrols.models import Consent, Event, Fix, Party, Patrol, Report

VOLUNTEERS_A_DISTRICT, REPORTS_A_DISTRICT = 2_500, 25_000
TELLINGS = 2  # of fifteen hundred stories each
PLACES = (Region, Street, Building, Stairwell, Place, Grid, Checkpoint, Organisation, Team)
LOADED = (*PLACES, Person, Membership, Assignment, Report, Party, Event, Consent, Patrol, Fix)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What to simulate; without `districts` as many as so many people and reports need."""

    plan: Plan
    volunteers: int = 0
    fixes: int = 0
    seed: int = 1
    districts: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if min(self.plan.reports, self.volunteers, self.fixes, self.districts) < 0:
            raise BadInput("Counts are not negative.")
        if self.districts > MOST:
            raise BadInput(f"There are codes for {MOST} districts at most.")
        if self.fixes and not self.volunteers:
            raise BadInput("Fixes need volunteers who record them.")

    @property
    def wanted(self) -> int:
        """The number of districts."""
        need = max(ceil(self.volunteers / VOLUNTEERS_A_DISTRICT), ceil(self.plan.reports / REPORTS_A_DISTRICT))
        return self.districts or min(MOST, max(1, need))


@dataclass
class Result:
    """How many rows were added."""

    districts: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def refuse_real_people() -> None:
    """Raise Conflict if anybody in the database is not invented."""
    real = Person.objects.filter(invented=False).count()
    if real:
        raise Conflict(f"This database has {real} real people; a simulated city does not belong among them.")


def simulate(order: Order, now: datetime, say: Say = lambda _line: None) -> Result:
    """Write a simulated city as it stands at a moment, all or nothing; the catalogue must be loaded.

    Raises Conflict where real people are, BadInput if no history fits into the plan's window.
    """
    refuse_real_people()
    now = now.astimezone(TIME_ZONE).replace(microsecond=0)
    # Drawn before the transaction begins: the server ends one that is idle for long.
    city, tell = staged(now=now)
    with transaction.atomic():
        return _write(order, now, city, tell, say)


def _write(order: Order, now: datetime, city: City, tell: Teller, say: Say) -> Result:
    partitions.ensure(replace(partitions.EVENTS, back=timedelta(days=order.plan.to_days + 31)), now)
    seed = f"{order.seed}:{now:%Y-%m-%d}:{Report.objects.count()}"
    with bare([model._meta.db_table for model in LOADED]):
        refuse_real_people()
        where = districts.prepare(city, order.wanted, say)
        result = Result(len(where.codes))
        crowd = _crowd(order, where, seed, now, result)
        say(f"{len(crowd):,} volunteers")
        if order.plan.reports:
            _reports(order, where, crowd, seed, now, _stories(tell, seed), say, result)
        if order.fixes:
            writer = fixes.Writer(where, crowd, _entropy(seed, "fixes"))
            patrols, written = writer.write(seed, now, order.fixes, lambda done: say(f"{done:,} fixes"))
            result.counts |= {"patrols": patrols, "fixes": written}
        say("indexes and foreign keys")
    return result


def settle() -> None:
    """Let the database look at its new rows; outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        for model in LOADED:
            cursor.execute(f"vacuum (analyze) {connection.ops.quote_name(model._meta.db_table)}")
        cursor.execute("reset statement_timeout")


def _crowd(order: Order, where: districts.Districts, seed: str, now: datetime, result: Result) -> people.Crowd:
    home, size = where.city.regions[0].code, where.grids.shape[1]
    grids = {
        row.code.replace(home, code, 1): size * turn + place
        for turn, code in enumerate(where.codes)
        for place, row in enumerate(where.city.grids)
    }
    drawn = crowds.volunteers(seed, now.date(), sorted(grids), order.volunteers)
    result.counts["volunteers"] = order.volunteers
    return people.write(drawn, order.volunteers, grids, where)


def _stories(tell: Teller, seed: str) -> list[Story]:
    return [replace(story, uid=f"{turn}-{story.uid}") for turn in range(TELLINGS) for story in tell(f"{seed}:{turn}")]


def _reports(
    order: Order,
    where: districts.Districts,
    crowd: people.Crowd,
    seed: str,
    now: datetime,
    stories: list[Story],
    say: Say,
    result: Result,
) -> None:
    made = templates(where, stories)
    try:
        drawn = draw(seed, order.plan, told(made, WINTER_ONLY | SUMMER_ONLY), now, len(where.codes))
    except ValueError as error:
        raise BadInput(f"The window cannot be filled: {error}.") from error
    first = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6], "big") % CODES
    writer = reports.Writer(where, made, crowd, _entropy(seed, "reports"), first)
    counts = writer.write(drawn, lambda done: say(f"{done:,} reports"))
    result.counts |= {"reports": counts[Report], "parties": counts[Party], "events": counts[Event]}


def _entropy(seed: str, purpose: str) -> list[int]:
    return list(f"{seed}:{purpose}".encode())
