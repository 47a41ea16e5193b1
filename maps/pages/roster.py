"""The week's plan of shifts (排班表): posts down, days across; printed, taken away as a table, and changed by shift."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from grids.formulas import harmless
from grids.lists.exports import workbook
from grids.problems import BadInput, Problem
from grids.scope import Scope, scope_of
from maps.pages import people_choices
from maps.pages.asking import by_page, id_of, number_of
from maps.pages.imports import download
from maps.pages.posts import chosen_code, communities_of
from maps.pages.shift_rows import attendance, clock_of, row_of
from maps.pages.wording import weekdays
from patrols.models import Post, Turn
from patrols.models.posts import HELD_STATES, ShiftState
from patrols.posts import planning, turns
from patrols.posts.attendance import with_presence
from patrols.posts.reach import ASSIGNERS, assigns, keeps, visible_shifts

MOST_POSTS = 100
WEEK = timedelta(days=7)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
@never_cache
@by_page
def roster(request: HttpRequest) -> HttpResponse:
    """Show a week: ?week= any of its days, today without it; ?community= its code."""
    scope = scope_of(request.user)
    monday, code, communities = _asked(request, scope)
    rows = list(_table(scope, monday, code))
    days = [monday + timedelta(days=offset) for offset in range(7)]
    missing = sum(shift["missing"] for row in rows for cell in row["days"] for shift in cell if not shift["over"])
    context = {
        "rows": rows,
        "days": [{"day": day, "name": weekdays()[day.weekday()], "today": day == timezone.localdate()} for day in days],
        "monday": monday,
        "sunday": days[-1],
        "earlier": _address(monday - WEEK, code),
        "later": _address(monday + WEEK, code),
        "this_week": _address(timezone.localdate(), code),
        "query": f"week={monday.isoformat()}" + (f"&community={code}" if code else ""),
        "communities": communities,
        "code": code,
        "sentence": ngettext("%(count)s person missing this week", "%(count)s people missing this week", missing)
        % {"count": missing}
        if missing
        else _("Nobody is missing this week."),
        "empty": not any(cell for row in rows for cell in row["days"]),
    }
    return render(request, "maps/posts/roster.html", context)


@require_safe
@login_required
@never_cache
@by_page
def roster_file(request: HttpRequest, form: str) -> HttpResponse:
    """Return a week as CSV in UTF-8 with the mark that Excel wants, or as a workbook: a row a shift."""
    scope = scope_of(request.user)
    monday, code, _communities = _asked(request, scope)
    name = f"roster-{monday.isoformat()}.{form}"
    if form == "xlsx":
        return download(workbook(_("Roster"), _lines(scope, monday, code)), name, XLSX)
    text = io.StringIO()
    writer = csv.writer(text)
    for row in _lines(scope, monday, code):
        writer.writerow([harmless(cell) for cell in row])
    return download(text.getvalue().encode("utf-8-sig", "replace"), name, "text/csv; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def shift(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show a shift to who says who stands there: assign and take off, say how many are wanted, cancel; ?q= searches."""
    scope = scope_of(request.user)
    row = _find(scope, identity)
    problem, status = "", 200
    if request.method == "POST":
        try:
            _act(request, scope, identity)
            return HttpResponseRedirect(reverse("shift", args=[identity]))
        except Problem as refused:
            problem, status = str(refused.sentence), refused.status
            row = _find(scope, identity)
    now = timezone.now()
    words = request.GET.get("q", "")[:60]
    held = [turn for turn in row.all_turns if turn.state in HELD_STATES]
    busy = Turn.objects.filter(during__overlap=(row.starts_at, row.ends_at), state__in=HELD_STATES)
    there = set(busy.filter(district=row.district).values_list("person_id", flat=True))
    found = people_choices.candidates([row.post.region.code], words) if row.missing and row.ends_at > now else []
    context = {
        "shift": {**row_of(row, now), "attendance": attendance(row, now)},
        "post": row.post,
        "crew": held,
        "history": [turn for turn in row.all_turns if turn.state not in HELD_STATES],
        "keeps": keeps(scope, row.post.region.code),
        "open": row.state == ShiftState.OPEN and row.ends_at > now,
        "candidates": [one for one in found if one["id"] not in there],
        "words": words,
        "problem": problem,
        "week": f"{reverse('roster')}?week={row.day.isoformat()}",
    }
    return render(request, "maps/posts/shift.html", context, status=status)


def _act(request: HttpRequest, scope: Scope, identity: UUID) -> None:
    form, act = request.POST, request.POST.get("act", "")
    if act in {"assign", "remove"}:
        person = id_of(form.get("person", ""))
        if person is None:
            raise BadInput(_("Choose somebody."))
        turn = (turns.assign if act == "assign" else turns.remove)(scope, identity, person)
        words = _("%(name)s stands there and reads so in their messages.")
        if act == "remove":
            words = _("%(name)s is off this shift and reads so in their messages.")
        messages.success(request, words % {"name": turn.person})
    elif act == "wanted":
        planning.set_wanted(scope, identity, number_of(form.get("wanted", ""), _("number of people")))
        messages.success(request, _("Saved."))
    elif act == "cancel":
        planning.cancel(scope, identity, form.get("reason", "")[:200])
        messages.success(request, _("The shift is cancelled; whoever had a place was told."))
    else:
        raise BadInput(_("Open the form again."))


def _find(scope: Scope, identity: UUID) -> Any:
    everybody = Turn.objects.select_related("person").order_by("-since", "-pk")
    rows = with_presence(visible_shifts(scope).filter(pk=identity))
    row = rows.prefetch_related(Prefetch("turns", everybody, to_attr="all_turns")).first()
    if row is None or not assigns(scope, row.post.region.code):
        raise Http404
    return row


def _asked(request: HttpRequest, scope: Scope) -> tuple[date, str, list[tuple[str, str]]]:
    """Return the week's Monday and the community that were asked for; raises Http404 for who assigns nobody."""
    if not scope.roles & set(ASSIGNERS):
        raise Http404
    communities = communities_of(scope)
    day = timezone.localdate()
    if request.GET.get("week"):
        try:
            day = date.fromisoformat(request.GET["week"])
        except ValueError as error:
            raise BadInput(_("“%(field)s” is not a day.") % {"field": _("week")}) from error
    if not 2000 <= day.year <= 2100:
        raise BadInput(_("“%(field)s” is not a day.") % {"field": _("week")})
    return day - timedelta(days=day.weekday()), chosen_code(request, communities), communities


def _shifts(scope: Scope, monday: date, code: str) -> Any:
    held = Turn.objects.filter(state__in=HELD_STATES).select_related("person").order_by("since")
    sunday = monday + WEEK - timedelta(days=1)
    rows = visible_shifts(scope).filter(scope.within("post__region__code"), day__range=(monday, sunday))
    if code:
        rows = rows.filter(post__region__code=code)
    return rows.prefetch_related(Prefetch("turns", held, to_attr="crew"))


def _table(scope: Scope, monday: date, code: str) -> Iterator[dict[str, Any]]:
    now = timezone.now()
    by_post: dict[int, list[Any]] = {}
    names: dict[int, Post] = {}
    for row in _shifts(scope, monday, code).order_by("post__region__code", "post__name", "post", "starts_at", "pk"):
        by_post.setdefault(row.post_id, [[] for _day in range(7)])
        names[row.post_id] = row.post
        crew = pgettext("list", ", ").join(turn.person.local_name for turn in row.crew)
        shown = {**row_of(row, now), "crew": crew, "url": reverse("shift", args=[row.pk])}
        by_post[row.post_id][(row.day - monday).days].append(shown)
    for key, days in list(by_post.items())[:MOST_POSTS]:
        post = names[key]
        yield {"id": key, "name": post.local_name, "region": post.region.local_name, "days": days}


def _lines(scope: Scope, monday: date, code: str) -> Iterator[list[str]]:
    """Yield headings, then a row a shift: whether somebody came is not in it."""
    yield [_("Day"), _("Time"), _("Post"), _("Community"), _("People wanted"), _("Missing"), _("People"), _("State")]
    for row in _shifts(scope, monday, code).order_by("starts_at", "post__name", "pk"):
        yield [
            f"{row.day.isoformat()} {weekdays()[row.day.weekday()]}",
            clock_of(row),
            row.post.local_name,
            row.post.region.local_name,
            str(row.wanted),
            str(row.missing),
            pgettext("list", ", ").join(turn.person.local_name for turn in row.crew),
            str(row.get_state_display()),
        ]


def _address(day: date, code: str) -> str:
    return f"?week={day.isoformat()}" + (f"&community={code}" if code else "")


urlpatterns: list[URLPattern] = [
    path("posts/roster/", roster, name="roster"),
    path("posts/roster.csv", roster_file, {"form": "csv"}, name="roster-csv"),
    path("posts/roster.xlsx", roster_file, {"form": "xlsx"}, name="roster-xlsx"),
    path("posts/shifts/<uuid:identity>/", shift, name="shift"),
]
