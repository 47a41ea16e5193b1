"""Invitations (邀请): making one, its card with a QR code, and ending it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid7
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.account_resets import issue as issue_reset
from grids.invitations import LONGEST, MOST_USES, Offer, invitations_of, issue, revoke
from grids.models import Invitation
from grids.problems import Problem
from grids.reach import check_manager, check_power, find_person
from grids.scope import Scope, scope_of
from maps.pages import people_choices
from maps.pages.asking import by_page, number_of, uuid_of
from maps.pages.qr import qr_image
from maps.pages.wording import moment

MOST = 100
DEFAULT_DAYS = 7


@require_safe
@login_required
@never_cache
@by_page
def invitations(request: HttpRequest) -> HttpResponse:
    """List the newest invitations into one's regions."""
    scope, now = scope_of(request.user), timezone.now()
    check_manager(scope)
    rows = invitations_of(scope).annotate(used=Count("uses"))[:MOST]
    return render(request, "maps/people/invitations.html", {"rows": [_row(row, now) for row in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation; its link and card are shown in the answer, once."""
    scope = scope_of(request.user)
    check_manager(scope)
    status, problem = 200, ""
    if request.method == "POST":
        try:
            return _card(request, scope)
        except Problem as refused:
            status, problem = refused.status, str(refused.sentence)
    context = {
        "key": uuid7.uuid7(),
        "given": request.POST,
        "problem": problem,
        "days": DEFAULT_DAYS,
        "most_days": LONGEST.days,
        "most_uses": MOST_USES,
        **people_choices.posts(scope),
    }
    return render(request, "maps/people/invite.html", context, status=status)


@require_POST
@login_required
@by_page
def withdraw(request: HttpRequest, identity: UUID) -> HttpResponse:
    """End an invitation."""
    scope = scope_of(request.user)
    check_manager(scope)
    revoke(scope, identity)
    messages.success(request, _("The invitation is revoked. Who came by it stays."))
    return HttpResponseRedirect(reverse("invitations"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new_start(request: HttpRequest, identity: int) -> HttpResponse:
    """Ask why, close the account, and show the link of the new start, once."""
    scope = scope_of(request.user)
    check_manager(scope)
    person = find_person(scope, identity)
    check_power(scope, person)
    status, problem = 200, ""
    if request.method == "POST":
        try:
            reset, token = issue_reset(scope, person, request.POST.get("reason", ""))
        except Problem as refused:
            status, problem = refused.status, str(refused.sentence)
        else:
            link = request.build_absolute_uri(reverse("reset", args=[token]))
            until = timezone.localtime(reset.valid_until)
            context = {"person": person, "link": link, "qr": qr_image(link), "until": until}
            return render(request, "maps/people/reset_card.html", context)
    context = {"person": person, "problem": problem, "given": request.POST}
    return render(request, "maps/people/reset.html", context, status=status)


def _card(request: HttpRequest, scope: Scope) -> HttpResponse:
    form = request.POST
    offer = Offer(
        id=uuid_of(form.get("key", "")),
        post=people_choices.post_of(form),
        days=number_of(form.get("days", ""), _("valid for days")),
        uses=number_of(form.get("uses", ""), _("for how many people")),
        note=form.get("note", ""),
    )
    invitation, token = issue(scope, offer)
    link = request.build_absolute_uri(reverse("join", args=[token]))
    context = {
        "invitation": invitation,
        "link": link,
        "qr": qr_image(link),
        "last_day": timezone.localdate(invitation.valid_until - timedelta(seconds=1)),
    }
    return render(request, "maps/people/invitation_card.html", context)


def _row(row: Invitation, now: Any) -> dict[str, Any]:
    used: int = row.used  # type: ignore[attr-defined]
    state = "open"
    if row.revoked_at:
        state = "revoked"
    elif used >= row.most_uses:
        state = "used"
    elif row.valid_until <= now:
        state = "over"
    return {
        "id": row.pk,
        "role": row.get_role_display(),
        "region": row.region,
        "with": row.team or row.organisation,
        "note": row.note,
        "who": row.issued_by,
        "when": moment(row.issued_at, now),
        "until": timezone.localtime(row.valid_until),
        "used": used,
        "most": row.most_uses,
        "state": state,
    }


urlpatterns: list[URLPattern] = [
    path("people/invitations/", invitations, name="invitations"),
    path("people/invitations/new/", invite, name="invite"),
    path("people/invitations/<uuid:identity>/revoke/", withdraw, name="invitation-revoke"),
    path("people/<int:identity>/reset/", new_start, name="person-reset"),
]
