"""The list of reports and the page of one report."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from maps.pages import choices
from maps.pages.reports import PAGE_SIZE
from patrols.filing import Draft, file_report
from patrols.models import Event, Report
from patrols.transitions import Move, transition
from tests.town import LITTER, PARKING, Town, at

SignIn = Callable[[str], Client]
OUTSIDERS = ["charlie", "olaf"]


@pytest.fixture(autouse=True)
def _no_choices_of_other_tests() -> None:
    choices.forget()


def file(town: Town, who: str = "bob", category: str = LITTER, place: str = "西市场", **more: Any) -> Report:
    point = at(1.5, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point, place=place, **more), town.scope(who))


def numbers(answer: Any) -> list[str]:
    return [row["number"] for row in answer.context["rows"]]


def count_queries(client: Client, url: str) -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured), answer


def fill(town: Town, count: int) -> None:
    """File reports a minute apart, every third with somebody who deals with it."""
    dora, start = town.scope("dora"), timezone.now() - timedelta(days=1)
    for index in range(count):
        report = file(town)
        Report.objects.filter(pk=report.pk).update(recorded_at=start + timedelta(minutes=index))
        if index % 3 == 0:
            transition(report.pk, "accept", dora)
            transition(report.pk, "dispatch", dora, Move(holder=town.bob))


def test_the_list_shows_the_newest_first(town: Town, as_person: SignIn) -> None:
    first, second = file(town), file(town)
    assert numbers(as_person("dora").get("/reports/")) == [second.number, first.number]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_an_outsider_finds_neither_row_nor_page(town: Town, as_person: SignIn, name: str) -> None:
    report = file(town)
    client = as_person(name)
    assert numbers(client.get("/reports/")) == []
    assert client.get(f"/reports/{report.pk}/").status_code == 404


def test_a_visitor_signs_in_first(town: Town, client: Client) -> None:
    report = file(town)
    assert client.get("/reports/").status_code == 302
    assert client.get(f"/reports/{report.pk}/").status_code == 302


def test_the_list_costs_six_queries_on_the_first_and_on_a_later_page(town: Town, as_person: SignIn) -> None:
    client = as_person("dora")
    fill(town, 10)
    client.get("/reports/")  # what the filters offer is kept for a minute
    few, _page = count_queries(client, "/reports/")
    fill(town, PAGE_SIZE * 2)
    many, first = count_queries(client, "/reports/")
    second, page = count_queries(client, first.context["older"])
    assert len(page.context["rows"]) == PAGE_SIZE
    assert few == many == second <= 6


def test_pages_neither_skip_nor_repeat_while_reports_come_in(town: Town, as_person: SignIn) -> None:
    client = as_person("dora")
    fill(town, PAGE_SIZE * 2 + 5)
    before = set(Report.objects.values_list("number", flat=True))
    seen: list[str] = []
    url = "/reports/"
    while url:
        answer = client.get(url)
        seen += numbers(answer)
        file(town)
        url = answer.context["older"]
    assert len(seen) == len(set(seen))
    assert set(seen) == before


def test_reports_recorded_at_the_same_moment_are_all_shown(town: Town, as_person: SignIn) -> None:
    fill(town, PAGE_SIZE + 5)
    Report.objects.update(recorded_at=timezone.now())
    client = as_person("dora")
    first = client.get("/reports/")
    second = client.get(first.context["older"])
    assert len({*numbers(first), *numbers(second)}) == PAGE_SIZE + 5


def test_a_later_page_leads_back_to_the_newest(town: Town, as_person: SignIn) -> None:
    fill(town, PAGE_SIZE + 1)
    client = as_person("dora")
    first = client.get("/reports/?q=西")
    assert not first.context["newest"]
    assert client.get(first.context["older"]).context["newest"] == "/reports/?q=%E8%A5%BF"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=accepted", "accepted"),
        ("state=open&category=09009", "parking"),
        ("late=1", "late"),
        ("q=北门", "accepted"),
        ("source=hotline", "parking"),
        ("until=2020-01-31", "old"),
        ("since=2020-01-01&until=2020-02-01", "old"),
    ],
)
def test_filters_keep_what_they_name(town: Town, as_person: SignIn, query: str, expected: str) -> None:
    reports = {
        "accepted": file(town, place="北门"),
        "parking": file(town, who="dora", category=PARKING, source="hotline"),
        "late": file(town),
        "old": file(town),
    }
    transition(reports["accepted"].pk, "accept", town.scope("dora"))
    Report.objects.filter(pk=reports["late"].pk).update(dispatch_due_at=timezone.now() - timedelta(hours=1))
    Report.objects.filter(pk=reports["old"].pk).update(
        recorded_at=datetime(2020, 1, 31, 15, 0, tzinfo=timezone.get_default_timezone())
    )
    assert numbers(as_person("dora").get(f"/reports/?{query}")) == [reports[expected].number]


def test_a_number_finds_its_report(town: Town, as_person: SignIn) -> None:
    report, _other = file(town), file(town)
    assert numbers(as_person("dora").get("/reports/", {"q": report.number})) == [report.number]


@pytest.mark.parametrize("query", ["state=burning", "since=yesterday", "cursor=%21%21", "colour=red", "source=rumour"])
def test_a_filter_that_cannot_be_read_is_one_sentence_and_no_list(town: Town, as_person: SignIn, query: str) -> None:
    file(town)
    answer = as_person("dora").get(f"/reports/?{query}")
    assert answer.status_code == 400
    assert answer.context["problem"]
    assert not answer.context["rows"]


def test_an_empty_list_says_what_to_do(town: Town, as_person: SignIn) -> None:
    client = as_person("dora")
    assert 'class="empty"' in client.get("/reports/").content.decode()
    assert 'href="/reports/"' in client.get("/reports/?late=1").content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_list_and_page_speak_both_languages(town: Town, as_person: SignIn, language: str) -> None:
    report = file(town)
    client = as_person("dora")
    client.cookies["django_language"] = language
    for url in ("/reports/", f"/reports/{report.pk}/"):
        page = client.get(url).content.decode()
        assert ("Category 06010" in page) == (language == "en")
        assert ("暴露垃圾" in page) == (language == "zh-hans")


def test_the_page_tells_the_whole_history_newest_first(town: Town, as_person: SignIn) -> None:
    report, dora = file(town), town.scope("dora")
    transition(report.pk, "accept", dora)
    transition(report.pk, "dispatch", dora, Move(holder=town.bob))
    transition(report.pk, "send_back", dora, Move(reason="不归我管"))
    answer = as_person("dora").get(f"/reports/{report.pk}/")
    assert [event["verb"] for event in answer.context["events"]] == ["send_back", "dispatch", "accept", "file"]
    page = answer.content.decode()
    assert "不归我管" in page
    assert "段禾" in page


def test_both_times_are_told_when_we_learned_of_it_later(town: Town, as_person: SignIn) -> None:
    early = file(town, occurred_at=timezone.now() - timedelta(hours=2))
    at_once = file(town)
    client = as_person("dora")
    assert client.get(f"/reports/{early.pk}/").context["events"][0]["happened"]
    assert not client.get(f"/reports/{at_once.pk}/").context["events"][0]["happened"]


def test_waiting_and_handling_are_told_apart(town: Town, as_person: SignIn) -> None:
    report, dora = file(town), town.scope("dora")
    transition(report.pk, "accept", dora)
    transition(report.pk, "dispatch", dora, Move(holder=town.bob))
    now = timezone.now()
    Report.objects.filter(pk=report.pk).update(recorded_at=now - timedelta(hours=5))
    for verb, ago in (("file", 5), ("accept", 4), ("dispatch", 3)):
        Event.objects.filter(report=report, verb=verb).update(recorded_at=now - timedelta(hours=ago))
    spans = as_person("dora").get(f"/reports/{report.pk}/").context["spans"]
    waiting, handling = spans
    assert waiting["text"].startswith("2")
    assert handling["text"].startswith("3")


def test_the_page_offers_what_this_person_may_do_and_nothing_else(town: Town, as_person: SignIn) -> None:
    report = file(town)

    def offered(name: str) -> list[str]:
        data = as_person(name).get(f"/reports/{report.pk}/").context["detail"]
        return [row["verb"] for row in data["verbs"]]

    assert offered("dora") == ["accept", "reject", "mark_duplicate"]
    assert offered("bob") == ["withdraw", "handle_on_spot", "urge"]
    assert offered("paula") == ["urge", "supervise"]


def test_a_page_costs_the_same_however_long_its_history(town: Town, as_person: SignIn) -> None:
    report, dora, client = file(town), town.scope("dora"), as_person("dora")
    url = f"/reports/{report.pk}/"
    transition(report.pk, "accept", dora)
    few, _page = count_queries(client, url)
    for _index in range(10):
        transition(report.pk, "dispatch", dora, Move(holder=town.bob))
        transition(report.pk, "recall", dora, Move(reason="派错了"))
    many, answer = count_queries(client, url)
    assert len(answer.context["events"]) == 22
    assert many == few <= 12


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "第5网格"), ("en", "Grid 5")])
def test_the_list_and_the_report_call_its_grid_by_name(town: Town, as_person: SignIn, language: str, name: str) -> None:
    report = file(town)
    client = as_person("dora")
    client.cookies["django_language"] = language
    for address in ("/reports/", f"/reports/{report.pk}/"):
        assert re.search(rf'class="piece"[^>]*>{name}<', client.get(address).content.decode()), address
