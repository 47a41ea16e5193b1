"""One rule (派遣规则) to be entered or changed in the draft of its region."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from grids.models import Category
from grids.models.catalogue import Kind
from grids.problems import BadInput, NotFound, Problem
from grids.scope import scope_of
from maps.pages.asking import by_page, day_of, id_of
from maps.pages.rules import address, chosen_region, regions_of
from maps.pages.wording import weekdays
from patrols.models import RoutingRule
from patrols.models.routing import EditionState, RulePlace, RuleTarget, RuleTime
from patrols.routing import keeping
from patrols.routing.reach import check_keeper

LISTS = ("categories", "groups", "weekdays")
TEXTS = ("place", "time", "target", "starts", "ends", "first_day", "last_day", "organisation", "team", "zone")
WAYS = ("hand", "approval", "automatic")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def rule(request: HttpRequest, key: UUID | None = None) -> HttpResponse:
    """Enter a rule at the end, or change one: ?region= its region's code."""
    scope = scope_of(request.user)
    code = chosen_region(regions_of(scope), request.GET.get("region", ""))
    check_keeper(scope, code)
    row = _found(code, key) if key else None
    problem, field, status = "", "", 200
    if request.method == "POST":
        try:
            given = _given(request.POST)
            saved = keeping.change(scope, code, key, given) if key else keeping.add(scope, code, given)
            messages.success(request, _("It stands in the draft; nothing changes until the draft is put in force."))
            return HttpResponseRedirect(f"{address('rules', code)}#rule-{saved.key}")
        except Problem as refused:
            problem, field, status = str(refused.sentence), str(refused.extra.get("field", "")), refused.status
    context = {
        "rule": row,
        "code": code,
        "back": address("rules", code),
        "problem": problem,
        "problem_field": field,
        "given": _shown(request.POST) if problem else _of(row),
        "groups": _groups(),
        "places": RulePlace.choices,
        "times": RuleTime.choices,
        "targets": RuleTarget.choices,
        "weekdays": [(str(number), name) for number, name in enumerate(weekdays(), 1)],
        **{f"{name}s": [(str(one.pk), str(one)) for one in rows] for name, rows in keeping.choices(code).items()},
    }
    return render(request, "maps/rules/rule.html", context, status=status)


def _found(code: str, key: UUID) -> RoutingRule:
    for state in (EditionState.DRAFT, EditionState.IN_FORCE):
        edition = keeping.edition_of(code, state)
        if edition:
            found = next((row for row in keeping.rules_of(edition) if row.key == key), None)
            if found:
                return found
            break
    raise NotFound(_("There is no such rule here."))


def _groups() -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for row in Category.objects.filter(active=True, kind=Kind.PROBLEM):
        group = groups.setdefault(row.group, {"value": row.group, "name": row.local_group, "categories": []})
        group["categories"].append((row.code, row.local_name))
    return list(groups.values())


def _of(row: RoutingRule | None) -> dict[str, Any]:
    if row is None:
        return {"place": RulePlace.ANY, "time": RuleTime.ANY, "target": RuleTarget.BODY, "way": "hand",
                "categories": [], "groups": [], "weekdays": ["1", "2", "3", "4", "5"]}  # fmt: skip
    return {
        "place": row.place,
        "time": row.time,
        "target": row.target,
        "way": "approval" if row.approval else "automatic" if row.automatic else "hand",
        "categories": row.categories,
        "groups": row.groups,
        "weekdays": [str(day) for day in row.weekdays],
        "starts": f"{row.starts:%H:%M}" if row.starts else "",
        "ends": f"{row.ends:%H:%M}" if row.ends else "",
        "first_day": row.first_day.isoformat() if row.first_day else "",
        "last_day": row.last_day.isoformat() if row.last_day else "",
        "organisation": str(row.organisation_id or ""),
        "team": str(row.team_id or ""),
        "zone": str(row.zone_id or ""),
    }


def _shown(form: QueryDict) -> dict[str, Any]:
    texts = {name: form.get(name, "") for name in (*TEXTS, "way")}
    return {**texts, **{name: form.getlist(name) for name in LISTS}}


def _given(form: QueryDict) -> dict[str, Any]:
    if form.get("way") not in WAYS:
        raise BadInput(_("Open the form again."))
    return {
        "categories": form.getlist("categories"),
        "groups": form.getlist("groups"),
        "place": form.get("place", ""),
        "time": form.get("time", ""),
        "target": form.get("target", ""),
        "weekdays": [int(day) for day in form.getlist("weekdays") if day in set("1234567")],
        "starts": _time(form.get("starts", ""), "starts"),
        "ends": _time(form.get("ends", ""), "ends"),
        "first_day": day_of(form.get("first_day", ""), _("first day")),
        "last_day": day_of(form.get("last_day", ""), _("last day")),
        **{f"{name}_id": id_of(form.get(name, "")) for name in ("organisation", "team", "zone")},
        "approval": form["way"] == "approval",
        "automatic": form["way"] == "automatic",
    }


def _time(text: str, field: str) -> Any:
    if not text.strip():
        return None
    try:
        found = parse_time(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo:
        raise BadInput(_("Give a time such as 07:30."), field=field)
    return found.replace(second=0, microsecond=0)


urlpatterns: list[URLPattern] = [
    path("planner/rules/new/", rule, name="rule-new"),
    path("planner/rules/<uuid:key>/", rule, name="rule"),
]
