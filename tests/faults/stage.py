"""The stage of the fault tests: Redis, a worker and two clocks as real processes, and the books that must balance."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from tests.faults.processes import Program, children, environment, marked, python, until

RING_AGAIN_S = 2
TOLD = {"file": ["alice", "dora"], "accept": ["bob"]}
OPEN = "select count(*) from grids_outbox where done_at is null"
BOOKS = """
select row.id::text, row.payload->>'verb' as verb, row.payload->>'report' as report,
       array(select person.username::text from grids_notification told join grids_person person on person.id = person_id
             where told.key = row.id::text order by 1) as told
from grids_outbox row
"""


@dataclass
class Stage:
    """The processes by name, and the database they share; `spared` is the session that is never cut."""

    env: dict[str, str]
    folder: Path
    database: str
    programs: dict[str, Program]
    spared: int = 0

    @property
    def redis(self) -> Program:
        """The Redis server."""
        return self.programs["redis"]

    @property
    def worker(self) -> Program:
        """The RQ worker; its children are its work horses."""
        return self.programs["worker"]

    def program(self, name: str, command: list[str]) -> Program:
        """Add a program and start it."""
        program = Program(name, command, self.env, self.folder / f"{name}.log")
        self.programs[name] = program
        program.start()
        return program

    def mend(self) -> None:
        """Start again whatever died, as the supervisor would."""
        for program in self.programs.values():
            program.mend()

    def horses(self) -> list[int]:
        """The work horses of the present worker."""
        return children(self.worker.pid) if self.worker.alive else []

    def kill_horse(self) -> None:
        """Kill the process in which a job runs, if one does."""
        for pid in self.horses():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

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
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.database, autocommit=True) as link:
            link.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                " and usename = current_user and pid not in (pg_backend_pid(), %s)",
                [self.spared],
            )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query; empty while the database is away."""
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.database) as link:
            return link.execute(query).fetchall()
        return []

    def quiet(self) -> bool:
        """Mend what is dead and say whether every promise is kept."""
        self.mend()
        return self.ask(OPEN) == [(0,)]

    def wait_until_quiet(self, patience_s: float) -> None:
        """Wait until every promise is kept."""
        assert until(self.quiet, patience_s, 0.2), f"promises left: {self.ask(OPEN)}\n{self.report()}"

    def acknowledged(self) -> Counter[tuple[str, str]]:
        """Return (step, report) for each line that the filer printed."""
        log = self.folder / "filer.log"
        lines = (line.split() for line in (log.read_text().splitlines() if log.exists() else ()))
        return Counter((line[0], line[1]) for line in lines if line and line[0] in {"filed", "accepted"})

    def check_books(self) -> None:
        """Every step has one promise, every promise told everybody concerned once and nobody else."""
        rows = self.ask(BOOKS)
        for promise, verb, report, told in rows:
            assert told == TOLD[verb], f"{verb} of {report} ({promise}) told {told}"
        steps = Counter((verb, report) for _promise, verb, report, _told in rows)
        assert not [step for step, count in steps.items() if count > 1]
        names = {"filed": "file", "accepted": "accept"}
        for word, report in self.acknowledged():
            assert steps[names[word], report] == 1, f"{word} {report} was acknowledged and is lost"
        assert self.ask("select count(*) from patrols_report") == [(sum(verb == "file" for verb, _report in steps),)]
        [(told,)] = self.ask("select count(*) from grids_notification")
        assert told == sum(len(TOLD[verb]) for verb, _report in steps)

    def report(self) -> str:
        """Return the end of what every program said."""
        return "\n".join(f"== {name}\n{program.said()[-1500:]}" for name, program in self.programs.items())


@contextlib.contextmanager
def staged(database: Mapping[str, object], conninfo: str, *, clocks: int = 2) -> Iterator[Stage]:
    """Yield a stage on a database that holds the town, with Redis, a worker and the clocks running."""
    # A Unix socket's path holds 107 bytes: pytest's own folders may be deeper.
    folder = Path(tempfile.mkdtemp(prefix="gw-"))
    (folder / "redis").mkdir()
    socket = folder / "redis.sock"
    try:
        with marked(environment(database, socket, folder)) as env:
            env["GRIDWARDEN_RING_AGAIN_SECONDS"] = str(RING_AGAIN_S)
            stage = Stage(env, folder, conninfo, {})
            options = f"--port 0 --unixsocket {socket} --dir {folder}/redis --appendonly yes --save".split()
            stage.program("redis", ["redis-server", *options, ""])
            assert until(socket.exists)
            stage.program("worker", python("manage.py", "rqworker", "default"))
            for number in range(clocks):
                stage.program(f"clock{number}", python("manage.py", "clock"))
            yield stage
    finally:
        shutil.rmtree(folder)
