"""One running instance: its lock, its environment, its process manager."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runner import database, ports, processes
from runner.places import Places
from runner.progress import StepError, say, shielded, spawn, step

MANAGER_PATIENCE_S = 15.0
STOP_PATIENCE_S = 50.0
STOP_ORDER = (("app",), ("postgres", "redis"))
# Variables of whoever called us that mean something else to the processes we start.
MISLEADING = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "DJANGO_SETTINGS_MODULE",
    "GUNICORN_CMD_ARGS",
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
        take(places, descriptor)
        write_record(places, pid=os.getpid())
        if processes.belonging(places):
            with step("Leftovers of the last run") as note:
                note.text = f"{processes.end(places)} processes ended"
        yield
    finally:
        os.close(descriptor)


def take(places: Places, descriptor: int) -> None:
    """Take the lock; wait for a holder that is stopping, raise StepError for one that is not."""
    told = False
    deadline = time.monotonic() + STOP_PATIENCE_S
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if not is_stopping(places) or time.monotonic() > deadline:
            raise StepError(already_running(places))
        if not told:
            say("  (waiting for the last run to finish stopping)")
            told = True
        time.sleep(0.1)


def is_stopping(places: Places) -> bool:
    """Whether the holder of the lock has said so, or serves no more what it said it would."""
    facts = read_record(places)
    url = str(facts.get("url", ""))
    silent = bool(url) and not ports.taken(int(url.rstrip("/").rpartition(":")[2]))
    return silent or bool(facts.get("stopping"))


def read_record(places: Places) -> dict[str, int | str]:
    try:
        facts = json.loads(places.record.read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def write_record(places: Places, **facts: int | str) -> None:
    places.record.write_text(json.dumps(facts))


def already_running(places: Places) -> str:
    """A sentence about who holds the lock."""
    facts = read_record(places)
    pid, url = facts.get("pid", "unknown"), facts.get("url")
    if url:
        return f"Gridwarden is already running at {url} (stop it with Ctrl-C there, or: kill {pid})."
    return f"`make {places.profile.name}` is already at work in this checkout (process {pid})."


def ask_to_stop(places: Places) -> None:
    """Ask the holder of the instance's lock to stop, and wait until it has. Raises StepError."""
    pid = read_record(places).get("pid")
    if not isinstance(pid, int):
        raise StepError(f"It is not known who holds {places.var / 'lock'}.")
    os.kill(pid, signal.SIGTERM)
    with open(places.var / "lock") as lock:
        deadline = time.monotonic() + STOP_PATIENCE_S
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.1)
    raise StepError(f"Process {pid} does not stop.", advice=f"kill -KILL {pid}; make stop")


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
    inherited["PATH"] = f"{places.checkout / '.venv/bin'}:{inherited.get('PATH', os.defpath)}"
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
            with shielded():
                self.process = spawn(command, self.places.log / "manager.out", cwd=checkout, env=self.env)
            self._start_services()
            database.wait_until_ready(self.places, self.check)
            self.wait_for_redis()

    def check(self) -> None:
        """Raise StepError when the manager has died or has given a process up."""
        self.check_alive()
        for name in self.given_up():
            raise StepError(f"{name} does not start.", log=self.places.log / f"{name}.log")

    def check_alive(self) -> None:
        """Raise StepError when the manager has died."""
        if self.process_died():
            log = self.places.log / "manager.log"
            advice = "Everything else was stopped with it; start again."
            raise StepError("The process manager has died.", log=log, advice=advice)

    def watch(self, seconds: float) -> None:
        """Wait; raise StepError as soon as the manager dies."""
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.check_alive()

    def process_died(self) -> bool:
        """Whether the manager is not there: never started, or gone."""
        return self.process is None or self.process.poll() is not None

    def given_up(self) -> list[str]:
        """The processes that failed so often that the manager tries no more."""
        return [str(state["name"]) for state in self.states() if state["statename"] == "FATAL"]

    def retry(self, name: str) -> None:
        """Try a process again that was given up."""
        state = next((state for state in self.states() if state["name"] == name), None)
        if state is not None and state["statename"] == "FATAL":
            self._proxy().supervisor.startProcess(f"{state['group']}:{name}", False)

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

    def _start_services(self) -> None:
        if not wait_for(lambda: bool(self.states()) or self.process_died(), MANAGER_PATIENCE_S):
            raise StepError("The process manager does not answer.", log=self.places.log / "manager.out")
        self.check_alive()
        for name in ("postgres", "redis"):
            self._proxy().supervisor.startProcess(name, False)

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
        write_record(self.places, pid=os.getpid(), stopping=1)
        if self.process is not None and not self.process_died():
            with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Fault):
                for groups in STOP_ORDER:
                    self._stop_groups(groups, hurried)
            self.process.terminate()
            wait_for(lambda: self.process_died() or hurried(), 5.0)
        processes.end(self.places, patience_s=2.0 if hurried() else 10.0)
        if self.process is not None:
            self.process.wait()

    def _stop_groups(self, groups: Sequence[str], hurried: Callable[[], bool]) -> None:
        # Left to itself the manager looks up once a second and waits for one group after the other.
        for group in groups:
            self._proxy().supervisor.stopProcessGroup(group, False)

        def stopped() -> bool:
            busy = [state for state in self.states() if state["statename"] in ("RUNNING", "STARTING", "STOPPING")]
            return hurried() or not any(state["group"] in groups for state in busy)

        wait_for(stopped, STOP_PATIENCE_S)

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


def wait_for(condition: Callable[[], bool], patience_s: float) -> bool:
    """Whether a condition came true in time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


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
