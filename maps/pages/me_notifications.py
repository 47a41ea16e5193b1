"""How I am told (接收设置): my addresses and their codes, what comes through which channel and when, what arrived."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from grids.channels import addresses, groups, registry, wishes
from grids.channels.words import REASONS
from grids.models import Address, Delivery, Parcel, Person, Wishes
from grids.models.outside import PUSH
from grids.models.people import Role
from grids.problems import Problem
from grids.scope import scope_of
from grids.sealed import unseal
from maps.pages import me_browsers
from maps.pages.asking import by_page, check_text
from maps.pages.inbox import what_happened
from maps.pages.me import person_of
from maps.pages.wording import coming, moment

MOST_SHOWN = 20
FIELDS = {
    "email": {"label": gettext_lazy("E-mail address"), "type": "email", "autocomplete": "email"},
    "sms": {"label": gettext_lazy("Mobile number"), "type": "tel", "autocomplete": "tel"},
    "wecom": {"label": gettext_lazy("WeCom account (userid)"), "type": "text", "autocomplete": "off"},
    "webhook": {"label": gettext_lazy("Address of the webhook"), "type": "url", "autocomplete": "off"},
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def notifications(request: HttpRequest) -> HttpResponse:
    """Show everything, or save what comes when."""
    person = person_of(request)
    if request.method == "POST":
        chosen: dict[str, dict[str, str]] = {}
        for name, when in request.POST.items():
            channel, _colon, kind = str(name).partition(":")
            if kind:
                chosen.setdefault(channel, {})[kind] = str(when)
        kept = Wishes.objects.filter(person=person).first()
        # A channel that is not shown at present keeps its choices.
        for channel, kinds in (kept.choices if kept else {}).items():
            chosen.setdefault(channel, kinds)
        hours = [int(hour) for hour in request.POST.getlist("hour") if hour.isascii() and hour.isdecimal()]
        wishes.save(person, chosen, hours)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("me-notifications"))
    return _page(request, person)


@require_POST
@login_required
@never_cache
@by_page
def address(request: HttpRequest, channel: str) -> HttpResponse:
    """Take an address; a code goes there, except to a webhook, whose secret is shown once."""
    person = person_of(request)
    check_text(request)
    try:
        row = addresses.give(person, channel, request.POST.get("address", "")[:2000])
    except Problem as problem:
        if problem.status == 404:
            raise
        return _page(request, person, status=problem.status, wrong={channel: str(problem.sentence)})
    if channel == "webhook":
        return _page(request, person, secret=str(unseal(row.sealed)["secret"]))
    messages.success(request, _("A code is on its way. Type it in below as soon as it arrives."))
    return HttpResponseRedirect(f"{reverse('me-notifications')}#{channel}")


@require_POST
@login_required
@never_cache
@by_page
def confirm(request: HttpRequest, channel: str) -> HttpResponse:
    """Take the code of an address."""
    person = person_of(request)
    try:
        addresses.confirm(person, channel, request.POST.get("code", "")[:20])
    except Problem as problem:
        if problem.status == 404:
            raise
        return _page(request, person, status=problem.status, wrong={channel: str(problem.sentence)})
    messages.success(request, _("Confirmed. Messages come here from now on."))
    return HttpResponseRedirect(f"{reverse('me-notifications')}#{channel}")


@require_POST
@login_required
@by_page
def test(request: HttpRequest, channel: str) -> HttpResponse:
    """Send a test to oneself."""
    addresses.test(person_of(request), channel)
    messages.success(request, _("A test is on its way. What became of it stands below in a moment."))
    return HttpResponseRedirect(f"{reverse('me-notifications')}#lately")


@require_POST
@login_required
@by_page
def forget(request: HttpRequest, channel: str) -> HttpResponse:
    """Remove an address."""
    addresses.forget(person_of(request), channel)
    messages.success(request, _("The address is removed. Nothing goes there any more."))
    return HttpResponseRedirect(reverse("me-notifications"))


def _page(
    request: HttpRequest, person: Person, *, status: int = 200, wrong: dict[str, str] | None = None, secret: str = ""
) -> HttpResponse:
    now = timezone.now()
    mine: dict[str, Address] = {row.channel: row for row in Address.objects.filter(person=person)}
    browsers = me_browsers.shown(request, person) if PUSH in registry.ready() else None
    kept = Wishes.objects.filter(person=person).first()
    ready = registry.personal()
    scope = scope_of(person)
    known = {"email": person.email, "sms": person.phone}
    reached = [registry.CHANNELS[key].label for key in ready if key in mine and mine[key].confirmed_at]
    rows = [
        {**_channel(key, mine.get(key), kept, (wrong or {}).get(key, "")), "known": known.get(key, "")} for key in ready
    ]
    context = {
        "headline": _headline([str(label) for label in reached]),
        "person": person,
        "browsers": browsers,
        "channels": rows,
        # Those whose address somebody types in.
        "typed": [row for row in rows if row["key"] != PUSH],
        "secret": secret,
        "hours": [{"hour": hour, "chosen": hour in wishes.hours_of(kept)} for hour in range(6, 23)],
        "most_hours": wishes.MOST_HOURS,
        "lately": list(_lately(person, now)),
        "robots": groups.may_manage(scope),
        "log": scope.has(Role.ADMIN),
    }
    return render(request, "maps/me/notifications.html", context, status=status)


def _headline(reached: list[str]) -> str:
    if not reached:
        return _("Messages stand in the inbox and reach you nowhere else.")
    return _("Besides the inbox, messages reach you by %(ways)s.") % {"ways": pgettext("list", ", ").join(reached)}


def _channel(key: str, row: Address | None, kept: Wishes | None, wrong: str) -> dict[str, Any]:
    return {
        "key": key,
        "label": registry.CHANNELS[key].label,
        "field": FIELDS.get(key),
        "hint": row.hint if row else "",
        "confirmed": bool(row and row.confirmed_at),
        "waits": bool(row and row.code_from),
        "wrong": wrong,
        "kinds": [
            {
                "kind": kind,
                "label": kind.label,
                "choices": [
                    {"value": when, "label": when.label, "chosen": when == wishes.when_for(kept, key, kind)}
                    for when in wishes.When
                    if not (kind == wishes.Kind.URGENT and when == wishes.When.DIGEST)
                ],
            }
            for kind in wishes.Kind
        ],
    }


def _lately(person: Person, now: datetime) -> Iterable[dict[str, Any]]:
    newest = Delivery.objects.filter(parcel=OuterRef("pk")).order_by("-pk")
    rows = Parcel.objects.filter(person=person).select_related("notification").order_by("-pk")
    rows = rows.annotate(reason=Subquery(newest.values("reason")[:1]), outcome=Subquery(newest.values("outcome")[:1]))
    for row in rows[:MOST_SHOWN]:
        yield {
            "channel": registry.CHANNELS[row.channel].label if row.channel in registry.CHANNELS else row.channel,
            "what": _what(row),
            "state": row.get_state_display(),
            "good": row.state == Parcel.State.SENT,
            "bad": row.state == Parcel.State.FAILED,
            "reason": REASONS.get(row.reason or "", ""),
            "again": coming(row.due_at, now) if row.state == Parcel.State.WAITING and row.due_at > now else "",
            "attempts": row.attempts,
            "when": moment(row.ended_at or row.created_at, now),
        }


def _what(row: Parcel) -> str:
    if row.notification is not None:
        return " · ".join(filter(None, [what_happened(row.notification), row.notification.subject]))
    return _("code") if row.payload.get("what") == "code" else _("test message")
