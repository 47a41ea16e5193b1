"""The site whose web process dies at a named point: after an answer is ready and committed, before it is sent."""

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from maps.site.wsgi import application as site

POINT = "HTTP_X_DIE_BEFORE_ANSWERING"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serve a request; die once where the request names a file that is not there yet."""
    answer: Iterable[bytes] = site(environ, start_response)
    mark = environ.get(POINT)
    if mark and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
