"""The pages of history: every change of one row, and what changed lately in the person's regions."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grids.formulas import harmless
from grids.models import Person
from maps.admin.diffs import Change, Difference, read_changes, rows_of, tracked, with_former

PER_PAGE = 50
MOST_DAYS = 92
USUAL_DAYS = 30
MOST_ROWS = 10_000
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class Wanted:
    """Which changes are asked for; the last day is included."""

    since: date
    until: date
    table: str = ""
    person: int | None = None
    problem: str = ""


def object_history(owner: Any, request: HttpRequest, row: Any) -> HttpResponse:
    """Show the history of one row, the newest change first."""
    model = tracked(owner.model)
    events: Any = with_former(rows_of(model).filter(pgh_obj=row.pk).order_by("-pgh_id")) if model else []
    page: Any = Paginator(events, PER_PAGE).get_page(request.GET.get("p"))
    context = {
        **owner.admin_site.each_context(request),
        "title": _("Change history: %(name)s") % {"name": row},
        "opts": owner.opts,
        "row": row,
        "page": page,
        "changes": _linked(owner.admin_site, request, read_changes(list(page.object_list))),
    }
    return TemplateResponse(request, "maps/admin/history.html", context)


@require_safe
def recent(request: HttpRequest) -> HttpResponse:
    """Show what changed lately, filtered by table, person and days."""
    site = _site()
    wanted = read_wanted(request)
    number = _number(request.GET.get("p"))
    found = list(_changes(request, wanted, (number - 1) * PER_PAGE, PER_PAGE + 1))
    by = request.GET.get("person", "").strip()[:60]
    context = {
        **site.each_context(request),
        "title": _("Recent changes"),
        "wanted": wanted,
        "most_days": MOST_DAYS,
        "tables": [(key, owner.opts.verbose_name_plural) for key, owner in _owners(request)],
        "changes": _linked(site, request, found[:PER_PAGE]),
        "earlier": number - 1,
        "later": number + 1 if len(found) > PER_PAGE else 0,
        "nobody": _("You see no change by “%(name)s” in these days.") % {"name": by} if by else "",
        "query": _query(request),
        "most_rows": MOST_ROWS,
    }
    return TemplateResponse(request, "maps/admin/changes.html", context)


@require_safe
def recent_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Send the same changes as a table, one line a column that changed; at most `MOST_ROWS` changes."""
    wanted = read_wanted(request)
    response = StreamingHttpResponse(_lines(request, wanted), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="changes-{wanted.since}-{wanted.until}.csv"'
    return response


class _Echo:
    def write(self, value: str) -> str:
        """Hand the line on instead of keeping it."""
        return value


def _lines(request: HttpRequest, wanted: Wanted) -> Iterator[str]:
    writer = csv.writer(_Echo())
    heads = (_("When"), _("Who"), _("Table"), _("Row"), _("What"), _("Field"), _("Before"), _("After"), _("Page"))
    yield "\ufeff"  # or a spreadsheet takes it for another encoding
    yield writer.writerow(heads)
    for start in range(0, MOST_ROWS, 500):
        rows = list(_changes(request, wanted, start, 500))
        for change in rows:
            when = timezone.localtime(change.at).strftime("%Y-%m-%d %H:%M:%S")
            head = (when, change.who, change.model._meta.verbose_name, f"{change.title} ({change.key})", change.what)
            for part in change.differences or [Difference("", "", "")]:
                cells = (part.name, part.before, part.after)
                yield writer.writerow([harmless(str(cell)) for cell in (*head, *cells, change.address)])
        if len(rows) < 500:
            return


def read_wanted(request: HttpRequest) -> Wanted:
    """Read the filters; what cannot be read is said, and the usual is shown instead."""
    today = timezone.localdate()
    problem = ""
    days: dict[str, date] = {}
    for name in ("since", "until"):
        text = request.GET.get(name, "").strip()
        day = _day(text, today)
        if day:
            days[name] = day
        elif text:
            problem = _("“%(text)s” is no date: write it like 2026-03-01.") % {"text": text[:20]}
    until = days.get("until", today)
    since = days.get("since", until - timedelta(days=USUAL_DAYS))
    if since > until:
        problem, since = _("The first day lies after the last."), until - timedelta(days=USUAL_DAYS)
    if (until - since).days > MOST_DAYS:
        problem = _("At most %(days)d days at once: the last of them are shown.") % {"days": MOST_DAYS}
        since = until - timedelta(days=MOST_DAYS)
    person = None
    name = request.GET.get("person", "").strip()
    if name:
        person = Person.objects.filter(username=name).values_list("pk", flat=True).first()
        # Nobody learns here which names there are beyond their regions: who is not there changed nothing.
        person = 0 if person is None else person
    return Wanted(since, until, request.GET.get("table", ""), person, problem)


def _day(text: str, today: date) -> date | None:
    """Return a day on which something may have changed."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and FIRST_DAY <= day <= today + timedelta(days=1) else None


def _number(text: str | None) -> int:
    return min(max(int(text), 1), 200) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1


def _query(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked.pop("p", None)
    return asked.urlencode()


def _site() -> admin.AdminSite:
    from maps.admin.site import site

    return site


def _owners(request: HttpRequest) -> list[tuple[str, Any]]:
    """Return the tables with a history that the person sees, by the key in the address."""
    found = [
        (str(owner.opts.model_name), owner)
        for model, owner in _site()._registry.items()
        if tracked(model) and owner.has_view_permission(request)
    ]
    return sorted(found, key=lambda pair: str(pair[1].opts.verbose_name_plural))


def _events(request: HttpRequest, owner: Any, wanted: Wanted) -> QuerySet[Any]:
    model = tracked(owner.model)
    assert model is not None
    zone = timezone.get_current_timezone()
    begin = datetime.combine(wanted.since, time.min, zone)
    end = datetime.combine(wanted.until + timedelta(days=1), time.min, zone)
    condition = Q(pgh_created_at__gte=begin, pgh_created_at__lt=end) & owner.history_condition(request)
    events = rows_of(model).filter(condition)
    if wanted.person is not None:
        events = events.annotate(by=KeyTextTransform("user", "pgh_context")).filter(by=str(wanted.person))
    return events


def _changes(request: HttpRequest, wanted: Wanted, start: int, count: int) -> Iterable[Change]:
    """Return changes of all tables, the newest first: one query finds them, one a table reads them."""
    owners = dict(_owners(request))
    if wanted.table:
        owners = {key: owner for key, owner in owners.items() if key == wanted.table}
    newest = ("-pgh_created_at", "-pgh_id")
    parts = [
        _events(request, owner, wanted)
        .order_by(*newest)
        .annotate(table=Value(key, output_field=CharField()))
        .values_list("pgh_created_at", "pgh_id", "table")[: start + count]
        for key, owner in owners.items()
    ]
    if not parts:
        return []
    found = parts[0].union(*parts[1:], all=True).order_by(*newest) if len(parts) > 1 else parts[0]
    rows = list(found[start : start + count])
    events: dict[tuple[str, int], Any] = {}
    for key, owner in owners.items():
        ids = [identity for _at, identity, table in rows if table == key]
        model = tracked(owner.model)
        if ids and model:
            events.update(((key, row.pk), row) for row in with_former(rows_of(model).filter(pk__in=ids)))
    return read_changes([events[table, identity] for _at, identity, table in rows])


def _linked(site: admin.AdminSite, request: HttpRequest, changes: list[Change]) -> list[dict[str, Any]]:
    """Return changes with links to the rows and people that the reader may open."""
    people = site._registry.get(Person)
    names = {change.person.pk for change in changes if change.person}
    known = set(people.get_queryset(request).filter(pk__in=names).values_list("pk", flat=True)) if people else set()
    rows: dict[Any, set[Any]] = {}
    for model in {change.model for change in changes}:
        owner = site._registry.get(model)
        if owner and owner.has_view_permission(request):
            keys = {change.key for change in changes if change.model is model}
            rows[model] = set(owner.get_queryset(request).filter(pk__in=keys).values_list("pk", flat=True))
    return [
        {
            "change": change,
            "kind": change.model._meta.verbose_name,
            "person_link": _link(Person, change.person.pk) if change.person and change.person.pk in known else "",
            "row_link": _link(change.model, change.key) if change.key in rows.get(change.model, ()) else "",
        }
        for change in changes
    ]


def _link(model: Any, key: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
