"""Who asks for features: a session, a token as Bearer, or one as the password of Basic, which GDAL and QGIS send."""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grids.authentication import admitted
from grids.problems import NotAllowed, Problem, problem_json
from grids.scope import Scope, scope_of
from grids.tokens import Refused
from maps.site import signed_in

CHALLENGE = 'Basic realm="ogc", charset="UTF-8", Bearer realm="ogc"'
Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def answered(view: View[Rest]) -> View[Rest]:
    """Let a view that only reads answer a Problem as problem details, with the headers that belong to it."""

    @require_safe
    @wraps(view)
    def careful(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Problem as problem:
            response = problem_json(problem.status, str(problem.sentence), **problem.extra)
            if problem.status == 401:
                response["WWW-Authenticate"] = CHALLENGE
            if "retry_after" in problem.extra:
                response["Retry-After"] = str(problem.extra["retry_after"])
            return response

    return careful


def reader(request: HttpRequest) -> Scope:
    """Return the reach of whoever asks, nobody's for a visitor.

    Raises Refused for credentials that open nothing, TooMany for a token in a hurry, NotAllowed for somebody who has to
    set up a second factor first.
    """
    header = request.headers.get("Authorization", "")
    if header:
        return scope_of(admitted(_secret(header)).person)
    if signed_in.lacks_second_factor(request):
        raise NotAllowed(_("Set up your second factor first: your role needs one."))
    return scope_of(request.user)


def _secret(header: str) -> bytes:
    kind, _space, given = header.partition(" ")
    if kind.lower() == "bearer":
        return given.strip().encode()
    if kind.lower() == "basic":
        try:
            # Whatever stands as the user name: the token says who it is.
            return base64.b64decode(given.strip(), validate=True).partition(b":")[2]
        except binascii.Error:
            pass
    raise Refused(_("Bring a token: as Bearer, or as the password of Basic authentication."))
