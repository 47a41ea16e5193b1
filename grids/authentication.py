"""How programs identify themselves to the API: `Authorization: Bearer gw_…`."""

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from grids.models import ApiToken, Person
from grids.problems import NotAllowed, TooMany
from grids.rate import count_this_minute, left_of_minute
from grids.tokens import WRITE, token_for

REALM = 'Bearer realm="api"'


def admitted(secret: bytes) -> ApiToken:
    """Return the token of a secret and count its use; raises Refused, or TooMany for one in a hurry."""
    token = token_for(secret)
    if count_this_minute(f"token:{token.pk}") > settings.TOKEN_RATE:
        raise TooMany(_("This token asked too often: wait until the next minute."), left_of_minute())
    return token


class BearerToken(BaseAuthentication):
    """Lets in who brings a valid token; who brings none is left to the session.

    A browser never sends this header by itself, so no token against forgery is asked for. What a token may not do is
    refused here, where no view can forget it.
    """

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        """Return the token's person and the token; raises Refused, NotAllowed or TooMany."""
        kind, _space, secret = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"bearer":
            return None
        token = admitted(secret.strip())
        if request.method not in SAFE_METHODS and WRITE not in token.scopes:
            raise NotAllowed(_("This token may only read."))
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """Return what stands in WWW-Authenticate of a 401 (RFC 6750)."""
        brought = get_authorization_header(request).lower().startswith(b"bearer")
        return f'{REALM}, error="invalid_token"' if brought else REALM
