"""The analysis page: who may open it, what its address may ask for, and what it says first."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Membership, Person
from grids.models.people import Role
from grids.problems import Problem
from maps.pages.analysis_filters import Days, read, states_of
from patrols.workflow import OPEN_STATES, State
from tests.maps.cells.counting import begin, file_at, keep_up
from tests.town import FAR, NEAR, Town

SignIn = Callable[[str], Client]
MONDAY = date(2026, 11, 30)
EAST = f"{NEAR}001"


def page(as_person: SignIn, query: str = "", who: str = "paula") -> Any:
    client = as_person(who)
    client.cookies["django_language"] = "en"
    return client.get(f"/planner/{query}")


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        ("7", date(2026, 11, 24), MONDAY),
        ("30", date(2026, 11, 1), MONDAY),
        ("92", date(2026, 8, 31), MONDAY),
        ("month", date(2026, 11, 1), MONDAY),
        ("year", date(2025, 12, 1), MONDAY),
        ("all", None, None),
    ],
)
def test_periods_are_what_they_are_called(period: str, since: date | None, until: date | None) -> None:
    assert read({"period": period}, MONDAY).days == Days(since, until)


@pytest.mark.parametrize(
    ("period", "versus", "since", "until"),
    [
        ("7", "before", date(2026, 11, 17), date(2026, 11, 23)),
        ("month", "before", date(2026, 10, 1), date(2026, 10, 30)),
        ("year", "before", date(2024, 12, 1), date(2025, 11, 30)),
        ("30", "year", date(2025, 11, 1), date(2025, 11, 30)),
    ],
)
def test_what_was_before_is_as_long_and_ends_before(period: str, versus: str, since: date, until: date) -> None:
    assert read({"period": period, "versus": versus}, MONDAY).before == Days(since, until)


def test_the_last_day_of_a_longer_month_has_its_like_in_a_shorter_one() -> None:
    days = read({"period": "month", "versus": "before"}, date(2026, 3, 31))
    assert days.before == Days(date(2026, 2, 1), date(2026, 2, 28))
    leap = read({"period": "own", "since": "2028-02-29", "until": "2028-02-29", "versus": "year"}, date(2028, 3, 1))
    assert leap.before == Days(date(2027, 2, 28), date(2027, 2, 28))


def test_a_day_to_come_is_cut_off_and_the_address_keeps_what_was_chosen() -> None:
    own = read(
        {
            "period": "own", "since": "2026-11-02", "until": "2026-12-24",
            "versus": "own", "versus_since": "2026-09-01", "versus_until": "2026-09-20", "state": "open",
        },
        MONDAY,
    )  # fmt: skip
    assert own.days == Days(date(2026, 11, 2), MONDAY)
    assert read(own.query, MONDAY) == own
    assert read({}, MONDAY).query == {}


def test_points_are_of_the_same_states_as_the_heat() -> None:
    assert states_of("") == ",".join(State.values)
    assert states_of("open") == ",".join(OPEN_STATES)
    assert states_of("closed") == "closed"


@pytest.mark.parametrize(
    "query",
    [
        "period=yesterday", "period=own", "period=own&since=2026-02-30&until=2026-03-01",
        "period=own&since=2026-03-02&until=2026-03-01", "versus=x", "period=all&versus=before", "versus=own",
        "versus=own&versus_since=2000-01-01&versus_until=2026-11-30", "category=nosuch", "state=nosuch", "what=x",
        "period=own&since=1999-01-01&until=2026-01-01", "period=own&since=2998-12-20&until=2998-12-31",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_said_on_the_page_which_stays(town: Town, as_person: SignIn, query: str) -> None:
    with pytest.raises(Problem):
        read(dict(part.split("=") for part in query.split("&")), MONDAY)
    answer = page(as_person, f"?{query}")
    assert answer.status_code == 400
    assert answer.context["problem"]
    assert answer.context["problem"] in answer.content.decode().replace("&quot;", '"')
    assert 'id="map"' in answer.content.decode()


def test_it_costs_few_queries(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    client.get("/planner/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/planner/", {"region": EAST}).status_code == 200
    assert len(queries) <= 12, [one["sql"][:120] for one in queries]


def said(answer: Any) -> str:
    return "".join(clause.before + clause.text for clause in answer.context["headline"])


def found_days_ago(town: Town, *counts: tuple[int, int]) -> None:
    """File so many problems so many days ago, and count them."""
    begin()
    for days, count in counts:
        for _number in range(count):
            file_at(1.5, 1.5, town.litter, timezone.now() - timedelta(days=days))
    keep_up()


def test_the_sentence_says_how_many_and_whether_that_is_more(town: Town, as_person: SignIn) -> None:
    found_days_ago(town, (1, 12), (40, 10), (80, 3))
    assert said(page(as_person)).startswith(
        "12 problems found in the last 30 days, 20 % more than in the 30 days before"
    )
    assert "12 problems found in the last 7 days, 0 in a year before; most in " in said(
        page(as_person, "?period=7&versus=year")
    )
    assert said(page(as_person, "?period=all")).startswith("25 problems found in all time")
    assert "(accepted)" in said(page(as_person, "?state=accepted"))
    assert said(page(as_person, "?state=accepted")).startswith("Nothing was found in the last 30 days")


def test_a_share_of_few_is_not_said(town: Town, as_person: SignIn) -> None:
    found_days_ago(town, (1, 4), (40, 2))
    assert "2 in the 30 days before" in said(page(as_person))


def test_another_regions_problems_do_not_count(town: Town, as_person: SignIn) -> None:
    found_days_ago(town, (1, 3))
    assert said(page(as_person, f"?region={NEAR}")).startswith("3 problems found")
    assert said(page(as_person, f"?region={FAR}")).startswith("Nothing was found")


@pytest.mark.parametrize("name", ["alice", "bob", "dora"])
def test_who_plans_nowhere_does_not_find_it(town: Town, as_person: SignIn, name: str) -> None:
    assert page(as_person, who=name).status_code == 404


@pytest.mark.parametrize("code", ["150198", "x", FAR])
def test_a_region_out_of_reach_is_not_there(town: Town, as_person: SignIn, code: str) -> None:
    Membership.objects.filter(person=town.dora).update(role=Role.PLANNER)
    town.dora = Person.objects.get(pk=town.dora.pk)
    assert page(as_person, f"?region={code}", "dora").status_code == 404


@pytest.mark.parametrize("query", [f"community={EAST}", "split=3", f"community={EAST}&view=proposals&split=3"])
def test_old_links_to_the_split_studio_lead_there(town: Town, as_person: SignIn, query: str) -> None:
    answer = page(as_person, f"?{query}")
    assert answer.status_code == 302
    assert answer["Location"] == f"/planner/split/?{query}"
