"""Accounts: nobody signs up by themselves; in demo mode the invented people are offered at the sign-in."""

import time
from dataclasses import dataclass
from typing import Any

from allauth.account import app_settings, views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from grids.channels import browsers
from maps.pages.this_browser import here, leave
from maps.site.signed_in import SEEN


class AccountAdapter(DefaultAccountAdapter):
    """People are invited or imported; there is no open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def set_password(self, user: Any, password: str) -> None:
        """Set a new password; devices signed in with the old one are signed out and leave the list."""
        super().set_password(user, password)
        UserSession.objects.filter(user=user).delete()
        browsers.remove_others(user, here(self.request) if self.request else None)

    def logout(self, request: HttpRequest) -> None:
        """Sign out; the browser is told nothing any more."""
        leave(request)
        super().logout(request)

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Ask for the password before what protects an account, except of who has typed it a moment ago.

        Otherwise everybody who joins, or signs in and has to set up a second factor, types it twice in a row.
        """
        if app == "allauth.mfa" and typed_lately(self.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **more))

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """Note when the device was used, and speak the person's language on it."""
        response: HttpResponse = super().post_login(request, user, **more)
        request.session[SEEN] = int(time.time())
        # Whoever was here before, and did not sign out, is told nothing here any more.
        leave(request, user)
        speak(response, user.language)
        return response


def typed_lately(request: HttpRequest) -> bool:
    """Whether somebody signed in with their password alone within the time after which it is asked for again."""
    records = get_authentication_records(request, request.user)
    last = records[-1] if records else {}
    return last.get("method") == "password" and time.time() - last["at"] < app_settings.REAUTHENTICATION_TIMEOUT


def speak(response: HttpResponse, language: str) -> None:
    """Keep a language on the device, as the change of language does; nothing for one that is not chosen."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 86_400,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


@dataclass(frozen=True)
class DemoAccount:
    """An invented person that a visitor of the demonstration may be."""

    username: str
    title: Promise
    about: Promise


DEMO_ACCOUNTS = (
    DemoAccount("leader", _("grid leader"), _("sees a patch on the phone and files what is wrong there")),
    DemoAccount("volunteer", _("volunteer"), _("belongs to a grid, reports and fixes small things")),
    DemoAccount("dispatcher", _("dispatcher"), _("decides who deals with which report; wide screen")),
    DemoAccount("planner", _("planner"), _("sees the district's reports")),
    DemoAccount("inspector", _("inspector"), _("sees the district's reports and checkpoints")),
    DemoAccount("admin", _("administrator"), _("sees everything")),
    DemoAccount(
        "outsider", _("grid leader elsewhere"), _("leads a grid of another community and sees nothing of this one")
    ),
)


def demo_accounts() -> tuple[DemoAccount, ...]:
    """Return the accounts to offer at the sign-in: none outside the demonstration."""
    return DEMO_ACCOUNTS if settings.DEMO else ()


@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    """Say who gives out a new password: accounts need no e-mail address, so none can be sent."""
    return render(request, "account/forgotten.html")


# Only what works without sending mail. The library asks for the names of signing up and resetting.
urlpatterns: list[URLPattern] = [
    path("accounts/login/", views.login, name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/signup/", views.signup, name="account_signup"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", views.password_change, name="account_change_password"),
    path("accounts/password/set/", views.password_set, name="account_set_password"),
    path("accounts/password/forgotten/", forgotten, name="account_reset_password"),
]
