"""The planner's view of coverage: which grids were walked in a period and which were not, how evenly, and the streets.

It compares grids, never people: no name and nobody's kilometres are in it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models.functions import PointOnSurface
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Grid, Region
from grids.models.grid import GridKind
from grids.problems import BadInput, NotFound
from grids.reach import check_manager, lies_within
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page
from maps.pages.sentence import Clause
from maps.pages.wording import day_words
from patrols.coverage_summary import Evenness, Summary, check_period, evenness, summaries
from patrols.posts.attendance import planned_and_there

PERIODS = ("7", "week", "30", "own")
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
# The steps of shade on the map and in its key, in per cent.
SHADES = (20, 40, 60, 80, 100)


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included, and what it is called in an address."""

    name: str
    since: date
    until: date

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        words = {"week": _("this week"), "7": _("in the last seven days"), "30": _("in the last thirty days")}
        return words.get(self.name) or pgettext("period", "in this period")

    @property
    def query(self) -> dict[str, str]:
        """What stands for it in an address."""
        if self.name != "own":
            return {"period": self.name}
        return {"period": "own", "since": self.since.isoformat(), "until": self.until.isoformat()}


@dataclass(frozen=True, slots=True)
class Row:
    """A grid with what was walked in it."""

    id: int
    code: str
    label: str
    place: str
    households: int | None
    at: tuple[float, float]
    summary: Summary
    today: date

    @property
    def percent(self) -> int | None:
        """The share that was walked; nothing where nothing is known."""
        return None if self.summary.share is None else round(100 * self.summary.share)

    @property
    def unknown(self) -> int:
        """Per cent of the metres of which gaps leave nothing known."""
        return round(100 * self.summary.unknown / self.summary.metres) if self.summary.metres else 0

    @property
    def told(self) -> int:
        """Per cent of the metres that were only ticked by hand."""
        return round(100 * self.summary.told / self.summary.metres) if self.summary.metres else 0

    @property
    def share(self) -> str:
        """The same in words."""
        return "—" if self.summary.share is None else percent(self.summary.share)

    @property
    def kilometres(self) -> str:
        """Kilometres walked, where that is known, and in all."""
        walked = f"{self.summary.covered / 1000:.1f} / " if self.summary.recorded else ""
        return f"{walked}{self.summary.metres / 1000:.1f} km"

    @property
    def last(self) -> str:
        """The day of the last walk in words."""
        return day_words(self.summary.last_walk, self.today) if self.summary.last_walk else ""

    @property
    def revisit(self) -> str:
        """The median of days between two walks of a street."""
        return "" if self.summary.revisit is None else f"{self.summary.revisit:g}"

    @property
    def shade(self) -> int | None:
        """The step of shade, from 0."""
        if self.percent is None:
            return None
        return next(step for step, most in enumerate(SHADES) if self.percent <= most)


ORDERS = {
    "grid": lambda row: (row.code,),
    "share": lambda row: (-1 if row.percent is None else row.summary.share, row.code),
    "unknown": lambda row: (-row.unknown, row.code),
    "left": lambda row: (-row.summary.left, row.code),
    "revisit": lambda row: (-(row.summary.revisit or 10_000), row.code),
    "last": lambda row: (row.summary.last_walk or date.min, row.code),
    "passed": lambda row: (_part(row.summary.passed, row.summary.checkpoints), row.code),
    "patrols": lambda row: (row.summary.actual, row.code),
}

LARGEST_FIRST = ("unknown", "left", "revisit")


def _part(some: int, whole: int) -> float:
    return some / whole if whole else 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the page and its tables show."""

    region: Any
    regions: list[dict[str, Any]]
    period: Period
    sort: str
    down: bool
    rows: list[Row]
    even: Evenness

    def address(self, **changes: str) -> str:
        """Return the query of this page with changes."""
        own = {
            "region": self.region.code,
            **self.period.query,
            "sort": self.sort,
            **({"down": "1"} if self.down else {}),
        }
        return urlencode({name: value for name, value in {**own, **changes}.items() if value})


def find(scope: Scope, asked: dict[str, str]) -> Found | None:
    """Return what is asked for in an address, nothing where there is no region yet.

    Raises NotFound for who plans nowhere or for a region out of reach, BadInput for a period that cannot be.
    """
    regions = planned_regions(scope)
    if not regions:
        return None
    code = asked.get("region") or regions[0]["code"]
    if all(one["code"] != code for one in regions):
        raise NotFound(_("There is no such region here."))
    region = Region.objects.current().get(code=code)
    period = read_period(asked, timezone.localdate())
    grids = list(
        Grid.objects.on(period.until)
        .filter(kind=GridKind.SERVICE, region__code__startswith=code)
        .select_related("region")
        .defer("geom", "region__geom")
        .annotate(inner=PointOnSurface("geom"))
        .order_by("code")
    )
    found = summaries((grid.pk for grid in grids), period.since, period.until)
    today = timezone.localdate()
    rows = [
        Row(
            grid.pk,
            grid.code,
            _("Grid %(number)s") % {"number": grid.number},
            grid.region.local_name,
            grid.households,
            (grid.inner.x, grid.inner.y),
            found[grid.pk],
            today,
        )
        for grid in grids
    ]
    sort = asked.get("sort", "share") if asked.get("sort") in ORDERS else "share"
    down = asked.get("down") == "1"
    rows.sort(key=ORDERS[sort], reverse=down)
    even = evenness(found, {row.id: row.households for row in rows})
    return Found(region, regions, period, sort, down, rows, even)


def read_period(asked: dict[str, str], today: date) -> Period:
    """Return the period that is asked for, the last seven days without one; raises BadInput for one that cannot be."""
    name = asked.get("period") or "7"
    if name == "week":
        return Period(name, today - timedelta(days=today.weekday()), today)
    if name in ("7", "30"):
        return Period(name, today - timedelta(days=int(name) - 1), today)
    if name != "own":
        raise BadInput(_("There is no such period."))
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))
    check_period(since, until)
    return Period(name, since, until)


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise BadInput(_("Give the first and the last day of the period."))
    return day


def planned_regions(scope: Scope) -> list[dict[str, Any]]:
    """Return the regions that somebody plans, from the largest, by code; raises NotFound for who plans nowhere."""
    rows = Region.objects.current().filter(lies_within(check_manager(scope), "code")).order_by("code")
    english = (get_language() or "").startswith("en")
    return [
        {"code": code, "name": (english and name_en) or name, "depth": "　" * ((len(code) - 6) // 3)}
        for code, name, name_en in rows.values_list("code", "name", "name_en")
    ]


@require_safe
@login_required
@never_cache
@by_page
def planner_coverage(request: HttpRequest) -> HttpResponse:
    """Show a region's grids: ?region= its code, ?period=week|7|30|own with ?since= and ?until=, ?sort=, ?grid=."""
    try:
        found = find(scope_of(request.user), request.GET.dict())
        problem = ""
    except BadInput as bad:
        # The form stays, with what was wrong with it.
        kept = {name: value for name, value in request.GET.dict().items() if name not in ("period", "since", "until")}
        found, problem = find(scope_of(request.user), kept), str(bad.sentence)
    if found is None:
        return render(request, "maps/planner/none.html", {})
    chosen = request.GET.get("grid", "")
    context = {
        "found": found,
        "region": found.region,
        "period": found.period,
        "rows": found.rows,
        "columns": _columns(found),
        "headline": headline(found),
        "even": _evenness_rows(found.even),
        "shades": shade_words(),
        "any": any(row.summary.recorded for row in found.rows),
        "posts": planned_and_there(found.region.code, found.period.since, found.period.until),
        "actual": sum(row.summary.actual for row in found.rows),
        "chosen": chosen,
        "problem": problem,
        "today": timezone.localdate(),
        "address": found.address(),
        "data": {
            "bounds": list(found.region.geom.extent),
            "chosen": chosen,
            "grids": [_on_map(row) for row in found.rows],
        },
    }
    return render(request, "maps/planner/coverage.html", context, status=400 if problem else 200)


def _columns(found: Found) -> list[dict[str, str]]:
    """Return the headings with where each leads to: sorted by it, the other way round if it is sorted already."""
    titles = {
        "grid": _("Grid"),
        "share": _("Walked"),
        "unknown": pgettext("share", "Unknown"),
        "left": _("Streets left"),
        "revisit": _("Days between walks"),
        "last": _("Last walk"),
        "passed": _("Checkpoints passed"),
        "patrols": _("Patrols"),
    }
    rows = []
    for name, title in titles.items():
        sorted_by = name == found.sort
        turned = "1" if sorted_by and not found.down else ""
        way = ("descending" if found.down != (name in LARGEST_FIRST) else "ascending") if sorted_by else ""
        rows.append({"name": name, "title": title, "way": way, "address": found.address(sort=name, down=turned)})
    return rows


def _on_map(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "lon": row.at[0],
        "lat": row.at[1],
        "shade": row.shade,
        "text": row.share,
        "more": row.kilometres,
        "label": f"{row.place} {row.label}",
    }


def shade_words() -> list[dict[str, Any]]:
    """Return the steps of shade with what they stand for."""
    lows = (0, *SHADES[:-1])
    return [
        {"step": step, "words": f"{low}–{high} %"} for step, (low, high) in enumerate(zip(lows, SHADES, strict=True))
    ]


def headline(found: Found) -> list[Clause]:
    """Return the sentence on top: how many grids nobody is known to have walked, and how unlike the others are."""
    comma, semicolon = pgettext("sentence", ", "), pgettext("sentence", "; ")
    count, without, when = found.even.grids, found.even.unrecorded, found.period.words
    if not count:
        return [Clause(_("There are no grids here yet"))]
    if without == count:
        return [Clause(_("No patrol is recorded %(when)s") % {"when": when})]
    if without:
        text = ngettext(
            "%(without)s of %(count)s grids has no recorded walk %(when)s",
            "%(without)s of %(count)s grids have no recorded walk %(when)s",
            without,
        )
        clauses = [Clause(text % {"without": without, "count": count, "when": when}, "bad")]
    else:
        text = ngettext("The grid was walked %(when)s", "All %(count)s grids were walked %(when)s", count)
        clauses = [Clause(text % {"count": count, "when": when})]
    streets = found.even.per_street
    if streets.median is not None:
        said = _("half of them to %(middle)s or more") % {"middle": percent(streets.median)}
        clauses.append(Clause(said, before=comma))
    worst = min((row for row in found.rows if row.percent is not None), key=lambda row: row.summary.share or 0)
    said = _("least in %(grid)s: %(share)s") % {
        "grid": f"{worst.place} {worst.label}",
        "share": percent(worst.summary.share or 0),
    }
    clauses.append(Clause(said, "warn" if (worst.summary.share or 0) < 0.6 else "", semicolon))
    return clauses


def percent(share: float) -> str:
    """Return a share in per cent; something is not nothing, however little."""
    return "< 1 %" if 0 < share < 0.005 else f"{round(100 * share)} %"


def _evenness_rows(even: Evenness) -> list[dict[str, str]]:
    def cell(value: float | None, digits: int, unit: str) -> str:
        return "—" if value is None else f"{value:.{digits}f} {unit}".strip()

    rows = []
    for title, one, times, unit in (
        (_("per street length"), even.per_street, 100, "%"),
        (_("per household"), even.per_household, 1, _("m")),
    ):
        figures = [None if value is None else value * times for value in (one.least, one.median, one.most)]
        rows.append(
            {
                "title": title,
                "count": str(one.count),
                "least": cell(figures[0], 0 if times == 100 else 1, unit),
                "median": cell(figures[1], 0 if times == 100 else 1, unit),
                "most": cell(figures[2], 0 if times == 100 else 1, unit),
                "gini": cell(one.gini, 2, ""),
            }
        )
    return rows


urlpatterns: list[URLPattern] = [path("planner/coverage/", planner_coverage, name="planner-coverage")]
