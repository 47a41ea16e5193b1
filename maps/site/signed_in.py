"""Middleware around who is signed in: when a device was last used, and who has to set up a second factor first."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from grids.models import Person
from grids.problems import problem_json
from grids.scope import scope_of

SEEN = "seen_at"
SEEN_EVERY = 600  # seconds; oftener would cost every request a write
Answer = Callable[[HttpRequest], HttpResponseBase]
# What somebody may open who has to set up their second factor first.
OPEN_NAMES = frozenset(
    {
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_reauthenticate",
        "account_logout",
        "account_login",
        "set_language",
        "javascript-catalog",
        "manifest",
        "favicon",
        "healthz",
        "readyz",
        # The same for everybody; what is not asks by itself.
        "tilejson",
        "tile",
        "ogc",
        "ogc-conformance",
        "ogc-api",
        "ogc-collections",
        "ogc-collection",
        "ogc-schema",
        "ogc-queryables",
        "ogc-items",
        "ogc-item",
        "ogc-nothing",
    }
)


class LastUse:
    """Writes down, every ten minutes at most, that a signed-in device is in use."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on. Sessions that did not begin at our sign-in carry no time and are left alone."""
        # A look at the session would take public tiles and features out of every shared cache.
        cached = request.path.startswith(("/tiles/", "/ogc"))
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and not cached
        seen = request.session.get(SEEN) if signed_in else None
        if seen is not None and time.time() - seen > SEEN_EVERY and request.user.is_authenticated:
            request.session[SEEN] = int(time.time())
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


class SecondFactor:
    """Leads people whose role needs a second factor to setting it up, before anything else."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        """Stop the request unless it is one of setting up, or nothing is missing."""
        name = request.resolver_match.url_name if request.resolver_match else None
        # Nobody is signed in without a session, and a look at one would take public answers out of every shared cache.
        visitor = settings.SESSION_COOKIE_NAME not in request.COOKIES
        if not settings.REQUIRE_MFA or visitor or name in OPEN_NAMES or not lacks_second_factor(request):
            return None
        if request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("Accept", "text/html"):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return refusal()


def refusal() -> HttpResponseBase:
    """Return what programs are told that come without it."""
    return problem_json(403, _("Set up your second factor first: your role needs one."))


def needs_second_factor(person: Person) -> bool:
    """Whether somebody's role needs a second factor; who administers everything is an administrator."""
    if "admin" in settings.REQUIRE_MFA and (person.is_superuser or person.is_staff):
        return True
    return bool(settings.REQUIRE_MFA and settings.REQUIRE_MFA & scope_of(person).roles)


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the signed-in person needs a second factor and has none."""
    person = request.user
    if not isinstance(person, Person) or not needs_second_factor(person):
        return False
    return not is_mfa_enabled(person, ["totp", "webauthn"])
