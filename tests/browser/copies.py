"""The tests' database exchanged for a copy of one that was kept, in a second.

Loading the demo city takes ten times as long as PostgreSQL takes to copy a database that has it. What one process of a
test run kept, the others restore too.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import sql


class Copies:
    """Databases kept under a name each; the next run replaces them."""

    def __init__(self) -> None:
        self.name = str(connection.settings_dict["NAME"])
        # Exchanged for another: this must be no other database than the tests' own.
        assert self.name.startswith("test_")
        self.shared = re.sub(r"_gw\d+$", "", self.name)

    def keep(self, what: str) -> None:
        """Keep a copy of the database as it is now."""
        self._alone(
            "drop database if exists {copy}", "create database {copy} template {own} strategy file_copy", what=what
        )

    def restore(self, what: str) -> None:
        """Exchange the database for the copy that was kept."""
        self._alone("drop database {own}", "create database {own} template {copy} strategy file_copy", what=what)

    def _alone(self, *statements: str, what: str) -> None:
        """Run statements with nobody connected to the database; a server's threads may still be."""
        own, copy = sql.Identifier(self.name), sql.Identifier(f"{self.shared}_{what}")
        with nobody_connected() as cursor:
            for statement in statements:
                cursor.execute(sql.SQL(statement).format(own=own, copy=copy))


@contextmanager
def nobody_connected() -> Iterator[Any]:
    """End all connections to the tests' database, this process's own too, and give a cursor of another database."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = user", [name]
        )
        yield cursor
