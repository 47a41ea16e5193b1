"""Campaign areas (专项行动区域): an area in which something is done for a time, made and ended by planners."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import uuid_utils.compat as uuid7
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from grids.expressions import Core
from grids.models import Zone
from grids.models.areas import ZoneKind
from grids.planned_areas import PlannedArea
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.reach import managed, manages
from grids.scope import Scope

LONGEST = timedelta(days=731)
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a campaign is called, and its first and last day."""

    name: str
    first_day: date
    last_day: date


def make_campaign(scope: Scope, wanted: Campaign, area: PlannedArea) -> Zone:
    """Make a campaign area; raises NotAllowed for who does not plan there, BadInput for days that cannot be."""
    if not managed(scope) or not manages(scope, area.region.code):
        raise NotAllowed(_("Campaign areas are made by the planners of the region."))
    name, today = wanted.name.strip(), timezone.localdate()
    if not 0 < len(name) <= LONGEST_NAME:
        text = _("Give the campaign a name of at most %(most)d characters.") % {"most": LONGEST_NAME}
        raise BadInput(text, field="name")
    if wanted.last_day < wanted.first_day:
        raise BadInput(_("The last day comes before the first."), field="last_day")
    if wanted.last_day < today:
        raise BadInput(_("The last day has passed already."), field="last_day")
    if wanted.first_day < today - LONGEST or wanted.last_day > today + LONGEST:
        raise BadInput(_("The days lie within two years of today."), field="first_day")
    return Zone.objects.create(
        name=name,
        kind=ZoneKind.CAMPAIGN,
        region=area.region,
        geom=area.geom,
        source_id=str(uuid7.uuid7()),
        period=DateRange(wanted.first_day, wanted.last_day + timedelta(days=1)),
    )


def campaigns_json(day: date) -> ArraySubquery:
    """Return the campaigns in force on a day in each grid as a column of what is asked of it; `campaigns_in` reads it.

    An area that only shares an edge with a grid does not lie in it. The oldest come first.
    """
    rows = Zone.objects.on(day).filter(kind=ZoneKind.CAMPAIGN).alias(core=Core(OuterRef("geom")))
    met = rows.filter(geom__intersects=F("core")).order_by("period", "pk")
    row = {name: name for name in ("id", "name", "name_en")}
    ends = {"first": F("period__startswith"), "end": F("period__endswith")}
    return ArraySubquery(met.values(json=JSONObject(**row, **ends, geom=AsGeoJSON("geom", precision=7))))


def campaigns_in(rows: Iterable[dict[str, Any]]) -> list[Zone]:
    """Return the campaigns of a grid from what `campaigns_json` wrote."""
    return [
        Zone(
            id=row["id"],
            name=row["name"],
            name_en=row["name_en"],
            kind=ZoneKind.CAMPAIGN,
            period=DateRange(*(row[end] and date.fromisoformat(row[end]) for end in ("first", "end"))),
            geom=GEOSGeometry(row["geom"]),
        )
        for row in rows
    ]


def end_campaign(scope: Scope, identity: int, last_day: date) -> Zone:
    """Let a campaign area hold until a day and no longer.

    Raises NotFound, NotAllowed for who does not plan there, BadInput for a day that cannot be, Conflict for another
    zone than a campaign's.
    """
    with transaction.atomic():
        zone: Zone | None = (
            Zone.objects.select_for_update(of=("self",)).select_related("region").filter(pk=identity).first()
        )
        if zone is None or not manages(scope, zone.region.code):
            raise NotFound(_("There is no such thing here."))
        if zone.kind != ZoneKind.CAMPAIGN:
            raise Conflict(_("Only the area of a campaign is ended here."))
        first = zone.period.lower
        if last_day < timezone.localdate() - timedelta(days=1) or (first and last_day < first - timedelta(days=1)):
            raise BadInput(_("It ends yesterday at the earliest, and not before it begins."))
        if zone.period.upper and last_day >= zone.period.upper - timedelta(days=1):
            raise BadInput(_("It ends by itself before that day."))
        # Called off before its first day, it holds on none.
        zone.period = DateRange(first, last_day + timedelta(days=1))
        zone.save(update_fields=["period"])
    return zone
