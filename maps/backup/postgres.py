"""PostgreSQL's own programs: found in the server's version, run with the site's connection."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from maps.backup.problems import BackupError

DEBIAN = Path("/usr/lib/postgresql")
CHUNK = 1024 * 1024
_LIBPQ = {"NAME": "dbname", "USER": "user", "HOST": "host", "PORT": "port"}


def server_major() -> int:
    """The major version of the server."""
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10_000


def program(name: str) -> str:
    """The path of pg_dump or pg_restore in the server's major version; raises BackupError when there is none."""
    major = server_major()
    found = []
    for path in (shutil.which(name), DEBIAN / str(major) / "bin" / name):
        if path and Path(path).exists():
            version = _major_of(str(path))
            if version == major:
                return str(path)
            found.append(version)
    if found:
        raise BackupError(
            f"{name} is of PostgreSQL {found[0]} and the server of {major}: install postgresql-client-{major}."
        )
    raise BackupError(f"{name} is missing: install postgresql-client-{major}.")


def _major_of(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match[1]) if match else 0


def conninfo() -> str:
    """The site's connection as libpq reads it, without the password, which belongs into no command line."""
    settings = connection.settings_dict
    # Beside libpq's options there are the driver's own, such as whether it pools.
    takes = {option.keyword.decode() for option in Conninfo.get_defaults()} - {"options", "password"}
    options = {name: str(value) for name, value in settings.get("OPTIONS", {}).items() if name in takes}
    named = {libpq: str(settings[name]) for name, libpq in _LIBPQ.items() if settings.get(name)}
    return make_conninfo(**{**named, **options})


def _environment() -> dict[str, str]:
    env = {**os.environ, "LC_MESSAGES": "C"}
    if password := connection.settings_dict.get("PASSWORD"):
        env["PGPASSWORD"] = str(password)
    return env


def output(command: list[str]) -> Iterator[bytes]:
    """Run a program and yield what it writes, a chunk at a time; raises BackupError with its last words if it fails."""
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            while chunk := running.stdout.read(CHUNK):
                yield chunk
        except BaseException:
            running.kill()
            raise
        said = running.stderr.read().decode("utf-8", "replace").strip()
    if running.returncode:
        last = said.splitlines()[-1] if said else f"it ended with {running.returncode}"
        raise BackupError(f"{Path(command[0]).name} failed: {last}")
