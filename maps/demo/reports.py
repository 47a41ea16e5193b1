"""The demo city's reports: each history is played through the state table, as if it had happened."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.contrib.gis.geos import Point
from django.utils import timezone

from fixtures.city.model import City, Step
from fixtures.city.model import Report as Story
from grids.calendar import Works, dispatch_due, dispatch_risk, works_from
from grids.models import Category, Grid, Notification, Organisation, Person
from grids.scope import Scope
from maps.demo.same import gather
from patrols.filing import ALPHABET
from patrols.history import event_of, notice_of
from patrols.models import Event, Follower, Party, Report
from patrols.models.parties import PartyState
from patrols.notices import tell
from patrols.transitions import LEAD_LEAVES, LEAD_STATES, Move, changes
from patrols.workflow import TRANSITIONS, Needs, State


@dataclass
class Cast:
    """Whom and what the stories name."""

    people: dict[str, Person]
    bodies: dict[str, Organisation]
    categories: dict[str, Category]
    grids: list[Grid]
    works: Works
    rng: random.Random
    reports: list[Report] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)


def load_reports(city: City, people: dict[str, Person], now: datetime) -> int:
    """Write all stories and return how many."""
    bodies = {row.code: row for row in Organisation.objects.all()}
    cast = played(city.reports, people, bodies, works_from(timezone.localdate(now) - timedelta(days=130), days=400))
    originals = [report for report in cast.reports if report.state != State.DUPLICATE]
    for report in cast.reports:
        if report.state == State.DUPLICATE:
            report.duplicate_of = _nearest(report, originals)
    followers = gather(cast.reports)
    order = sorted(cast.reports, key=lambda report: report.duplicate_of_id is not None)
    Report.objects.bulk_create(order, batch_size=500)
    Follower.objects.bulk_create(followers)
    Event.objects.bulk_create(cast.events, batch_size=1000)
    Party.objects.bulk_create(cast.parties, batch_size=1000)
    _tell(cast, now)
    return len(order)


def played(stories: Iterable[Story], people: dict[str, Person], bodies: dict[str, Organisation], works: Works) -> Cast:
    """Play stories through the state table; nothing is written. `people` and `bodies` are those that they name."""
    cast = Cast(
        people=people,
        bodies=bodies,
        categories={row.code: row for row in Category.objects.filter(active=True)},
        grids=list(Grid.objects.select_related("region").order_by("code")),
        works=works,
        rng=random.Random(1),  # noqa: S311 - a demo's case numbers
    )
    for story in stories:
        _play(story, cast)
    return cast


def _tell(cast: Cast, now: datetime) -> None:
    """Put what happened since yesterday into the inboxes of those it concerns, as if they had been told then."""
    for event in cast.events:
        if event.recorded_at > now - timedelta(days=1):
            tell(event.id, notice_of(event))
            Notification.objects.filter(key=str(event.id)).update(created_at=event.recorded_at)


def _play(story: Story, cast: Cast) -> None:
    filed = story.steps[0].at
    anchor = Point(*story.point, srid=4326)
    grid = next((row for row in cast.grids if row.geom.covers(anchor)), None)
    assert grid is not None, story.uid
    category = cast.categories[story.category]
    due = dispatch_due(category, filed, cast.works)
    report = Report(
        id=uuid5(NAMESPACE_URL, f"demo:{story.uid}"),
        district=grid.code[:6],
        region_code=grid.region.code,
        number=f"{timezone.localtime(filed):%y%m%d}-{_code(cast, 4)}-{_code(cast, 4)}",
        public_number=_code(cast, 16),
        kind=story.kind,
        source=story.source,
        category=category,
        grid=grid,
        geom=anchor,
        anchor=anchor,
        place=story.place,
        description=story.description,
        reporter=cast.people[story.reporter] if story.reporter else None,
        occurred_at=story.occurred_at,
        recorded_at=filed,
        changed_at=filed,
        waiting_since=filed,
        dispatch_due_at=due,
        risk_at=dispatch_risk(category, due, cast.works),
    )
    cast.reports.append(report)
    lead: Party | None = None
    for step in story.steps:
        before = "" if step.verb == "file" else report.state
        scope = _scope(cast.people.get(step.actor or ""))
        holder = cast.people.get(step.person or "") or cast.bodies.get(step.organisation or "")
        if step.verb != "file":
            lead = _step(report, step, scope, holder, lead, cast)
        data = {"until": step.until.isoformat()} if step.until else {}
        occurred = story.occurred_at if step.verb == "file" else step.at
        cast.events.append(
            event_of(
                report, step.verb, before, scope, step.at,
                holder=holder, reason=step.reason, data=data, occurred_at=occurred,
            )
        )  # fmt: skip


def _step(
    report: Report, step: Step, scope: Scope, holder: Person | Organisation | None, lead: Party | None, cast: Cast
) -> Party | None:
    row = TRANSITIONS[step.verb]
    assert report.state in row.sources, (report.number, report.state, step.verb)
    move = Move(reason=step.reason, holder=holder, until=step.until)
    moved = changes(row, report, scope.person_id or 0, move, step.at, cast.works)
    if moved.get("handler_id") == 0:
        moved["handler_id"] = None
    for name, value in {**moved, "changed_at": step.at}.items():
        setattr(report, name, value)
    if lead and step.verb in LEAD_LEAVES:
        lead.state, lead = PartyState.LEFT, None
    elif lead and step.verb in LEAD_STATES:
        lead.state = LEAD_STATES[step.verb]
    if holder and Needs.HOLDER in row.needs:
        field_name = "person" if isinstance(holder, Person) else "organisation"
        lead = Party(
            report=report,
            district=report.district,
            since=step.at,
            report_recorded_at=report.recorded_at,
            **{field_name: holder},
        )
        cast.parties.append(lead)
    return lead


def _nearest(report: Report, originals: list[Report]) -> Report:
    """Return the report of the same category, else of any, that lies nearest to a duplicate."""
    alike = [row for row in originals if row.category_id == report.category_id] or originals
    return min(alike, key=lambda row: row.anchor.distance(report.anchor))


def _scope(person: Person | None) -> Scope:
    return Scope(person, {}, frozenset(), frozenset(), frozenset(), frozenset())


def _code(cast: Cast, length: int) -> str:
    return "".join(cast.rng.choice(ALPHABET) for _position in range(length))
