"""Statements that take PostgreSQL longer to plan than to run are planned once for each connection to the database."""

import re
from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql
from psycopg.rows import dict_row

_PLACES = re.compile("%%|%s")


class Preparing(psycopg.Cursor[Any]):
    """A cursor that binds its values on the server and keeps the statement, by its text, for the connection's life."""

    def execute(self, query: Any, params: Any = None, **_given: Any) -> "Preparing":
        """Run a statement, prepared."""
        return super().execute(query, params, prepare=True)


def statement_of(rows: "QuerySet[Any, Any]") -> tuple[str, Sequence[Any]]:
    """Return the statement of a query and the values that it is called with.

    Members of enumerations are constants of this code and stand in the statement: a plan for whatever values come could
    not use an index of the rows in a certain state.
    """
    statement, values = rows.query.sql_with_params()
    given = iter(values)
    called_with: list[Any] = []

    def put(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return "%%"
        value = next(given)
        if isinstance(value, Enum):
            return _constant(value)
        called_with.append(value)
        return "%s"

    return _PLACES.sub(put, statement), called_with


@cache
def _constant(member: Enum) -> str:
    return sql.Literal(member.value).as_string(None).replace("%", "%%")


def prepared(rows: "QuerySet[Any, Any]") -> list[dict[str, Any]]:
    """Return the rows of a `values()` query, run as a prepared statement; they are as the driver gives them.

    It pays for a statement whose text stays the same from call to call and that reads few rows by many conditions.
    After five times PostgreSQL keeps one plan for whatever values come, so the right plan must not hang on them.
    """
    statement, values = statement_of(rows)
    connection.ensure_connection()
    raw = Preparing(connection.connection, row_factory=dict_row)
    # Wrapped as Django's own, so that it is counted, its errors are Django's and a broken connection is seen.
    with connection._prepare_cursor(raw) as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement, values)
        return list(cursor.fetchall())
