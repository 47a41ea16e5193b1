"""One running instance: its lock, what it says about itself, its environment."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import pwd
import secrets
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from runner import ports, processes
from runner.places import Places
from runner.progress import StepError, say, step

STOP_PATIENCE_S = 50.0
# How many points P-256 has (SEC 2, 2.4.2): private keys are below it.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
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
        settings["GRIDWARDEN_PUSH_KEY"] = os.environ.get("GRIDWARDEN_PUSH_KEY") or kept_push_key(places)
    for name in MISLEADING:
        inherited.pop(name, None)
    inherited["PATH"] = f"{places.checkout / '.venv/bin'}:{inherited.get('PATH', os.defpath)}"
    return {**inherited, **settings, **extra}


def kept_secret(places: Places) -> str:
    """The demo's secret key, kept so that a restart signs nobody out."""
    return _kept(places.var / "secret-key", lambda: secrets.token_urlsafe(50))


def kept_push_key(places: Places) -> str:
    """The demo's key for web push, kept so that browsers that subscribed stay subscribed: a private key of P-256."""

    def made() -> str:
        number = 1 + secrets.randbelow(P256_ORDER - 1)
        return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()

    return _kept(places.var / "push-key", made)


def _kept(path: Path, make: Callable[[], str]) -> str:
    """What stands in a file that nobody else may read; made the first time."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as stream:
            stream.write(make())
    return path.read_text().strip()
