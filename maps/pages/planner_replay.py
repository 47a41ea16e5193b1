"""Replaying past days with two ways of asking volunteers (策略推演): a form, a table, a chart, and what is assumed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from grids.models import Job, Person
from grids.models.people import Role
from grids.models.platform import JobState
from grids.problems import BadInput, Problem
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, uuid_of
from maps.pages.jobs import row as job_row
from patrols.plans.replay_api import ReplayInput, question_of
from patrols.plans.replaying import CURVE_MINUTES, replays_of, start

SHOWN = 6
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 240, 60, 16, 32
USUAL = {
    "limit_minutes": "30",
    "accepts_percent": "",
    "answer_minutes": "",
    "one_waves": "3, 5, 10",
    "one_delay_minutes": "10",
    "one_stands_minutes": "15",
    "one_volunteers_percent": "100",
    "two_waves": "5, 10",
    "two_delay_minutes": "5",
    "two_stands_minutes": "15",
    "two_volunteers_percent": "100",
}
WAYS = (("one", "A"), ("two", "B"))
WAY_FIELDS = ("waves", "delay_minutes", "stands_minutes", "volunteers_percent")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def replay_page(request: HttpRequest) -> HttpResponse:
    """Show the form and ?job= one's own replay, or the newest; a POST starts one."""
    scope = scope_of(request.user)
    if not scope.has(Role.PLANNER):
        raise Http404
    if request.method != "POST":
        return _page(request, scope, _chosen(request))
    try:
        job = start(scope, question_of(_read(request)))
    except (Problem, ValidationError) as problem:
        if isinstance(problem, Problem):
            return _page(request, scope, None, str(problem.sentence), str(problem.extra.get("field", "")))
        return _page(request, scope, None, *_first(problem.detail))
    return HttpResponseRedirect(f"{reverse('planner-replay')}?job={job.pk}")


def _read(request: HttpRequest) -> dict[str, Any]:
    given = {name: value.strip() for name, value in request.POST.items() if isinstance(value, str)}
    body: dict[str, Any] = {name: given.get(name) for name in ("since", "until", "limit_minutes")}
    body |= {name: given.get(name) or None for name in ("accepts_percent", "answer_minutes")}
    for way, _letter in WAYS:
        body[way] = {name: given.get(f"{way}_{name}", "") for name in WAY_FIELDS}
        body[way]["waves"] = [
            part for part in body[way]["waves"].replace("，", ",").replace(" ", "").split(",") if part
        ]
    checked = ReplayInput(data=body)
    checked.is_valid(raise_exception=True)
    data: dict[str, Any] = checked.validated_data
    return data


def _first(detail: Any) -> tuple[str, str]:
    """Return the first sentence of what is wrong with a form, and the name of the field that it is about."""
    names: list[str] = []
    while isinstance(detail, dict | list):
        if isinstance(detail, dict):
            name, detail = next(iter(detail.items()))
            names += [name] if isinstance(name, str) else []
        else:
            detail = detail[0]
    return str(detail), "_".join(names)


def _chosen(request: HttpRequest) -> Job | None:
    assert isinstance(request.user, Person)
    mine, asked = replays_of(request.user), request.GET.get("job", "")
    if not asked:
        newest: Job | None = mine.first()
        return newest
    try:
        found: Job | None = mine.filter(pk=uuid_of(asked)).first()
    except BadInput as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, scope: Scope, job: Job | None, problem: str = "", problem_field: str = ""
) -> HttpResponse:
    assert isinstance(request.user, Person)
    now, today = timezone.now(), timezone.localdate()
    usual = {
        **USUAL,
        "since": (today - timedelta(days=28)).isoformat(),
        "until": (today - timedelta(days=1)).isoformat(),
    }
    asked = _asked(job) if job else {}
    form = {**usual, **asked, **({key: str(value) for key, value in request.POST.items()} if problem else {})}
    done = job is not None and job.state == JobState.DONE and job.result
    context = {
        "form": form,
        "problem": problem,
        "problem_field": problem_field if problem_field in form else "",
        "last_day": today.isoformat(),
        "ways": [_way(form, key, letter) for key, letter in WAYS],
        "job": job_row(job, now) if job and not done else None,
        "found": _found(job.result) if job and done and job.result else None,
        "earlier": [job_row(row, now) for row in replays_of(request.user)[:SHOWN]],
    }
    return render(request, "maps/planner/replay.html", context, status=422 if problem else 200)


def _way(form: dict[str, Any], key: str, letter: str) -> dict[str, Any]:
    """Return the fields of one way of asking with what stands in them."""
    fields = {name: {"name": f"{key}_{name}", "value": form[f"{key}_{name}"]} for name in WAY_FIELDS}
    return {"key": key, "letter": letter, "fields": fields}


def _asked(job: Job) -> dict[str, str]:
    """Return what a replay was asked, as its form has it."""
    given = job.parameters
    names = ("since", "until", "limit_minutes", "accepts_percent", "answer_minutes")
    form = {name: "" if given.get(name) is None else str(given[name]) for name in names}
    for way, _letter in WAYS:
        for name in WAY_FIELDS:
            value = given[way][name]
            form[f"{way}_{name}"] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return form


def _found(result: dict[str, Any]) -> dict[str, Any]:
    one, two = result["outcomes"]
    habits = result["habits"]
    better = (two["within"]["mean"] or 0) - (one["within"]["mean"] or 0)
    return {
        **result,
        "accepts": round(100 * habits["accepts"]),
        "answer": round(habits["answer_s"] / 60, 1),
        "busy": round(habits["busy_s"] / 60),
        "kilometres": habits["reach_m"] / 1000,
        "headline": _headline(better, result["limit_minutes"]),
        "rows": list(_rows(one, two, result["limit_minutes"])),
        "chart": {
            "width": WIDTH,
            "height": HEIGHT,
            "one": _line(one["curve"]),
            "two": _line(two["curve"]),
            "levels": [{"y": round(_y(share), 1), "label": f"{share:.0%}"} for share in (0, 0.25, 0.5, 0.75, 1)],
            "minutes": [{"x": round(_x(one), 1), "label": one} for one in range(0, CURVE_MINUTES[-1] + 1, 30)],
            "floor": HEIGHT - BOTTOM,
            "left": LEFT,
            "curve": [
                {"minutes": minutes, "one": _percent(first), "two": _percent(second)}
                for minutes, first, second in zip(CURVE_MINUTES, one["curve"], two["curve"], strict=True)
                if minutes % 15 == 0 and minutes
            ],
        },
    }


def _headline(better: float, minutes: int) -> str:
    points = f"{abs(100 * better):.1f}"
    if abs(better) < 0.005:
        return _("Both are alike within %(minutes)s minutes") % {"minutes": minutes}
    words = (
        _("B has somebody there within %(minutes)s minutes more often, by %(points)s points")
        if better > 0
        else _("A has somebody there within %(minutes)s minutes more often, by %(points)s points")
    )
    return words % {"minutes": minutes, "points": points}


def _rows(one: dict[str, Any], two: dict[str, Any], limit: int) -> Iterable[dict[str, Any]]:
    kinds = (
        ("median", _("Half have somebody there within"), _minutes),
        ("ninetieth", _("Nine of ten have somebody there within"), _minutes),
        ("within", _("Somebody there within %(minutes)s minutes") % {"minutes": limit}, _percent),
        ("nobody", _("Nobody came"), _percent),
        ("asked", _("People asked a case"), _plain),
    )
    for name, label, shown in kinds:
        yield {"label": label, "cells": [_cell(outcome[name], shown) for outcome in (one, two)]}


def _cell(figure: dict[str, Any], shown: Any) -> dict[str, str]:
    span = (
        "" if figure["low"] is None or figure["high"] is None else f"{shown(figure['low'])} – {shown(figure['high'])}"
    )
    return {"figure": shown(figure["mean"]) if figure["mean"] is not None else "—", "span": span}


def _minutes(seconds: float) -> str:
    return _("%(minutes)s min") % {"minutes": f"{seconds / 60:.1f}"}


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _plain(value: float) -> str:
    return f"{value:.1f}"


def _line(curve: list[float]) -> str:
    return " ".join(f"{_x(one):.1f},{_y(share):.1f}" for one, share in zip(CURVE_MINUTES, curve, strict=True))


def _x(minutes: float) -> float:
    return LEFT + (WIDTH - LEFT - 20) * minutes / CURVE_MINUTES[-1]


def _y(share: float) -> float:
    return TOP + (HEIGHT - BOTTOM - TOP) * (1 - share)


urlpatterns: list[URLPattern] = [path("planner/replay/", replay_page, name="planner-replay")]
