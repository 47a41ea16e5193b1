"""The board's updates: only what changed, nothing skipped, nothing of others, and the whole where that is safer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from maps.pages import queue_changes
from maps.pages.queue import mark_of, queue_of
from maps.pages.queue_changes import changes_since
from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from tests.town import LITTER, Town, at, build_town

SignIn = Callable[[str], Client]
QUEUE = "/dispatch/queue.json"


def file(town: Town, east: float = 1.5) -> Report:
    point = at(east, 1.5)
    return file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))


@pytest.mark.django_db(transaction=True)
def test_one_change_is_one_row_however_long_the_queue(town: Town, as_person: SignIn) -> None:
    reports = [file(town) for _number in range(12)]
    client = as_person("dora")
    whole = client.get(QUEUE)
    first: Any = whole.json()
    transition(reports[3].pk, "accept", town.scope("dora"))
    transition(reports[4].pk, "reject", town.scope("dora"), Move(reason="x"))
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(QUEUE, {"since": first["cursor"]})
    assert len(captured) <= 10
    changes = answer.json()
    assert [row["id"] for row in changes["changed"]] == [str(reports[3].pk)]
    assert changes["left"] == [str(reports[4].pk)]
    now: Any = client.get(QUEUE).json()
    assert "results" not in changes
    assert {name: changes[name] for name in ("counts", "late", "risk")} == {
        name: now[name] for name in ("counts", "late", "risk")
    }
    assert changes["changed"][0] in now["results"]
    assert len(answer.content) < len(whole.content) / 4


@pytest.mark.django_db(transaction=True)
def test_nothing_of_others_is_told(town: Town, as_person: SignIn) -> None:
    file(town)
    cursor = as_person("dora").get(QUEUE).json()["cursor"]
    far = file(town, east=9.5)
    transition(far.pk, "reject", town.scope("olaf"), Move(reason="x"))
    changes = as_person("dora").get(QUEUE, {"since": cursor}).json()
    assert (changes["changed"], changes["left"]) == ([], [])


def test_another_reader_or_language_gets_the_whole_and_a_broken_cursor_a_sentence(
    town: Town, as_person: SignIn
) -> None:
    file(town)
    client = as_person("dora")
    cursor = client.get(QUEUE).json()["cursor"]
    assert "results" in as_person("olaf").get(QUEUE, {"since": cursor}).json()
    assert "results" in client.get(QUEUE, {"since": cursor}, headers={"Accept-Language": "en"}).json()
    reader, _dash, snapshot = cursor.partition("-")
    low, high, _running = snapshot.split(":")
    assert "results" in client.get(QUEUE, {"since": f"{reader}-{low}:{int(high) + 9**9}:"}).json()
    for broken in ("x", f"{reader}-", f"{reader}-{low}:{high}", f"{reader}-{low}:{high}:a", cursor * 99):
        assert client.get(QUEUE, {"since": broken}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_too_many_changes_are_told_as_the_whole(town: Town, as_person: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    file(town)
    client = as_person("dora")
    cursor = client.get(QUEUE).json()["cursor"]
    monkeypatch.setattr(queue_changes, "MOST_CHANGES", 1)
    file(town)
    assert "changed" in client.get(QUEUE, {"since": cursor}).json()
    file(town)
    assert "results" in client.get(QUEUE, {"since": cursor}).json()


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_told_once_and_never_skipped() -> None:
    town = build_town()
    report, second, dora = file(town), file(town), town.scope("dora")
    before = mark_of(dora).cursor
    other = connection.copy()
    with other.cursor() as late:
        late.execute("begin")
        late.execute("update patrols_report set state = 'accepted', changed_at = now() where id = %s", [report.pk])
        late.execute(
            "insert into patrols_event (id, district, report_id, verb, before, after, reason, data, occurred_at)"
            " select gen_random_uuid(), district, report_id, 'accept', 'reported', 'accepted', '', data, now()"
            " from patrols_event where report_id = %s",
            [report.pk],
        )
        transition(second.pk, "accept", dora)

        def told(since: str) -> tuple[list[str], str]:
            mark = mark_of(dora)
            changes = changes_since(dora, mark, since, timezone.now())
            assert changes is not None
            return [row["id"] for row in changes["changed"]], mark.cursor

        first, then = told(before)
        assert first == [str(second.pk)]
        late.execute("commit")
    other.close()
    found, after = told(then)
    assert found == [str(report.pk)]
    assert told(after)[0] == []
    assert queue_of(dora, timezone.now())["counts"]["waiting"] == 2
