"""One running instance: its lock, its environment, its process manager."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import pwd
import secrets
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runner import database, processes
from runner.places import Places
from runner.progress import StepError, step

MANAGER_PATIENCE_S = 15.0
STOP_PATIENCE_S = 50.0
# Variables of whoever called us that mean something else to the processes we start.
MISLEADING = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "DJANGO_SETTINGS_MODULE",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
)


@contextlib.contextmanager
def exclusive(places: Places) -> Iterator[None]:
    """Hold the instance's lock, which dies with this process; what a dead holder left behind is ended first.

    Raises StepError when the instance is running.
    """
    descriptor = os.open(places.var / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepError(already_running(places)) from None
        write_record(places, pid=os.getpid())
        if processes.belonging(places):
            with step("Leftovers of the last run") as note:
                note.text = f"{processes.end(places)} processes ended"
        yield
    finally:
        os.close(descriptor)


def write_record(places: Places, **facts: int | str) -> None:
    places.record.write_text(json.dumps(facts))


def already_running(places: Places) -> str:
    """A sentence about who holds the lock."""
    try:
        facts = json.loads(places.record.read_text())
    except (OSError, ValueError):
        facts = {}
    pid, url = facts.get("pid", "unknown"), facts.get("url")
    if url:
        return f"Gridwarden is already running at {url} (stop it with Ctrl-C there, or: kill {pid})."
    return f"`make {places.profile.name}` is already at work in this checkout (process {pid})."


def environment(places: Places, extra: Mapping[str, str]) -> dict[str, str]:
    """What every process of the instance is given: the caller's environment and our settings."""
    inherited = dict(os.environ)
    if places.profile.mode == "test":
        # A setting that somebody exported for a demo must not decide a test.
        inherited = {name: value for name, value in inherited.items() if not name.startswith("GRIDWARDEN_")}
    settings = {
        "GRIDWARDEN_MODE": places.profile.mode,
        "GRIDWARDEN_DATABASE_URL": places.database_url,
        "GRIDWARDEN_REDIS_URL": places.redis_url,
        "GRIDWARDEN_VAR": str(places.var),
        "GRIDWARDEN_SOCKETS": str(places.sockets),
        "GRIDWARDEN_CHECKOUT": str(places.checkout),
        "GRIDWARDEN_OWNER": places.owner,
        "GRIDWARDEN_INVOKER": pwd.getpwuid(os.geteuid()).pw_name,
        processes.TAG: places.instance,
        "PYTHONUNBUFFERED": "1",
    }
    if places.profile.mode == "demo":
        settings["GRIDWARDEN_SECRET_KEY"] = os.environ.get("GRIDWARDEN_SECRET_KEY") or kept_secret(places)
    for name in MISLEADING:
        inherited.pop(name, None)
    return {**inherited, **settings, **extra}


def kept_secret(places: Places) -> str:
    """The demo's secret key, kept so that a restart signs nobody out."""
    path = places.var / "secret-key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


class Manager:
    """supervisord, and what it says about its processes."""

    def __init__(self, places: Places, env: Mapping[str, str]) -> None:
        self.places = places
        self.env = dict(env)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the manager with PostgreSQL and Redis, and wait until both answer."""
        database.prepare(self.places)
        with step("PostgreSQL and Redis", self.places.log / "postgres.log"):
            checkout = self.places.checkout
            command: list[str | Path] = ["setpriv", "--pdeathsig", "TERM", checkout / ".venv/bin/supervisord"]
            command += ["-c", checkout / "docker/local/supervisord.conf"]
            with (self.places.log / "manager.out").open("wb") as output:
                self.process = subprocess.Popen(
                    command,
                    env=self.env,
                    cwd=self.places.checkout,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            database.wait_until_ready(self.places, self.check)
            self.wait_for_redis()

    def check(self) -> None:
        """Raise StepError when the manager has died or has given a process up."""
        if self.process is None or self.process.poll() is not None:
            raise StepError("The process manager has stopped.", log=self.places.log / "manager.log")
        for state in self.states():
            if state["statename"] == "FATAL":
                name = state["name"]
                raise StepError(f"{name} does not start.", log=self.places.log / f"{name}.log")

    def states(self) -> list[dict[str, Any]]:
        """supervisord's table of processes; empty while it does not answer yet."""
        try:
            found: Any = self._proxy().supervisor.getAllProcessInfo()
        except (OSError, http.client.HTTPException):
            return []
        return list(found)

    def start_app(self) -> None:
        """Start web, worker and clock without waiting for them."""
        self._proxy().supervisor.startProcessGroup("app", False)

    def wait_for_redis(self) -> None:
        deadline = time.monotonic() + MANAGER_PATIENCE_S
        while not answers_ping(self.places.sockets / "redis.sock"):
            self.check()
            if time.monotonic() > deadline:
                advice = f"Move {self.places.redis} away and start again: nothing is kept only there."
                raise StepError("Redis did not start.", log=self.places.log / "redis.log", advice=advice)
            time.sleep(0.05)

    def stop(self, hurried: Callable[[], bool]) -> None:
        """Stop everything, in order unless somebody is in a hurry, and leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            deadline = time.monotonic() + STOP_PATIENCE_S
            while self.process.poll() is None and time.monotonic() < deadline and not hurried():
                time.sleep(0.05)
        processes.end(self.places, patience_s=2.0 if hurried() else 10.0)
        if self.process is not None:
            self.process.wait()

    def _proxy(self) -> xmlrpc.client.ServerProxy:
        return xmlrpc.client.ServerProxy(
            "http://localhost", transport=UnixTransport(self.places.sockets / "manager.sock")
        )


class UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket, as supervisord speaks it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost")
        connection.sock = connect(self.path)
        return connection


def connect(path: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(5.0)
    try:
        link.connect(os.fspath(path))
    except OSError:
        link.close()
        raise
    return link


def answers_ping(path: Path) -> bool:
    """Whether a Redis behind this socket is up and has read its data."""
    try:
        with connect(path) as link:
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
    except OSError:
        return False
