"""A PostgreSQL of the test's own, which may be killed: the one of `make test` belongs to everybody."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.processes import ROOT, Program, environment, marked, python, until

BINARIES = Path("/usr/lib/postgresql/15/bin")


@dataclass
class Cluster:
    """A running server and what Django's settings call its database."""

    server: Program
    settings: dict[str, object]
    env: dict[str, str]

    def kill(self) -> None:
        """Kill the server without warning and wait until its children have noticed."""
        data = Path(str(self.settings["HOST"])) / "data"
        self.server.kill()
        # A new server refuses to start while a child of the old one lives on in shared memory.
        until(lambda: not _backends(data), 20)

    def manage(self, *arguments: str) -> None:
        """Run a program of ours against the database."""
        subprocess.run(python(*arguments), env=self.env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _backends(data: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if (entry / "cwd").resolve() == data and "postgres" in (entry / "comm").read_text():
                    found.append(int(entry.name))
    return found


def _as_owner(folder: Path) -> list[str]:
    """PostgreSQL refuses root: give the folder to somebody else and return the prefix that runs as them."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--reset-env"]


@contextlib.contextmanager
def private_cluster() -> Iterator[Cluster]:
    """Yield a cluster that writes as safely as a production one, migrated and with the small town in it."""
    folder = Path(tempfile.mkdtemp(prefix="gw-pg-"))
    data = folder / "data"
    prefix = _as_owner(folder)
    settings: dict[str, object] = {"HOST": str(folder), "NAME": "postgres", "USER": "gridwarden"}
    try:
        initdb = [str(BINARIES / "initdb"), "-D", str(data), "-U", "gridwarden", "--auth=trust", "-E", "UTF8"]
        subprocess.run(
            [*prefix, *initdb, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with marked(environment(settings, folder / "none.sock", folder)) as env:
            start = [str(BINARIES / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
            server = Program("postgres", [*prefix, *start], env, folder / "postgres.log")
            server.start()
            assert until(lambda: _ready(folder)), server.said()
            cluster = Cluster(server, settings, env)
            cluster.manage("manage.py", "migrate", "--verbosity=0")
            cluster.manage("manage.py", "createcachetable", "--verbosity=0")
            cluster.manage("-m", "tests.faults.filer", "build")
            yield cluster
            server.stop(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ready(folder: Path) -> bool:
    command = [str(BINARIES / "pg_isready"), "--quiet", "--host", str(folder), "--username=gridwarden"]
    return subprocess.run(command, check=False).returncode == 0
