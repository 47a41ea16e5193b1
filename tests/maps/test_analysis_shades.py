"""What the grids are shaded by on the analysis page: without names, and unknown where nothing is known."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Assignment
from maps.pages.analysis_shades import step_of
from patrols import grid_streets
from patrols.models import Coverage
from patrols.workflow import State
from tests.maps.cells.counting import file_at
from tests.patrols.walks import street
from tests.town import DISTRICT, FAR, NEAR, Town

SignIn = Callable[[str], Client]
SHADES = "/planner/shades.json"


def asked(as_person: SignIn, query: str, who: str = "paula") -> Any:
    client = as_person(who)
    client.cookies["django_language"] = "en"
    return client.get(f"{SHADES}?{query}")


def test_who_answers_for_much_stands_out_and_without_an_owner_nothing_is_said(town: Town, as_person: SignIn) -> None:
    answer = asked(as_person, f"by=load&region={NEAR}").json()
    steps = dict(answer["grids"])
    owned = set(Assignment.objects.current().filter(role="owner").values_list("grid", flat=True))
    assert {grid for grid, step in steps.items() if step is not None} == owned & set(steps)
    assert set(steps.values()) == {0, None}
    assert answer["lines"] == ["0–1", "2", "3", "4", "5 and more"]
    assert town.alice.name not in str(answer)
    for _number in range(5):
        file_at(1.5, 1.5, town.litter, timezone.now(), grid=town.grids[5], state=State.ACCEPTED)
    file_at(1.5, 1.5, town.litter, timezone.now(), grid=town.grids[5], state=State.CLOSED)
    answer = asked(as_person, f"by=load&region={NEAR}").json()
    # Whoever is the only one has the median of all.
    assert dict(answer["grids"])[town.grids[5].pk] == 1
    assert answer["lines"] == ["0–2", "3–5", "6–7", "8–10", "11 and more"]
    assert "5 or more" in answer["note"]


def test_steps_go_by_the_median() -> None:
    limits = [1.0, 2.0, 3.0, 4.0]
    assert [step_of(count, limits) for count in (0, 1, 2, 3, 4, 5, 99)] == [0, 0, 1, 2, 3, 4, 4]


def test_coverage_is_that_of_the_period_and_unknown_is_not_nothing(town: Town, as_person: SignIn) -> None:
    lane = street("lane", (1.2, 1.5), (1.8, 1.5))
    grid_streets.lay_stale()
    today = timezone.localdate()
    Coverage.objects.create(district=DISTRICT, street=lane, day=today - timedelta(days=20), covered=((0, 1_000_000),))
    grid_streets.mark(DISTRICT, [lane.pk], [today - timedelta(days=20)])
    answer = asked(as_person, f"by=coverage&region={NEAR}&period=30").json()
    assert dict(answer["grids"])[town.grids[5].pk] == 4
    assert set(dict(answer["grids"]).values()) == {4, None}
    assert set(dict(asked(as_person, f"by=coverage&region={NEAR}&period=7").json()["grids"]).values()) == {None}
    whole = asked(as_person, f"by=coverage&region={NEAR}&period=all").json()
    assert dict(whole["grids"])[town.grids[5].pk] == 4


@pytest.mark.parametrize("by", ["load", "coverage"])
def test_it_costs_few_queries(town: Town, as_person: SignIn, by: str) -> None:
    client = as_person("paula")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(SHADES, {"by": by, "region": NEAR}).status_code == 200
    assert len(queries) <= 10


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        ("paula", f"by=speed&region={NEAR}", 400), ("paula", f"by=load&region={NEAR}&period=x", 400),
        ("paula", "by=load", 404), ("paula", "by=load&region=999999", 404),
        ("alice", f"by=load&region={NEAR}", 404), ("dora", f"by=load&region={FAR}", 404),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(town: Town, as_person: SignIn, who: str, query: str, status: int) -> None:
    assert asked(as_person, query, who).status_code == status
