"""The stage of the fault tests: Redis, a worker for each queue, a web server and clocks as real processes."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.utils import timezone
from redis import Redis

from grids import clock
from grids.models import Slot
from grids.search.index import CATCH_UP, CATCH_UP_EVERY
from maps.cells import keeping
from patrols import public_cells, public_effort
from tests.faults import books
from tests.faults.nursery import Nursery, nursery
from tests.faults.processes import (
    MARK,
    Program,
    children,
    conninfo,
    end_all,
    environment,
    free_port,
    gunicorn,
    marked,
    python,
    until,
)

RING_AGAIN_S = 2
FILERS = ("filer", "caller")
LONGEST_STAGE = timedelta(minutes=20)
# The clock's tasks that promise long work, and how often.
PROMISES_LONG_WORK = {
    CATCH_UP: CATCH_UP_EVERY,
    "cells": keeping.EVERY,
    "cells-check": timedelta(days=1),
    "public map": public_cells.EVERY,
    "public effort": public_effort.EVERY,
}


@dataclass(frozen=True)
class House:
    """What stages have in common, one after the other: the database, a folder, and who starts what is Python."""

    env: dict[str, str]
    folder: Path
    database: str
    nursery: Nursery

    def clear(self) -> None:
        """Kill what still runs and leave the folder empty."""
        end_all(self.env[MARK], but=self.nursery.pid)
        for entry in self.folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


@contextlib.contextmanager
def house(database: Mapping[str, object]) -> Iterator[House]:
    """Yield a house on a database (as Django names its settings); in the end nothing of it is left."""
    # A Unix socket's path holds 107 bytes: pytest's own folders may be deeper.
    folder = Path(tempfile.mkdtemp(prefix="gw-"))
    try:
        with marked(environment(database, folder / "redis.sock", folder)) as env:
            env["GRIDWARDEN_RING_AGAIN_SECONDS"] = str(RING_AGAIN_S)
            with nursery(env) as made:
                yield House(env, folder, conninfo(database), made)
    finally:
        shutil.rmtree(folder)


@dataclass
class Stage:
    """The processes by name, and the database they share; `spared` is the session that is never cut."""

    house: House
    programs: dict[str, Program]
    spared: int = 0

    @property
    def folder(self) -> Path:
        """Where the programs keep what they keep, and their logs."""
        return self.house.folder

    @property
    def redis(self) -> Program:
        """The Redis server."""
        return self.programs["redis"]

    @property
    def worker(self) -> Program:
        """The RQ worker of what is told; its children are its work horses."""
        return self.programs["worker"]

    @property
    def jobs(self) -> Program:
        """The RQ worker of long jobs."""
        return self.programs["jobs"]

    def program(self, name: str, command: list[str]) -> Program:
        """Add a program in Python and start it."""
        house = self.house
        program = Program(name, command, house.env, self.folder / f"{name}.log", house.nursery)
        self.programs[name] = program
        program.start()
        return program

    def serve(self, application: str = "maps.site.wsgi:application") -> int:
        """Add a web server and return its port."""
        port = free_port()
        self.programs["web"] = gunicorn(self.house.env, self.folder / "web.log", port, application=application)
        return port

    def mend(self) -> None:
        """Start again whatever died, as the supervisor would."""
        for program in self.programs.values():
            program.mend()

    def horses(self, name: str = "worker") -> list[int]:
        """The children of a program: the work horse of a worker, the processes of the web server."""
        program = self.programs[name]
        return children(program.pid) if program.alive else []

    def kill_horse(self, name: str = "worker") -> None:
        """Kill the process in which a program's work is done, if there is one."""
        self.signal_horse(name, signal.SIGKILL)

    def signal_horse(self, name: str, number: signal.Signals) -> None:
        """Send a signal to it."""
        for pid in self.horses(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def waiting_jobs(self) -> int:
        """How many jobs wait in Redis."""
        with Redis(unix_socket_path=str(self.folder / "redis.sock")) as link:
            return int(str(link.llen("rq:queue:default")))

    def waiting_for_locks(self) -> int:
        """How many sessions of the database wait for another's lock; asked over a connection of its own."""
        found = self.ask(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return int(found[0][0]) if found else 0

    def empty_redis(self) -> None:
        """Kill Redis and throw its data away."""
        self.redis.kill()
        shutil.rmtree(self.folder / "redis")
        (self.folder / "redis").mkdir()

    def cut_connections(self) -> None:
        """End every session of the database but ours; while PostgreSQL is down there are none."""
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self.house.database, autocommit=True) as link,
        ):
            link.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                " and usename = current_user and pid not in (pg_backend_pid(), %s)",
                [self.spared],
            )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query; empty while the database is away."""
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.house.database) as link:
            return link.execute(query).fetchall()
        return []

    def quiet(self) -> bool:
        """Mend what is dead and say whether every promise is kept and every job over."""
        return self.left() == 0

    def left(self) -> int:
        """Mend what is dead and return how many promises and jobs are open; many while the database is away."""
        self.mend()
        found = self.ask(books.OPEN)
        return int(found[0][0]) if found else sys.maxsize

    def wait_until_quiet(self, patience_s: float) -> None:
        """Wait until every promise is kept and every job over; for so long that it does not become less."""
        least, deadline = self.left(), time.monotonic() + patience_s
        while least:
            assert time.monotonic() < deadline, f"promises and jobs left: {least}\n{self.report()}"
            time.sleep(0.2)
            if (now := self.left()) < least:
                least, deadline = now, time.monotonic() + patience_s

    def acknowledged(self) -> books.Acknowledged:
        """Return (step, id) for each line that a filer printed."""
        logs = [self.folder / f"{name}.log" for name in FILERS]
        return books.read(line for log in logs if log.exists() for line in log.read_text().splitlines())

    def check_books(self) -> None:
        """Nothing acknowledged is lost, nothing done or told twice."""
        acknowledged = self.acknowledged()
        books.check_reports(self.ask, acknowledged)
        books.check_jobs(self.ask, acknowledged)

    def report(self) -> str:
        """Return the end of what every program said."""
        return "\n".join(f"== {name}\n{program.said()[-1500:]}" for name, program in self.programs.items())


@contextlib.contextmanager
def staged(house: House, *, clocks: int = 2, long: bool = True) -> Iterator[Stage]:
    """Yield a stage on a database that holds the town, with Redis, the workers and the clocks running."""
    folder = house.folder
    (folder / "redis").mkdir()
    socket = folder / "redis.sock"
    stage = Stage(house, {})
    try:
        options = f"--port 0 --unixsocket {socket} --dir {folder}/redis --appendonly yes --save".split()
        redis = stage.programs["redis"] = Program(
            "redis", ["redis-server", *options, ""], house.env, folder / "redis.log"
        )
        redis.start()
        assert until(socket.exists)
        stage.program("worker", python("manage.py", "rqworker", "default"))
        if long:
            stage.program("jobs", python("-m", "tests.faults.work"))
        else:
            _without_long_work()
        for number in range(clocks):
            stage.program(f"clock{number}", python("manage.py", "clock"))
        yield stage
    finally:
        house.clear()


def _without_long_work() -> None:
    """Let the clock's tasks that promise long work have had their slots: nobody is there to keep such promises."""
    begin, end = timezone.now(), timezone.now() + LONGEST_STAGE
    slots = {
        (task, clock.slot_of(begin + turn * every, every))
        for task, every in PROMISES_LONG_WORK.items()
        for turn in range((end - begin) // every + 2)
    }
    Slot.objects.bulk_create([Slot(task=task, slot=slot) for task, slot in slots], ignore_conflicts=True)
