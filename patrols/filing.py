"""Filing a report: one transaction that finds the grid, writes the report, its first events and the promise to tell."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from grids.calendar import dispatch_due
from grids.models import Category, Grid, Region, Stairwell
from grids.models.people import Role
from grids.models.places import RegionLevel
from grids.problems import BadInput, Conflict, NotAllowed
from grids.scope import Scope
from patrols.history import event_of, promise_notice
from patrols.models import Event, Report
from patrols.models.reports import Source
from patrols.workflow import State

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
STAIRWELL_REACH = 0.003  # degrees, about 300 m: positions drift, but not to another estate
PRIMARY_KEY = "patrols_report_pkey"
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


def file_report(draft: Draft, scope: Scope) -> Report:
    """File a report and return it.

    Raises NotAllowed for somebody without any role today, BadInput for a category, place, stairwell or time that
    cannot be, Conflict for an id that is taken.
    """
    if not scope.roles:
        raise NotAllowed(_("You have no role here at present."))
    if draft.source not in sources_of(scope):
        raise NotAllowed(_("Reports of this source are not yours to file."))
    now = timezone.now()
    category = _category(draft)
    region_code, grid = locate(draft.anchor)
    report = Report(
        district=region_code[:6],
        region_code=region_code,
        number=f"{timezone.localtime(now):%y%m%d}-{random_code(4)}-{random_code(4)}",
        public_number=random_code(16),
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
        dispatch_due_at=dispatch_due(category, now),
        **({"id": draft.id} if draft.id else {}),
    )
    events = [event_of(report, "file", "", scope, now, occurred_at=report.occurred_at)]
    if draft.on_the_spot:
        report.state, report.handled_at, report.handler = State.HANDLED, now, scope.person
        events.append(event_of(report, "handle_on_spot", State.REPORTED, scope, now))
    if draft.id and Report.objects.filter(pk=draft.id).exists():
        raise Conflict(_("This report was filed already."))
    try:
        with transaction.atomic(savepoint=False):
            report.save(force_insert=True)
            Event.objects.bulk_create(events)
            promise_notice(events[-1])
    except IntegrityError as error:
        # Only the id's own key means that this very report is there; anything else is not the client's repetition.
        cause = error.__cause__
        if not isinstance(cause, UniqueViolation) or cause.diag.constraint_name != PRIMARY_KEY:
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
    grid = Grid.covering(anchor).select_related("region").first()
    if grid:
        return grid.region.code, grid
    communities = Region.objects.current().filter(level=RegionLevel.COMMUNITY, geom__covers=anchor)
    code = communities.order_by("code").values_list("code", flat=True).first()
    if code is None:
        raise BadInput(_("The place lies outside of every community that is known here."))
    return code, None


def random_code(length: int) -> str:
    """Return a random code of letters and digits that are not mistaken for each other (31 kinds, 4.95 bits each)."""
    return "".join(secrets.choice(ALPHABET) for _position in range(length))


def _category(draft: Draft) -> Category:
    category = Category.objects.filter(code=draft.category, active=True).first()
    if category is None:
        raise BadInput(_("There is no category “%(code)s” in the catalogue.") % {"code": draft.category})
    if draft.on_the_spot and not category.trivial:
        raise BadInput(_("“%(name)s” cannot be fixed on the spot: file it as a report.") % {"name": category})
    return category


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
