"""The planner's view of coverage: who may open it, what it says first, and the tables to take away."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from grids.models import Assignment, Grid, Street
from maps.pages.planner_coverage import read_period
from patrols import grid_streets
from patrols.models import Coverage
from tests.patrols.posting import post, shift
from tests.patrols.walks import street
from tests.town import DISTRICT, FAR, NEAR, Town

SignIn = Callable[[str], Client]
EAST = f"{NEAR}001"
WHOLE = ((0, 1_000_000),)


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def lanes(town: Town) -> dict[int, Street]:
    """One lane of 60 m in each grid of the middle column."""
    norths = {4: 2.5, 5: 1.5, 6: 0.5}
    found = {number: street(f"lane {number}", (1.2, north), (1.8, north)) for number, north in norths.items()}
    grid_streets.lay_stale()
    return found


def saw(lane: Street, day: date, **more: Any) -> None:
    Coverage.objects.create(district=DISTRICT, street=lane, day=day, **more)
    grid_streets.mark(DISTRICT, [lane.pk], [day])


def said(answer: Any) -> str:
    return "".join(clause.before + clause.text for clause in answer.context["headline"])


def page(as_person: SignIn, query: str = "", who: str = "paula") -> Any:
    client = as_person(who)
    client.cookies["django_language"] = "en"
    return client.get(f"/planner/coverage/{query}")


def test_the_sentence_says_first_which_grids_have_no_record(
    town: Town, lanes: dict[int, Street], as_person: SignIn, today: date
) -> None:
    saw(lanes[5], today, covered=WHOLE)
    saw(lanes[4], today, covered=((0, 100_000),))
    answer = page(as_person, f"?region={EAST}&period=7")
    assert said(answer) == (
        "7 of 9 grids have no recorded walk in the last seven days, half of them to 10 % or more; "
        "least in Region 150199001001 Grid 4: 10 %"
    )
    assert answer.context["headline"][0].tone == "bad"


def test_nothing_recorded_is_no_nought(town: Town, lanes: dict[int, Street], as_person: SignIn, today: date) -> None:
    answer = page(as_person, f"?region={EAST}&period=7")
    assert said(answer) == "No patrol is recorded in the last seven days"
    assert "No patrol was recorded in this period." in answer.content.decode()
    assert {row.share for row in answer.context["rows"]} == {"—"}
    assert {entry["shade"] for entry in answer.context["data"]["grids"]} == {None}
    assert not re.search(r">\s*0 %", answer.content.decode())


def test_rows_are_sorted_by_what_is_asked_and_say_so(
    town: Town, lanes: dict[int, Street], as_person: SignIn, today: date
) -> None:
    saw(lanes[5], today, covered=WHOLE)
    saw(lanes[4], today - timedelta(days=2), covered=((0, 300_000),), unknown=((300_000, 1_000_000),))
    answer = page(as_person, f"?region={EAST}&period=30")
    assert [row.code[-1] for row in answer.context["rows"]][-2:] == ["4", "5"]
    answer = page(as_person, f"?region={EAST}&period=30&sort=unknown")
    first = answer.context["rows"][0]
    assert (first.code[-1], first.unknown, first.share) == ("4", 70, "30 %")
    text = answer.content.decode()
    assert text.count('aria-sort="descending"') == 1
    assert "sort=unknown&amp;down=1" in text
    answer = page(as_person, f"?region={EAST}&period=30&sort=unknown&down=1")
    assert answer.context["rows"][-1].code[-1] == "4"
    assert 'aria-sort="ascending"' in answer.content.decode()


def test_no_person_is_in_it(town: Town, lanes: dict[int, Street], as_person: SignIn, today: date) -> None:
    saw(lanes[5], today, covered=WHOLE)
    text = page(as_person, f"?region={EAST}&period=7").content.decode()
    assert all(name not in text for person in (town.alice, town.bob) for name in (person.name, person.name_en))


def test_periods_are_what_they_are_called() -> None:
    wednesday = date(2026, 11, 25)
    assert read_period({}, wednesday).since == date(2026, 11, 19)
    assert read_period({"period": "7"}, wednesday).since == date(2026, 11, 19)
    assert read_period({"period": "week"}, wednesday).since == date(2026, 11, 23)
    assert read_period({"period": "30"}, wednesday).since == date(2026, 10, 27)
    own = read_period({"period": "own", "since": "2026-02-01", "until": "2026-02-28"}, wednesday)
    assert (own.since, own.until) == (date(2026, 2, 1), date(2026, 2, 28))
    assert own.query == {"period": "own", "since": "2026-02-01", "until": "2026-02-28"}


@pytest.mark.parametrize(
    "query",
    ["period=year", "period=own", "period=own&since=2026-02-30&until=2026-03-01",
     "period=own&since=2026-03-02&until=2026-03-01", "period=own&since=0001-01-01&until=0001-01-02",
     "period=own&since=2020-01-01&until=2026-01-01"],
)  # fmt: skip
def test_a_period_that_cannot_be_is_said_and_the_page_stays(town: Town, as_person: SignIn, query: str) -> None:
    answer = page(as_person, f"?{query}")
    assert answer.status_code == 400
    assert answer.content.decode().count('role="alert"') == 1
    assert as_person("paula").get(f"/planner/coverage.csv?{query}").status_code in (400, 422)


def test_a_grid_that_did_not_exist_yet_is_not_shown_for_the_time_before(
    town: Town, lanes: dict[int, Street], as_person: SignIn, today: date
) -> None:
    period = town.grids[5].period
    Grid.objects.filter(pk=town.grids[5].pk).update(period=type(period)(today - timedelta(days=3), None))
    until = today - timedelta(days=5)
    answer = page(as_person, f"?region={EAST}&period=own&since={until}&until={until}")
    assert len(answer.context["rows"]) == 8


@pytest.mark.parametrize("region", [FAR, "150198", "x"])
def test_another_region_is_not_there(town: Town, as_person: SignIn, region: str) -> None:
    assert page(as_person, f"?region={region}", "paula" if region != FAR else "dora").status_code == 404


def test_a_region_without_grids_says_what_to_do(town: Town, as_person: SignIn) -> None:
    Assignment.objects.all().delete()
    Grid.objects.all().delete()
    answer = page(as_person)
    assert said(answer) == "There are no grids here yet"
    assert "Split a community into grids first." in answer.content.decode()


def test_what_was_planned_at_posts_stands_beside_what_came_of_it(town: Town, as_person: SignIn) -> None:
    shift(post(town), hours=-24, wanted=2)
    assert "Posts: 2 places planned in 1 shifts; 0 people there by position" in page(as_person).content.decode()
    assert "places planned" not in page(as_person, f"?region={FAR}").content.decode()


def test_the_page_takes_few_queries_whatever_there_is(
    town: Town, lanes: dict[int, Street], as_person: SignIn, today: date
) -> None:
    client = as_person("paula")
    client.get("/planner/coverage/")
    counts = []
    for number in (4, 5, 6):
        saw(lanes[number], today, covered=WHOLE)
        with CaptureQueriesContext(connection) as captured:
            client.get("/planner/coverage/?period=30")
        counts.append(len(captured))
    assert len(set(counts)) == 1
    assert counts[0] <= 12


class TestTheTable:
    """What is taken away has the rows of the page, and nothing in it is a formula."""

    @pytest.fixture
    def client(self, town: Town, lanes: dict[int, Street], as_person: SignIn, today: date) -> Client:
        saw(lanes[5], today, covered=((0, 500_000),))
        town.grids[5].region.__class__.objects.filter(code=EAST).update(name="=cmd()", name_en="")
        client = as_person("paula")
        client.cookies["django_language"] = "en"
        return client

    def test_csv(self, client: Client) -> None:
        answer = client.get(f"/planner/coverage.csv?region={EAST}&period=7")
        text = answer.content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        by_code = {row["Code"][-1]: row for row in rows}
        assert by_code["5"]["Walked, m"] == "30"
        assert by_code["5"]["Walked, share"] == "0.5"
        assert by_code["4"]["Walked, m"] == by_code["4"]["Walked, share"] == ""
        assert by_code["5"]["Community"] == "'=cmd()"
        assert answer["Content-Disposition"].startswith(f'attachment; filename="{EAST}-coverage-')

    def test_xlsx(self, client: Client) -> None:
        answer = client.get(f"/planner/coverage.xlsx?region={EAST}&period=7")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
        heads, *lines = sheet.to_python()
        rows = {str(line[0])[-1]: dict(zip(heads, line, strict=True)) for line in lines}
        assert rows["5"]["Walked, share"] == 0.5
        assert rows["4"]["Walked, share"] == ""
        assert rows["5"]["Community"] == "=cmd()"  # as text: a formula would have been read as its result
