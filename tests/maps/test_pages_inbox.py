"""The inbox."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Notification, Person
from maps.pages import choices
from maps.pages.inbox import PAGE_SIZE
from patrols.filing import Draft, file_report
from tests.town import LITTER, Town, at

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _no_choices_of_other_tests() -> None:
    choices.forget()


def tell(person: Person, count: int = 1, verb: str = "dispatch", **data: object) -> list[Notification]:
    start = Notification.objects.count()
    data = {"number": "261121-AAAA-BBBB", "category": LITTER, "after": "dispatched", **data}
    return [
        Notification.objects.create(
            person=person, key=f"{verb}-{start + index}", verb=verb, subject=f"西市场{index}", data=data
        )
        for index in range(count)
    ]


def pks(answer: Any) -> list[int]:
    return [row["id"] for row in answer.context["rows"]]


def test_messages_stand_newest_first_with_the_unread_marked(town: Town, as_person: SignIn) -> None:
    first, second = tell(town.bob, 2)
    Notification.objects.filter(pk=first.pk).update(read_at=timezone.now())
    answer = as_person("bob").get("/inbox/")
    assert pks(answer) == [second.pk, first.pk]
    assert [row["unread"] for row in answer.context["rows"]] == [True, False]
    assert "暴露垃圾" in answer.content.decode()


def test_nobody_reads_the_messages_of_others(town: Town, as_person: SignIn) -> None:
    (message,) = tell(town.bob)
    client = as_person("charlie")
    assert pks(client.get("/inbox/")) == []
    assert client.get(f"/inbox/{message.pk}/").status_code == 404
    client.post("/inbox/read/", {"shown": message.pk})
    message.refresh_from_db()
    assert message.read_at is None


def test_a_visitor_signs_in_first(client: Client, db: None) -> None:
    assert client.get("/inbox/").status_code == 302


def test_opening_a_message_marks_it_read_and_leads_to_its_report(town: Town, as_person: SignIn) -> None:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    message, other = tell(town.bob, 2, report=str(report.pk))
    answer = as_person("bob").get(f"/inbox/{message.pk}/")
    assert answer["Location"] == f"/reports/{report.pk}/"
    message.refresh_from_db()
    other.refresh_from_db()
    assert message.read_at is not None
    assert other.read_at is None


def test_the_time_of_the_first_reading_stays(town: Town, as_person: SignIn) -> None:
    (message,) = tell(town.bob)
    client = as_person("bob")
    client.get(f"/inbox/{message.pk}/")
    message.refresh_from_db()
    first = message.read_at
    client.get(f"/inbox/{message.pk}/")
    message.refresh_from_db()
    assert message.read_at == first


def test_marking_all_leaves_what_came_after_the_page_was_shown(town: Town, as_person: SignIn) -> None:
    tell(town.bob, 3)
    client = as_person("bob")
    shown = client.get("/inbox/").context["shown"]
    (later,) = tell(town.bob)
    assert client.post("/inbox/read/", {"shown": shown})["Location"] == "/inbox/"
    assert list(Notification.objects.filter(read_at=None)) == [later]


@pytest.mark.parametrize("shown", ["", "all", "-1", "9" * 30])
def test_marking_all_needs_a_message_to_stop_at(town: Town, as_person: SignIn, shown: str) -> None:
    tell(town.bob)
    assert as_person("bob").post("/inbox/read/", {"shown": shown}).status_code == 404
    assert Notification.objects.filter(read_at=None).count() == 1


def test_pages_neither_skip_nor_repeat_while_messages_come_in(town: Town, as_person: SignIn) -> None:
    before = {message.pk for message in tell(town.bob, PAGE_SIZE * 2 + 3)}
    client, url, seen = as_person("bob"), "/inbox/", list[int]()
    while url:
        answer = client.get(url)
        seen += pks(answer)
        tell(town.bob)
        url = answer.context["older"]
    assert len(seen) == len(set(seen))
    assert set(seen) == before


def test_messages_of_the_same_moment_are_all_shown(town: Town, as_person: SignIn) -> None:
    tell(town.bob, PAGE_SIZE + 2)
    Notification.objects.update(created_at=timezone.now())
    client = as_person("bob")
    first = client.get("/inbox/")
    second = client.get(first.context["older"])
    assert len({*pks(first), *pks(second)}) == PAGE_SIZE + 2


@pytest.mark.parametrize("key", ["x", "20261121T100000000000Z-", "20261121T100000000000Z-x", "99999999-1"])
def test_a_page_that_never_was_is_not_found(town: Town, as_person: SignIn, key: str) -> None:
    assert as_person("bob").get("/inbox/", {"before": key}).status_code == 404


def test_the_inbox_costs_the_same_with_ten_and_with_a_hundred_messages(town: Town, as_person: SignIn) -> None:
    client = as_person("bob")

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/inbox/")
        return len(captured)

    tell(town.bob, 10)
    count()  # the catalogue's names are kept for a minute
    few = count()
    tell(town.bob, 90)
    assert count() == few <= 6


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_inbox_speaks_both_languages(town: Town, as_person: SignIn, language: str) -> None:
    tell(town.bob, verb="file", after="reported")
    client = as_person("bob")
    client.cookies["django_language"] = language
    page = client.get("/inbox/").content.decode()
    assert ("Category 06010" in page) == (language == "en")
    assert ("暴露垃圾" in page) == (language == "zh-hans")


def test_an_empty_inbox_says_what_will_come(town: Town, as_person: SignIn) -> None:
    assert 'class="empty"' in as_person("bob").get("/inbox/").content.decode()
