"""The working calendar (工作日历): a year of days, which of them are worked, and changing one with a reason."""

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from grids.models import WorkingDay
from grids.problems import NotAllowed, Problem
from grids.scope import scope_of
from grids.workdays import change_day
from grids.worktime import weekday_works
from maps.admin.territory import PLANNER_TOO, territory_of
from maps.pages.asking import check_text
from patrols.due_times import affected


@dataclass(frozen=True)
class Cell:
    """A day as the page shows it: `mark` is 休 or 班 where it differs from the plain week."""

    day: date
    working: bool
    mark: str
    title: str
    changed: bool
    provisional: bool
    today: bool
    chosen: bool


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a year; take the change of a day from who plans or administers a whole district."""
    may_change = territory_of(scope_of(request.user), PLANNER_TOO).whole_district
    problem, status = "", 200
    if request.method == "POST":
        if not may_change:
            raise NotAllowed(_("The calendar is changed by planners and administrators of a whole district."))
        try:
            row = _change(request)
        except Problem as error:
            problem, status = str(error.sentence), error.status
        else:
            words = _("%(day)s is worked now.") if row.working else _("%(day)s is off now.")
            messages.success(request, words % {"day": row.day})
            return HttpResponseRedirect(f"{reverse('calendar')}?year={row.day.year}&day={row.day}#day")
    chosen = _day(request.POST.get("day") or request.GET.get("day"))
    years = sorted({row.year for row in WorkingDay.objects.dates("day", "year")})
    year = _year(request.GET.get("year"), chosen, years)
    known = {row.day: row for row in WorkingDay.objects.filter(day__year=year)}
    context = {
        "year": year,
        "years": years,
        "months": list(_months(year, known, chosen)),
        "weekdays": [date_format(date(2024, 1, first), "D") for first in range(1, 8)],
        "provisional": any(row.provisional for row in known.values()),
        "counts": _counts(known),
        "may_change": may_change,
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "chosen": _chosen(chosen, known) if chosen else None,
    }
    return render(request, "maps/calendar.html", context, status=status)


def _change(request: HttpRequest) -> WorkingDay:
    check_text(request)
    day = _day(request.POST.get("day"))
    if day is None:
        raise Problem(_("Choose a day first."))
    working = request.POST.get("working")
    if working not in {"yes", "no"}:
        raise Problem(_("Say whether the day is worked."))
    return change_day(day, working=working == "yes", reason=request.POST.get("reason", ""), person=request.user.pk)


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _year(text: str | None, chosen: date | None, years: list[int]) -> int:
    if text is None:
        year = chosen.year if chosen else timezone.localdate().year
        return year if year in years or not years else years[-1]
    if not (text.isascii() and text.isdigit() and len(text) == 4) or int(text) not in years:
        raise Http404(_("The calendar does not hold that year."))
    return int(text)


def _months(year: int, known: dict[date, WorkingDay], chosen: date | None) -> Iterator[dict[str, Any]]:
    weeks = Calendar(firstweekday=0)
    today = timezone.localdate()
    for month in range(1, 13):
        yield {
            "name": date_format(date(year, month, 1), pgettext("month of a calendar", "F")),
            "weeks": [
                [_cell(day, known.get(day), today, chosen) if day.month == month else None for day in week]
                for week in weeks.monthdatescalendar(year, month)
            ],
        }


def _cell(day: date, row: WorkingDay | None, today: date, chosen: date | None) -> Cell:
    working = row.working if row else weekday_works(day)
    differs = working != weekday_works(day)
    mark = (pgettext("mark of a day", "work") if working else pgettext("mark of a day", "off")) if differs else ""
    parts = [date_format(day, "DATE_FORMAT"), _("worked") if working else _("off")]
    if row and row.name:
        parts.append(holiday(row.name))
    if row and row.reason:
        parts.append(row.reason)
    if row and row.provisional:
        parts.append(_("provisional"))
    return Cell(
        day=day,
        working=working,
        mark=mark,
        title=" · ".join(parts),
        changed=bool(row and row.reason),
        provisional=bool(row and row.provisional),
        today=day == today,
        chosen=day == chosen,
    )


HOLIDAYS = {
    "New Year's Day": lambda: _("New Year's Day"),
    "Spring Festival": lambda: _("Spring Festival"),
    "Tomb-sweeping Day": lambda: _("Tomb-sweeping Day"),
    "Labour Day": lambda: _("Labour Day"),
    "Dragon Boat Festival": lambda: _("Dragon Boat Festival"),
    "National Day": lambda: _("National Day"),
    "Mid-autumn Festival": lambda: _("Mid-autumn Festival"),
}


def holiday(name: str) -> str:
    """Return a holiday's name in the reader's language; one that is not known stays as it is."""
    return HOLIDAYS[name]() if name in HOLIDAYS else name


def _counts(known: dict[date, WorkingDay]) -> dict[str, int]:
    rows = known.values()
    return {
        "worked": sum(row.working for row in rows),
        "holidays": sum(not row.working and weekday_works(row.day) for row in rows),
        "make_up": sum(row.working and not weekday_works(row.day) for row in rows),
        "changed": sum(bool(row.reason) for row in rows),
    }


def _chosen(day: date, known: dict[date, WorkingDay]) -> dict[str, Any]:
    row = known.get(day) or WorkingDay.objects.filter(day=day).first()
    return {
        "day": day,
        "row": row,
        "name": holiday(row.name) if row else "",
        "past": day < timezone.localdate(),
        "affected": affected(day).count() if row and day >= timezone.localdate() else 0,
    }


urlpatterns: list[URLPattern] = [path("calendar/", calendar, name="calendar")]
