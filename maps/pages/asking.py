"""Reading what a form sends, and answering what is wrong with it by a page."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from grids.problems import BadInput, Problem

LONGEST_ID = 18
View = Callable[..., HttpResponseBase]


def by_page(view: View) -> View:
    """Let a view's problems be pages: what is not there is the site's 404, all else its sentence with a way back."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            check_text(request)
            return view(request, *args, **kwargs)
        except Problem as problem:
            if problem.status == 404:
                raise Http404(str(problem.sentence)) from problem
            return refusal(request, problem)

    return answer


def check_text(request: HttpRequest) -> None:
    """Raise BadInput for a zero byte, which no text column takes."""
    for values in (request.GET, request.POST):
        if any("\x00" in text for _name, texts in values.lists() for text in texts):
            raise BadInput(_("The text holds a character that cannot be kept."))


def refusal(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the page that says a problem's sentence."""
    back = request.headers.get("Referer", "") if request.method == "POST" else ""
    own = request.build_absolute_uri("/")
    context = {"sentence": str(problem.sentence), "code": problem.status, "back": back if back.startswith(own) else ""}
    return render(request, "maps/refusal.html", context, status=problem.status)


def day_of(text: str, what: str) -> date | None:
    """Return a day from a form, nothing for an empty field; raises BadInput that names the field."""
    if not text.strip():
        return None
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None:
        raise BadInput(_("“%(field)s” is not a day.") % {"field": what})
    return day


def id_of(text: str) -> int | None:
    """Return an id from a form, nothing for an empty field; raises BadInput for what is no id."""
    if not text.strip():
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST_ID:
        raise BadInput(_("There is nobody with that id here."))
    return int(text)


def number_of(text: str, what: str) -> int:
    """Return a whole number from a form; raises BadInput that names the field."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        raise BadInput(_("“%(field)s” is not a whole number.") % {"field": what})
    return int(text)


def uuid_of(text: str) -> UUID:
    """Return the key under which a form was shown; raises BadInput for what is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(_("Open the form again.")) from error
