"""`make run`: everything, with the demo city, until Ctrl-C."""

from __future__ import annotations

import contextlib
import http.client
import os
import time
from pathlib import Path
from typing import NoReturn

from runner import dependencies, instance, places, ports
from runner.interruption import Interruption, Stopped
from runner.manager import Manager
from runner.places import Places
from runner.progress import StepError, run_logged, say, step

READY_PATIENCE_S = 120.0
RETRY_S = 15.0
ACCOUNTS = {
    "leader": "a grid leader: her patch, its reports",
    "volunteer": "patrols and reports",
    "dispatcher": "takes reports in and sends somebody",
    "planner": "looks at the whole subdistrict",
    "inspector": "scores checkpoints",
    "admin": "administers the site",
    "outsider": "the leader of another community: must see none of this",
}


def run(checkout: Path, interruption: Interruption) -> int:
    """Set up what is missing, start everything, print how to reach it, and hold it until asked to stop."""
    started = time.monotonic()
    where = places.prepare(checkout, places.DEMO)
    with instance.exclusive(where):
        port = ports.choose(os.environ.get("PORT"))
        say("Gridwarden")
        dependencies.install(where, with_tests=False)
        env = instance.environment(where, {"PORT": str(port.number)})
        manager = Manager(where, env)
        try:
            manager.start()
            prepare_site(where, env)
            start_site(manager, port.number)
            url = f"http://{ports.HOST}:{port.number}/"
            instance.write_record(where, pid=os.getpid(), url=url)
            welcome(where, port, time.monotonic() - started)
            with contextlib.suppress(Stopped):
                hold(manager)
            return 0
        finally:
            interruption.start_cleaning_up()
            stop(manager, interruption)


def prepare_site(where: Places, env: dict[str, str]) -> None:
    """Migrations, catalogue, demo city and static files: quick when nothing has changed."""
    log = where.log / "prepare.log"
    with step("Schema, catalogue and demo city", log):
        run_logged(
            [where.checkout / ".venv/bin/python", "manage.py", "prepare"],
            log,
            cwd=where.checkout,
            env=env,
            failure="Preparing the database failed.",
            advice=f"To start afresh, stop everything and remove {where.var} (the demo's data are lost).",
        )


def start_site(manager: Manager, port: int) -> None:
    """Start web, workers and clock, and wait until all parts say that they are ready."""
    with step("Web, workers and clock", manager.places.log / "web.log"):
        manager.start_app()
        deadline = time.monotonic() + READY_PATIENCE_S
        while (answer := ask_readiness(port)) != (200, ""):
            manager.check()
            if time.monotonic() > deadline:
                _, said = answer
                advice = f"/readyz says: {said}" if said else "/readyz does not answer."
                log = manager.places.log / "web.log"
                raise StepError("The site did not become ready.", log=log, advice=advice)
            time.sleep(0.1)


def ask_readiness(port: int) -> tuple[int, str]:
    """The status of /readyz and, unless it is 200, what it says; (0, "") when nobody answers."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=5.0)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read(2000).decode(errors="replace")
        return response.status, "" if response.status == 200 else body
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def welcome(where: Places, port: ports.Port, seconds: float) -> None:
    """Say where it is, who can sign in, where the logs are, and how to stop it."""
    say()
    if not port.asked_for and port.number != ports.DEFAULT_PORT:
        say(f"Port {ports.DEFAULT_PORT} is taken by another program: this is on {port.number} instead.")
    say(f"Ready after {seconds:.1f} s:  http://{ports.HOST}:{port.number}/")
    say()
    shown = "as set in DEMO_PASSWORD" if os.environ.get("DEMO_PASSWORD") else "demo"
    say(f"Demo accounts (password: {shown})")
    for name, purpose in ACCOUNTS.items():
        say(f"  {name:<11} {purpose}")
    say()
    say(f"Logs: {where.log}/     Ctrl-C stops everything.")


def hold(manager: Manager) -> NoReturn:
    """Wait until somebody stops us. Raises StepError when the process manager dies.

    A process the manager has given up is named and tried again: while somebody edits the code, the worker may
    fail for minutes and the site is still worth having.
    """
    while True:
        manager.watch(1.0)
        for name in manager.given_up():
            log = manager.places.log / f"{name}.log"
            say(f"gridwarden: {name} does not start; trying again in {RETRY_S:.0f} s. Log: {log}")
            time.sleep(RETRY_S)
            manager.retry(name)


def stop(manager: Manager, interruption: Interruption) -> None:
    say()
    with step("Stopping") as note:
        manager.stop(lambda: interruption.hurried)
        note.text = "nothing is left running"
    manager.places.record.unlink(missing_ok=True)


def stop_other(checkout: Path, interruption: Interruption) -> int:
    """`make stop`: end what `make run` of this checkout started, or left behind."""
    where = places.prepare(checkout, places.DEMO)
    with contextlib.suppress(StepError), instance.exclusive(where):
        say("Nothing is running.")
        return 0
    instance.ask_to_stop(where)
    say("Stopped.")
    return 0
