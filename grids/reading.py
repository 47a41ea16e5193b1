"""From which database a request reads: the primary, unless a replica was chosen for it that has all that it may miss.

The choice is the web process's (maps.site.replicas) and holds for one request. Whatever runs without a request (jobs,
the outbox, the clock, commands) reads where it writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

_chosen: ContextVar[str] = ContextVar("reading", default=DEFAULT_DB_ALIAS)


def alias() -> str:
    """Return the alias of the database to read from; within a transaction that of the primary, which holds it."""
    chosen = _chosen.get()
    return DEFAULT_DB_ALIAS if connections[DEFAULT_DB_ALIAS].in_atomic_block else chosen


def connection() -> Any:
    """Return the connection to read by."""
    return connections[alias()]


def choose(name: str) -> None:
    """Read from a database until the end of the block that `reading_from` began."""
    _chosen.set(name)


@contextmanager
def reading_from(name: str) -> Iterator[None]:
    """Read from a database until the end of the block."""
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)
