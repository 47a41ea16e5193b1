"""Pages by key: whole, in order, and unmoved by rows that come in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Building, Notification
from grids.paging import moment, read_key, write_key
from grids.problems import Problem
from tests.town import Town, box

LISTS = (
    "regions",
    "grids",
    "streets",
    "buildings",
    "stairwells",
    "checkpoints",
    "checkpoint-types",
    "organisations",
    "teams",
    "people",
    "memberships",
    "assignments",
    "notifications",
    "reports",
)


def build(town: Town, count: int, begin: int = 0) -> list[int]:
    area = box(0, 0, 1, 1)
    area.srid = 4326
    rows = [Building(source_id=f"b{begin + number}", geom=area) for number in range(count)]
    return [row.pk for row in Building.objects.bulk_create(rows)]


def notify(town: Town, count: int, minutes: int = 0) -> list[int]:
    now = timezone.now()
    ids = []
    for number in range(count):
        row = Notification.objects.create(person=town.dora, key=f"{minutes}-{number}", verb="file", subject="x")
        # Two and two at the same moment: the second column of the key decides.
        Notification.objects.filter(pk=row.pk).update(created_at=now + timedelta(minutes=minutes + number // 2))
        ids.append(row.pk)
    return ids


def walk(client: Client, url: str, between: Any = lambda: None) -> list[int]:
    seen: list[int] = []
    following: str | None = url
    while following:
        page = client.get(following).json()
        seen += [row["id"] for row in page["results"]]
        following = page["next"]
        between()
    return seen


def test_rows_that_come_in_come_last_and_nothing_is_skipped_or_repeated(town: Town, as_person: Any) -> None:
    first = build(town, 5)
    later: list[int] = []

    def come_in() -> None:
        if len(later) < 3:
            later.extend(build(town, 1, begin=100 + len(later)))

    assert walk(as_person("dora"), "/api/v1/buildings?limit=2", come_in) == [*first, *later]


def test_newest_first_shows_what_was_there_and_nothing_newer(town: Town, as_person: Any) -> None:
    first = notify(town, 7)
    turns = iter(range(60, 600, 60))
    seen = walk(as_person("dora"), "/api/v1/notifications?limit=3", lambda: notify(town, 2, next(turns)))
    assert seen == first[::-1]


def test_rows_that_go_away_do_not_move_the_others(town: Town, as_person: Any) -> None:
    first = build(town, 6)
    client = as_person("dora")
    page = client.get("/api/v1/buildings?limit=2").json()
    Building.objects.filter(pk__in=first[:3]).delete()
    assert walk(client, page["next"]) == first[3:]


def test_the_next_page_keeps_the_filters(town: Town, as_person: Any) -> None:
    pages = walk(as_person("dora"), f"/api/v1/grids?limit=2&region={town.far_grid.region.code}")
    assert pages == [town.far_grid.pk]
    assert len(walk(as_person("dora"), "/api/v1/grids?limit=2&bbox=111.6,40.8,111.6735,40.83")) == 9


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_queries_for_one_row_as_for_many(town: Town, as_person: Any, name: str) -> None:
    client = as_person("paula")
    url = f"/api/v1/{name}?limit=200"
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(f"/api/v1/{name}?limit=1").status_code == 200
    build(town, 20)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    # Session, person, reach, the list; reports fetch their parties besides.
    assert len(few) <= 5
    assert len(many) == len(few)


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=" + "9" * 5000,
        "cursor=x",
        "cursor=%00",
        "cursor=" + "A" * 3000,
        "%00=1",
    ],
)
def test_no_list_takes_what_cannot_be_asked(town: Town, as_person: Any, query: str) -> None:
    client = as_person("paula")
    for name in LISTS:
        answer = client.get(f"/api/v1/{name}?{query}")
        assert answer.status_code == 400, name
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "regions?on=0000-00-00",
        "regions?on=yesterday",
        "regions?region=15",
        "regions?region=15019９",
        "regions?level=street",
        "grids?code=1",
        "grids?bbox=1,2,3",
        "grids?bbox=nan,nan,nan,nan",
        "grids?bbox=%00",
        "grids?geometry=perhaps",
        "stairwells?building=0",
        "stairwells?building=" + "9" * 30,
        "people?role=king",
        "notifications?unread=maybe",
    ],
)
def test_a_filter_out_of_shape_is_refused(town: Town, as_person: Any, url: str) -> None:
    answer = as_person("paula").get(f"/api/v1/{url}")
    assert answer.status_code == 400, answer.content
    assert answer.json()["detail"]


@pytest.mark.parametrize("last", [1, 2**63 - 1, 2**63, 10**60])
def test_a_cursor_of_any_number_is_a_page(town: Town, as_person: Any, last: int) -> None:
    answer = as_person("paula").get(f"/api/v1/grids?cursor={write_key(last)}")
    assert answer.status_code == 200
    assert answer.json()["next"] is None


def test_a_key_comes_back_as_it_was() -> None:
    now = timezone.now()
    assert read_key(write_key(now, 7), moment, int) == (now, 7)
    assert read_key("", int) is None
    for text in ("x", "é", write_key(1), write_key("a", "b"), write_key(1, 2, 3), "A" * 401):
        with pytest.raises(Problem):
            read_key(text, moment, int)
