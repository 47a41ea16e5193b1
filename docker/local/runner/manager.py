"""supervisord, which runs the processes of an instance, and how it is asked."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from runner import database, instance, processes
from runner.places import Places
from runner.progress import StepError, shielded, spawn, step

MANAGER_PATIENCE_S = 15.0
STOP_PATIENCE_S = 50.0
STOP_ORDER = (("app",), ("postgres", "redis"))


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
        """Start web, workers and clock without waiting for them."""
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
        instance.write_record(self.places, pid=os.getpid(), stopping=1)
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
