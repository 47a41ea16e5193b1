"""Fixtures of all database tests: the small town and its cast."""

import gc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pghistory
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.utils import translation
from psycopg.errors import DeadlockDetected
from pytest_django.plugin import DjangoDbBlocker

from tests.databases import drop
from tests.once import once
from tests.town import Town, build_town


def pytest_collection_finish() -> None:
    """Let the collector of garbage not look again and again at all that was imported, which took much of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run, the same in all its processes."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: DjangoDbBlocker,
    shared: Path,
    worker_id: str,
    request: pytest.FixtureRequest,
) -> None:
    """Migrate one database, of which the database of each process is a fresh copy.

    Without `--create-db` a copy of the one that an earlier run migrated will do: what came since is migrated in it.
    """
    if worker_id == "master":
        return
    own, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    name, template = test["NAME"], f"test_{own}_migrated"
    with once(shared, "migrated") as first, django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:
            drop(cursor.connection, name)
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
            there = cursor.fetchone() and not request.config.getvalue("create_db")
        if first and not there:
            test["NAME"] = template
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
            test["NAME"] = name
    test["TEMPLATE"] = template


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


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Let no test hear the language that the last request of another one asked for."""
    yield
    translation.deactivate()


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
