"""How the web process serves, on a developer's machine and in a container alike.

Threads, not an event loop: GEOS must not run under ASGI. A few workers of several threads each keep two cores
busy while a slow client holds a thread.
"""

import gc
import os
from typing import Any

# The demo has well-known accounts: whatever is set, it is for this machine only.
_DEMO = os.environ.get("GRIDWARDEN_MODE", "demo") != "production"
_HOST = "127.0.0.1" if _DEMO else os.environ.get("GRIDWARDEN_BIND", "127.0.0.1")

bind = [f"{_HOST}:{os.environ.get('PORT') or '8000'}"]
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, max(2, os.cpu_count() or 2)))
threads = 8
# Half the start-up time and memory: the site is loaded once and forked. Safe because importing it opens no connection;
# the pool of database connections is made by each worker at its first query.
preload_app = True
timeout = 60
graceful_timeout = 8
keepalive = 15
# The cells of a large choice come in the address of a form, with the reason in words that are percent-encoded: what
# nginx takes by default is taken here too.
limit_request_line = 8190
# A leak in a native library stays small when workers are replaced now and then.
max_requests = 20_000
max_requests_jitter = 2_000
# The worker's heartbeat file belongs into memory: on a busy disk it would make healthy workers look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn makes a private file there
# Its default path in the home directory would be shared by every instance on the machine.
control_socket_disable = True

# Until the site is loaded there is no garbage, and looking for it again and again took a seventh of the time.
gc.disable()


def when_ready(server: Any) -> None:
    """Let the garbage collector look no more at what stays for ever.

    Looking through half a million objects of the loaded site takes longer than most requests; frozen before the workers
    are forked, they also stay shared among them.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
