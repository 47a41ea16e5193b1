"""The private PostgreSQL cluster: made once, configured anew at every start."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from runner.places import Places
from runner.progress import StepError, run_logged, step

BINARIES = Path("/usr/lib/postgresql/15/bin")
MAJOR_VERSION = "15"
START_PATIENCE_S = 60.0

# The extension needs a superuser and the application is none: it finds it in every new database.
BOOTSTRAP = """
SELECT 'CREATE ROLE gridwarden LOGIN CREATEDB'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridwarden') \\gexec
CREATE EXTENSION IF NOT EXISTS postgis;
SELECT 'CREATE DATABASE gridwarden OWNER gridwarden'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'gridwarden') \\gexec
"""


def prepare(places: Places) -> None:
    """Make the cluster when there is none, refuse one of another version, and write its configuration."""
    require_programs()
    if not (places.cluster / "PG_VERSION").exists():
        create(places)
    found = (places.cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR_VERSION:
        raise StepError(
            f"The database in {places.cluster} was made by PostgreSQL {found}, this is {MAJOR_VERSION}.",
            advice="Move it away (mv) to start afresh, or migrate it with pg_upgrade.",
        )
    configure(places)
    # Only called when no process of this instance is left, so a lock file is a dead one; and its process
    # number may by now belong to somebody else, which would keep PostgreSQL from starting.
    for leftover in (places.cluster / "postmaster.pid", places.sockets / ".s.PGSQL.5432.lock"):
        leftover.unlink(missing_ok=True)


def require_programs() -> None:
    for program in (BINARIES / "postgres", BINARIES / "initdb"):
        if not program.exists():
            advice = "Install postgresql-15 and postgresql-15-postgis-3."
            raise StepError(f"{program} is missing.", advice=advice)


def create(places: Places) -> None:
    """Initialise the cluster beside its place and move it there: a half-made one never passes for a whole."""
    unfinished = places.var / "postgres.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(unfinished, places.owner, places.owner)
    log = places.log / "setup-postgres.log"
    with step("PostgreSQL cluster", log):
        command: list[str | Path] = [
            *places.as_owner(),
            BINARIES / "initdb",
            "--pgdata",
            unfinished,
            "--username=postgres",
        ]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        command += ["--data-checksums"] if places.profile.durable else ["--no-sync"]
        failure = "The PostgreSQL cluster could not be made."
        run_logged(command, log, cwd=places.var, failure=failure, advice="Is there room on the disk?")
        if places.cluster.exists():
            shutil.rmtree(places.cluster)
        unfinished.rename(places.cluster)


def configure(places: Places) -> None:
    """Write the configuration; the sockets' directory, closed to others, is what keeps strangers out."""
    settings = {
        "data_directory": f"'{places.cluster}'",
        "ident_file": f"'{places.cluster / 'pg_ident.conf'}'",
        "hba_file": f"'{places.var / 'pg_hba.conf'}'",
        "listen_addresses": "''",
        "unix_socket_directories": f"'{places.sockets}'",
        "max_connections": "100",
        **memory_settings(memory_bytes()),
        "random_page_cost": "1.1",
        "jit": "off",
        "max_locks_per_transaction": "256",
        "wal_level": "replica" if places.profile.durable else "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "'2GB'",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_line_prefix": "'%m [%p] %q%u@%d '",
        "log_min_duration_statement": "'1s'",
    }
    if not places.profile.durable:
        # A test's database is worth nothing after the test.
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    lines = [f"{name} = {value}" for name, value in settings.items()]
    (places.var / "postgresql.conf").write_text("\n".join(["# Written at every start.", *lines, ""]))
    (places.var / "pg_hba.conf").write_text("local all all trust\n")


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def memory_settings(total: int) -> dict[str, str]:
    """PostgreSQL's share of a machine's memory (bytes): an eighth for its buffers, from 64 MB to 1 GB."""
    megabytes = total // 2**20
    return {
        "shared_buffers": f"'{min(1024, max(64, megabytes // 8))}MB'",
        "effective_cache_size": f"'{max(128, megabytes // 2)}MB'",
        "work_mem": f"'{min(32, max(4, megabytes // 512))}MB'",
        "maintenance_work_mem": f"'{min(256, max(32, megabytes // 32))}MB'",
    }


def wait_until_ready(places: Places, check: Callable[[], None]) -> None:
    """Wait for the server to take connections, then make the role and the database if they are missing.

    `check` raises StepError when waiting is in vain.
    """
    log = places.log / "postgres.log"
    deadline = time.monotonic() + START_PATIENCE_S
    ready: list[str | Path] = [BINARIES / "pg_isready", "--quiet", "--host", places.sockets]
    while subprocess.run(ready, check=False).returncode != 0:
        check()
        if time.monotonic() > deadline:
            raise StepError(f"PostgreSQL did not start within {START_PATIENCE_S:.0f} s.", log=log)
        time.sleep(0.05)
    command: list[str | Path] = [BINARIES / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    command += ["--host", places.sockets, "--username=postgres", "--dbname=template1"]
    env = {**os.environ, "PGOPTIONS": "--client-min-messages=warning"}
    done = subprocess.run(command, input=BOOTSTRAP, capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise StepError(f"The database could not be made: {done.stderr.strip()}", log=log)
