"""The first-run tour of the demonstration."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.test.utils import override_settings

from maps.pages.tour import TOURS
from tests.town import Town

SignIn = Callable[[str], Client]


def test_every_tour_has_four_steps() -> None:
    assert {name: len(steps) for name, steps in TOURS.items()} == dict.fromkeys(TOURS, 4)
    assert set(TOURS) == {"my-grid", "dispatch", "planner", "reports"}


@override_settings(DEMO=True)
@pytest.mark.parametrize(
    ("who", "home", "elsewhere"),
    [("alice", "/my-grid/", "/inbox/"), ("dora", "/dispatch/", "/reports/"), ("paula", "/planner/", "/reports/")],
)
def test_each_role_is_shown_around_its_home_page_only(
    town: Town, as_person: SignIn, who: str, home: str, elsewhere: str
) -> None:
    client = as_person(who)
    assert client.get(home).context["tour"]["name"] == home.strip("/")
    assert client.get(elsewhere).context["tour"] is None


@override_settings(DEMO=False)
def test_there_is_no_tour_outside_the_demonstration(town: Town, as_person: SignIn) -> None:
    assert as_person("alice").get("/my-grid/").context["tour"] is None
