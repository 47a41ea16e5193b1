"""Databases of the restore drill: copies of the test database, and empty ones, to which Django is turned."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from maps.backup import postgres
from tests.databases import drop


def administration() -> psycopg.Connection[tuple[Any, ...]]:
    """Connect to the cluster, at a database that always exists."""
    return psycopg.connect(make_conninfo(postgres.conninfo(), dbname="postgres"), autocommit=True)


def exists(name: str) -> bool:
    """Whether there is a database of this name."""
    with administration() as link:
        return link.execute("select from pg_database where datname = %s", [name]).fetchone() is not None


@contextlib.contextmanager
def database(ending: str, *, template: str = "template1") -> Iterator[str]:
    """A database that is there for a while, by its name; nobody may be connected to its template.

    The local cluster has PostGIS in template1, since the application is no superuser.
    """
    name = f"{connection.settings_dict['NAME']}_{ending}"
    with administration() as link:
        drop(link, name)
        link.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield name
    finally:
        with administration() as link:
            drop(link, name)


@contextlib.contextmanager
def turned_to(name: str) -> Iterator[None]:
    """Turn Django's connection to a database."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
