"""Bulk loading: indexes, foreign keys and triggers are put aside and made anew, all within one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from psycopg import sql

KEYS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
from pg_constraint where contype = 'f' and conparentid = 0 and conrelid = any(%s::regclass[]) order by 1, 2
"""
INDEXES = """
select c.oid::regclass::text, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = any(%s::regclass[]) and not i.indisunique and not i.indisexclusion
  and not exists (select from pg_inherits where inhrelid = c.oid) order by 1
"""
QUICK = (
    "set constraints all immediate",
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",
    "set local synchronous_commit = off",
    "set local maintenance_work_mem = '512MB'",
    "set local work_mem = '128MB'",
)


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[None]:
    """Take what slows loading down off the tables, and put it back at the end; unique keys and checks stay.

    Foreign keys are checked for all rows when they come back: IntegrityError if one leads nowhere. Locks the tables.
    """
    with connection.cursor() as cursor:
        for statement in QUICK:
            cursor.execute(statement)
        cursor.execute(KEYS, [list(tables)])
        keys = cursor.fetchall()
        cursor.execute(INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        for table, name, _definition in keys:
            cursor.execute(
                sql.SQL("alter table {} drop constraint {}").format(sql.Identifier(table), sql.Identifier(name))
            )
        for name, _definition in indexes:
            cursor.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
        for table in tables:
            cursor.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(table)))
    yield
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("alter table {} enable trigger user").format(sql.Identifier(table)))
        for _name, definition in indexes:
            # Of a partitioned table the database tells the index of the parent alone, which no partition would have.
            cursor.execute(definition.replace(" ON ONLY ", " ON ", 1))
        for table, name, definition in keys:
            # The definition is the database's own, word for word.
            cursor.execute(
                sql.SQL("alter table {} add constraint {} ").format(sql.Identifier(table), sql.Identifier(name))
                + sql.SQL(definition)
            )
