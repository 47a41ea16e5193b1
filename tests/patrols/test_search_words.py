"""The search for words: the same rows as a look at every text, and by the index."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grids.expressions import holds_words
from patrols.filing import Draft, file_report
from patrols.filters import ReportFilter, newest_page, read_filter
from patrols.models import Report
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


def test_the_latest_reports_are_looked_at_before_all() -> None:
    asked: list[ReportFilter] = []

    def fetch(found: list[int]) -> Callable[[ReportFilter], list[int]]:
        def rows(wanted: ReportFilter) -> list[int]:
            asked.append(wanted)
            return found

        return rows

    words, until = read_filter({"q": "市场"}), read_filter({"q": "市场", "until": "2026-03-01"})
    assert newest_page(words, None, 2, fetch([1, 2, 3])) == [1, 2, 3]
    assert len(asked) == 1
    assert asked[0].since is not None
    newest_page(words, None, 2, fetch([1, 2]))
    assert asked[-1] == words
    newest_page(until, None, 2, fetch([1, 2, 3]))
    assert asked[-1].since == datetime(2026, 1, 31, tzinfo=ZoneInfo("Asia/Shanghai"))
    newest_page(read_filter({"state": "open"}), None, 2, fetch([1, 2, 3]))
    assert asked[-1].since is None
