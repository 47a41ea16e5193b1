"""Fixtures of all database tests: the small town and its cast."""

from collections.abc import Callable, Iterator, Sequence

import pghistory
import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from psycopg.errors import DeadlockDetected

from tests.town import Town, build_town


@pytest.fixture(autouse=True, scope="session")
def emptied_between_tests() -> Iterator[None]:
    """Let the owner of the test database empty the tables of history too, which nobody else can."""
    plain = DatabaseOperations.execute_sql_flush
    tables = [connection.ops.quote_name(model._meta.db_table) for model in pghistory.core.event_models()]

    def switch(how: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"ALTER TABLE {table} {how} TRIGGER append_only" for table in tables))

    def flush(operations: DatabaseOperations, statements: Sequence[str]) -> None:
        with transaction.atomic():
            switch("DISABLE")
            plain(operations, statements)
            switch("ENABLE ALWAYS")

    def patiently(operations: DatabaseOperations, statements: Sequence[str]) -> None:
        # A browser's last request may still be answered, and hold what is to be emptied.
        for _turn in range(4):
            try:
                return flush(operations, statements)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return flush(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", patiently)
        yield


@pytest.fixture
def town(db: None) -> Town:
    """The small town of nine grids with everybody in it."""
    return build_town()


@pytest.fixture
def as_person(town: Town) -> Callable[[str], Client]:
    """A function that signs somebody in and returns their client."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(town, name))
        return client

    return sign_in
