"""Requests that were filed, as far as anybody may know of them: newest first, in one query.

Which problems are public, and that of a place only its cell is, says `patrols.public`. Who knows a number reads how far
that one is, as on the page by which residents follow it, and its place where that is public.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point
from django.db.models import (
    BooleanField,
    Exists,
    F,
    FilteredRelation,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from grids.models.catalogue import Kind
from grids.problems import NotFound
from patrols.models import Photo, Report
from patrols.models.parties import PRESENT_STATES, PartyRole
from patrols.open311.reading import MOST, Asked, number_of
from patrols.open311.words import detailed_of, status_of
from patrols.public import CELLS_A_DEGREE, CellIndex, centre_of, moderated, public_problems
from patrols.public_words import SAID
from patrols.queries import ReportQuerySet
from patrols.workflow import FINAL_STATES

# So many of the newest are looked at; where hardly any of them are public, what is older is not found by this.
CANDIDATES = 5_000
CELL_METRES = 150.0  # more than from the middle of a cell to its corner
_COLUMNS = (
    *("district", "public_number", "state", "region_code", "recorded_at", "changed_at", "due_at", "dispatch_due_at"),
    *("further", "unvouched", "category__code", "category__name", "category__name_en", "body", "photo", "public"),
    *("column", "row"),
)


def page_of(asked: Asked, district: str) -> list[dict[str, Any]]:
    """Return the requests that are asked for, at most 1,000."""
    if asked.numbers is not None:
        rows = _of_numbers(asked.numbers, district)
        # In the order in which they were asked for.
        places = {number: place for place, number in enumerate(dict.fromkeys(asked.numbers))}
        found = sorted(rows, key=lambda row: places[row["district"], row["public_number"]])
    else:
        start = (asked.page - 1) * asked.page_size
        newest = _told(_public(asked, district), public=Value(True)).order_by("-recorded_at", "-id")
        found = list(newest[start : start + asked.page_size])
    return [_request(row, extensions=asked.extensions) for row in found]


def count_of(asked: Asked, district: str) -> int:
    """Return how many requests `page_of` would give on all of its pages: at most 1,000."""
    if asked.numbers is not None:
        return len(_of_numbers(asked.numbers, district))
    return _public(asked, district).order_by()[:MOST].count()


def one_of(text: str, district: str, *, extensions: bool) -> dict[str, Any]:
    """Return the request of an id; raises NotFound."""
    number = number_of(text)
    rows = _of_numbers([number], district) if number else []
    if not rows:
        raise NotFound(_("There is no request with this id: check that it is complete."))
    return _request(rows[0], extensions=extensions)


def id_of(district: str, public_number: str) -> str:
    """Return the id by which anybody may speak of a request."""
    return f"{district}-{public_number}"


def _public(asked: Asked, district: str) -> ReportQuerySet:
    """Return the public ones among the newest that are asked for; every look at a cell costs, so that those are few."""
    newest = moderated().filter(_condition(asked, district)).order_by("-recorded_at", "-id")
    if asked.centre is not None:
        newest = _around(newest, asked.centre, asked.radius)
    return public_problems().filter(pk__in=newest.values("pk")[:CANDIDATES])


def _condition(asked: Asked, district: str) -> Q:
    found = Q(recorded_at__gte=asked.start, recorded_at__lt=asked.end)
    if district:
        found &= Q(district=district)
    if asked.categories is not None:
        found &= Q(category__in=asked.categories)
    if asked.states is not None:
        found &= Q(state__in=sorted(asked.states))
    if asked.area:
        found &= Q(district=asked.area[:6], region_code__startswith=asked.area)
    if asked.updated_after:
        found &= Q(changed_at__gte=asked.updated_after)
    if asked.updated_before:
        found &= Q(changed_at__lte=asked.updated_before)
    return found


def _around(rows: ReportQuerySet, centre: Point, metres: float) -> ReportQuerySet:
    """Keep what lies around a place: the index of geographies finds it, and the middle of its cell decides.

    Were the place itself to decide, three circles would tell it.
    """
    here = Value(centre, output_field=PointField(srid=4326, geography=True))
    middle = Func(
        *((F(side) + Value(0.5)) / Value(float(CELLS_A_DEGREE)) for side in ("column", "row")),
        function="ST_MakePoint",
        output_field=FloatField(),
    )

    def within(place: Combinable, reach: float) -> Func:
        geography = Cast(place, PointField(srid=4326, geography=True))
        return Func(geography, here, Value(reach), function="ST_DWithin", output_field=BooleanField())

    return rows.filter(within(F("anchor"), metres + CELL_METRES), within(middle, metres))


def _of_numbers(numbers: Iterable[tuple[str, str]], district: str) -> list[dict[str, Any]]:
    wanted = Q(pk__in=[])
    for one, number in numbers:
        if not district or one == district:
            wanted |= Q(district=one, public_number=number)
    rows = Report.objects.filter(wanted, kind=Kind.PROBLEM).annotate(
        column=CellIndex("anchor", function="ST_X"), row=CellIndex("anchor", function="ST_Y")
    )
    return list(_told(rows, public=Exists(public_problems().filter(pk=OuterRef("pk")))))


def _told(rows: QuerySet[Report], public: Combinable) -> QuerySet[Report, dict[str, Any]]:
    """Return what is told of each; of whoever deals with it a body's name, and nobody's."""
    lead = FilteredRelation("parties", condition=Q(parties__role=PartyRole.LEAD, parties__state__in=PRESENT_STATES))
    photos = Photo.objects.shown().filter(report=OuterRef("pk"), public_at__isnull=False).order_by("-public_at")
    return rows.annotate(
        lead=lead, body=F("lead__organisation__name"), photo=Subquery(photos.values("pk")[:1]), public=public
    ).values(*_COLUMNS)


def _request(row: dict[str, Any], *, extensions: bool) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    public, over = row["public"], row["state"] in FINAL_STATES
    place = centre_of(row["column"], row["row"]) if public else None
    photo = (
        settings.BASE_URL + reverse("photo-file", args=[row["photo"], "public"]) if public and row["photo"] else None
    )
    shown = {
        "service_request_id": id_of(row["district"], row["public_number"]),
        "status": status_of(row["state"]),
        "status_notes": str(SAID[row["state"]][0]),
        "service_name": row["category__name_en"] if english and row["category__name_en"] else row["category__name"],
        "service_code": row["category__code"],
        # What somebody wrote, and the place in words, are for those who deal with it.
        "description": None,
        "agency_responsible": row["body"] if public else None,
        "service_notice": None if public else _("Its place is not public."),
        "requested_datetime": moment(row["recorded_at"]),
        "updated_datetime": moment(row["changed_at"]),
        "expected_datetime": None if over else moment(row["due_at"] or row["dispatch_due_at"]),
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": round(place.y, 6) if place else None,
        "long": round(place.x, 6) if place else None,
        "media_url": photo,
    }
    if extensions:
        shown["extended_attributes"] = {
            "detailed_status": detailed_of(row["state"]),
            "area_code": row["region_code"] if public else None,
            "reports": row["further"] - row["unvouched"] + 1 if public else None,
        }
    return shown


def _address(photo: UUID) -> str:
    return settings.BASE_URL + reverse("photo-file", args=[photo, "public"])


def moment(value: datetime | None) -> str | None:
    """Return a moment as ISO 8601 with its zone."""
    return timezone.localtime(value).isoformat(timespec="seconds") if value else None
