"""A report as a text to copy and as a long picture (长图), for chat groups that take no robot.

What, where, until when, and the address of the page behind the sign-in. Nobody is named and nothing that somebody wrote
is quoted. Of a request of a resident only the grid is said: where they live is nobody's business in a group.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Building, Street
from grids.models.catalogue import Acts, Kind
from grids.scope import scope_of
from maps.pages.qr import qr_rows
from maps.pages.wording import coming, full_moment
from patrols.models import Report
from patrols.workflow import FIXING_STATES, WAITING_STATES

REACH_M = 160  # what the small map shows on each side of the place
METRES_A_DEGREE = 111_320.0
MOST_STREETS = 60
MOST_BUILDINGS = 150
Line = list[tuple[int, int]]


@require_safe
@login_required
@never_cache
def share(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Answer with the text and with what the picture is drawn of; out of scope it does not exist."""
    found = Report.objects.visible_to(scope_of(request.user)).select_related("category", "grid")
    report = found.filter(pk=identity).first()
    if report is None:
        raise Http404
    now = timezone.now()
    url = settings.BASE_URL + reverse("report", args=[report.pk])
    title, facts = report.category.local_name, list(_facts(report, now))
    hidden = report.kind == Kind.REQUEST
    return JsonResponse(
        {
            "title": title,
            "urgent": report.category.hazard,
            "facts": facts,
            "url": url,
            "text": text_of(title, facts, url, report),
            "qr": qr_rows(url),
            "hint": _("Scan to open it (sign-in needed)"),
            # Red says it to who sees red; the word says it to everybody.
            "site": _("Gridwarden") + (_(" (urgent)") if report.category.hazard else ""),
            "map": None if hidden else _map(report),
        }
    )


def text_of(title: str, facts: Iterable[dict[str, str]], url: str, report: Report) -> str:
    """Return the text; one that volunteers can do ends with the first line of a list to put one's name on (群接龙)."""
    joins = report.category.acts == Acts.VOLUNTEER and report.state in WAITING_STATES
    lines = [
        "#接龙" if joins else "",
        _("[Gridwarden] %(title)s") % {"title": title} + (_(" (urgent)") if report.category.hazard else ""),
        *(_("%(name)s: %(value)s") % {"name": fact["name"], "value": fact["value"]} for fact in facts),
        _("More (sign-in needed): %(url)s") % {"url": url},
        _("Who can go? Please add yourself:") if joins else "",
        "1. " if joins else "",
    ]
    return "\n".join(line for line in lines if line)


def _facts(report: Report, now: datetime) -> Iterable[dict[str, str]]:
    yield {"name": _("Number"), "value": report.number}
    grid = report.grid.name if report.grid else ""
    place = "" if report.kind == Kind.REQUEST else report.place
    yield {"name": _("Place"), "value": " · ".join(filter(None, [place, grid])) or "—"}
    yield {"name": _("State"), "value": capfirst(report.get_state_display())}
    due = report.due_at if report.state in FIXING_STATES else report.dispatch_due_at
    if due is not None and report.state in WAITING_STATES | FIXING_STATES:
        late = due <= now
        yield {
            "name": _("Was to be done by") if late else _("To be done by"),
            "value": full_moment(due, now) if late else coming(due, now),
        }


def _map(report: Report) -> dict[str, Any]:
    """Return what lies around a report in whole metres east and south of it; for drawing only."""
    anchor = report.anchor
    scale = math.cos(math.radians(anchor.y))
    wide, high = REACH_M / METRES_A_DEGREE / scale, REACH_M / METRES_A_DEGREE
    box = Polygon.from_bbox((anchor.x - wide, anchor.y - high, anchor.x + wide, anchor.y + high))
    box.srid = anchor.srid

    def lines(geometry: GEOSGeometry) -> list[Line]:
        return [[_offset(point, anchor, scale) for point in line] for line in _lines(geometry)]

    streets = Street.objects.filter(geom__intersects=box, tunnel=False).order_by("pk")[:MOST_STREETS]
    buildings = Building.objects.filter(geom__intersects=box).order_by("pk")[:MOST_BUILDINGS]
    return {
        "reach": REACH_M,
        "streets": [{"name": street.local_name, "lines": lines(street.geom)} for street in streets],
        "buildings": [line for building in buildings for line in lines(building.geom)],
        "grid": lines(report.grid.geom) if report.grid else [],
        "report": [] if isinstance(report.geom, Point) else lines(report.geom),
    }


def _offset(point: tuple[float, ...], anchor: Point, scale: float) -> tuple[int, int]:
    east = (point[0] - anchor.x) * METRES_A_DEGREE * scale
    south = (anchor.y - point[1]) * METRES_A_DEGREE
    return round(east), round(south)


def _lines(geometry: Any) -> Iterable[Iterable[tuple[float, ...]]]:
    if geometry.geom_type in {"LineString", "LinearRing"}:
        yield geometry.coords
    elif geometry.geom_type == "Polygon":
        yield from geometry.coords
    elif geometry.geom_type != "Point":
        for part in geometry:
            yield from _lines(part)


urlpatterns: list[URLPattern] = [path("reports/<uuid:identity>/share.json", share, name="report-share")]
