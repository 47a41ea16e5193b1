"""What every page shows around its content: navigation by role, unread count, language; and the way home."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from grids.channels import due
from grids.models import Notification, Person
from grids.models.people import Role
from grids.scope import Scope, scope_of
from maps.pages.accounts import demo_accounts
from maps.pages.tour import tour_for
from maps.templatetags.modules import literals
from maps.tiles.layers import sources
from patrols.models import Offer
from patrols.offering.table import OfferState

# What HTML calls a language, and what Django does.
LANGUAGES = {"zh-Hans": "zh-hans", "en": "en"}
# What stands between a text's context and the text in a catalogue, and the scripts that every page has.
CONTEXT = "\x04"
EVERYWHERE = ("maps/js/ui/shell.js", "maps/js/ui/tour.js")
FIELD_ROLES = frozenset({Role.LEADER, Role.STEWARD, Role.VOLUNTEER})


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation."""

    name: str
    label: Promise
    icon: str
    roles: frozenset[str] | None = None  # None: everybody who is signed in
    grids: bool = False  # also for whoever answers for a grid or belongs to one

    def shown(self, scope: Scope) -> bool:
        """Whether somebody's navigation has it."""
        return self.roles is None or bool(self.roles & scope.roles) or bool(self.grids and scope.grids)


NAVIGATION = (
    NavItem("my-grid", gettext_lazy("My grid"), "grid", FIELD_ROLES),
    NavItem("patrol", gettext_lazy("Patrol"), "walk", FIELD_ROLES, grids=True),
    NavItem("shifts", gettext_lazy("Shifts"), "clock", FIELD_ROLES),
    NavItem("offers", gettext_lazy("Offers"), "hand", FIELD_ROLES),
    NavItem("dispatch", gettext_lazy("Dispatch board"), "board", frozenset({Role.DISPATCHER})),
    NavItem("planner", gettext_lazy("Analysis"), "split", frozenset({Role.PLANNER, Role.ADMIN})),
    NavItem(
        "posts", gettext_lazy("Posts"), "post", frozenset({Role.DISPATCHER, Role.PLANNER, Role.ADMIN, Role.INSPECTOR})
    ),
    NavItem("reports", gettext_lazy("Reports"), "list"),
    NavItem(
        "tasks",
        gettext_lazy("Tasks and sheets"),
        "tick",
        frozenset({Role.DISPATCHER, Role.INSPECTOR, Role.PLANNER, Role.STAFF}),
    ),
    NavItem("measures", gettext_lazy("Measures"), "list", frozenset({Role.DISPATCHER, Role.PLANNER})),
    NavItem("people", gettext_lazy("People"), "people", frozenset({Role.PLANNER, Role.ADMIN})),
    NavItem("imports", gettext_lazy("Bring in lists"), "upload", frozenset({Role.PLANNER, Role.ADMIN})),
    NavItem("inbox", gettext_lazy("Messages"), "bell"),
    NavItem("me", gettext_lazy("My data"), "shield", FIELD_ROLES),
    NavItem("jobs", gettext_lazy("My jobs"), "progress", frozenset({Role.PLANNER, Role.ADMIN})),
    NavItem("admin:index", gettext_lazy("Administration"), "gear", frozenset({Role.PLANNER, Role.ADMIN})),
)


def home_of(scope: Scope) -> str:
    """Return the name of the page that a person's work begins on."""
    if scope.has(Role.DISPATCHER):
        return "dispatch"
    if scope.roles & FIELD_ROLES or scope.grids:
        return "my-grid"
    if scope.has(Role.PLANNER):
        return "planner"
    return "reports"


@require_safe
@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponseRedirect:
    """Send a person to the page of their role."""
    return HttpResponseRedirect(reverse(home_of(scope_of(request.user))))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Serve the web app manifest, so that a phone can keep the site on its home screen."""
    body = {
        "name": _("Gridwarden"),
        "short_name": _("Gridwarden"),
        "lang": html_lang(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "shortcuts": [{"name": _("Patrol"), "url": reverse("patrol")}],
        "background_color": "#f6f6f3",
        "theme_color": "#f6f6f3",
        "icons": [
            {"src": static("maps/icons/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static("maps/icons/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("maps/icons/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        ],
    }
    return HttpResponse(json.dumps(body, ensure_ascii=False), content_type="application/manifest+json")


class Catalogue(JavaScriptCatalog):
    """The texts of scripts in the language that the address names, as `?en`: a kept page asks for its own, always.

    All of them, or those of one page: the ones in quotes in its script and in all that it and the shell import.
    """

    packages = ["maps"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve the script; without a language in the address it is the reader's."""
        language = LANGUAGES.get(request.META["QUERY_STRING"], get_language())
        with override(language):
            return super().get(request, *args, **kwargs)

    def get_catalog(self) -> dict[str, Any]:
        """Return the texts by what they translate; raises Http404 for a page without a script."""
        catalogue: dict[str, Any] = super().get_catalog()
        page = self.kwargs.get("page")
        if page is None:
            return catalogue
        try:
            used = literals(f"maps/js/pages/{page}.js").union(*(literals(entry) for entry in EVERYWHERE))
        except FileNotFoundError as error:
            raise Http404 from error
        # A text with a context has that before it.
        return {key: text for key, text in catalogue.items() if key.rpartition(CONTEXT)[2] in used}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of all pages; what needs the database is read only where a template shows it."""
    person = getattr(request, "user", None)
    signed_in = person is not None and person.is_authenticated
    return {
        "html_lang": html_lang(),
        "other_language": ("zh-hans", "中文") if html_lang() == "en" else ("en", "English"),
        "demo_accounts": demo_accounts(),
        "demo_password": settings.DEMO_PASSWORD if settings.DEMO else "",
        "map_config": map_config(),
        "navigation": SimpleLazyObject(lambda: list(_entries(request))) if signed_in else [],
        "waiting": SimpleLazyObject(lambda: waiting(request)) if signed_in else {},
        "tour": _tour(request) if settings.DEMO and signed_in else None,
    }


def html_lang() -> str:
    """Return the page's language as HTML names it."""
    return "en" if (get_language() or "").startswith("en") else "zh-Hans"


def map_config() -> dict[str, Any]:
    """Return what the map of every page starts with: tiles, the base map if one is set, labels' language."""
    base = None
    if settings.TILE_URL:
        base = {
            "url": settings.TILE_URL,
            "attribution": settings.TILE_ATTRIBUTION,
            "approval": settings.MAP_APPROVAL,
            "crs": settings.TILE_CRS,
        }
    return {"tiles": "/tiles", "sources": sources(), "language": html_lang(), "base": base}


def waiting(request: HttpRequest) -> dict[str, int]:
    """Return how many unread messages may be pointed out now, outside of quiet hours, and how many offers stand.

    One query.
    """
    person, now = request.user, timezone.now()
    assert isinstance(person, Person)
    offers = Offer.objects.filter(person=person, state=OfferState.OFFERED, expires_at__gt=now)
    unread = Notification.objects.filter(due(now), person=person)
    counts = {"unread": _count(unread), "asked": _count(offers)}
    found: dict[str, int] = Person.objects.filter(pk=person.pk).annotate(**counts).values(*counts).get()
    return found


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("person").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def _tour(request: HttpRequest) -> dict[str, Any] | None:
    scope = scope_of(request.user)
    return tour_for(request, scope, home_of(scope))


def _entries(request: HttpRequest) -> Iterator[dict[str, Any]]:
    scope = scope_of(request.user)
    for item in NAVIGATION:
        if not item.shown(scope):
            continue
        try:
            url = reverse(item.name)
        except NoReverseMatch:
            continue
        yield {
            "name": item.name,
            "label": item.label,
            "icon": item.icon,
            "url": url,
            "current": request.path.startswith(url),
        }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Say that a request cannot be read."""
    return render(request, "400.html", status=400)


def too_many(request: HttpRequest) -> HttpResponse:
    """Say that somebody tries too often, whether at signing in or with a code."""
    context = {"sentence": _("Too many attempts from here: wait a few minutes, then try again."), "code": 429}
    return render(request, "maps/refusal.html", context, status=429)


@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Send browsers that ask for the old name to the icon."""
    return HttpResponseRedirect(static("maps/icons/icon-192.png"))


urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("favicon.ico", favicon, name="favicon"),
    path("manifest.webmanifest", manifest, name="manifest"),
]
