"""`make services`: PostgreSQL and Redis for whoever runs single tests by hand, until Ctrl-C."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path

from runner import checks, dependencies, instance, places
from runner.interruption import Interruption, Stopped
from runner.manager import Manager
from runner.progress import say

EXPORTED = (
    "GRIDWARDEN_MODE",
    "GRIDWARDEN_DATABASE_URL",
    "GRIDWARDEN_REDIS_URL",
    "GRIDWARDEN_VAR",
    "CHROMIUM",
)


def run(checkout: Path, interruption: Interruption) -> int:
    """Hold the services of the profile `services` and say which environment reaches them."""
    where = places.prepare(checkout, places.SERVICES)
    with instance.exclusive(where):
        dependencies.install(where, with_tests=True)
        env = checks.environment(where)
        manager = Manager(where, env)
        try:
            manager.start()
            script = where.var / "environment.sh"
            script.write_text("".join(f"export {name}={shlex.quote(env[name])}\n" for name in EXPORTED))
            say(f"\nReady. In another terminal: . {shlex.quote(str(script))}; .venv/bin/pytest tests/grids")
            say("Ctrl-C stops them.")
            with contextlib.suppress(Stopped):
                while True:
                    manager.watch(1.0)
            return 0
        finally:
            interruption.start_cleaning_up()
            manager.stop(lambda: interruption.hurried)
