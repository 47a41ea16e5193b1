"""What is typed, and the place that comes first: near by, and among the first three from nowhere."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from grids.scope import NOBODY
from grids.search.finding import find
from tests.grids.search_names import GOLDENS, near, read, write_names
from tests.town import build_town


@pytest.fixture(scope="module")
def names(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The names, written once for all of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        write_names(build_town())
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(("typed", "first"), GOLDENS, ids=[typed for typed, _first in GOLDENS])
def test_the_first_hit(names: None, typed: str, first: str) -> None:
    query = read(typed)
    assert find(query, NOBODY, near(0.5, 0.5))[0].name == first
    anywhere = find(query, NOBODY)
    assert first in {row.name for row in anywhere[:3]}
