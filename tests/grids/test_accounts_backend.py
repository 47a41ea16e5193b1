"""Who may sign in: invented people only in a demonstration."""

import pytest
from django.test import Client, override_settings

from grids.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def invented() -> Person:
    return Person.objects.create_user("leader", "demo", invented=True)


def test_a_demonstration_lets_its_people_in(invented: Person, client: Client) -> None:
    assert client.login(username="leader", password="demo")


@override_settings(PRODUCTION=True)
def test_production_lets_no_invented_person_in(invented: Person, client: Client) -> None:
    assert not client.login(username="leader", password="demo")


def test_an_open_session_of_an_invented_person_ends_in_production(invented: Person, client: Client) -> None:
    client.force_login(invented)
    assert client.get("/my-grid/").status_code == 200
    with override_settings(PRODUCTION=True):
        assert client.get("/my-grid/").status_code == 302
