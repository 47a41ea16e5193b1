"""The rules that say who gets a report (派遣规则): in their order, read back in plain words, changed in a draft."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from grids.endpoints.jobs import own
from grids.models import Region
from grids.models.platform import JobState
from grids.problems import BadInput, NotFound
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, number_of, uuid_of
from maps.pages.jobs import row as job_row
from maps.pages.sentence import Clause
from maps.pages.wording import full_moment
from patrols.models import RoutingEdition, RoutingRule
from patrols.models.routing import EditionState
from patrols.routing import keeping, trial
from patrols.routing.holes import holes_of
from patrols.routing.reach import KEEPERS, codes_of, keeps, readable
from patrols.routing.reading import Names, catalogue, sentence, shadows
from patrols.routing.words import name_of

USUAL_DAYS = 90


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules of a region (?region= its code), of its draft where there is one, and change their order."""
    scope = scope_of(request.user)
    regions = regions_of(scope)
    code = chosen_region(regions, request.POST.get("region") or request.GET.get("region", ""))
    if request.method == "POST":
        return _acted(request, scope, code)
    now = timezone.now()
    categories = catalogue()
    names = Names.of(categories)
    editions = {row.state: row for row in _editions(code)}
    draft, present = editions.get(EditionState.DRAFT), editions.get(EditionState.IN_FORCE)
    drafted, held = keeping.rules_around(code, draft)
    before = [rule for rule in held if present and rule.edition_id == present.pk]
    shown = drafted if draft else before
    differs = keeping.changed(before, shown)
    context = {
        "regions": regions,
        "code": code,
        "keeps": keeps(scope, code),
        "tabs": bool(codes_of(scope, KEEPERS)),
        "rows": _rows(shown, names, differs if draft else {}),
        "gone": [sentence(rule, names) for rule in differs["removed"]],
        "changes": sum(len(found) for found in differs.values()),
        "draft": draft,
        "present": present,
        "since": full_moment(present.since, now) if present and present.since else "",
        "around": _around(code, held, names),
        "headline": _headline(before, len(holes_of(code, held, categories))),
        "jobs": [job_row(job, now) for job in _jobs(scope, code)],
        "usual_days": USUAL_DAYS,
        "most_days": trial.MOST_DAYS,
    }
    return render(request, "maps/rules/list.html", context)


def regions_of(scope: Scope) -> list[dict[str, str]]:
    """Return code and name of the regions whose rules somebody may read; raises NotFound for who may read none."""
    if not codes_of(scope):
        raise NotFound(_("There is no such thing here."))
    rows = Region.objects.current().filter(readable(scope, "code")).order_by("code")
    english = (get_language() or "").startswith("en")
    return [
        {"code": code, "name": (english and name_en) or name}
        for code, name, name_en in rows.values_list("code", "name", "name_en")
    ]


def chosen_region(regions: list[dict[str, str]], asked: str) -> str:
    """Return the region asked for, or the first; raises NotFound for one that is not to be read."""
    if not regions or (asked and all(row["code"] != asked for row in regions)):
        raise NotFound(_("There is no such region here."))
    return asked or regions[0]["code"]


def address(name: str, code: str, *args: object) -> str:
    """Return the address of a page of a region's rules."""
    return f"{reverse(name, args=args)}?region={code}"


def _editions(code: str) -> Iterable[RoutingEdition]:
    return RoutingEdition.objects.filter(
        district=code[:6], region_code=code, state__in=[EditionState.DRAFT, EditionState.IN_FORCE]
    ).select_related("made_by", "published_by")


def _rows(rules_shown: list[RoutingRule], names: Names, differs: dict[str, list[RoutingRule]]) -> list[dict[str, Any]]:
    marks = {"added": _("new"), "changed": pgettext("rule", "changed"), "moved": _("moved")}
    marked = {rule.key: marks[name] for name, found in differs.items() if name in marks for rule in found}
    hidden = shadows(rules_shown, names)
    return [
        {
            "key": rule.key,
            "number": rule.position,
            "sentence": sentence(rule, names),
            "active": rule.active,
            "mark": marked.get(rule.key, ""),
            "warning": _warning(rule, hidden),
            "never": rule.position in hidden and hidden[rule.position].never,
            "first": rule.position == 1,
            "last": rule.position == len(rules_shown),
        }
        for rule in rules_shown
    ]


def _warning(rule: RoutingRule, hidden: dict[int, Any]) -> str:
    shadow = hidden.get(rule.position)
    if shadow is None:
        return ""
    if not shadow.by:
        return _("It never comes into play: none of its categories is in use.")
    numbers = pgettext("list", ", ").join(str(number) for number in shadow.by)
    if shadow.never:
        return _("It never comes into play: rule %(numbers)s takes all of it before.") % {"numbers": numbers}
    return _("It is asked only where rule %(numbers)s finds nobody.") % {"numbers": numbers}


def _around(code: str, held: list[RoutingRule], names: Names) -> dict[str, list[dict[str, str]]]:
    """Return the rules of other regions that are asked before and after those of a region."""
    above = [code[:length] for length in (6, 9) if length < len(code)]
    rows = [rule for rule in held if rule.active and rule.region_code in above]
    after = sorted(rows, key=lambda rule: (-len(rule.region_code), rule.position))
    return {"after": [{"name": name_of(rule), "sentence": sentence(rule, names)} for rule in after]}


def _headline(present: list[RoutingRule], holes: int) -> list[Clause]:
    active = sum(rule.active for rule in present)
    if not present:
        clauses = [Clause(_("There are no rules here yet"))]
    else:
        clauses = [Clause(ngettext("%(count)s rule in use", "%(count)s rules in use", active) % {"count": active})]
    if holes:
        words = ngettext("%(count)s hole in coverage", "%(count)s holes in coverage", holes) % {"count": holes}
        clauses.append(Clause(words, "warn", pgettext("sentence", "; ")))
    else:
        clauses.append(Clause(_("every kind of problem has somebody everywhere"), "", pgettext("sentence", "; ")))
    return clauses


def _jobs(scope: Scope, code: str) -> list[Any]:
    rows = own(scope).filter(kind=trial.KIND, parameters__region=code).order_by("-pk")[:2]
    going_on = {JobState.WAITING, JobState.RUNNING}
    return [job for index, job in enumerate(rows) if job.state in going_on or not index]


def _acted(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    form, act = request.POST, request.POST.get("act", "")
    if act == "move":
        keeping.move(scope, code, _key(form.get("key", "")), number_of(form.get("position", ""), _("number")))
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({})
        return HttpResponseRedirect(f"{address('rules', code)}#rule-{form['key']}")
    if act == "switch":
        keeping.change(scope, code, _key(form.get("key", "")), {"active": form.get("active") == "1"})
        return HttpResponseRedirect(f"{address('rules', code)}#rule-{form['key']}")
    if act == "remove":
        keeping.remove(scope, code, _key(form.get("key", "")))
    elif act == "discard":
        keeping.discard(scope, code)
        messages.success(request, _("The draft is discarded; the rules in force stay as they are."))
    elif act == "publish":
        _edition, again = keeping.publish(scope, code, number_of(form.get("number", ""), _("edition")))
        words = ngettext(
            "The rules are in force; %(count)s waiting report was asked anew.",
            "The rules are in force; %(count)s waiting reports were asked anew.",
            again,
        )
        messages.success(request, words % {"count": again})
    elif act == "trial":
        job = trial.begin(scope, code, number_of(form.get("days", ""), _("days")))
        return HttpResponseRedirect(f"{address('rules', code)}#job-{job.pk}")
    else:
        raise BadInput(_("Open the form again."))
    return HttpResponseRedirect(address("rules", code))


def _key(text: str) -> UUID:
    return uuid_of(text)


urlpatterns: list[URLPattern] = [path("planner/rules/", rules, name="rules")]
