"""Filters of reports as they stand in a URL, and the cursor of a page: one reading for pages, API and tiles."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Polygon
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from grids.boxes import read_box
from grids.expressions import holds_words
from grids.models import Category, Grid
from grids.models.catalogue import Kind
from grids.paging import moment, read_key, write_key
from grids.problems import Problem
from grids.scope import Scope
from patrols.models.reports import Source
from patrols.queries import ReportQuerySet
from patrols.workflow import OPEN_STATES, State

Cursor = tuple[datetime, UUID]
ALLOWED = ("state", "category", "grid", "late", "recurrent", "source", "kind", "since", "until", "bbox", "q")
RISK = "risk"
LONGEST_SEARCH = 60
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What a URL asks for; times are aware, the box is in EPSG:4326.

    `grids` are the ids of all grids that ever had the code in `grid`, each with its community's code, and `categories`
    those of all editions of `category`: named outright they tell PostgreSQL which index serves, and in which order.
    """

    states: tuple[str, ...] = ()
    category: str = ""
    categories: tuple[int, ...] = ()
    grid: str = ""
    grids: tuple[tuple[int, str], ...] = ()
    late: bool = False
    risk: bool = False
    recurrent: bool = False
    source: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    box: Polygon | None = None
    search: str = ""

    def apply(self, reports: ReportQuerySet) -> ReportQuerySet:
        """Narrow a scoped set of reports."""
        conditions = Q()
        if self.states:
            conditions &= Q(state__in=self.states)
        if self.category:
            conditions &= Q(category__in=self.categories or (0,))
        if self.grid:
            # No grid has the id 0: an unknown code finds nothing.
            ids, regions = zip(*(self.grids or ((0, ""),)), strict=True)
            conditions &= Q(grid_id__in=ids, region_code__in=set(regions))
        if self.recurrent:
            conditions &= Q(times__gt=1)
        if self.source:
            conditions &= Q(source=self.source)
        if self.kind:
            conditions &= Q(kind=self.kind)
        if self.since:
            conditions &= Q(recorded_at__gte=self.since)
        if self.until:
            conditions &= Q(recorded_at__lt=self.until)
        if self.box:
            conditions &= Q(anchor__intersects=self.box)
        if self.search:
            # A number has no other characters, and where it cannot match it would only hide the index of the words.
            number = Q()
            if self.search.isascii():
                number = Q(number__istartswith=self.search)
                number |= Q(outside_number__gt="", outside_number__istartswith=self.search)
            conditions &= holds_words("place", self.search) | number
        narrowed = reports.filter(conditions)
        if self.risk:
            return narrowed.at_risk()
        return narrowed.late() if self.late else narrowed


def newest_page(
    wanted: ReportFilter, reports: ReportQuerySet, scope: Scope, cursor: Cursor | None, size: int
) -> ReportQuerySet:
    """Return a page of what a person sees of a filter, and one more, looking for words among the latest reports first.

    What a word costs to find grows with how often it was ever written, until a page is full of it anyway: then the
    page lies within the last weeks, and nothing older has to be looked at.
    """
    if not wanted.search or wanted.since is not None:
        return reports.newest_visible(scope, wanted.apply, cursor, size)
    start = (cursor[0] if cursor else wanted.until or timezone.now()) - LATELY
    lately, before = replace(wanted, since=start), replace(wanted, until=start)
    return reports.newest_visible(scope, lately.apply, cursor, size, rest=before.apply)


def read_filter(query: Mapping[str, Any], ignore: tuple[str, ...] = ()) -> ReportFilter:
    """Read a filter from a URL's parameters; raises Problem (400) that names what may be asked.

    `state` is one or more states by comma, or "open"; `late` is 1, or "risk" for what soon will be. `since` and `until`
    are days (the last one included) or moments.
    `bbox` is west,south,east,north in degrees.
    """
    for name, value in query.items():
        if "\x00" in str(value):
            raise Problem(_("%(name)s holds a character that no text may hold.") % {"name": name})
        if name not in ALLOWED and name not in ignore:
            raise Problem(
                _("There is no filter “%(name)s”; there are %(allowed)s.")
                % {"name": name, "allowed": ", ".join(ALLOWED)}
            )
    text = {name: str(query.get(name, "")).strip() for name in ALLOWED}
    return ReportFilter(
        states=_states(text["state"]),
        category=text["category"],
        categories=_editions(text["category"]),
        grid=text["grid"],
        grids=tuple(Grid.objects.filter(code=text["grid"]).values_list("id", "region__code")) if text["grid"] else (),
        late=text["late"] != RISK and _flag("late", text["late"], RISK),
        risk=text["late"] == RISK,
        recurrent=_flag("recurrent", text["recurrent"]),
        source=_one_of("source", text["source"], Source.values),
        kind=_one_of("kind", text["kind"], Kind.values),
        since=_moment("since", text["since"], timedelta()),
        until=_moment("until", text["until"], timedelta(days=1)),
        box=read_box(text["bbox"]),
        search=text["q"][:LONGEST_SEARCH],
    )


def write_cursor(recorded_at: datetime, identity: UUID) -> str:
    """Return the cursor that stands for the last report of a page."""
    return write_key(recorded_at, identity)


def read_cursor(text: str) -> Cursor | None:
    """Read a cursor; raises Problem (400) for one that was not ours."""
    key = read_key(text, moment, UUID)
    return (key[0], key[1]) if key else None


def _editions(code: str) -> tuple[int, ...]:
    return tuple(Category.objects.filter(code=code).order_by("id").values_list("id", flat=True)) if code else ()


def _states(text: str) -> tuple[str, ...]:
    if text == "open":
        return OPEN_STATES
    return tuple(_one_of("state", part.strip(), State.values) for part in text.split(",")) if text else ()


def _one_of(name: str, value: str, allowed: list[str]) -> str:
    if value and value not in allowed:
        raise Problem(
            _("“%(value)s” is no %(name)s; there are %(allowed)s.")
            % {"value": value, "name": name, "allowed": ", ".join(allowed)}
        )
    return value


def _flag(name: str, value: str, *others: str) -> bool:
    return _one_of(name, value, ["1", "true", "on", "0", "false", "off", *others]) in {"1", "true", "on"}


def _moment(name: str, text: str, day_adds: timedelta) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
        if day:
            return _aware(datetime.combine(day, time())) + day_adds
        moment = parse_datetime(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year < date(1970, 1, 1).year:
        raise Problem(_("%(name)s must be a day such as 2026-11-03.") % {"name": name})
    return _aware(moment)


def _aware(moment: datetime) -> datetime:
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
