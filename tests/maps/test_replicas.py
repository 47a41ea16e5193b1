"""Reads go to a real streaming replica, never miss what the reader wrote, and come back when the replica is gone."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import get_resolver

from maps.site.env import Env
from maps.site.replicas import NAMES

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path("/usr/lib/postgresql/15/bin")
USER = "gridwarden"


class Servers:
    """A folder with a primary and a replica of its own, stopped in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.prefix = folder, list[str]()
        if os.geteuid() == 0:
            # PostgreSQL refuses root.
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            ids = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}"]
            self.prefix = ["setpriv", *ids, "--clear-groups", "--reset-env"]

    def run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self.prefix, str(BINARIES / program), *arguments], capture_output=True, text=True, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr

    def start(self, name: str, port: int) -> None:
        """Start what lies in a folder; sockets only, and nothing is kept beyond the test."""
        options = f"-p {port} -k {self.folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB"
        log = str(self.folder / f"{name}.log")
        self.run("pg_ctl", "-D", str(self.folder / name), "-l", log, "-o", options, "-w", "start")

    def stop(self, name: str) -> list[str]:
        """Return the command that stops a server at once."""
        return [*self.prefix, str(BINARIES / "pg_ctl"), "-D", str(self.folder / name), "-m", "immediate", "stop"]

    def address(self, port: int) -> str:
        return f"host={self.folder} port={port} user={USER} dbname=postgres"


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, Any]]:
    """What the steps saw."""
    folder = Path(tempfile.mkdtemp(prefix="gw-replica-"))
    servers = Servers(folder)
    try:
        data = str(folder / "one")
        servers.run("initdb", "-D", data, "-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        servers.start("one", 1)
        copy = ["-D", str(folder / "two"), "-h", str(folder), "-p", "1", "-U", USER, "-R", "-N", "-c", "fast"]
        servers.run("pg_basebackup", *copy)
        servers.start("two", 2)
        env = {name: value for name, value in os.environ.items() if not name.startswith("GRIDWARDEN_")} | {
            "DJANGO_SETTINGS_MODULE": "maps.site.settings",
            "GRIDWARDEN_MODE": "test",
            "GRIDWARDEN_VAR": str(folder),
            "GRIDWARDEN_DATABASE_URL": servers.address(1),
            "GRIDWARDEN_REPLICA_URLS": servers.address(2),
            "GW_STOP_REPLICA": json.dumps(servers.stop("two")),
            "PYTHONPATH": str(ROOT),
        }
        steps = [sys.executable, "-m", "tests.maps.replica_steps"]
        done = subprocess.run(steps, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout) | {"log": done.stderr}
    finally:
        for name in ("two", "one"):
            subprocess.run(servers.stop(name), check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


def test_reads_go_to_the_replica_once_it_has_what_the_reader_wrote(told: dict[str, Any]) -> None:
    assert told["caught up"]["from"] == "replica1"
    assert told["caught up"]["names"] == ["a"]


def test_a_transaction_another_view_and_a_program_with_a_key_read_from_the_primary(told: dict[str, Any]) -> None:
    assert told["caught up"]["in a transaction"] == "default"
    assert told["another view"]["from"] == told["with a key"]["from"] == "default"


def test_who_wrote_reads_it_while_the_replica_stands_still(told: dict[str, Any]) -> None:
    assert told["paused, the writer"]["from"] == "default"
    assert told["paused, the writer"]["names"] == ["a", "b"]
    assert told["paused, another"]["from"] == "replica1"
    assert told["paused, another"]["names"] == ["a"]
    # A cookie that the site did not sign says nothing.
    assert told["paused, forged"]["from"] == "replica1"


def test_a_replica_that_is_too_far_behind_is_left_out_and_said_so(told: dict[str, Any]) -> None:
    assert told["paused, too far behind"]["from"] == "default"
    assert "behind" in told["report, behind"]["replica1"]
    assert "it is left out" in told["log"]
    assert told["resumed"]["from"] == "replica1"
    assert told["resumed"]["names"] == ["a", "b"]
    assert told["report, ok"] == {"replica1": "ok"}


def test_without_the_replica_the_primary_answers(told: dict[str, Any]) -> None:
    assert told["stopped"]["from"] == "default"
    assert told["stopped"]["names"] == ["a", "b"]
    assert told["report, down"] == {"replica1": "down"}
    assert "does not answer" in told["log"]


def test_what_may_be_read_from_replicas_is_there() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names >= NAMES


@pytest.mark.parametrize("value", ["replica.example.cn", "host=a dbname=b; host='", "postgresql://u@h:port/x"])
def test_an_address_of_a_replica_that_cannot_be_read_stops_the_start(value: str) -> None:
    env = Env({"GRIDWARDEN_REPLICA_URLS": value})
    env.replicas("GRIDWARDEN_REPLICA_URLS")
    with pytest.raises(ImproperlyConfigured, match="GRIDWARDEN_REPLICA_URLS"):
        env.finish()


def test_several_replicas_are_told_apart_by_semicolons() -> None:
    env = Env({"R": "host=a dbname=x; postgresql://b/y;"})
    assert [row["HOST"] for row in env.replicas("R")] == ["a", "b"]
