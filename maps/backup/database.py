"""The database's side of a restore; everything here runs in the caller's transaction."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.db import Error, connection
from psycopg import sql

from maps.backup import contents, postgres
from maps.backup.problems import BackupError

WAIT = "15s"
OWN_VIEWS = """
select format('drop %s %I.%I cascade', case relkind when 'm' then 'materialized view' else 'view' end,
              n.nspname, relname)
from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname = 'public' and relkind in ('v', 'm')
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""
OWN_ROUTINES = """
select format('drop routine %s cascade', p.oid::regprocedure)
from pg_proc p join pg_namespace n on n.oid = pronamespace
where nspname = 'public' and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""
OWN_SEQUENCES = """
select format('drop sequence %I.%I cascade', n.nspname, relname)
from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname = 'public' and relkind = 'S'
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""
COPY = re.compile(rb"^COPY .* FROM stdin;$")
# What psql alone understands, and what is there already.
SKIPPED = re.compile(rb"^(\\(un)?restrict\b.*|CREATE SCHEMA public;)$", re.MULTILINE)


def clear() -> None:
    """Drop everything of ours in the schema public; extensions and what belongs to them stay.

    Raises OperationalError (lock timeout) when somebody else uses the tables.
    """
    with connection.cursor() as cursor:
        for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0", f"lock_timeout = '{WAIT}'"):
            cursor.execute(f"set local {setting}")
        names = contents.tables()
        if names:
            every = sql.SQL(", ").join(sql.Identifier("public", name) for name in names)
            cursor.execute(sql.SQL("lock table {} in access exclusive mode").format(every))
            cursor.execute(sql.SQL("drop table {} cascade").format(every))
        for query in (OWN_VIEWS, OWN_SEQUENCES, OWN_ROUTINES):
            cursor.execute(query)
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)


def require_extensions(wanted: dict[str, str]) -> None:
    """Make the extensions that are missing; raises BackupError where that takes a superuser."""
    missing = [name for name in wanted if name not in contents.extensions()]
    for name in missing:
        with connection.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("create extension {} schema public").format(sql.Identifier(name)))
            except Error as error:
                raise BackupError(
                    f"The database lacks the extension {name}; a superuser has to run CREATE EXTENSION {name} in it."
                ) from error


def run_script(program: str, dump: str, section: str) -> None:
    """Run one section of a dump: its statements, and the rows that stand between them."""
    command = [program, f"--section={section}", "--no-owner", "--no-privileges", "--file=-", dump]
    lines = _lines(postgres.output(command))
    statements: list[bytes] = []
    with connection.connection.cursor() as cursor:
        for line in lines:
            if section != "data" or not COPY.match(line):
                statements.append(line)
                continue
            cursor.execute(_script(statements))
            statements = []
            with cursor.copy(line.removesuffix(b";")) as copy:
                for row in lines:
                    if row == b"\\.":
                        break
                    copy.write(row + b"\n")
        cursor.execute(_script(statements))


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _script(lines: list[bytes]) -> bytes:
    return SKIPPED.sub(b"", b"\n".join(lines)) or b"select 1"


def copy_in(name: str, columns: list[str], path: Path) -> None:
    """Load the rows of a table that were kept apart."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier("public", name), names)
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy, path.open("rb") as stream:
        while chunk := stream.read(postgres.CHUNK):
            copy.write(chunk)


def back_to_normal() -> None:
    """Undo what the dump set for the session, as far as the rest of the transaction needs it."""
    with connection.cursor() as cursor:
        for setting in ("search_path", "check_function_bodies", "row_security", "client_min_messages", "xmloption"):
            cursor.execute(f"reset {setting}")
        cursor.execute("set local statement_timeout = 0")


def settle_transactions() -> None:
    """Lower the transaction ids of events where this cluster has not come as far as the backup's.

    A consumer of events stops at the oldest running transaction: events of what would be the future here would never
    be read. Their order stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select max(transaction::text::numeric) - pg_snapshot_xmax(pg_current_snapshot())::text::numeric,"
            " max(transaction::text::numeric) - pg_snapshot_xmin(pg_current_snapshot())::text::numeric"
            " from patrols_event"
        )
        future, ahead = cursor.fetchone()
        if future is not None and future >= 0:
            cursor.execute(
                "update patrols_event set transaction = greatest(transaction::text::numeric - %s, 3)::text::xid8",
                [ahead + 1],
            )
