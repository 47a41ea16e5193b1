"""The WSGI application."""

import os
from importlib import import_module
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

from grids.heavy import load_heavy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maps.site.settings")


class Request(WSGIRequest):
    """A request whose text is read as UTF-8, whatever its Content-Type says.

    Django reads the address in the charset that is named there while it makes the request, where no middleware can
    refuse it: a codec that is none of text would end in the server's own error. `grids.problems` refuses it later.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # parameters in an encoding of their own that nobody knows
            self.content_type, self.content_params = "", {}


class Handler(WSGIHandler):
    """Answers such requests."""

    request_class = Request


django.setup(set_prefix=False)
# The first request would load it: a server that forks its workers shares what is loaded before.
import_module(settings.ROOT_URLCONF)
load_heavy()
application = Handler()
