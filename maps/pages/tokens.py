"""Tokens for programs (接口令牌): making one, copying it once, seeing when it was used, ending it."""

from collections.abc import Iterator
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from grids.models import ApiToken, Person
from grids.problems import Problem
from grids.tokens import LIFETIMES, WRITE, issue, revoke
from maps.pages.wording import moment

MOST_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def tokens(request: HttpRequest) -> HttpResponse:
    """Show a person's tokens; a POST makes one and shows it this once.

    Whoever finds a browser open cannot make one: they are asked again who they are.
    """
    person = _person(request)
    given: dict[str, Any] = {"name": "", "days": 90, "write": False}
    made: ApiToken | None = None
    secret, wrong = "", ""
    if request.method == "POST":
        days = request.POST.get("days", "")
        given = {
            "name": request.POST.get("name", "").replace("\x00", "").strip(),
            "days": int(days) if days in map(str, LIFETIMES) else 0,
            "write": request.POST.get("access") == WRITE,
        }
        try:
            made, secret = issue(person, given["name"], given["days"], write=given["write"])
        except Problem as problem:
            wrong = str(problem.sentence)
    context = {
        "title": _("Tokens for programs"),
        "rows": list(_rows(person)),
        "made": made,
        "secret": secret,
        "wrong": wrong,
        "given": given,
        "lifetimes": [
            (days, ngettext("%(count)d day", "%(count)d days", days) % {"count": days}) for days in LIFETIMES
        ],
        "rate": settings.TOKEN_RATE,
    }
    return render(request, "maps/tokens.html", context, status=422 if wrong else 200)


@require_POST
@login_required
def end(request: HttpRequest, identity: int) -> HttpResponseRedirect:
    """End a token at once."""
    if revoke(_person(request), identity):
        messages.success(request, _("The token is revoked: nothing can use it any more."))
    else:
        messages.info(request, _("This token was not valid any more."))
    return HttpResponseRedirect(reverse("account-tokens"))


def _rows(person: Person) -> Iterator[dict[str, Any]]:
    """Yield the tokens newest first, each with where it stands."""
    now = timezone.now()
    for token in ApiToken.objects.filter(person=person).order_by("-created_at")[:MOST_SHOWN]:
        yield {
            "id": token.pk,
            "name": token.name,
            "ending": token.ending,
            "write": WRITE in token.scopes,
            "used": moment(token.last_used_at, now) if token.last_used_at else "",
            "made": moment(token.created_at, now),
            "until": timezone.localtime(token.expires_at),
            "revoked": moment(token.revoked_at, now) if token.revoked_at else "",
            "over": token.expires_at <= now,
        }


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


urlpatterns: list[URLPattern] = [
    path("account/tokens/", tokens, name="account-tokens"),
    path("account/tokens/<int:identity>/revoke/", end, name="account-token-revoke"),
]
