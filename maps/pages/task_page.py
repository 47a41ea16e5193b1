"""The page of a task of a list: its days, one that was forgotten, another rule, and its end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.problems import BadInput
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, day_of, number_of
from maps.pages.tasks import HOW_OFTEN, ONCE, days_of_tasks, how_often, rule_of
from maps.pages.wording import full_moment
from patrols import task_changes, tasks
from patrols.models import Task
from patrols.task_changes import Rhythm

SHOWN_DAYS = 24
SHOWN_MISSED = 24
SHOWN_CHANGES = 20
GIVEN = ("often", "first_day", "days", "last_day", "reason")  # what a form asks, for the page that confirms it


@require_safe
@login_required
@never_cache
@by_page
def task_page(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show a task with its days and, to who keeps it, what can be changed."""
    scope = scope_of(request.user)
    return _page(request, tasks.find(scope, identity), scope)


@require_POST
@login_required
@never_cache
@by_page
def enter_day(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Write the report of a day that was forgotten, credited to that day."""
    scope = scope_of(request.user)
    tasks.check_keeps(tasks.find(scope, identity), scope)
    day = day_of(request.POST.get("day", ""), _("Day"))
    if day is None:
        raise BadInput(_("Choose the day."))
    report = tasks.enter(scope, identity, day)
    said = _("%(day)s is entered and handed out. Whatever is reported of it counts for that day.")
    messages.success(request, said % {"day": day.isoformat()})
    return HttpResponseRedirect(reverse("report", args=[report.pk]))


@require_POST
@login_required
@never_cache
@by_page
def change_task(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show what another rule would do to a task; with `do=go`, give it that rule."""
    scope = scope_of(request.user)
    task = tasks.find(scope, identity)
    tasks.check_keeps(task, scope)
    try:
        rhythm = _rhythm(request)
        task_changes.check(rhythm)
        return _looked_at(request, task, scope, rhythm, "change")
    except BadInput as wrong:
        return _page(request, task, scope, wrong=("change", str(wrong.sentence)))


@require_POST
@login_required
@never_cache
@by_page
def end_task(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show what ending a task would do; with `do=go`, end it."""
    scope = scope_of(request.user)
    task = tasks.find(scope, identity)
    tasks.check_keeps(task, scope)
    try:
        day = day_of(request.POST.get("last_day", ""), _("Last day"))
        if day is None:
            raise BadInput(_("Say its last day."))
        return _looked_at(request, task, scope, task_changes.ended(task, day), "end")
    except BadInput as wrong:
        return _page(request, task, scope, wrong=("end", str(wrong.sentence)))


def _rhythm(request: HttpRequest) -> Rhythm:
    form = request.POST
    first = day_of(form.get("first_day", ""), _("First day by the new rule"))
    if first is None:
        raise BadInput(_("Say the first day by the new rule."))
    if form.get("often", ONCE) == ONCE:
        raise BadInput(_("Say how often it comes back."))
    return Rhythm(
        rule=rule_of(form["often"], first),
        first_day=first,
        last_day=day_of(form.get("last_day", ""), _("Last day")),
        days_to_do=number_of(form.get("days") or "0", _("Days to do it in")),
    )


def _looked_at(request: HttpRequest, task: Task, scope: Scope, rhythm: Rhythm, what: str) -> HttpResponse:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise BadInput(_("Say why, in a few words."))
    if request.POST.get("do") == "go":
        if what == "change":
            task_changes.change(scope, task.pk, rhythm, reason)
        else:
            assert rhythm.last_day
            task_changes.end(scope, task.pk, rhythm.last_day, reason)
        messages.success(request, _("The task is changed.") if what == "change" else _("The task is ended."))
        return HttpResponseRedirect(reverse("task", args=[task.pk]))
    plan = task_changes.outlook(task, rhythm)
    context = {
        "task": task,
        "what": what,
        "before": how_often(task.rule, task.first_day),
        "after": how_often(rhythm.rule, rhythm.first_day),
        "rhythm": rhythm,
        "plan": plan,
        "given": [(name, request.POST.get(name, "")) for name in GIVEN],
    }
    return render(request, "maps/tasks/confirm.html", context)


def _page(request: HttpRequest, task: Task, scope: Scope, wrong: tuple[str, str] = ("", "")) -> HttpResponse:
    """Return the page; `wrong` names the form that something is wrong with, and says what."""
    today, now = timezone.localdate(), timezone.now()
    keeps = tasks.may_keep(task, scope)
    changes = task.changes.select_related("changed_by").order_by("-changed_at", "-pk")[:SHOWN_CHANGES]
    context: dict[str, Any] = {
        "task": task,
        "responsible": [task.responsible, *task.others.defer("jurisdiction").order_by("code")],
        "often": how_often(task.rule, task.first_day),
        "over": bool(task.last_day and task.last_day < today),
        "days": days_of_tasks([task], scope, SHOWN_DAYS).get(str(task.pk), []),
        "keeps": keeps,
        "missed": tasks.missed(task, today)[:SHOWN_MISSED] if keeps else [],
        "choices": [choice for choice in HOW_OFTEN if choice[0] != ONCE],
        "today": today,
        "changes": [
            {
                "who": change.changed_by,
                "when": full_moment(change.changed_at, now),
                "often": how_often(change.rule, change.first_day),
                "until": change.until,
                "reason": change.reason,
            }
            for change in changes
        ],
        "wrong": wrong[0],
        "problem": wrong[1],
        "given": request.POST,
    }
    return render(request, "maps/tasks/one.html", context, status=422 if wrong[0] else 200)


urlpatterns: list[URLPattern] = [
    path("tasks/<uuid:identity>/", task_page, name="task"),
    path("tasks/<uuid:identity>/days/", enter_day, name="task-day"),
    path("tasks/<uuid:identity>/change/", change_task, name="task-change"),
    path("tasks/<uuid:identity>/end/", end_task, name="task-end"),
]
