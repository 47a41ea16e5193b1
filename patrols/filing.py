"""Filing a report: one transaction that finds the grid, writes the report, its first events and the promise to tell."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import IntegrityError, transaction
from django.db.models import JSONField, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from grids.calendar import dispatch_due, dispatch_risk, works_around
from grids.models import Category, Grid, Region, Stairwell
from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.models.places import RegionLevel
from grids.problems import BadInput, Conflict, NotAllowed
from grids.scope import Scope
from patrols import contacts, outside, requests
from patrols.contacts import Details
from patrols.history import event_of, promise_notice
from patrols.models import Event, Report
from patrols.models.reports import Source
from patrols.recurrences import earlier_of, told_by
from patrols.routing.proposing import propose
from patrols.verification import may_go_without, settles_at
from patrols.workflow import State

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
STAIRWELL_REACH = 0.003  # degrees, about 300 m: positions drift, but not to another estate
PRIMARY_KEY = "patrols_report_pkey"
GRID_FIELDS = ("id", "code", "name")
LONGEST_AGO = timedelta(days=3653)
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is needed to file a report. `geom` is in EPSG:4326; `anchor` is a point on it."""

    category: str
    geom: GEOSGeometry
    anchor: Point
    source: str = Source.PATROL
    place: str = ""
    description: str = ""
    stairwell: int | None = None
    occurred_at: datetime | None = None
    on_the_spot: bool = False
    id: UUID | None = None
    kind: str = Kind.PROBLEM
    contact: Details | None = None  # of a request, which needs one
    outside_number: str = ""
    outside_due_at: datetime | None = None
    by_link: bool = False  # a resident brings it, through a link or a key that was checked
    through: str = ""  # what passed it on, as the first line of its history says


def file_report(draft: Draft, scope: Scope) -> Report:
    """File a report and return it.

    Raises NotAllowed for somebody without any role today, BadInput for a category, place, stairwell or time that
    cannot be, Conflict for an id that is taken.
    """
    if not scope.roles and not draft.by_link:
        raise NotAllowed(_("You have no role here at present."))
    if draft.source not in sources_of(scope) and not draft.by_link:
        raise NotAllowed(_("Reports of this source are not yours to file."))
    now = timezone.now()
    outside.check(draft.source, draft.outside_number, draft.outside_due_at, now)
    category, grid, again = _category_and_place(draft, now)
    region_code = grid.code[:12] if grid else community_of(draft.anchor)
    works = works_around(category, now)
    due = dispatch_due(category, now, works)
    report = Report(
        district=region_code[:6],
        region_code=region_code,
        number=f"{timezone.localtime(now):%y%m%d}-{random_code(4)}-{random_code(4)}",
        public_number=random_code(16),
        kind=draft.kind,
        source=draft.source,
        category=category,
        grid=grid,
        stairwell=_stairwell(draft),
        geom=draft.geom,
        anchor=draft.anchor,
        place=draft.place,
        description=draft.description,
        reporter=scope.person,
        occurred_at=_occurred(draft, now),
        recorded_at=now,
        changed_at=now,
        waiting_since=now,
        dispatch_due_at=due,
        risk_at=dispatch_risk(category, due, works),
        outside_number=draft.outside_number,
        outside_due_at=draft.outside_due_at,
        **again,
        **({"id": draft.id} if draft.id else {}),
    )
    events = [event_of(report, "file", "", scope, now, reason=draft.through, occurred_at=report.occurred_at)]
    if draft.on_the_spot:
        report.state, report.handled_at, report.handler = State.HANDLED, now, scope.person
        report.settles_at = settles_at(report, now)
        drawn = {"drawn": report.settles_at is None} if may_go_without(report) else {}
        events.append(event_of(report, "handle_on_spot", State.REPORTED, scope, now, data=drawn))
    if draft.id and Report.objects.filter(pk=draft.id).exists():
        raise Conflict(_("This report was filed already."))
    try:
        with transaction.atomic(savepoint=False):
            report.save(force_insert=True)
            if draft.contact:
                requests.begin(report, draft.contact, now)
            Event.objects.bulk_create(events)
            promise_notice(events[-1])
            propose(report)
    except IntegrityError as error:
        # Only the id's own key means that this very report is there; anything else is not the client's repetition.
        cause = error.__cause__
        broken = cause.diag.constraint_name if isinstance(cause, UniqueViolation) else None
        if broken == outside.UNIQUE:
            raise Conflict(_("Another open report has this number already.")) from error
        if broken != PRIMARY_KEY:
            raise
        # Of two that file the same id at once, the later one meets the key of the first.
        raise Conflict(_("This report was filed already.")) from error
    report.__dict__.update(leads=[], history=events, photos_shown=[])
    return report


def sources_of(scope: Scope) -> frozenset[str]:
    """Return the sources that somebody may file reports of: an official source is not to be had by saying so."""
    found = {Source.PATROL}
    if scope.has(Role.DISPATCHER):
        found |= {Source.HOTLINE, Source.RESIDENT}
    if scope.has(Role.INSPECTOR):
        found.add(Source.INSPECTION)
    return frozenset(found)


def locate(anchor: Point) -> tuple[str, Grid | None]:
    """Return the community's code and the grid of a point; raises BadInput outside of every known community."""
    grid = Grid.covering(anchor).first()
    return (grid.code[:12] if grid else community_of(anchor)), grid


def community_of(anchor: Point) -> str:
    """Return the code of the community in which a point lies; raises BadInput outside of every known one."""
    communities = Region.objects.current().filter(level=RegionLevel.COMMUNITY, geom__covers=anchor)
    code: str | None = communities.order_by("code").values_list("code", flat=True).first()
    if code is None:
        raise BadInput(_("The place lies outside of every community that is known here."))
    return code


def random_code(length: int) -> str:
    """Return a random code of letters and digits that are not mistaken for each other (31 kinds, 4.95 bits each)."""
    return "".join(secrets.choice(ALPHABET) for _position in range(length))


def _category_and_place(draft: Draft, now: datetime) -> tuple[Category, Grid | None, dict[str, Any]]:
    """Return the category of a draft, the grid in which it lies and what it repeats there, in one query.

    Of the grid what a report shows; of a recurrence the report's columns.
    """
    shown = JSONObject(**{name: name for name in GRID_FIELDS})
    grids = Grid.covering(draft.anchor).values_list(shown)[:1]
    categories = Category.objects.filter(code=draft.category, active=True)
    earlier = earlier_of(draft.anchor, draft.stairwell, now)
    category = categories.annotate(grid=Subquery(grids, output_field=JSONField()), earlier=earlier).first()
    if category is None:
        raise BadInput(_("There is no category “%(code)s” in the catalogue.") % {"code": draft.category})
    if draft.kind == Kind.TASK:
        raise BadInput(_("Tasks are made in a task list, with a lead, responsible bodies and a due date."))
    if category.kind != draft.kind:
        raise BadInput(_("“%(name)s” is no category of this kind of report.") % {"name": category})
    if (draft.kind == Kind.REQUEST) != (draft.contact is not None):
        raise BadInput(_("A request comes with how to reach whoever asks, and nothing else does."))
    if draft.contact:
        contacts.check_words(draft.contact, draft.place, draft.description)
    if draft.on_the_spot and not category.trivial:
        raise BadInput(_("“%(name)s” cannot be fixed on the spot: file it as a report.") % {"name": category})
    found = category.grid
    grid = Grid.from_db("default", GRID_FIELDS, [found[name] for name in GRID_FIELDS]) if found else None
    return category, grid, told_by(category.earlier if draft.kind == Kind.PROBLEM else None)


def _occurred(draft: Draft, now: datetime) -> datetime:
    if draft.occurred_at and draft.occurred_at > now + CLOCK_TOLERANCE:
        raise BadInput(_("The time of the problem lies in the future."))
    if draft.occurred_at and draft.occurred_at < now - LONGEST_AGO:
        raise BadInput(_("The time of the problem lies more than ten years back."))
    return min(draft.occurred_at or now, now)


def _stairwell(draft: Draft) -> Stairwell | None:
    if draft.stairwell is None:
        return None
    stairwell = Stairwell.objects.select_related("building").filter(pk=draft.stairwell).first()
    if stairwell is None or stairwell.geom.distance(draft.anchor) > STAIRWELL_REACH:
        raise BadInput(_("There is no such stairwell at this place."))
    return stairwell
