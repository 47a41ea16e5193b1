"""`make services`: PostgreSQL and Redis for whoever runs single tests by hand, until Ctrl-C."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

from runner import dependencies, instance, places
from runner.instance import Manager
from runner.interruption import Interruption
from runner.progress import say

EXPORTED = (
    "GRIDWARDEN_MODE",
    "GRIDWARDEN_DATABASE_URL",
    "GRIDWARDEN_REDIS_URL",
    "GRIDWARDEN_VAR",
    "CHROMIUM",
)
CHROMIUM = "/usr/bin/chromium"


def run(checkout: Path, interruption: Interruption) -> int:
    """Hold the services of the profile `services` and say which environment reaches them."""
    where = places.prepare(checkout, places.SERVICES)
    with instance.exclusive(where):
        dependencies.install(where, with_tests=True)
        env = instance.environment(where, {"CHROMIUM": CHROMIUM})
        manager = Manager(where, env)
        try:
            manager.start()
            script = where.var / "environment.sh"
            script.write_text("".join(f"export {name}={shlex.quote(env[name])}\n" for name in EXPORTED))
            say(f"\nReady. In another terminal: . {shlex.quote(str(script))}; .venv/bin/pytest tests/grids")
            say("Ctrl-C stops them.")
            while True:
                time.sleep(1.0)
                manager.check()
        finally:
            interruption.start_cleaning_up()
            manager.stop(lambda: interruption.hurried)
