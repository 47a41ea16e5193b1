"""Fixtures of all database tests: the small town and its cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.town import Town, build_town


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
