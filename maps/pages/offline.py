"""The service worker that opens pages without a network, and what it keeps of the site's files."""

import json
from functools import lru_cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from maps.pages.shell import LANGUAGES
from maps.templatetags.modules import whole_graph

WORKER = "maps/js/worker/main.js"
SHELL = "maps/js/ui/shell.js"
STYLES = ("maps/css/tokens.css", "maps/css/base.css")
# The pages of the field, the home of whoever has both first: the name of a page's route and its script.
KEPT = {
    "patrol": "maps/js/pages/patrol.js",
    "my-grid": "maps/js/pages/my-grid.js",
    "shifts": "maps/js/pages/shifts.js",
    "offers": "maps/js/pages/offers.js",
}


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the worker from the root, so that it may answer for every page; it names its files by their contents.

    A new version of any of them is thereby a new worker.
    """
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")


@lru_cache
def _script() -> str:
    """Return the worker's first lines; they are the same for everybody."""
    pages = {address: script for name, script in KEPT.items() if (address := _address(name))}
    scripts = dict.fromkeys(path for entry in (*pages.values(), SHELL) for path in whole_graph(entry))
    config = {
        "files": [static(path) for path in (*scripts, *STYLES)],
        "static": settings.STATIC_URL,
        "hashed": hasattr(staticfiles_storage, "hashed_files"),
        "pages": list(pages),
        "catalogue": reverse("javascript-catalog"),
        "ground": "/tiles/ground",
        "icon": static("maps/icons/icon-192.png"),
        "browsers": reverse("me-browsers"),
        "key": reverse("me-browsers-key"),
        "apology": render_to_string("maps/no_network.html", {"texts": [_apology(name) for name in LANGUAGES]}),
    }
    return f'import {{ run }} from "{static(WORKER)}";\n\nrun({json.dumps(config, indent=1)});\n'


def _apology(lang: str) -> dict[str, str]:
    with override(LANGUAGES[lang]):
        return {
            "lang": lang,
            "title": _("No network"),
            "words": _(
                "This page is not kept on this device. Open it once with a network; from then on it opens without one. "
                "What you entered and what is not sent yet is kept."
            ),
            "again": _("Try again"),
        }


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


urlpatterns: list[URLPattern] = [path("sw.js", service_worker, name="service-worker")]
