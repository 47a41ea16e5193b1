"""The delivery log (送达记录) for administrators: how much goes out by which channel, what fails and why.

It covers the people and groups of the administrator's regions, and shows neither addresses nor what was said.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.channels import registry
from grids.channels.words import REASONS
from grids.models import Delivery, Membership, Parcel
from grids.models.people import Role
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, id_of
from maps.pages.wording import full_moment

LATELY = timedelta(days=7)
PAGE_SIZE = 30
BAD = (Delivery.Outcome.FAILED, Delivery.Outcome.REFUSED, Delivery.Outcome.UNKNOWN)


@require_safe
@login_required
@never_cache
@by_page
def deliveries(request: HttpRequest) -> HttpResponse:
    """Show seven days' figures and the attempts that did not arrive: ?channel=, ?after= the last one's id."""
    scope = scope_of(request.user)
    if not scope.has(Role.ADMIN):
        raise Http404(_("There is no such page for you."))
    now = timezone.now()
    since = now - LATELY
    theirs = _theirs(scope)
    figures = (
        theirs.filter(created_at__gt=since)
        .values("channel")
        .annotate(
            sent=Count("pk", filter=Q(state=Parcel.State.SENT)),
            waiting=Count("pk", filter=Q(state__in=[Parcel.State.WAITING, Parcel.State.SENDING])),
            failed=Count("pk", filter=Q(state=Parcel.State.FAILED)),
        )
    )
    rows = Delivery.objects.filter(parcel__in=theirs, attempted_at__gt=since, outcome__in=BAD)
    channel = request.GET.get("channel", "")
    if channel:
        rows = rows.filter(channel=channel)
    after = id_of(request.GET.get("after", ""))
    if after:
        rows = rows.filter(pk__lt=after)
    page = list(rows.select_related("parcel__robot").order_by("-pk")[: PAGE_SIZE + 1])
    counted = sorted(figures, key=lambda row: list(registry.CHANNELS).index(row["channel"]))
    failed = sum(row["failed"] for row in counted)
    older = f"?channel={channel}&after={page[PAGE_SIZE - 1].pk}" if len(page) > PAGE_SIZE else ""
    context = {
        "headline": ngettext(
            "%(count)d message of the last seven days did not arrive.",
            "%(count)d messages of the last seven days did not arrive.",
            failed,
        )
        % {"count": failed}
        if failed
        else _("In the last seven days everything arrived, or is on its way."),
        "figures": [{**row, "label": registry.CHANNELS[row["channel"]].label} for row in counted],
        "rows": [_row(row, now) for row in page[:PAGE_SIZE]],
        "older": older,
        "newest": reverse("deliveries") if after else "",
        "channel": channel,
    }
    return render(request, "maps/deliveries.html", context)


def _theirs(scope: Scope) -> QuerySet[Parcel]:
    people, robots = Q(pk__in=[]), Q(pk__in=[])
    for code in scope.regions.get(Role.ADMIN, ()):
        people |= Q(region__code__startswith=code)
        robots |= Q(robot__region__code__startswith=code)
    members = Membership.objects.on(timezone.localdate()).filter(people).values("person")
    return Parcel.objects.filter(robots | Q(person__in=members))


def _row(row: Delivery, now: Any) -> dict[str, Any]:
    assert row.parcel is not None
    return {
        "channel": registry.CHANNELS[row.channel].label,
        "group": row.parcel.robot.name if row.parcel.robot else "",
        "outcome": row.get_outcome_display(),
        "reason": REASONS.get(row.reason, ""),
        "detail": row.detail,
        "when": full_moment(row.attempted_at, now),
        "state": row.parcel.get_state_display(),
    }


urlpatterns: list[URLPattern] = [path("deliveries/", deliveries, name="deliveries")]
