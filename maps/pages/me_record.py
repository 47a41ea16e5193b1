"""The service record (志愿服务记录): when somebody was on patrol or at a post and what they did, for nobody but them.

It stands beside nobody else's and adds up to no rank. Reports are counted by the day they were recorded or handled.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Min, Q
from django.db.models.functions import TruncDate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.formulas import harmless
from grids.models import Person
from maps.pages.imports import download
from maps.pages.me import person_of
from maps.pages.wording import long_span
from patrols.models import Patrol, Report
from patrols.models.patrol import PatrolState
from patrols.models.posts import HELD_STATES, Turn

FIRST_YEAR = 2000


@dataclass(slots=True)
class Day:
    """A day on which something was done: patrols, turns at posts, and numbers of reports filed and handled."""

    day: date
    patrols: list[Patrol] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    filed: int = 0
    handled: int = 0


@require_safe
@login_required
@never_cache
def record(request: HttpRequest) -> HttpResponse:
    """Show a year (?year=) as a page to be printed."""
    person = person_of(request)
    year, years = _year(request, person)
    days = days_of(person, year)
    whole = sum((_length(patrol) for day in days for patrol in day.patrols), timedelta())
    patrols, filed, handled = (sum(count) for count in zip(*map(_counts, days), strict=True)) if days else (0, 0, 0)
    context = {
        "year": year,
        "years": years,
        "rows": [_shown(day) for day in days],
        "totals": _totals(patrols, whole, sum(len(day.turns) for day in days), filed, handled),
        "made": date_format(timezone.localtime(), pgettext("date with year", "j M Y")),
    }
    return render(request, "maps/me/record.html", context)


@require_safe
@login_required
@never_cache
def table(request: HttpRequest) -> HttpResponse:
    """Return a year (?year=) as CSV in UTF-8 with the mark that Excel wants: a row a patrol, or a day without one."""
    person = person_of(request)
    year, _years = _year(request, person)
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows_of(days_of(person, year)):
        writer.writerow([harmless(cell) for cell in row])
    return download(text.getvalue().encode("utf-8-sig", "replace"), f"service-{year}.csv", "text/csv; charset=utf-8")


def days_of(person: Person, year: int) -> list[Day]:
    """Return the days of a year on which a person did something, oldest first; four queries.

    A turn at a post counts where it is known, by position or by their own word, that they were there.
    """
    zone = timezone.get_current_timezone()
    since, until = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    days: dict[date, Day] = {}

    def of(day: date) -> Day:
        return days.setdefault(day, Day(day))

    over = Patrol.objects.filter(person=person, state__in=[PatrolState.ENDED, PatrolState.MEASURED])
    begun = over.filter(started_at__gte=since, started_at__lt=until).select_related("grid").defer("grid__geom")
    for patrol in begun.order_by("started_at"):
        assert patrol.started_at
        of(timezone.localdate(patrol.started_at)).patrols.append(patrol)
    held = Turn.objects.filter(person=person, state__in=HELD_STATES, during__startswith__gte=since)
    there = held.filter(Q(arrived_at__isnull=False) | Q(tracked_at__isnull=False), during__startswith__lt=until)
    for turn in there.select_related("shift__post").order_by("during"):
        of(turn.shift.day).turns.append(turn)
    for who, when in (("reporter", "recorded_at"), ("handler", "handled_at")):
        mine = Report.objects.filter(**{who: person, f"{when}__gte": since, f"{when}__lt": until})
        counts = Counter(mine.annotate(day=TruncDate(when)).values_list("day", flat=True))
        for day, count in counts.items():
            if who == "reporter":
                of(day).filed = count
            else:
                of(day).handled = count
    return [days[day] for day in sorted(days)]


def rows_of(days: list[Day]) -> Iterator[list[str]]:
    """Yield headings and rows; what was filed and handled stands in the first row of its day."""
    times = [_("Day"), _("From"), _("Until"), _("Minutes")]
    yield [*times, _("Grid"), _("Moved"), _("Reports filed"), _("Reports handled")]
    for day in days:
        done = [str(day.filed), str(day.handled)]
        for turn in day.turns:
            times = [
                f"{moment:%H:%M}" for moment in map(timezone.localtime, (turn.shift.starts_at, turn.shift.ends_at))
            ]
            minutes = str(round((turn.shift.ends_at - turn.shift.starts_at).total_seconds() / 60))
            yield [day.day.isoformat(), *times, minutes, str(turn.shift.post), str(_("post")), *done]
            done = ["", ""]
        if not (day.patrols or day.turns):
            yield [day.day.isoformat(), "", "", "", "", "", *done]
        for patrol in day.patrols:
            start, end = (timezone.localtime(moment) for moment in (patrol.started_at, patrol.ended_at) if moment)
            minutes = str(round(_length(patrol).total_seconds() / 60))
            times = [f"{start:%H:%M}", f"{end:%H:%M}", minutes]
            grid = str(patrol.grid) if patrol.grid else ""
            yield [day.day.isoformat(), *times, grid, str(patrol.get_mode_display()), *done]
            done = ["", ""]


def _shown(day: Day) -> dict[str, Any]:
    return {
        "day": date_format(day.day, pgettext("day and weekday", "D j M")),
        "exactly": day.day.isoformat(),
        "patrols": [
            {
                "from": date_format(timezone.localtime(patrol.started_at), "H:i"),
                "until": date_format(timezone.localtime(patrol.ended_at), "H:i") if patrol.ended_at else "",
                "length": long_span(_length(patrol)),
                "grid": str(patrol.grid) if patrol.grid else "",
                "mode": patrol.get_mode_display(),
                "nothing": patrol.nothing_at is not None,
            }
            for patrol in day.patrols
        ],
        "turns": [
            {
                "from": date_format(timezone.localtime(turn.shift.starts_at), "H:i"),
                "until": date_format(timezone.localtime(turn.shift.ends_at), "H:i"),
                "post": str(turn.shift.post),
                "presence": turn.presence.label,
            }
            for turn in day.turns
        ],
        "did": _done(day.filed, day.handled),
    }


def _totals(patrols: int, whole: timedelta, turns: int, filed: int, handled: int) -> list[str]:
    parts = []
    if patrols:
        count = ngettext("%(count)d patrol", "%(count)d patrols", patrols) % {"count": patrols}
        parts += [count, _hours(whole)]
    if turns:
        parts.append(ngettext("%(count)d turn at a post", "%(count)d turns at posts", turns) % {"count": turns})
    return [*parts, *_done(filed, handled)]


def _done(filed: int, handled: int) -> list[str]:
    parts = []
    if filed:
        parts.append(ngettext("%(count)d report filed", "%(count)d reports filed", filed) % {"count": filed})
    if handled:
        parts.append(ngettext("%(count)d report handled", "%(count)d reports handled", handled) % {"count": handled})
    return parts


def _hours(length: timedelta) -> str:
    """Return hours with one place after the point: a year of patrols is not counted in days."""
    return _("%(hours)s hours") % {"hours": f"{length.total_seconds() / 3600:.1f}"}


def _counts(day: Day) -> tuple[int, int, int]:
    return len(day.patrols), day.filed, day.handled


def _length(patrol: Patrol) -> timedelta:
    return patrol.ended_at - patrol.started_at if patrol.ended_at and patrol.started_at else timedelta()


def _year(request: HttpRequest, person: Person) -> tuple[int, list[int]]:
    """Return the year that is asked for, this one without, and those that one can ask for, newest first."""
    this = timezone.localdate().year
    first = Patrol.objects.filter(person=person).aggregate(first=Min("started_at"))["first"]
    filed = Report.objects.filter(reporter=person).aggregate(first=Min("recorded_at"))["first"]
    begun = min([timezone.localdate(moment).year for moment in (first, filed) if moment], default=this)
    years = list(range(this, max(begun, FIRST_YEAR) - 1, -1))
    asked = request.GET.get("year", str(this))
    if asked not in map(str, years):
        raise Http404(_("There is no record of this year."))
    return int(asked), years
