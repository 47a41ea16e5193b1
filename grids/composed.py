"""Statements composed by the ORM once and run many times with other values.

Composing costs the ORM milliseconds, more than PostgreSQL takes to answer. What every request asks (the reach of a
person, the tile of a layer) is composed once with a `Parameter` where a value will stand.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Expression, Field

from grids import reading

_NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class _Place:
    """Stands among a statement's values for the one that a parameter's name will bring."""

    name: str


class Parameter(Expression):
    """A value that is given when the statement is run."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Return a placeholder whose value is looked up by name."""
        return "%s", [_Place(self.name)]


@dataclass(frozen=True, slots=True)
class Composed:
    """SQL with placeholders, and the values or names of parameters that belong into them."""

    sql: str
    values: tuple[Any, ...]

    @classmethod
    def named(cls, sql: str, values: Mapping[str, Any]) -> "Composed":
        """Compose what was written by hand with %(name)s for every value; a name without one is a parameter."""
        names = _NAMED.findall(sql)
        return cls(_NAMED.sub("%s", sql), tuple(values[name] if name in values else _Place(name) for name in names))

    def rows(
        self, given: Mapping[str, Any], *, binary: bool = False, primary: bool = False
    ) -> Sequence[tuple[Any, ...]]:
        """Run the statement with a value for each parameter and return all rows.

        `binary` is for rows that hold many bytes: as text they travel twice as long and are decoded on arrival.
        `primary` is for what may not be read a moment late.
        Raises KeyError for a parameter without a value.
        """
        values = [given[value.name] if isinstance(value, _Place) else value for value in self.values]
        with (connection if primary else reading.connection()).cursor() as cursor:
            if binary:
                # Django's cursor, which binds values on this side, knows only text; the statement it makes serves any.
                statement = cursor.mogrify(self.sql, values)
                cursor.cursor = psycopg.Cursor(cursor.connection)
                cursor.cursor.format = psycopg.pq.Format.BINARY
                cursor.execute(statement)
            else:
                cursor.execute(self.sql, values)
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return found
