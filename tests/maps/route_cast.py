"""Everybody who walks the routes, and rows whose texts nobody may see but those they are meant for.

The small town of `tests.town` with more people, and with an unmistakable text in every report, checkpoint and
message: wherever such a text appears, it is known who was allowed to read it.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from math import asinh, pi, radians, tan
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from grids.models import (
    Checkpoint,
    CheckpointType,
    Device,
    Grid,
    Job,
    Membership,
    Notification,
    Person,
    Region,
    Zone,
)
from grids.models.platform import JobState
from patrols.models import Consent, Event, Party, Patrol, PrivatePlace, Report
from tests.maps.route_ids import add_ids
from tests.maps.route_offer_rows import add_offers
from tests.maps.route_post_rows import add_posts
from tests.maps.route_rule_rows import add_rules
from tests.town import DISTRICT, FAR, LAT, LON, NEAR, Town, at, build_town

VISITOR = "visitor"
PEOPLE = (
    "alice",  # leads grid 5
    "bob",  # volunteers in grid 5
    "charlie",  # leads the grid of the far community: the outsider
    "dora",  # dispatches near
    "olaf",  # dispatches far
    "paula",  # plans in the whole district
    "petra",  # plans far
    "ines",  # inspects near
    "adam",  # administers the district
    "squad_member",  # belongs to the body that a report of grid 9 was dispatched to
    "norah",  # has an account and no role
)
EVERYBODY = (VISITOR, *PEOPLE)

WIDE_NEAR = {"dora", "paula", "ines", "adam"}
SEE_FIVE = WIDE_NEAR | {"alice", "bob"}
SEE_ONE = WIDE_NEAR
SEE_SQUAD = WIDE_NEAR | {"squad_member"}
SEE_FAR = {"charlie", "olaf", "paula", "petra", "adam"}
DISPATCHERS = {"dora", "olaf"}
TILE_ZOOM = 12


@dataclass
class Cast:
    """The town, the addresses that stand in the table, and who may read which text."""

    town: Town
    people: dict[str, Person]
    addresses: dict[str, str]
    readers: dict[str, set[str]]
    sets: dict[str, list[str]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)


def build_cast() -> Cast:
    """Write everybody and everything into the database."""
    town = build_town()
    people = {name: getattr(town, name) for name in PEOPLE if hasattr(town, name)}
    period = DateRange(timezone.localdate() - timedelta(days=1), None)
    for name, role, code in (
        ("petra", "planner", FAR),
        ("ines", "inspector", NEAR),
        ("adam", "admin", DISTRICT),
        ("norah", None, None),
    ):
        people[name] = Person.objects.create_user(name, "a-long-password", name=name)
        if role:
            region = Region.objects.get(code=code)
            Membership.objects.create(person=people[name], role=role, region=region, period=period)
    for name, person in people.items():
        Person.objects.filter(pk=person.pk).update(email=f"secret-mail-{name}@example.org", phone=f"secret-{name}")
    cast = Cast(town, people, {}, {})
    _reports(cast)
    _checkpoints(cast)
    _zones(cast)
    _messages(cast)
    add_ids(cast)
    _jobs(cast)
    _patrol(cast)
    add_posts(cast)
    add_rules(cast)
    add_offers(cast)
    x, y = tile_of(TILE_ZOOM)
    cast.addresses["tile"] = f"{TILE_ZOOM}/{x}/{y}"
    x, y = tile_of(16)
    cast.addresses["deep"] = f"16/{x}/{y}"
    return cast


def _reports(cast: Cast) -> None:
    town = cast.town
    for name, anchor, grid, readers in (
        ("five", at(1.5, 1.5), town.grids[5], SEE_FIVE),
        ("one", at(0.5, 2.5), town.grids[1], SEE_ONE),
        ("squad", at(2.5, 0.5), town.grids[9], SEE_SQUAD),
        ("far", at(9.5, 1.5), town.far_grid, SEE_FAR),
    ):
        reporter = {"five": "alice", "far": "charlie"}.get(name)
        report = _report(cast, name, anchor, grid, reporter)
        cast.addresses[name] = str(report.pk)
        cast.sets[name] = [report.place, report.description, report.number, str(report.pk)]
        for text in cast.sets[name]:
            cast.readers[text] = readers
    squad = UUID(cast.addresses["squad"])
    Report.objects.filter(pk=squad).update(state="dispatched", dispatched_at=timezone.now())
    Party.objects.create(
        report_id=squad, district=DISTRICT, organisation=town.squad, state="asked", since=timezone.now()
    )


def _report(cast: Cast, name: str, anchor: Point, grid: Grid, reporter: str | None) -> Report:
    now = timezone.now()
    report = Report.objects.create(
        district=DISTRICT,
        region_code=grid.region.code,
        number=f"260301-{name.upper():X<6}"[:14],
        public_number=f"PUBLIC-{name.upper()}",
        category=cast.town.litter,
        grid=grid,
        geom=anchor,
        anchor=anchor,
        place=f"mark-place-{name}",
        description=f"mark-words-{name}",
        reporter=cast.people[reporter] if reporter else None,
        occurred_at=now,
        recorded_at=now,
        changed_at=now,
        waiting_since=now,
        dispatch_due_at=now + timedelta(hours=1),
    )
    Event.objects.create(
        district=DISTRICT,
        report=report,
        verb="file",
        after="reported",
        reason=f"mark-reason-{name}",
        occurred_at=now,
        recorded_at=now,
    )
    return report


def _checkpoints(cast: Cast) -> None:
    kind = CheckpointType.objects.get(code="market")
    for name, where, region, readers in (
        ("five", at(1.4, 1.4), NEAR + "001", SEE_FIVE),
        ("one", at(0.4, 2.4), NEAR + "001", SEE_ONE),
        ("far", at(9.4, 1.4), FAR + "001", SEE_FAR),
    ):
        text = f"mark-checkpoint-{name}"
        Checkpoint.objects.create(
            source_id=text,
            name=text,
            type=kind,
            region=Region.objects.get(code=region),
            geom=where,
            period=cast.town.checkpoint.period,
        )
        cast.readers[text] = readers
        cast.sets[f"checkpoint-{name}"] = [text]


def _zones(cast: Cast) -> None:
    """A duty area inside the fifth grid, and one in the far community."""
    for name, where, region, readers in (
        ("five", at(1.5, 1.5), NEAR + "001", SEE_FIVE),
        ("far", at(9.5, 1.5), FAR + "001", SEE_FAR),
    ):
        text = f"mark-zone-{name}"
        zone = Zone.objects.create(
            source_id=text,
            name=text,
            kind="duty",
            region=Region.objects.get(code=region),
            geom=where.buffer(0.0001),
            period=cast.town.checkpoint.period,
        )
        cast.addresses[f"zone-{name}"] = str(zone.pk)
        cast.readers[text] = readers
        cast.sets[f"zone-{name}"] = [text]


def _messages(cast: Cast) -> None:
    for name, person in cast.people.items():
        text = f"mark-message-{name}-end"
        report = cast.addresses["five" if name in SEE_FIVE else "far"]
        message = Notification.objects.create(
            person=person,
            key=text,
            verb="file",
            subject=text,
            data={"report": report if name in SEE_FIVE | SEE_FAR else None, "category": cast.town.litter.code},
        )
        cast.addresses[f"message-{name}"] = str(message.pk)
        cast.readers[text] = {name}
        cast.sets[f"message-{name}"] = [text]
        cast.readers[f"secret-mail-{name}@"] = {name}
        cast.readers[f"secret-{name}"] = {name}


def _jobs(cast: Cast) -> None:
    for name, person in cast.people.items():
        text = f"mark-job-{name}-end"
        job = Job.objects.create(person=person, kind="test", state=JobState.DONE, share=1, result={"summary": text})
        cast.addresses[f"job-{name}"] = str(job.pk)
        cast.readers[text] = cast.readers[str(job.pk)] = {name}
        cast.sets[f"job-{name}"] = [text, str(job.pk)]


def _patrol(cast: Cast) -> None:
    bob, now = cast.people["bob"], timezone.now()
    Consent.objects.create(person=bob, district=DISTRICT, version="mark-consent-bob")
    Consent.objects.create(person=cast.people["alice"], district=DISTRICT, version="1")
    patrol = Patrol.objects.create(
        person=bob, district=DISTRICT, grid=cast.town.grids[5], state="active", started_at=now, heard_at=now
    )
    device = Device.objects.create(person=bob, name="mark-device-bob", protocol="osmand", secret_hash="0" * 64)
    private = PrivatePlace.objects.create(person=bob, sealed=b"")
    rows = {"patrol-bob": patrol, "device-bob": device, "private-bob": private}
    cast.addresses |= {name: str(row.pk) for name, row in rows.items()}
    cast.sets["patrol-bob"], cast.sets["device-bob"] = [str(patrol.pk)], ["mark-device-bob"]
    for text in (str(patrol.pk), "mark-device-bob", "mark-consent-bob"):
        cast.readers[text] = {"bob"}


def tile_of(zoom: int) -> tuple[int, int]:
    """Return x and y of the Web Mercator tile that the town's middle lies in."""
    size = 2**zoom
    return int((LON + 180) / 360 * size), int((1 - asinh(tan(radians(LAT + 0.001))) / pi) / 2 * size)
