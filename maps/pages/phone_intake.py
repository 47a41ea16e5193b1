"""Taking in what comes by telephone or from the hotline (电话登记): a dispatcher's form for the keyboard alone."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from grids.models import Category
from grids.models.catalogue import Kind
from grids.models.people import Role
from grids.scope import scope_of
from grids.search.readings import read
from patrols.models.reports import Source

SOURCES = (Source.HOTLINE, Source.RESIDENT)


@require_safe
@login_required
@never_cache
def intake(request: HttpRequest) -> HttpResponse:
    """Show the form; somebody who does not dispatch finds nothing here."""
    if not scope_of(request.user).has(Role.DISPATCHER):
        raise Http404
    categories = Category.objects.filter(active=True, kind=Kind.PROBLEM)
    context = {
        "sources": [(source.value, source.label) for source in SOURCES],
        "page": {
            "categories": [_choice(row) for row in categories],
            "zone": timezone.get_default_timezone_name(),
        },
    }
    return render(request, "maps/phone_intake.html", context)


def _choice(category: Category) -> dict[str, Any]:
    """Return a category with what it is found by: its names, code, and how its Chinese name is read."""
    syllables = read(category.name)
    return {
        "code": category.code,
        "name": category.local_name,
        "glyph": category.glyph,
        "acts": str(category.get_acts_display()),
        "stairwell": category.stairwell,
        "words": [category.name, category.name_en.lower(), category.code],
        "pinyin": "".join(syllables),
        "initials": "".join(syllable[:1] for syllable in syllables),
    }


urlpatterns: list[URLPattern] = [path("dispatch/new/", intake, name="phone-intake")]
