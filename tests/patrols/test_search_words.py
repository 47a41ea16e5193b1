"""The search for words: the same rows as a look at every text, and by the index."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grids.expressions import holds_words
from grids.scope import Scope
from patrols.filing import Draft, file_report
from patrols.filters import Cursor, newest_page, read_filter
from patrols.models import Party, Report
from tests.town import LITTER, Town, at

PLACES = ("市场北门", "北市场", "Market 5号楼", "MARKET street", "场", "100% 净", "a_b", "北门　北门", "")


@pytest.fixture
def filed(town: Town) -> dict[str, Report]:
    scope = town.scope("alice")
    return {
        place: file_report(Draft(category=LITTER, geom=at(1, 1), anchor=at(1, 1), place=place), scope)
        for place in PLACES
    }


@given(
    words=st.one_of(
        st.sampled_from(["市场", "场", "market", "Market 5", "0%", "_", "北门　"]), st.text("市场北门aA%_ ", min_size=1)
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_what_a_look_at_every_text_finds(filed: dict[str, Report], words: str) -> None:
    found = set(Report.objects.filter(holds_words("place", words)).values_list("place", flat=True))
    assert found == {place for place in filed if words.lower() in place.lower()}


def test_words_and_numbers_are_looked_up_by_index(filed: dict[str, Report]) -> None:
    words = read_filter({"q": "市场"}).apply(Report.objects.all())
    number = Report.objects.filter(number__istartswith=filed["场"].number)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_indexscan = off")
    assert "report_region_words" in words.explain()
    assert "report_number_start" in number.explain()


def test_a_number_is_found_by_its_beginning_in_any_case(filed: dict[str, Report]) -> None:
    wanted = filed["场"].number
    found = read_filter({"q": wanted[:-1].lower()}).apply(Report.objects.all())
    assert filed["场"] in found


def aged(filed: dict[str, Report], **days: int) -> None:
    """Move reports back by so many days, by their place."""
    for place, count in days.items():
        moment = timezone.now() - timedelta(days=count)
        Report.objects.filter(pk=filed[place].pk).update(recorded_at=moment)
        Party.objects.filter(report=filed[place].pk).update(report_recorded_at=moment)


def found(scope: Scope, size: int, query: dict[str, str], cursor: Cursor | None = None) -> list[str]:
    page = newest_page(read_filter(query), Report.objects.all(), scope, cursor, size)
    return [report.place for report in page]


@pytest.mark.parametrize("who", ["alice", "dora", "paula"])
def test_a_page_that_the_last_days_do_not_fill_goes_on_with_what_is_older(
    town: Town, filed: dict[str, Report], who: str
) -> None:
    aged(filed, 市场北门=100, 北市场=200, a_b=1)
    aged(filed, **{"Market 5号楼": 50})
    scope = town.scope(who)
    assert found(scope, 50, {"q": "场"}) == ["场", "市场北门", "北市场"]
    assert found(scope, 1, {"q": "场"}) == ["场", "市场北门"]
    assert found(scope, 50, {"q": "market"}) == ["MARKET street", "Market 5号楼"]
    assert found(scope, 50, {"q": "场", "until": (timezone.now() - timedelta(days=150)).date().isoformat()}) == [
        "北市场"
    ]
    older = Report.objects.get(place="市场北门")
    assert found(scope, 50, {"q": "场"}, (older.recorded_at, older.pk)) == ["北市场"]
    assert found(scope, 50, {"q": "场", "since": timezone.localdate().isoformat()}) == ["场"]


def gates(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the nodes of a plan that run what is below them only under a condition."""
    below = [gate for child in node.get("Plans", []) for gate in gates(child)]
    return [node, *below] if "One-Time Filter" in node else below


def test_nothing_older_is_looked_at_where_the_last_days_fill_a_page(town: Town, filed: dict[str, Report]) -> None:
    aged(filed, 北市场=200)
    scope = town.scope("paula")
    assert found(scope, 1, {"q": "场"}) == ["场", "市场北门"]
    for size, runs in ((1, 0), (2, 1)):
        page = newest_page(read_filter({"q": "场"}), Report.objects.all(), scope, None, size)
        ((plan,),) = [json.loads(page.explain(format="json", analyze=True))]
        (gate,) = gates(plan["Plan"])
        (older,) = [child for child in gate["Plans"] if child["Parent Relationship"] != "InitPlan"]
        # How often it runs where it runs at all is the planner's choice.
        assert bool(older["Actual Loops"]) == bool(runs)


def test_a_search_that_fills_no_page_costs_what_any_list_costs(
    town: Town, filed: dict[str, Report], as_person: Callable[[str], Client]
) -> None:
    aged(filed, 市场北门=100, 北市场=200)
    client = as_person("dora")
    client.get("/api/v1/reports?q=场")
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/api/v1/reports?q=场")
    assert [row["place"] for row in answer.json()["results"]] == ["场", "市场北门", "北市场"]
    assert len(captured) <= 6
