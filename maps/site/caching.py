"""Caching by others than the reader's own browser is asked for, never the default."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class PrivateByDefault:
    """Marks every answer whose view says nothing about caching as private, errors and redirects included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on and complete the answer's headers."""
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response
