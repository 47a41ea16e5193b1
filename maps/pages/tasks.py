"""Task lists (任务清单): making one, following it day by day, and printing it."""

from datetime import date
from typing import Any

import uuid_utils.compat as uuid7
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from grids.models import Region
from grids.problems import BadInput, NotFound, Problem
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, day_of, id_of, number_of, uuid_of
from maps.pages.task_files import rows_of
from patrols import tasks
from patrols.models import Party, Report, Task
from patrols.models.parties import PartyRole, PartyState
from patrols.task_rules import WEEKDAYS
from patrols.tasks import Entry
from patrols.workflow import FINAL_STATES

SHOWN_DAYS = 4  # of each task, the newest
MOST_TASKS = 200
ROWS, MOST_ROWS = 5, 30
ONCE, WEEKLY, MONTHLY, QUARTERLY = "", "weekly", "monthly", "quarterly"
HOW_OFTEN = (
    (ONCE, gettext_lazy("once")),
    (WEEKLY, gettext_lazy("every week on this weekday")),
    (MONTHLY, gettext_lazy("every month on this day")),
    (QUARTERLY, gettext_lazy("every quarter on this day")),
)


@require_safe
@login_required
@never_cache
@by_page
def task_list(request: HttpRequest) -> HttpResponse:
    """Show the tasks that somebody sees by list, each with its latest days: ?list= shows one list."""
    scope = scope_of(request.user)
    rows = tasks.tasks_of(scope).prefetch_related("others")
    wanted = request.GET.get("list", "")
    if wanted:
        rows = rows.filter(list_name=wanted)
    found = list(rows.order_by("region__code", "list_name", "position")[:MOST_TASKS])
    days = days_of_tasks(found, scope, SHOWN_DAYS)
    lists: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for task in found:
        lists.setdefault((str(task.region), task.list_name), []).append(_row(task, days.get(str(task.pk), [])))
    context = {
        "lists": [{"region": region, "name": name, "rows": each} for (region, name), each in lists.items()],
        "wanted": wanted,
        "makes": bool(tasks.codes_of(scope)),
        "today": timezone.localdate(),
    }
    return render(request, "maps/tasks/list.html", context)


def days_of_tasks(found: list[Task], scope: Scope, most: int) -> dict[str, list[dict[str, Any]]]:
    """Return so many newest days of each task, by its id, in two queries."""
    parts = Prefetch("parties", Party.objects.present().filter(role=PartyRole.RESPONSIBLE), to_attr="parts")
    rows = Report.objects.visible_to(scope).filter(task__in=found).order_by("-task_day").prefetch_related(parts)
    days: dict[str, list[dict[str, Any]]] = {}
    for report in rows:
        mine = days.setdefault(str(report.task_id), [])
        if len(mine) < most:
            mine.append(_day(report))
    return days


def _row(task: Task, days: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "task": task,
        "responsible": [task.responsible, *task.others.all()],
        "often": how_often(task.rule, task.first_day),
        "lacking": bool(task.rule) and tasks.lacking(task, timezone.localdate()),
        "over": bool(task.last_day and task.last_day < timezone.localdate()),
        "days": days,
    }


def _day(report: Report) -> dict[str, Any]:
    """Return a day of a task; what was reported later than it belongs is still that day's."""
    parts: list[Party] = report.__dict__["parts"]
    handled = timezone.localdate(report.handled_at) if report.handled_at else None
    done = sum(part.state == PartyState.DONE for part in parts)
    late = report.handled_at or (None if report.state in FINAL_STATES else timezone.now())
    return {
        "report": report,
        "done": done,
        "of": len(parts),
        "late": bool(report.due_at and late and late > report.due_at),
        "handled": handled if handled and handled != report.task_day else None,
    }


def how_often(rule: str, first_day: date) -> str:
    """Return how often a task comes back by a rule from a first day, in words."""
    if not rule:
        return _("once")
    if rule.startswith("FREQ=WEEKLY"):
        return _("every week")
    if "INTERVAL=3" in rule:
        return _("every quarter on day %(day)d") % {"day": first_day.day}
    return _("every month on day %(day)d") % {"day": first_day.day}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new_list(request: HttpRequest) -> HttpResponse:
    """Choose a community (?community= its code), then write the tasks: ?rows= how many lines there are."""
    scope = scope_of(request.user)
    communities = tasks.communities_of(scope)
    if not communities:
        raise Http404
    form = request.POST if request.method == "POST" else request.GET
    region = _community(communities, form.get("community", ""))
    count = min(MOST_ROWS, max(1, number_of(form.get("rows") or str(ROWS), _("lines"))))
    status, problem, field, bodies = 200, "", "", tasks.bodies_at(region)
    rows = [_given(form, number) for number in range(count)]
    unread: list[str] = []
    if request.method == "POST":
        try:
            if "read" not in form:
                return _made(request, scope, region, rows)
            rows, unread = rows_of(request, bodies, MOST_ROWS)
            count = len(rows)
        except Problem as refused:
            status, problem, field = refused.status, str(refused.sentence), _field_of(refused, rows)
    context = {
        "communities": communities,
        "region": region,
        "bodies": bodies,
        "often": HOW_OFTEN,
        "rows": rows,
        "unread": unread,
        "count": count,
        "more": min(MOST_ROWS, count + 15) if count < MOST_ROWS else 0,
        "given": form,
        "problem": problem,
        "problem_field": field,
    }
    return render(request, "maps/tasks/new.html", context, status=status)


def _community(communities: list[Region], code: str) -> Region:
    if not code:
        return communities[0]
    found = next((region for region in communities if region.code == code), None)
    if found is None:
        raise NotFound(_("There is no community with this code in your region."))
    return found


def _field_of(problem: Problem, rows: list[dict[str, Any]]) -> str:
    """Return the line that a problem is about, or nothing; it counts the lines that have a title."""
    entry = problem.extra.get("entry")
    titled = [row["field"] for row in rows if row["title"].strip()]
    return titled[entry] if isinstance(entry, int) and entry < len(titled) else ""


def _given(form: QueryDict, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "label": number + 1,
        "field": f"line-{number}",
        "key": form.get(f"key-{number}") or uuid7.uuid7(),
        "title": form.get(f"title-{number}", ""),
        "description": form.get(f"description-{number}", ""),
        "lead": form.get(f"lead-{number}", ""),
        "responsible": form.getlist(f"responsible-{number}"),
        "day": form.get(f"day-{number}", ""),
        "days": form.get(f"days-{number}", "0"),
        "often": form.get(f"often-{number}", ""),
    }


def _made(request: HttpRequest, scope: Scope, region: Region, lines: list[dict[str, Any]]) -> HttpResponse:
    titled = [line for line in lines if line["title"].strip()]
    entries = [(uuid_of(str(line["key"])), _entry(line, number)) for number, line in enumerate(titled)]
    made = tasks.make_list(scope, region.code, request.POST.get("list", ""), entries)
    messages.success(request, _("%(count)d tasks are made and handed out.") % {"count": len(made)})
    return HttpResponseRedirect(f"{reverse('tasks')}?{urlencode({'list': made[0].list_name})}")


def _entry(line: dict[str, Any], number: int) -> Entry:
    """Return what a line says; raises BadInput with `entry`, which line among those with a title it is about."""
    try:
        return _read(line)
    except BadInput as problem:
        text = _("Task %(number)d: %(problem)s") % {"number": line["label"], "problem": problem.sentence}
        raise BadInput(text, entry=number) from problem


def _read(line: dict[str, Any]) -> Entry:
    day = day_of(line["day"], _("Day"))
    if day is None:
        raise BadInput(_("it needs a day."))
    lead = id_of(line["lead"])
    if lead is None:
        raise BadInput(_("it needs a lead."))
    return Entry(
        title=line["title"],
        description=line["description"],
        lead=lead,
        responsible=[identity for text in line["responsible"] if (identity := id_of(text)) is not None],
        first_day=day,
        days_to_do=number_of(line["days"] or "0", _("Days to do it in")),
        rule=rule_of(line["often"], day),
    )


def rule_of(often: str, day: date) -> str:
    """Return the rule of a choice; raises BadInput for none of them, or a day that not every month has."""
    if often == ONCE:
        return ""
    if often == WEEKLY:
        return f"FREQ=WEEKLY;BYDAY={WEEKDAYS[day.weekday()]}"
    if often not in {MONTHLY, QUARTERLY}:
        raise BadInput(_("It comes back by no such rule."))
    if day.day > 28:
        raise BadInput(_("Choose a day up to the 28th, which every month has."))
    return f"FREQ=MONTHLY;{'INTERVAL=3;' if often == QUARTERLY else ''}BYMONTHDAY={day.day}"


urlpatterns: list[URLPattern] = [
    path("tasks/", task_list, name="tasks"),
    path("tasks/new/", new_list, name="task-list-new"),
]
