"""The house of the fault tests."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults import stage
from tests.faults.stage import House


@pytest.fixture(scope="session")
def house(django_db_setup: None) -> Iterator[House]:
    """One house on the test database for all stages of this process."""
    with stage.house(connection.settings_dict) as made:
        yield made
