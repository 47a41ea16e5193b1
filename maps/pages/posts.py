"""Posts (值守点): where they are and how they stand today; entering, changing and closing them; their weekly shifts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Extent
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids import geometry_guard
from grids.models import Region
from grids.models.people import Role
from grids.problems import BadInput, NotFound, Problem
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, day_of, number_of
from maps.pages.shift_rows import attendance, presence_words, row_of
from maps.pages.wording import weekdays
from patrols.models import Pattern, Post, Shift, Turn
from patrols.models.posts import HELD_STATES, RADIUS, ShiftState
from patrols.posts import planning
from patrols.posts.attendance import with_presence
from patrols.posts.reach import ASSIGNERS, KEEPERS, keeps, visible_posts

MOST = 200
LOOKERS = frozenset({*ASSIGNERS, Role.INSPECTOR})


@require_safe
@login_required
@never_cache
@by_page
def posts(request: HttpRequest) -> HttpResponse:
    """List the posts of one's regions with today's shifts, beside the map: ?community= its code."""
    scope, now = scope_of(request.user), timezone.now()
    check_looker(scope)
    communities = communities_of(scope)
    code = chosen_code(request, communities)
    rows = list(_posts_of(scope, code, now)[:MOST])
    listed = [_listed(post, scope, now) for post in rows]
    context = {
        "rows": listed,
        "communities": communities,
        "code": code,
        "sentence": _sentence(rows, now),
        "keeps": bool(scope.roles & set(KEEPERS)),
        "tabs": bool(scope.roles & set(ASSIGNERS)),
        "map_data": {"posts": [_marker(post, now) for post in rows], "bounds": _bounds(scope, code)},
        "full": len(rows) == MOST,
    }
    return render(request, "maps/posts/today.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new(request: HttpRequest) -> HttpResponse:
    """Enter a post."""
    scope = scope_of(request.user)
    check_keeper_somewhere(scope)
    problem, status = "", 200
    if request.method == "POST":
        try:
            made = planning.enter(scope, planning.Entry(place=_place(request.POST), **_given(request.POST)))
            messages.success(request, _("The post is there; now say when somebody is to stand at it."))
            return HttpResponseRedirect(reverse("post", args=[made.pk]))
        except Problem as refused:
            problem, status = str(refused.sentence), refused.status
    context = {
        "given": {name: request.POST.get(name, "") for name in ("name", "name_en", "instruction")},
        "radius": request.POST.get("radius", RADIUS),
        "skills": request.POST.get("skills", ""),
        "problem": problem,
        "map_data": {"bounds": _bounds(scope, ""), "at": _at(request.POST)},
    }
    return render(request, "maps/posts/new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def post(request: HttpRequest, identity: int) -> HttpResponse:
    """Show a post with its weekly shifts, and change it."""
    scope = scope_of(request.user)
    row = _kept(scope, identity)
    if request.method == "POST":
        try:
            return _acted(request, scope, row)
        except Problem as refused:
            return _shown(request, row, str(refused.sentence), refused.status)
    return _shown(request, row)


@require_POST
@login_required
@by_page
def end_pattern(request: HttpRequest, identity: int, pattern: int) -> HttpResponse:
    """Let a weekly shift end with a day."""
    scope = scope_of(request.user)
    if not Pattern.objects.filter(pk=pattern, post=_kept(scope, identity)).exists():
        raise Http404
    last_day = day_of(request.POST.get("last_day", ""), _("last day")) or timezone.localdate()
    planning.end_pattern(scope, pattern, last_day)
    messages.success(request, _("It ends; whoever had a later place was told."))
    return HttpResponseRedirect(reverse("post", args=[identity]))


def _kept(scope: Scope, identity: int) -> Post:
    row = visible_posts(scope).filter(pk=identity).first()
    if row is None or not keeps(scope, row.region.code):
        raise Http404
    return row


def _acted(request: HttpRequest, scope: Scope, row: Post) -> HttpResponse:
    form, act = request.POST, request.POST.get("act", "")
    if act == "change":
        planning.change(scope, row.pk, planning.Change(place=_place(form), **_given(form)))
        messages.success(request, _("Saved."))
    elif act == "pattern":
        pattern = planning.add_pattern(scope, row.pk, _week(form))
        count = Shift.objects.filter(pattern=pattern).count()
        words = ngettext(
            "%(count)s shift is planned for the next four weeks; later ones follow by themselves.",
            "%(count)s shifts are planned for the next four weeks; later ones follow by themselves.",
            count,
        )
        messages.success(request, words % {"count": count})
    elif act == "shift":
        day = day_of(form.get("day", ""), _("day"))
        if day is None:
            raise BadInput(_("Choose a day first."))
        wanted = number_of(form.get("wanted", ""), _("number of people"))
        once = planning.Once(day, _time(form, "starts"), _time(form, "ends"), wanted)
        planning.add_shift(scope, row.pk, once)
        messages.success(request, _("The shift is there."))
    elif act == "close":
        last_day = day_of(form.get("last_day", ""), _("last day")) or timezone.localdate()
        planning.close(scope, row.pk, last_day)
        messages.success(request, _("The post closes; whoever had a later place was told."))
        return HttpResponseRedirect(reverse("posts"))
    else:
        raise BadInput(_("Open the form again."))
    return HttpResponseRedirect(reverse("post", args=[row.pk]))


def _shown(request: HttpRequest, row: Post, problem: str = "", status: int = 200) -> HttpResponse:
    form = request.POST
    changing = form.get("act") == "change"
    patterns = Pattern.objects.not_over().filter(post=row).order_by("starts", "pk")
    context = {
        "post": row,
        "given": {
            name: form.get(name, "") if changing else getattr(row, name) for name in ("name", "name_en", "instruction")
        },
        "radius": form.get("radius", "") if changing else row.radius,
        "skills": form.get("skills", "") if changing else ", ".join(row.skills),
        "problem": problem,
        "act": form.get("act", ""),
        "form": {name: form.get(name, "") for name in ("starts", "ends", "wanted", "day")},
        "chosen_days": form.getlist("weekday") if form.get("act") == "pattern" else ["1", "2", "3", "4", "5"],
        "patterns": [_pattern(pattern) for pattern in patterns],
        "weekdays": [(str(number), name) for number, name in enumerate(weekdays(), 1)],
        "today": timezone.localdate(),
        "ends": row.period.upper,
        "map_data": {"at": {"lon": row.geom.x, "lat": row.geom.y}, "bounds": None},
    }
    return render(request, "maps/posts/post.html", context, status=status)


def _pattern(pattern: Pattern) -> dict[str, Any]:
    names = weekdays()
    days = pgettext("list", ", ").join(names[number - 1] for number in pattern.weekdays)
    if pattern.weekdays == [1, 2, 3, 4, 5]:
        days = _("Mon to Fri")
    elif pattern.weekdays == [1, 2, 3, 4, 5, 6, 7]:
        days = _("every day")
    return {
        "id": pattern.pk,
        "days": days,
        "clock": f"{pattern.starts:%H:%M}–{pattern.ends:%H:%M}",
        "wanted": ngettext("%(count)s person", "%(count)s people", pattern.wanted) % {"count": pattern.wanted},
        "worked": pattern.worked_days,
        "since": pattern.period.lower if pattern.period.lower > timezone.localdate() else None,
        "until": pattern.period.upper,
    }


def _posts_of(scope: Scope, code: str, now: datetime) -> QuerySet[Post]:
    today = timezone.localdate(now)
    held = Turn.objects.filter(state__in=HELD_STATES).select_related("person").order_by("since")
    shifts = with_presence(Shift.objects.filter(day=today)).order_by("starts_at", "pk")
    shifts = shifts.prefetch_related(Prefetch("turns", held, to_attr="crew"))
    rows = visible_posts(scope).filter(scope.within("region__code"), period__contains=today)
    if code:
        rows = rows.filter(region__code=code)
    return rows.prefetch_related(Prefetch("shifts", shifts, to_attr="today")).order_by("region__code", "name", "pk")


def _listed(row: Any, scope: Scope, now: datetime) -> dict[str, Any]:
    code = row.region.code
    # Whether somebody came is for who sends others in their place today, and for nobody's records.
    dispatches = scope.reaches(Role.DISPATCHER, code)
    kept = keeps(scope, code)
    return {
        "id": row.pk,
        "name": row.local_name,
        "region": row.region.local_name,
        "keeps": kept,
        "shifts": [
            {
                **row_of(_with_post(shift, row), now),
                "attendance": attendance(shift, now),
                "crew": [_member(turn, dispatches, now) for turn in shift.crew] if dispatches or kept else [],
                "assigns": dispatches or kept,
            }
            for shift in row.today
        ],
    }


def _with_post(shift: Shift, row: Post) -> Shift:
    shift.post = row
    return shift


def _member(turn: Turn, dispatches: bool, now: datetime) -> str:
    name = turn.person.local_name
    words = presence_words(turn, now) if dispatches else ""
    return _("%(name)s (%(presence)s)") % {"name": name, "presence": words} if words else name


def _marker(row: Any, now: datetime) -> dict[str, Any]:
    shifts = [shift for shift in row.today if shift.state == ShiftState.OPEN and shift.ends_at > now]
    missing = sum(shift.missing for shift in shifts)
    state = "vacant" if missing else "filled" if shifts else "idle"
    return {
        "id": str(row.pk),
        "name": row.local_name,
        "lon": row.geom.x,
        "lat": row.geom.y,
        "state": state,
        "missing": missing,
        "glyph": pgettext("symbol of a post", "P"),
    }


def _sentence(rows: Sequence[Any], now: datetime) -> str:
    shifts = [shift for row in rows for shift in row.today if shift.state == ShiftState.OPEN]
    if not rows:
        return _("There is no post yet.")
    if not shifts:
        return _("Nobody is wanted at a post today.")
    ahead = [shift for shift in shifts if shift.ends_at > now]
    lacking = sum(bool(shift.missing) for shift in ahead)
    running = [shift for shift in shifts if shift.starts_at <= now < shift.ends_at]
    unknown = sum(not (shift.there or shift.by_word) for shift in running)
    parts = [ngettext("%(count)s shift today", "%(count)s shifts today", len(shifts)) % {"count": len(shifts)}]
    if lacking:
        parts.append(ngettext("%(count)s lacks somebody", "%(count)s lack somebody", lacking) % {"count": lacking})
    else:
        parts.append(_("nobody is missing") if ahead else _("all are over"))
    if running:
        words = ngettext("%(count)s is on now", "%(count)s are on now", len(running)) % {"count": len(running)}
        parts.append(words)
    if unknown:
        parts.append(_("of %(count)s it is not known who came") % {"count": unknown})
    return pgettext("sentence", "; ").join(parts)


def check_looker(scope: Scope) -> None:
    """Raise NotFound for somebody who looks after no posts."""
    if not scope.roles & LOOKERS:
        raise NotFound(_("There is no such thing here."))


def check_keeper_somewhere(scope: Scope) -> None:
    """Raise NotFound for somebody who plans no posts."""
    if not scope.roles & set(KEEPERS):
        raise NotFound(_("There is no such thing here."))


def communities_of(scope: Scope) -> list[tuple[str, str]]:
    """Return code and name of the communities with posts that somebody looks after."""
    codes = visible_posts(scope).filter(scope.within("region__code")).values("region")
    rows = Region.objects.filter(pk__in=codes).order_by("code").defer("geom")
    return [(row.code, row.local_name) for row in rows[:400]]


def chosen_code(request: HttpRequest, communities: list[tuple[str, str]]) -> str:
    """Return the community asked for, empty for all; raises NotFound for one that is none of one's own."""
    code = request.GET.get("community", "")
    if code and code not in dict(communities):
        raise NotFound(_("There is no such thing here."))
    return code


def _bounds(scope: Scope, code: str) -> list[float] | None:
    within = Region.objects.current().filter(scope.within("code"))
    rows = within.filter(code=code) if code else within
    found = rows.aggregate(extent=Extent("geom"))["extent"]
    return list(found) if found else None


def _given(form: QueryDict) -> dict[str, Any]:
    skills = [one.strip() for one in form.get("skills", "").replace("，", ",").split(",") if one.strip()]
    if len(skills) > 5 or any(len(one) > 40 or not all(c.isalnum() or c in "-_" for c in one) for one in skills):
        raise BadInput(_("Give at most five skills by their codes, with commas between them."))
    instruction, name = form.get("instruction", ""), form.get("name", "")
    if len(instruction) > 1000 or len(name) > 120 or len(form.get("name_en", "")) > 160:
        raise BadInput(_("The text is too long."))
    return {
        "name": name,
        "name_en": form.get("name_en", ""),
        "instruction": instruction,
        "radius": number_of(form.get("radius", ""), _("radius in metres")),
        "skills": tuple(skills),
    }


def _place(form: QueryDict) -> Any:
    lon, lat = form.get("lon", "").strip(), form.get("lat", "").strip()
    if not lon or not lat:
        raise BadInput(_("Choose the place on the map."))
    return geometry_guard.parse_point(lon, lat)


def _at(form: QueryDict) -> dict[str, float] | None:
    try:
        return {"lon": float(str(form["lon"])), "lat": float(str(form["lat"]))}
    except (KeyError, ValueError):
        return None


def _week(form: QueryDict) -> planning.Week:
    days = [int(one) for one in form.getlist("weekday") if one in "1234567" and len(one) == 1]
    return planning.Week(
        weekdays=tuple(days),
        starts=_time(form, "starts"),
        ends=_time(form, "ends"),
        wanted=number_of(form.get("wanted", ""), _("number of people")),
        worked_days=form.get("worked_days") == "1",
        since=day_of(form.get("since", ""), _("first day")),
        last_day=day_of(form.get("last_day", ""), _("last day")),
    )


def _time(form: QueryDict, name: str) -> Any:
    try:
        found = parse_time(form.get(name, ""))
    except ValueError:
        found = None
    if found is None or found.tzinfo:
        raise BadInput(_("Give a time such as 07:30."))
    return found.replace(second=0, microsecond=0)


urlpatterns: list[URLPattern] = [
    path("posts/", posts, name="posts"),
    path("posts/new/", new, name="post-new"),
    path("posts/<int:identity>/", post, name="post"),
    path("posts/<int:identity>/patterns/<int:pattern>/end/", end_pattern, name="pattern-end"),
]
