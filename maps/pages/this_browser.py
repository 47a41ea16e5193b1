"""By what a browser that is told by web push is known again: a signed cookie, which outlives the session.

So it is known whose notices a browser shows when somebody signs out of it, or another person signs in.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from grids.channels import browsers
from grids.models import Address, Person

COOKIE = "gridwarden_browser"
SALT = "browser"
LIVES_S = 400 * 86_400  # the longest that browsers keep one


def here(request: HttpRequest) -> int | None:
    """Return the row of the browser that asks, None for one that is not told."""
    text = request.get_signed_cookie(COOKIE, default="", salt=SALT)
    return int(text) if text else None


def remember(response: HttpResponse, row: Address) -> None:
    """Let the browser say which row is its own."""
    response.set_signed_cookie(
        COOKIE,
        str(row.pk),
        salt=SALT,
        max_age=LIVES_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def leave(request: HttpRequest, person: Person | None = None) -> None:
    """Tell a browser nothing any more that somebody signs out of, or in which `person` signs in after another."""
    row = here(request)
    if row is not None:
        browsers.left(row, person)
