"""My data (我的数据): what the site holds of a person, for how long and who sees it; the consent; who looked."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.models import Device, LookLog, Person
from grids.models.people import Role
from grids.scope import scope_of
from maps.pages.asking import by_page
from maps.pages.wording import full_moment, moment
from patrols import patrolling
from patrols.models import Consent, Patrol, PrivatePlace, Track
from patrols.ways import forget_all_ways

PAGE_SIZE = 30
LATELY = timedelta(days=30)


@require_safe
@login_required
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """Show in a sentence and a list what is held, and what one can do about it."""
    person, now = person_of(request), timezone.now()
    consents = list(Consent.objects.filter(person=person).order_by("-given_at")[:2])
    given = next((row for row in consents if row.withdrawn_at is None), None)
    counts = _counts(person, now)
    context = {
        "given": given,
        "given_when": full_moment(given.given_at, now) if given else "",
        "withdrawn_when": full_moment(consents[0].withdrawn_at, now) if consents and consents[0].withdrawn_at else "",
        "outdated": given is not None and given.version != patrolling.TEXT,
        "may_agree": bool(scope_of(person).regions),
        "headline": _headline(given is not None, counts),
        **counts,
    }
    return render(request, "maps/me/me.html", context)


@require_POST
@login_required
@by_page
def consent(request: HttpRequest) -> HttpResponse:
    """Give the consent to being recorded on patrol, or withdraw it."""
    if request.POST.get("do") == "withdraw":
        patrolling.withdraw_consent(person_of(request))
        messages.success(request, _("You withdrew your consent. Positions and ways are deleted."))
    else:
        patrolling.give_consent(scope_of(person_of(request)))
        messages.success(request, _("Thank you. Your patrols can be recorded from now on."))
    return HttpResponseRedirect(reverse("me"))


@require_POST
@login_required
@by_page
def forget_all(request: HttpRequest) -> HttpResponse:
    """Delete all of one's positions and ways."""
    count = forget_all_ways(person_of(request))
    messages.success(
        request,
        ngettext(
            "The way of %(count)d patrol is deleted. The streets it covered stay covered.",
            "The ways of %(count)d patrols are deleted. The streets they covered stay covered.",
            count,
        )
        % {"count": count},
    )
    return HttpResponseRedirect(reverse("me"))


@require_safe
@login_required
@never_cache
def looks(request: HttpRequest) -> HttpResponse:
    """Show a page of who looked at one's position or way, newest first."""
    person, now = person_of(request), timezone.now()
    rows = LookLog.objects.filter(_before(request), owner=person).select_related("viewer")
    page = list(rows.order_by("-at", "-pk")[: PAGE_SIZE + 1])
    last = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    context = {
        "rows": [_look(row, now) for row in page[:PAGE_SIZE]],
        "older": f"{reverse('me-looks')}?before={last.pk}" if last else "",
        "newest": reverse("me-looks") if request.GET.get("before") else "",
    }
    return render(request, "maps/me/looks.html", context)


def person_of(request: HttpRequest) -> Person:
    """Return who is signed in."""
    assert isinstance(request.user, Person)
    return request.user


def _counts(person: Person, now: datetime) -> dict[str, Any]:
    begun = Patrol.objects.filter(person=person, started_at__isnull=False)
    seen = LookLog.objects.filter(owner=person, at__gte=now - LATELY)
    newest = seen.order_by("-at").first()
    return {
        "patrols": begun.count(),
        "ways": Track.objects.filter(patrol__person=person, geom__isnull=False).count(),
        "devices": Device.objects.filter(person=person, revoked_at__isnull=True).count(),
        "places": PrivatePlace.objects.filter(person=person).count(),
        "looks": seen.count() if newest else 0,
        "looked_when": moment(newest.at, now) if newest else "",
    }


def _headline(given: bool, counts: dict[str, Any]) -> str:
    ways, seen = counts["ways"], counts["looks"]
    if not given:
        return _("Nothing of where you walk is recorded.")
    looked = ngettext(
        "in the last 30 days somebody looked %(count)d time where you were",
        "in the last 30 days somebody looked %(count)d times where you were",
        seen,
    )
    by_others = looked % {"count": seen} if seen else _("nobody looked where you were in the last 30 days")
    return pgettext("sentence", ", ").join([_kept(ways), by_others])


def _kept(ways: int) -> str:
    if not ways:
        return _("No way of yours is kept")
    return ngettext("%(count)d way of yours is kept", "%(count)d ways of yours are kept", ways) % {"count": ways}


def _look(row: LookLog, now: datetime) -> dict[str, Any]:
    labels = dict(Role.choices)
    return {
        "who": str(row.viewer),
        "role": labels.get(row.role, ""),
        "what": row.get_what_display(),
        "when": full_moment(row.at, now),
        "exactly": timezone.localtime(row.at).isoformat(timespec="minutes"),
        "patrol": row.about,
    }


def _before(request: HttpRequest) -> Q:
    asked = request.GET.get("before")
    if not asked:
        return Q()
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise Http404(_("There is no such page."))
    # Rows are written in the order of their ids, so that an id is as good a place to go on from as a moment.
    return Q(pk__lt=int(asked))
