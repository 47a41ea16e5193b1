"""The administration's site: who may enter it, and the site's own sign-in in front of it."""

from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from maps.admin.territory import PLANNER_TOO, territory

# A link to any row by its content type: nothing here has a page of that kind.
UNUSED = frozenset({"view_on_site"})


class Administration(admin.AdminSite):
    """Django's administration, entered by those who are administrator or planner somewhere today."""

    site_title = _("Gridwarden")
    site_header = _("Gridwarden")
    index_title = _("Administration")
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody administers or plans anything today; no flag and no table of permissions says so."""
        return bool(territory(request, PLANNER_TOO))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Lead visitors to the sign-in; to everybody else who may not enter, there is nothing here."""

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise Http404
            return view(request, *args, **kwargs)

        if not cacheable:
            inner = never_cache(inner)
        if not getattr(view, "csrf_exempt", False):
            inner = csrf_protect(inner)
        return update_wrapper(inner, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the routes, with those of the recent changes."""
        # They need the models that are registered here.
        from maps.admin.changes import recent, recent_csv

        own: list[URLPattern | URLResolver] = [
            path("changes/", self.admin_view(recent), name="changes"),
            path("changes.csv", self.admin_view(recent_csv), name="changes_csv"),
        ]
        return own + [route for route in super().get_urls() if getattr(route, "name", None) not in UNUSED]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the one sign-in of the site, which counts attempts and asks for a second factor."""
        if request.user.is_authenticated:
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        return redirect_to_login(request.GET.get("next") or reverse("admin:index", current_app=self.name))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Send to the one sign-out of the site."""
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Send to the page where everybody changes their own password."""
        return HttpResponseRedirect(reverse("account_change_password"))


site = Administration()
