"""COPY into the tables of models; columns that are not given hold their default."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from psycopg import Copy, sql
from psycopg.types.json import Jsonb

from maps.simulate import binary
from maps.simulate.binary import Cell


def defaults(model: type[models.Model], given: Iterable[str]) -> dict[str, Any]:
    """The values of columns that are not given and that the database does not fill in by itself."""
    known = set(given)
    return {
        field.column: field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in known
        and not field.null
        and field.db_default is models.NOT_PROVIDED
        and not field.generated
        and not isinstance(field, models.AutoField)
        and not isinstance(field, models.CompositePrimaryKey)
    }


def constants(model: type[models.Model], given: Iterable[str]) -> dict[str, Cell]:
    """The same in binary form."""
    types = {field.column: field.get_internal_type() for field in model._meta.concrete_fields}
    return {name: binary.constant(value, types[name]) for name, value in defaults(model, given).items()}


@contextmanager
def copied(table: str, columns: Sequence[str], *, in_binary: bool = False) -> Iterator[Copy]:
    """A COPY into columns of a table, in Django's transaction."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    form = sql.SQL(" (format binary)" if in_binary else "")
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names) + form
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows and return how many."""
    rest = defaults(model, columns)
    arrays = {field.column for field in model._meta.concrete_fields if isinstance(field, ArrayField)}
    tail = [Jsonb(v) if isinstance(v, dict | list) and k not in arrays else v for k, v in rest.items()]
    count = 0
    with copied(model._meta.db_table, [*columns, *rest]) as copy:
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is what is returned
            copy.write_row([*row, *tail])
    return count
