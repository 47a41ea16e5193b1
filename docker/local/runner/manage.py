"""`docker/local/manage`: manage.py with the environment of the instance that runs in this checkout."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from runner import instance, manager, places
from runner.progress import StepError


def run(checkout: Path, arguments: list[str]) -> NoReturn:
    """Become manage.py. Raises StepError when no database is running."""
    where = places.prepare(checkout, places.DEMO)
    try:
        manager.connect(where.sockets / ".s.PGSQL.5432").close()
    except OSError:
        advice = "Start it in another terminal: make run"
        raise StepError("Nothing is running in this checkout.", advice=advice) from None
    env = instance.environment(where, {})
    # Without the tag: whoever stops or starts the instance must not take a command run by hand for a leftover.
    del env["GRIDWARDEN_INSTANCE"]
    python = checkout / ".venv/bin/python"
    os.execve(python, [os.fspath(python), os.fspath(checkout / "manage.py"), *arguments], env)  # noqa: S606 - as asked
