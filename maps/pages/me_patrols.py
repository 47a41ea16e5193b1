"""My patrols: a list; each with its kept way, why positions did not count, and silences; as GPX, and deleting it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.scope import scope_of
from maps.pages.asking import by_page
from maps.pages.me import PAGE_SIZE, person_of
from maps.pages.wording import full_moment, long_span
from maps.privacy.retention import TRACKS_KEPT
from patrols.models import Patrol, Track, TrackFile
from patrols.models.patrol import PatrolState
from patrols.patrolling import find
from patrols.tracks.cleaning import Reason
from patrols.ways import forget_way, gpx_of, gpx_response, kept_of

OVER = (PatrolState.ENDED, PatrolState.MEASURED)
WHY: dict[str, Promise] = {
    Reason.NOT_A_PLACE: gettext_lazy("no place on Earth"),
    Reason.NULL_ISLAND: gettext_lazy("0° 0°, which receivers say when they know nothing"),
    Reason.FUTURE: gettext_lazy("a time in the future"),
    Reason.OUTSIDE: gettext_lazy("before or after the patrol"),
    Reason.REPEATED: gettext_lazy("a second position of the same moment"),
    Reason.INACCURATE: gettext_lazy("vaguer than 50 m"),
    Reason.OUTLIER: gettext_lazy("a jump faster than one can go"),
}


@require_safe
@login_required
@never_cache
def patrols(request: HttpRequest) -> HttpResponse:
    """Show a page of one's own patrols, newest first."""
    person, now = person_of(request), timezone.now()
    rows = Patrol.objects.filter(_before(request), person=person, started_at__isnull=False)
    ways = Track.objects.filter(patrol=OuterRef("pk"), geom__isnull=False)
    shapes = TrackFile.objects.filter(patrol=OuterRef("pk"), shape__isnull=False)
    rows = rows.select_related("grid").defer("grid__geom").annotate(kept=Exists(ways) | Exists(shapes))
    page = list(rows.order_by("-started_at", "-pk")[: PAGE_SIZE + 1])
    context = {
        "rows": [{**summary(row, now), "way": _way_words(row, now)} for row in page[:PAGE_SIZE]],
        "older": f"{reverse('me-patrols')}?before={page[PAGE_SIZE - 1].pk}" if len(page) > PAGE_SIZE else "",
        "newest": reverse("me-patrols") if request.GET.get("before") else "",
    }
    return render(request, "maps/me/patrols.html", context)


@require_safe
@login_required
@never_cache
@by_page
def patrol(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show one patrol with what is kept of its way."""
    row, now = find(scope_of(request.user), identity), timezone.now()
    if row.started_at is None:
        raise Http404
    kept = kept_of(row)
    context = {
        "patrol": summary(row, now),
        "over": row.state in OVER,
        "measured": row.state == PatrolState.MEASURED,
        "forgotten": full_moment(row.forgotten_at, now) if row.forgotten_at else "",
        "counted": kept.track is not None and bool(kept.lines),
        "reasons": _reasons(kept.track),
        "gaps": [_gap(start, end) for start, end in (kept.track.gaps if kept.track else [])],
        "way": {"lines": kept.lines, "untimed": kept.untimed},
        "untimed": bool(kept.untimed),
        "has_way": bool(kept.lines or kept.untimed),
        "deletable": row.state in OVER and not row.forgotten_at,
        "kept_until": _kept_until(row),
    }
    return render(request, "maps/me/patrol.html", context)


@require_safe
@login_required
@never_cache
@by_page
def gpx(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Answer with the kept way as GPX 1.1."""
    row = find(scope_of(request.user), identity)
    content = gpx_of(row)
    if content is None:
        raise Http404(_("No way is kept of this patrol."))
    return gpx_response(row, content)


@require_POST
@login_required
@by_page
def forget(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Delete the way of a patrol."""
    forget_way(scope_of(request.user), identity)
    messages.success(request, _("The way is deleted. The streets it covered stay covered."))
    return HttpResponseRedirect(reverse("me-patrol", args=[identity]))


def summary(row: Patrol, now: datetime) -> dict[str, Any]:
    """Return what a list shows of a patrol that has begun."""
    assert row.started_at
    start = timezone.localtime(row.started_at)
    return {
        "id": row.pk,
        "day": date_format(start, pgettext("date with weekday", "D j M Y")),
        "from": date_format(start, "H:i"),
        "until": date_format(timezone.localtime(row.ended_at), "H:i") if row.ended_at else "",
        "exactly": start.isoformat(timespec="minutes"),
        "length": long_span((row.ended_at or now) - row.started_at),
        "grid": str(row.grid) if row.grid else "",
        "mode": row.get_mode_display(),
        "active": row.state == PatrolState.ACTIVE,
        "nothing": row.nothing_at is not None,
    }


def _way_words(row: Any, now: datetime) -> dict[str, str]:
    """Return in a few words whether a patrol's way is kept, with the tone of the pill."""
    if row.state == PatrolState.ACTIVE:
        return {"text": _("under way"), "tone": "warn"}
    if row.kept:
        return {"text": _("way kept until %(day)s") % {"day": _kept_until(row)}, "tone": "ok"}
    if row.forgotten_at:
        return {"text": _("way deleted"), "tone": ""}
    if row.state == PatrolState.ENDED:
        return {"text": _("being measured"), "tone": ""}
    if row.ended_at and row.ended_at < now - TRACKS_KEPT:
        return {"text": _("way gone after thirty days"), "tone": ""}
    return {"text": _("no way recorded"), "tone": ""}


def _reasons(track: Track | None) -> list[dict[str, Any]]:
    """Return why positions did not count, most frequent first."""
    found = sorted((track.reasons if track else {}).items(), key=lambda pair: -pair[1])
    return [{"why": str(WHY.get(reason, reason)), "count": count} for reason, count in found]


def _gap(start: float, end: float) -> dict[str, str]:
    since, until = (timezone.localtime(datetime.fromtimestamp(moment, UTC)) for moment in (start, end))
    return {
        "from": date_format(since, "H:i"),
        "until": date_format(until, "H:i"),
        "length": long_span(until - since),
    }


def _kept_until(row: Patrol) -> str:
    if row.ended_at is None:
        return ""
    return date_format(timezone.localtime(row.ended_at + TRACKS_KEPT), pgettext("date without year", "j M"))


def _before(request: HttpRequest) -> Q:
    """Return the condition that a patrol began before one of one's own; raises Http404 for no such patrol."""
    asked = request.GET.get("before")
    if not asked:
        return Q()
    try:
        row = Patrol.objects.filter(pk=UUID(asked), person=person_of(request)).first()
    except ValueError:
        row = None
    if row is None or row.started_at is None:
        raise Http404(_("There is no such page."))
    return Q(started_at__lt=row.started_at) | Q(started_at=row.started_at, pk__lt=row.pk)
