"""What somebody sees who opens a link: joining by an invitation, and the new start of an account."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from grids import account_resets
from grids import invitations as invitations_
from grids.models import Person
from grids.problems import Problem, TooMany
from grids.roles import Newcomer
from maps.pages.asking import check_text


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show an invitation and make the account, or give its role to who is signed in."""
    status, problem = 200, ""
    try:
        invitation = invitations_.find(token)
    except Problem as refused:
        return _closed(request, refused)
    if request.method == "POST":
        try:
            return _joined(request, token)
        except Problem as refused:
            status, problem = refused.status, str(refused.sentence)
    context = {"invitation": invitation, "problem": problem, "given": request.POST, "token": token}
    return render(request, "maps/joining/join.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
def reset(request: HttpRequest, token: str) -> HttpResponseBase:
    """Let the owner of an account choose a new password by the link they were given."""
    status, problem = 200, ""
    try:
        found = account_resets.find(token)
    except Problem as refused:
        return _closed(request, refused)
    if request.method == "POST":
        try:
            check_text(request)
            _slowly(request)
            person = account_resets.finish(token, request.POST.get("password", ""))
        except Problem as refused:
            status, problem = refused.status, str(refused.sentence)
        else:
            return _sign_in(request, person)
    return render(request, "maps/joining/reset.html", {"reset": found, "problem": problem}, status=status)


def _joined(request: HttpRequest, token: str) -> HttpResponseBase:
    check_text(request)
    _slowly(request)
    if isinstance(request.user, Person):
        invitations_.accept(token, request.user)
        return HttpResponseRedirect(reverse("home"))
    newcomer = Newcomer(
        username=request.POST.get("username", ""),
        name=request.POST.get("name", ""),
    )
    return _sign_in(request, invitations_.join(token, newcomer, request.POST.get("password", "")))


def _sign_in(request: HttpRequest, person: Person) -> HttpResponseBase:
    """Sign in who has just chosen their password."""
    record_authentication(request, person, method="password", username=person.username)
    answer: HttpResponseBase = perform_login(request, person)
    return answer


def _slowly(request: HttpRequest) -> None:
    """Count the attempt by the caller's address; raises TooMany."""
    if not ratelimit.consume(request, action="signup"):
        raise TooMany(_("Too many attempts from here: wait a minute."), 60)


def _closed(request: HttpRequest, problem: Problem) -> HttpResponse:
    return render(request, "maps/joining/closed.html", {"sentence": problem.sentence}, status=problem.status)


urlpatterns: list[URLPattern] = [
    path("join/<slug:token>/", join, name="join"),
    path("reset/<slug:token>/", reset, name="reset"),
]
