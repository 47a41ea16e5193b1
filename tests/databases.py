"""Databases that tests and benchmarks make for themselves."""

from typing import Any

import psycopg
from psycopg import sql


def drop(link: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    """Drop a database if it exists, and end what is connected to it.

    Not ``with (force)``: in PostgreSQL 15 that is refused to whoever is no superuser while autovacuum works there,
    whereas a plain drop sends autovacuum away itself.
    """
    link.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = user", [name])
    link.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
