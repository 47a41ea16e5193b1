"""The dispatch board and its poll."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from maps.pages.dispatch import headline
from maps.pages.queue import ROWS_PER_TAB, queue_etag, queue_of, running_below
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from tests.town import LITTER, Town, at, build_town

SignIn = Callable[[str], Client]
QUEUE = "/dispatch/queue.json"


def file(town: Town, who: str = "bob", east: float = 1.5, north: float = 1.5, place: str = "西市场") -> Report:
    point = at(east, north)
    return file_report(Draft(category=LITTER, geom=point, anchor=point, place=place), town.scope(who))


def ids(answer: Any, tab: str) -> list[str]:
    return [row["id"] for row in answer.json()["results"] if row["tab"] == tab]


def queries(client: Client, url: str, **headers: str) -> tuple[int, HttpResponse]:
    with CaptureQueriesContext(connection) as captured:
        answer: Any = client.get(url, headers=headers)
    return len(captured), answer


def test_the_sentence_on_top_counts_what_waits_and_says_how_long_is_left(town: Town, as_person: SignIn) -> None:
    file(town)
    file(town)
    page = as_person("dora").get("/dispatch/").content.decode()
    assert "2 件待派" in page or "2 to dispatch" in page


def test_a_late_report_is_said_late_in_the_sentence(town: Town) -> None:
    report = file(town)
    Report.objects.filter(pk=report.pk).update(dispatch_due_at=timezone.now() - timedelta(hours=3, minutes=1))
    now = timezone.now()
    waiting, clock = headline(queue_of(town.scope("dora"), now), now)
    assert "1" in waiting["text"]
    assert "3" in clock["text"]
    assert clock["tone"] == "bad"


def test_an_empty_queue_says_so(town: Town) -> None:
    now = timezone.now()
    (only,) = headline(queue_of(town.scope("dora"), now), now)
    assert only["text"]
    assert not any(character.isdigit() for character in only["text"])


def test_the_queue_holds_the_dispatchers_region_and_nothing_beyond(town: Town, as_person: SignIn) -> None:
    here, there = file(town), file(town, "charlie", 9.5, 1.5)
    assert ids(as_person("dora").get(QUEUE), "waiting") == [str(here.pk)]
    assert ids(as_person("olaf").get(QUEUE), "waiting") == [str(there.pk)]


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "paula", "squad_member"])
def test_nobody_but_a_dispatcher_has_a_board(town: Town, as_person: SignIn, name: str) -> None:
    client = as_person(name)
    assert client.get("/dispatch/").status_code == 404
    assert client.get(QUEUE).status_code == 404


def test_a_visitor_signs_in_first(town: Town, client: Client) -> None:
    assert client.get("/dispatch/").status_code == 302
    assert client.get(QUEUE).status_code == 401


def test_every_report_stands_in_the_tab_of_its_state(town: Town, as_person: SignIn) -> None:
    dora = town.scope("dora")
    waiting, handling, parked, back = (file(town) for _index in range(4))
    for report in (handling, back, parked):
        transition(report.pk, "accept", dora)
        transition(report.pk, "dispatch", dora, Move(holder=town.bob))
    transition(back.pk, "send_back", dora, Move(reason="不归我管"))
    transition(parked.pk, "hold", dora, Move(reason="等材料", until=timezone.localdate() + timedelta(days=3)))
    answer = as_person("dora").get(QUEUE)
    assert answer.json()["counts"] == {"waiting": 1, "sent_back": 1, "handling": 1, "verify": 0, "parked": 1}
    assert ids(answer, "waiting") == [str(waiting.pk)]
    assert ids(answer, "handling") == [str(handling.pk)]
    assert ids(answer, "parked") == [str(parked.pk)]
    assert ids(answer, "sent_back") == [str(back.pk)]
    (row,) = [row for row in answer.json()["results"] if row["id"] == str(handling.pk)]
    assert row["lead"]["id"] == town.bob.pk
    assert next(row for row in answer.json()["results"] if row["id"] == str(back.pk))["lead"] is None


def test_the_clock_that_ends_first_comes_first(town: Town, as_person: SignIn) -> None:
    later, sooner = file(town), file(town)
    Report.objects.filter(pk=sooner.pk).update(dispatch_due_at=timezone.now() + timedelta(minutes=1))
    assert ids(as_person("dora").get(QUEUE), "waiting") == [str(sooner.pk), str(later.pk)]


def test_a_long_tab_is_cut_but_counted_whole(town: Town, as_person: SignIn) -> None:
    copies(file(town), ROWS_PER_TAB + 4)
    answer = as_person("dora").get(QUEUE)
    assert answer.json()["counts"]["waiting"] == ROWS_PER_TAB + 5
    assert len(ids(answer, "waiting")) == ROWS_PER_TAB


def test_late_reports_are_counted_whole_in_the_sentence_too(town: Town, as_person: SignIn) -> None:
    report = file(town)
    Report.objects.filter(pk=report.pk).update(dispatch_due_at=timezone.now() - timedelta(hours=1))
    copies(report, ROWS_PER_TAB + 4)
    file(town)
    assert as_person("dora").get(QUEUE).json()["late"] == ROWS_PER_TAB + 5
    now = timezone.now()
    _waiting, clock = headline(queue_of(town.scope("dora"), now), now)
    assert str(ROWS_PER_TAB + 5) in clock["text"]


def test_only_what_waits_for_dispatch_is_late_in_the_sentence(town: Town) -> None:
    dora, handling = town.scope("dora"), file(town)
    file(town)
    transition(handling.pk, "accept", dora)
    transition(handling.pk, "dispatch", dora, Move(holder=town.bob))
    Report.objects.filter(pk=handling.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert queue_of(dora, timezone.now())["late"] == 0


def copies(report: Report, count: int) -> None:
    """Write copies of a report, without events."""
    rows = []
    for index in range(count):
        row = Report.objects.get(pk=report.pk)
        row.pk = None
        row._state.adding = True
        row.id = Report._meta.get_field("id").get_default()
        row.number = f"{report.number[:-4]}{index:04}"
        row.public_number = f"{index:016}"
        rows.append(row)
    Report.objects.bulk_create(rows)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_board_speaks_both_languages(town: Town, as_person: SignIn, language: str) -> None:
    file(town)
    client = as_person("dora")
    client.cookies["django_language"] = language
    page = client.get("/dispatch/").content.decode()
    assert ('<html lang="en"' in page) == (language == "en")
    assert ("Category 06010" in page) == (language == "en")
    assert ("暴露垃圾" in page) == (language == "zh-hans")


def test_page_and_poll_cost_the_same_with_ten_and_with_a_hundred_reports(town: Town, as_person: SignIn) -> None:
    client, first = as_person("dora"), file(town)
    copies(first, 9)
    few_page, _page = queries(client, "/dispatch/")
    few_poll, _poll = queries(client, QUEUE)
    copies_with_leads(town, 90)
    many_page, _page = queries(client, "/dispatch/")
    many_poll, answer = queries(client, QUEUE)
    assert json.loads(answer.content)["counts"]["handling"] == 90
    assert many_page == few_page <= 12
    assert many_poll == few_poll <= 6


def copies_with_leads(town: Town, count: int) -> None:
    """File reports that Bob deals with."""
    dora = town.scope("dora")
    for _index in range(count):
        report = file(town)
        transition(report.pk, "accept", dora)
        transition(report.pk, "dispatch", dora, Move(holder=town.bob))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the transactions of other databases of the cluster: one that ends meanwhile costs a poll and no more."""
    monkeypatch.setattr("maps.pages.queue.running_below", lambda snapshot, transaction: [])


@pytest.mark.usefixtures("alone")
def test_an_unchanged_queue_is_not_sent_and_no_report_is_read(town: Town, as_person: SignIn) -> None:
    file(town)
    client = as_person("dora")
    etag = client.get(QUEUE)["ETag"]
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(QUEUE, headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert not answer.content
    assert answer["ETag"] == etag
    assert not any("patrols_report" in query["sql"] for query in captured)
    assert len(captured) <= 6


def test_the_poll_is_kept_by_nobody_else(town: Town, as_person: SignIn) -> None:
    answer = as_person("dora").get(QUEUE)
    assert "private" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]


@pytest.mark.usefixtures("alone")
def test_the_pages_own_tag_spares_the_first_poll(town: Town, as_person: SignIn) -> None:
    file(town)
    client = as_person("dora")
    etag = client.get("/dispatch/").context["board"]["etag"]
    assert client.get(QUEUE, headers={"If-None-Match": etag}).status_code == 304


def test_a_new_report_and_every_move_change_the_tag(town: Town) -> None:
    dora, tags = town.scope("dora"), [queue_etag(town.scope("dora"))]
    report = file(town)
    tags.append(queue_etag(dora))
    transition(report.pk, "accept", dora)
    tags.append(queue_etag(dora))
    assert len(set(tags)) == 3


def test_two_dispatchers_never_share_a_tag(town: Town) -> None:
    file(town)
    assert queue_etag(town.scope("dora")) != queue_etag(town.scope("olaf"))


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_under_a_lower_id_changes_the_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    town = build_town()
    report, dora = file(town), town.scope("dora")
    other = connection.copy()
    with other.cursor() as late:
        late.execute("begin")
        late.execute("select pg_current_xact_id()::text::bigint")
        ((late_id,),) = late.fetchall()
        # Transactions of other databases of the cluster come and go meanwhile.
        monkeypatch.setattr(
            "maps.pages.queue.running_below",
            lambda snapshot, transaction: [one for one in running_below(snapshot, transaction) if one == late_id],
        )
        late.execute(
            "insert into patrols_event (id, district, report_id, verb, before, after, reason, data, occurred_at)"
            " select gen_random_uuid(), district, report_id, verb, before, after, reason, data, occurred_at"
            " from patrols_event where report_id = %s",
            [report.pk],
        )
        transition(report.pk, "accept", dora)
        newest = queue_etag(dora)
        assert queue_etag(dora) == newest
        late.execute("commit")
    other.close()
    assert queue_etag(dora) != newest


def test_transactions_that_still_run_below_the_newest_event_are_part_of_the_tag() -> None:
    assert running_below("100:108:100,102,107", 105) == [100, 102]
    assert running_below("108:108:", 105) == []
