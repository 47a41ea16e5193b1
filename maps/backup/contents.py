"""What a backup holds of the database, and how two databases are compared: rows and a checksum for each table."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql

# Left out whole: what must not outlive its short term, and what is of no use in another installation.
LEFT_OUT = {
    "patrols_fix": "raw positions, which are kept for seven days only",
    "patrols_track": "tracks, which are kept for thirty days only",
    "patrols_trackfile": "digests of files with tracks, which go with them",
    "patrols_sight": "what single patrols saw, which is kept as long as their raw positions",
    "patrols_contact": "how to reach who made a request, which no copy may keep past its purge date",
    "patrols_lastposition": "last known positions, which are kept until the patrol ends",
    "grids_listfile": "files of lists, which may say more about people than is kept",
    "grids_splitfile": "files of grids that a job has not read yet",
    "grids_listrow": "rows of lists that are not brought in yet",
    "django_session": "sessions: everybody signs in again",
    "grids_idempotencykey": "answers kept for repeated requests",
    "maps_cell": "cells of the heat map, which are drawn again",
    "maps_cellcount": "counts of the heat map, which are made again from the reports",
    "maps_celldelta": "changes of counts, which go with them",
    "maps_cellcursor": "how far the counts have come, which means nothing in another database",
    "patrols_publiccell": "counts of the public map, which are made again every five minutes",
    "site_cache": "the cache",
}

TABLES = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e') order by 1
"""
# The order of rows does not count: the sum of the first 64 bits of each row's MD5.
SUM = "select count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0)::text from {} t"
# A row's text depends on these.
STEADY = ("timezone = 'UTC'", "datestyle = 'ISO, MDY'", "intervalstyle = 'postgres'", "bytea_output = 'hex'",
          "extra_float_digits = 1")  # fmt: skip


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and their checksum."""

    rows: int
    checksum: str


def tables() -> list[str]:
    """The tables of the database, those of extensions and partitions aside."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return [name for (name,) in cursor.fetchall()]


def kept() -> list[str]:
    """The tables that a backup holds."""
    return [name for name in tables() if name not in LEFT_OUT]


def measure(names: list[str]) -> dict[str, Table]:
    """Count the rows of tables and sum them up."""
    out = {}
    with connection.cursor() as cursor:
        for setting in STEADY:
            cursor.execute(f"set local {setting}")
        for name in names:
            cursor.execute(sql.SQL(SUM).format(sql.Identifier("public", name)))
            count, checksum = cursor.fetchone()
            out[name] = Table(int(count), str(checksum))
    return out


def migrations() -> dict[str, list[str]]:
    """The migrations that the database has seen, by app."""
    out: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("select app, name from django_migrations order by app, name")
        for app, name in cursor.fetchall():
            out.setdefault(app, []).append(name)
    return out


def extensions() -> dict[str, str]:
    """The database's extensions and their versions, plpgsql aside, which every database has."""
    with connection.cursor() as cursor:
        cursor.execute("select extname, extversion from pg_extension where extname <> 'plpgsql' order by 1")
        return dict(cursor.fetchall())


def newest_event() -> dict[str, Any] | None:
    """The youngest event of all, by which one sees how far a backup reaches."""
    with connection.cursor() as cursor:
        cursor.execute("select id::text, recorded_at from patrols_event order by recorded_at desc, id desc limit 1")
        row = cursor.fetchone()
    return {"id": row[0], "recorded_at": row[1].isoformat()} if row else None
