"""What may be the same problem: open reports of a category close by, in place and in time.

How close, says the category: `near_metres` and `near_days`. In stairwells the entrance decides and not the position,
which drifts: the same one is near however far the pin stands, another one is not, were it the next door.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import cos, radians
from uuid import UUID

from django.contrib.gis.db.models.functions import Distance, GeometryDistance
from django.contrib.gis.geos import Point, Polygon
from django.db.models import Q
from django.utils.translation import gettext as _

from grids.models import Category
from grids.models.catalogue import Kind
from grids.problems import BadInput
from grids.scope import Scope
from grids.sealed import Unreadable, seal, unseal
from patrols.models import Report
from patrols.queries import ReportQuerySet
from patrols.workflow import OPEN_STATES

METRES_A_DEGREE = 111_195.0  # of latitude, on the sphere of mean radius
HERE = 10.0
MOST = 5
# What the nearest are chosen of: in one place there are never so many of one kind.
MOST_LOOKED_AT = 40
HANDLE_LASTS = timedelta(days=8)


class Closeness(StrEnum):
    """How far a report is, as far as anybody may know."""

    STAIRWELL = "stairwell"  # in the same one
    HERE = "here"  # within ten metres
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Found:
    """A report that may be the same, and how far it is in metres."""

    report: Report
    metres: float
    same_stairwell: bool

    @property
    def closeness(self) -> Closeness:
        """The class of its distance."""
        if self.same_stairwell:
            return Closeness.STAIRWELL
        return Closeness.HERE if self.metres <= HERE else Closeness.NEAR


def category_of(code: str) -> Category:
    """Return a category in use; raises BadInput."""
    category = Category.objects.filter(code=code, active=True).first()
    if category is None:
        raise BadInput(_("There is no category “%(code)s” in the catalogue.") % {"code": code})
    return category


def similar(
    category: Category,
    anchor: Point,
    stairwell: int | None,
    now: datetime,
    *,
    reports: ReportQuerySet | None = None,
    besides: UUID | None = None,
    widely: int = 1,
) -> list[Found]:
    """Return open reports that may be the same as one at a point in EPSG:4326, the nearest first, at most five.

    `besides` is left out. `widely` looks so many times as far and as long. One query, by the index of open reports.
    """
    metres, days = category.near_metres * widely, category.near_days * widely
    near = Q(anchor__bboverlaps=box_around(anchor, metres))
    if stairwell is not None:
        near = Q(stairwell=stairwell) | (near & Q(stairwell__isnull=True))
    rows = (
        (Report.objects.all() if reports is None else reports)
        .filter(
            near,
            state__in=OPEN_STATES,
            kind=Kind.PROBLEM,
            category__code=category.code,
            recorded_at__gt=now - timedelta(days=days),
        )
        .select_related("category")
        .defer("geom")
        .annotate(away=Distance("anchor", anchor))
        .order_by(GeometryDistance("anchor", anchor))[:MOST_LOOKED_AT]
    )
    found = [
        Found(row, away.m, stairwell is not None and row.stairwell_id == stairwell)
        for row in rows
        if row.pk != besides and (away := getattr(row, "away", None)) is not None
    ]
    chosen = [one for one in found if one.same_stairwell or one.metres <= metres]
    return sorted(chosen, key=lambda one: (not one.same_stairwell, one.metres))[:MOST]


def box_around(point: Point, metres: float) -> Polygon:
    """Return the box in EPSG:4326 that holds all within so many metres of a point."""
    north = metres / METRES_A_DEGREE
    east = north / max(cos(radians(point.y)), 0.01)
    return Polygon.from_bbox((point.x - east, point.y - north, point.x + east, point.y + north))


def handle_of(report: Report, scope: Scope, now: datetime) -> str:
    """Return a name for a report that means something to one person only, and to nobody after some days."""
    return seal([str(report.pk), scope.person_id, int(now.timestamp())]).decode()


def read_handle(handle: str, scope: Scope, now: datetime) -> UUID:
    """Return the id behind a handle; raises BadInput for what is none, another's, or too old."""
    try:
        identity, person, made = unseal(handle.encode())
    except (Unreadable, ValueError, TypeError, UnicodeEncodeError):
        identity, person, made = None, None, 0
    if identity is None or person != scope.person_id:
        raise BadInput(_("The report that this is said to be is not known. Look for it again."))
    if now.timestamp() - made > HANDLE_LASTS.total_seconds():
        raise BadInput(_("What was found nearby is too old by now. Look again."))
    return UUID(identity)
