"""What is shown of calls to a dispatcher and of offers to those who were asked.

A dispatcher learns how many were asked, saw it and are not available, and who has taken it on; who declined is said to
nobody, so that saying no costs nothing.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from grids.scope import Scope
from patrols.models import Call, Offer
from patrols.offering.table import HELD_STATES, LIVE_STATES, CallState, OfferState

SHOWN_AFTER = timedelta(days=1)  # how long one's own list still has what is over
NOT_AVAILABLE = (OfferState.DECLINED, OfferState.EXPIRED, OfferState.RELEASED)


def calls_of(reports: Collection[UUID]) -> "QuerySet[Call]":
    """Return the calls of some reports, the newest first, with their numbers and who has taken them on."""
    taken = Offer.objects.filter(state__in=HELD_STATES).select_related("person").order_by("place")
    return (
        Call.objects.filter(report__in=reports)
        .select_related("team", "asked_by")
        .annotate(
            asked=Count("offers"),
            standing=Count("offers", filter=Q(offers__state=OfferState.OFFERED)),
            seen=Count("offers", filter=Q(offers__seen_at__isnull=False)),
            unavailable=Count("offers", filter=Q(offers__state__in=NOT_AVAILABLE)),
        )
        .prefetch_related(Prefetch("offers", taken, to_attr="taken"))
        .order_by("-opened_at", "-pk")
    )


def own_offers(scope: Scope, now: datetime) -> "QuerySet[Offer]":
    """Return one's own offers that stand or were taken on, and those that ended within a day, unless one declined."""
    rows = Offer.objects.filter(person=scope.person).exclude(state=OfferState.DECLINED)
    return with_report(rows.filter(Q(state__in=LIVE_STATES) | Q(ended_at__gt=now - SHOWN_AFTER)))


def with_report(rows: "QuerySet[Offer]") -> "QuerySet[Offer]":
    """Fetch with offers all that is shown of them."""
    return rows.select_related("call__asked_by", "report__category", "report__grid").defer(
        "report__geom", "report__grid__geom"
    )


def mark_seen(offers: Iterable[Offer], now: datetime) -> None:
    """Note that those who were asked have seen it."""
    unseen = [offer.pk for offer in offers if offer.seen_at is None and offer.state == OfferState.OFFERED]
    if unseen:
        Offer.objects.filter(pk__in=unseen, seen_at=None).update(seen_at=now)


def why_over(offer: Offer, now: datetime) -> str:
    """Return in a sentence why an offer cannot be taken any more, empty for one that can or that was taken."""
    if offer.state == OfferState.EXPIRED or (offer.state == OfferState.OFFERED and offer.expires_at <= now):
        return _("This offer has lapsed.")
    if offer.state == OfferState.WITHDRAWN:
        return _("Somebody else has taken it.") if offer.call.state == CallState.FILLED else _("Not needed any more.")
    return ""


def board_calls(reports: Collection[str]) -> dict[str, dict[str, object]]:
    """Return what a row of the board shows of the latest call of each of some reports, by the report's id; one query.

    A call that was answered or withdrawn says nothing more there.
    """
    latest = Call.objects.filter(report=OuterRef("report")).order_by("-opened_at", "-pk").values("pk")[:1]
    rows = (
        Call.objects.filter(report__in=reports, state__in=[CallState.OPEN, CallState.UNANSWERED], pk=Subquery(latest))
        .annotate(asked=Count("offers"), taken=Count("offers", filter=Q(offers__state__in=HELD_STATES)))
        .values("report", "state", "wave", "waves", "places", "asked", "taken")
    )
    return {str(row["report"]): {name: value for name, value in row.items() if name != "report"} for row in rows}
