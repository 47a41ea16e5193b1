"""What is asked about requests, read from an address: everything that is wrong with it is said at once."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from grids import geometry_guard
from grids.models import Category
from grids.problems import Problem
from patrols.open311.faults import Faults
from patrols.open311.words import DETAILED, STATUSES

T = TypeVar("T")
SPAN = timedelta(days=90)
MOST = 1_000
USUAL_PAGE = 100
MOST_IDS = 200
FARTHEST = 20_000.0  # metres
NUMBER = re.compile(r"(\d{6})-([0-9A-Z-]{4,20})", re.ASCII)
AREA = re.compile(r"\d{6}(\d{3}){0,2}", re.ASCII)
FLAGS = {"true": True, "1": True, "false": False, "0": False}
ALLOWED = (
    *("jurisdiction_id", "service_request_id", "service_code", "start_date", "end_date", "status"),
    *("page", "page_size", "extensions", "detailed_status", "updated_after", "updated_before"),
    *("lat", "long", "radius", "just_count", "area_code"),
)
# Clients send it with everything; it means nothing to what anybody may read.
LEFT_ASIDE = ("api_key",)


@dataclass(slots=True)
class Asked:
    """What is asked for. Times are aware, `centre` is in EPSG:4326, `radius` in metres."""

    jurisdiction: str = ""
    numbers: list[tuple[str, str]] | None = None
    categories: list[int] | None = None
    start: datetime | None = None
    end: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    states: frozenset[str] | None = None
    centre: Point | None = None
    radius: float = 0.0
    area: str = ""
    page: int = 1
    page_size: int = MOST
    extensions: bool = False
    just_count: bool = False
    faults: list[str] = field(default_factory=list)


def read(query: Mapping[str, str]) -> Asked:
    """Return what an address asks; raises Faults. An empty parameter is none. At most one query."""
    given = {name: value.strip() for name, value in query.items() if value.strip()}
    asked = Asked()
    for name in given:
        if name not in ALLOWED and name not in LEFT_ASIDE:
            asked.faults.append(
                _("There is no parameter “%(name)s”; there are %(allowed)s.")
                % {"name": name[:40], "allowed": ", ".join(ALLOWED)}
            )
        elif "\x00" in given[name]:
            asked.faults.append(_("%(name)s holds a character that no text may hold.") % {"name": name})
    if asked.faults:
        raise Faults(asked.faults)
    asked.jurisdiction = given.get("jurisdiction_id", "")
    asked.extensions = bool(_take(asked, given, "extensions", _flag))
    asked.just_count = bool(_take(asked, given, "just_count", _flag))
    if "service_request_id" in given:
        # It overrides the rest, whatever else is said.
        asked.numbers = _take(asked, given, "service_request_id", _numbers)
    else:
        _read_filters(asked, given)
    if asked.faults:
        raise Faults(asked.faults)
    return asked


def number_of(text: str) -> tuple[str, str] | None:
    """Return the district and the public number that a service_request_id is made of, None for what is none."""
    found = NUMBER.fullmatch(text.strip().upper())
    return (found[1], found[2]) if found else None


def _read_filters(asked: Asked, given: Mapping[str, str]) -> None:
    asked.categories = _take(asked, given, "service_code", _categories)
    asked.start = _take(asked, given, "start_date", _moment)
    asked.end = _take(asked, given, "end_date", lambda name, text: _moment(name, text, timedelta(days=1)))
    asked.updated_after = _take(asked, given, "updated_after", _moment)
    asked.updated_before = _take(asked, given, "updated_before", _moment)
    _settle_span(asked)
    open_or_closed = _take(asked, given, "status", lambda name, text: _words(name, text, STATUSES))
    detailed = _take(asked, given, "detailed_status", lambda name, text: _words(name, text, DETAILED))
    chosen = [states for states in (open_or_closed, detailed) if states is not None]
    asked.states = frozenset.intersection(*chosen) if chosen else None
    asked.area = _take(asked, given, "area_code", _area) or ""
    asked.page = _take(asked, given, "page", _count) or 1
    # All at once, or pages of one size: were the first one larger, the second would repeat a part of it.
    asked.page_size = _take(asked, given, "page_size", _count) or (USUAL_PAGE if "page" in given else MOST)
    if asked.page * asked.page_size > MOST:
        asked.faults.append(_("page × page_size reaches %(most)d requests at most.") % {"most": MOST})
    _read_circle(asked, given)


def _settle_span(asked: Asked) -> None:
    """Complete the span of days: the last 90 by default, up to 90 from a start, and 90 before an end."""
    now = timezone.now()
    if asked.start is None:
        asked.end = asked.end or now
        asked.start = asked.end - SPAN
    elif asked.end is None:
        asked.end = asked.start + SPAN
    if asked.end < asked.start:
        asked.faults.append(_("end_date lies before start_date."))
    elif asked.end - asked.start > SPAN + timedelta(days=1):
        asked.faults.append(_("start_date and end_date lie more than 90 days apart."))


def _read_circle(asked: Asked, given: Mapping[str, str]) -> None:
    present = [name for name in ("lat", "long", "radius") if name in given]
    if not present:
        return
    if len(present) < 3:
        asked.faults.append(_("lat, long and radius go together."))
        return
    try:
        point = geometry_guard.to_geos(geometry_guard.parse_point(given["long"], given["lat"]))
        assert isinstance(point, Point)
        asked.centre = point
    except Problem as problem:
        asked.faults.append(str(problem.sentence))
    try:
        asked.radius = float(given["radius"])
    except ValueError:
        asked.radius = math.nan
    if not 0 < asked.radius <= FARTHEST:
        asked.faults.append(_("radius must be a number of metres up to %(most)d.") % {"most": int(FARTHEST)})


def _take(asked: Asked, given: Mapping[str, str], name: str, read_one: Callable[[str, str], T]) -> T | None:
    """Return a parameter as it is read, None without it or where it cannot be, which is noted."""
    if name not in given:
        return None
    try:
        return read_one(name, given[name])
    except Problem as problem:
        asked.faults.append(str(problem.sentence))
        return None


def _numbers(name: str, text: str) -> list[tuple[str, str]]:
    parts = [part for part in text.split(",") if part.strip()]
    if len(parts) > MOST_IDS:
        raise Problem(_("%(name)s takes %(most)d ids at most.") % {"name": name, "most": MOST_IDS})
    return [number for part in parts if (number := number_of(part))]


def _categories(name: str, text: str) -> list[int]:
    """Return the ids of all editions of some services; a retired one still has requests."""
    codes = {part.strip() for part in text.split(",") if part.strip()}
    rows = list(Category.objects.filter(code__in=[code[:5] for code in codes]).values_list("code", "pk"))
    if unknown := sorted(codes - {code for code, _pk in rows}):
        raise Problem(_("There is no service “%(code)s”.") % {"code": unknown[0][:40]})
    return [pk for _code, pk in rows]


def _words(name: str, text: str, known: Mapping[str, frozenset[Any]]) -> frozenset[Any]:
    found: frozenset[Any] = frozenset()
    for word in (part.strip() for part in text.split(",")):
        match = known.get(word) or known.get(word.lower()) or known.get(word.upper())
        if match is None:
            raise Problem(
                _("“%(value)s” is no %(name)s; there are %(allowed)s.")
                % {"value": word[:40], "name": name, "allowed": ", ".join(known)}
            )
        found |= match
    return found


def _flag(name: str, text: str) -> bool:
    if text.lower() not in FLAGS:
        raise Problem(_("%(name)s must be true or false.") % {"name": name})
    return FLAGS[text.lower()]


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 6 or not 1 <= int(text) <= MOST:
        raise Problem(_("%(name)s must be a whole number from 1 to %(most)d.") % {"name": name, "most": MOST})
    return int(text)


def _area(name: str, text: str) -> str:
    if not AREA.fullmatch(text):
        raise Problem(_("area_code must be the code of a region: 6, 9 or 12 digits."))
    return text


def _moment(name: str, text: str, day_adds: timedelta = timedelta()) -> datetime:
    """Return a moment; a plain day is its beginning, or its end where days are added; a blank may stand for a plus."""
    try:
        day = parse_date(text)
        moment = datetime.combine(day, time()) if day else parse_datetime(text.replace(" ", "+"))
        if moment is not None and 1970 <= moment.year < 2200:
            aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
            return aware + day_adds if day else aware
    except (ValueError, OverflowError):
        pass
    raise Problem(_("%(name)s must be a moment such as 2026-11-03T08:30:00+08:00.") % {"name": name})
