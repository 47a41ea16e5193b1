"""Errors with one clear sentence, and the one table from exception to status (RFC 9457 problem details)."""

import codecs
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.response import Response


class Problem(Exception):  # noqa: N818 - it is a problem in the sense of RFC 9457
    """Something the caller got wrong, said in one sentence in their language."""

    status = 400

    def __init__(self, sentence: str | Promise, **extra: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.extra = extra


class BadInput(Problem):
    """The input cannot be used as it is."""

    status = 422


class NotFound(Problem):
    """There is no such thing, or none within the caller's scope."""

    status = 404


class NotAllowed(Problem):
    """The caller sees the thing but may not do this."""

    status = 403


class TooMany(Problem):
    """The caller asks too often; `retry_after` says in how many seconds they may again."""

    status = 429

    def __init__(self, sentence: str | Promise, retry_after: int) -> None:
        super().__init__(sentence, retry_after=retry_after)


class Conflict(Problem):
    """The thing is no longer in the state the caller thinks."""

    status = 409


TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Unusable input",
    429: "Too many requests",
}


def details(status: int, sentence: str, **extra: object) -> dict[str, object]:
    """Return a problem details object."""
    return {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        # What was sent may be quoted, and half of a surrogate pair cannot be written in any encoding.
        "detail": sentence.encode("utf-8", "replace").decode(),
        **extra,
    }


def problem_json(status: int, sentence: str, **extra: object) -> JsonResponse:
    """Return problem details as a plain response, for views outside the API framework."""
    return JsonResponse(details(status, sentence, **extra), status=status, content_type="application/problem+json")


def answer(error: Exception) -> tuple[int, str, dict[str, object]] | None:
    """Return status, sentence and extra members for an exception that is the caller's, else None."""
    match error:
        case Problem():
            return error.status, str(error.sentence), error.extra
        case Http404():
            return 404, _("There is no such thing here."), {}
        case PermissionDenied():
            return 403, _("You may not do this."), {}
        case ValidationError():
            return 422, " ".join(error.messages), {}
        case drf.APIException():
            return error.status_code, _sentence(error.detail), {}
        case RecursionError():
            return 400, _("The input is nested too deeply."), {}
        case RequestDataTooBig():
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
            return 413, _("The request is larger than %(most)d MB.") % {"most": most}, {}
    return None


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception inside the API framework."""
    known = answer(error)
    if known is None:
        return None
    status, sentence, extra = known
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = context["view"].get_authenticate_header(context["request"])
    if "retry_after" in extra:
        headers["Retry-After"] = str(extra["retry_after"])
    return Response(
        details(status, sentence, **extra), status, headers=headers, content_type="application/problem+json"
    )


class ProblemMiddleware:
    """Turns a `Problem` raised in a plain view into problem details, and refuses text that is not UTF-8.

    Django reads a form, and even the address, in whatever codec of Python the Content-Type names: some are none of text
    and end the request, others bring characters that no database takes.
    """

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Pass the request on; nothing before this has read of it what a charset would change."""
        if _is_foreign((request.content_params or {}).get("charset", "utf-8")):
            return problem_json(415, _("The text must be in UTF-8, whatever charset the Content-Type names."))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> JsonResponse | None:
        """Answer the caller's own errors; everything else stays a server error."""
        if isinstance(error, Problem):
            return problem_json(error.status, str(error.sentence), **error.extra)
        return None


def _is_foreign(charset: str) -> bool:
    """Whether a charset is known and another than UTF-8; what nobody knows is taken as if it were not there."""
    try:
        return codecs.lookup(charset).name not in {"utf-8", "ascii"}
    except (LookupError, ValueError):
        return False


def _sentence(detail: Any, field: str = "") -> str:
    if isinstance(detail, dict):
        return " ".join(_sentence(value, str(key)) for key, value in detail.items())
    if isinstance(detail, list):
        return " ".join(_sentence(value, field) for value in detail)
    text = force_str(detail)
    return f"{field}: {text}" if field and field not in {"detail", "non_field_errors"} else text
