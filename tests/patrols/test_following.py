"""Following instead of filing, and those who stand behind a report when it is put together with another."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from grids.models import Notification, Outbox
from grids.outbox import run
from grids.problems import BadInput, Conflict
from patrols.duplicates import handle_of
from patrols.filing import Draft, file_report
from patrols.following import follow
from patrols.models import Event, Follower, Report
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.town import LITTER, Town, at

PLACE = at(1.5, 1.5)


def draft(point: Point = PLACE, **more: Any) -> Draft:
    return Draft(category=LITTER, geom=point, anchor=point, **more)


def file(town: Town, who: str, **more: Any) -> Report:
    return file_report(draft(**more), town.scope(who))


def handle(town: Town, report: Report, who: str) -> str:
    return handle_of(report, town.scope(who), timezone.now())


def say(town: Town, report: Report, who: str, **more: Any) -> Follower | Report:
    return follow(draft(**more), handle(town, report, who), town.scope(who))


def mark(town: Town, report: Report, original: Report) -> Report:
    return transition(report.pk, "mark_duplicate", town.scope("dora"), Move(original=original.pk))


def stands_behind(report: Report) -> tuple[int, set[str]]:
    report.refresh_from_db()
    rows = Follower.objects.filter(report=report).select_related("person")
    return report.further + 1, {row.person.username for row in rows if row.person}


def post(client: Client, body: dict[str, Any], key: str = "") -> tuple[int, dict[str, Any]]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post("/api/v1/reports/follow", json.dumps(body), content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_who_says_it_is_this_one_follows_it_and_counts(town: Town) -> None:
    report = file(town, "alice")
    follower = say(town, report, "bob", description="还在，更多了", place="北门")
    assert isinstance(follower, Follower)
    assert stands_behind(report) == (2, {"bob"})
    event = Event.objects.filter(report=report).latest("recorded_at")
    assert (event.verb, event.before, event.after, event.reason) == ("follow", "reported", "reported", "还在，更多了")
    assert Report.objects.count() == 1


def test_saying_it_again_adds_nobody(town: Town) -> None:
    report = file(town, "alice")
    first = say(town, report, "bob")
    assert say(town, report, "bob") == first
    assert stands_behind(report)[0] == 2


def test_one_s_own_report_is_not_followed(town: Town) -> None:
    report = file(town, "bob")
    with pytest.raises(Conflict):
        say(town, report, "bob")
    assert not Follower.objects.exists()


def test_what_is_over_by_now_makes_another_case(town: Town) -> None:
    report = file(town, "alice")
    known = handle(town, report, "bob")
    Report.objects.filter(pk=report.pk).update(state=State.CLOSED)
    filed = follow(draft(description="又有了"), known, town.scope("bob"))
    assert isinstance(filed, Report)
    assert (filed.state, filed.reporter, filed.description) == (State.REPORTED, town.bob, "又有了")


def test_a_handle_of_a_duplicate_leads_to_its_original(town: Town) -> None:
    original, repeat = file(town, "alice"), file(town, "charlie")
    known = handle(town, repeat, "bob")
    mark(town, repeat, original)
    follow(draft(), known, town.scope("bob"))
    assert stands_behind(original) == (3, {"charlie", "bob"})


def test_a_handle_is_one_person_s_and_no_forgery(town: Town) -> None:
    report = file(town, "alice")
    for bad in (handle(town, report, "charlie"), str(report.pk), "é", ""):
        with pytest.raises(BadInput):
            follow(draft(), bad, town.scope("bob"))
    assert not Follower.objects.exists()


def test_what_was_filed_without_a_network_is_taken_back_for_the_other(town: Town) -> None:
    original, own = file(town, "alice"), file(town, "bob")
    follower = say(town, original, "bob", id=own.pk)
    own.refresh_from_db()
    assert (own.state, stands_behind(original)) == (State.WITHDRAWN, (2, {"bob"}))
    assert isinstance(follower, Follower)
    other = file(town, "charlie")
    Report.objects.filter(pk=other.pk).update(state=State.ACCEPTED)
    with pytest.raises(Conflict):
        say(town, original, "charlie", id=other.pk)
    assert stands_behind(original)[0] == 2


def test_a_report_that_others_made_too_is_not_taken_back(town: Town) -> None:
    report = file(town, "alice")
    say(town, report, "bob")
    with pytest.raises(Conflict):
        transition(report.pk, "withdraw", town.scope("alice"))


def test_over_http_a_repeated_request_follows_once(town: Town, as_person: Any) -> None:
    report, client, key = file(town, "alice", place="西巷"), as_person("bob"), str(uuid4())
    body = {"category": LITTER, "lon": PLACE.x, "lat": PLACE.y, "id": str(uuid4()), "place": "北门"}
    known = json.loads(client.get("/api/v1/reports/similar", {k: body[k] for k in ("category", "lon", "lat")}).content)
    body["handle"] = known["results"][0]["handle"]
    status, answer = post(client, body, key)
    assert (status, answer["following"]["reports"], answer["report"]) == (200, 2, None)
    assert post(client, body, key) == (status, answer)
    assert post(client, body)[1]["following"]["id"] == body["id"]
    assert stands_behind(report)[0] == 2


def test_putting_together_takes_everybody_along_and_opening_again_brings_them_back(town: Town) -> None:
    original, repeat = file(town, "alice"), file(town, "charlie")
    say(town, original, "bob")
    say(town, repeat, "bob")
    say(town, repeat, "paula")
    mark(town, repeat, original)
    assert stands_behind(original) == (4, {"bob", "charlie", "paula"})
    assert stands_behind(repeat) == (1, set())
    transition(repeat.pk, "reopen", town.scope("dora"), Move(reason="另一处"))
    assert stands_behind(original) == (2, {"bob"})
    assert stands_behind(repeat) == (3, {"bob", "paula"})


def test_a_chain_leads_to_the_one_original_and_comes_apart_again(town: Town) -> None:
    """Third is marked as second, second as first: both are the first. Second is opened: third is its again."""
    first, second, third, fourth = (file(town, who) for who in ("alice", "bob", "charlie", "paula"))
    mark(town, third, second)
    mark(town, second, first)
    mark(town, fourth, second)  # which is the first by now
    for repeat in (second, third, fourth):
        repeat.refresh_from_db()
        assert repeat.duplicate_of == first
    assert stands_behind(first) == (4, {"bob", "charlie", "paula"})
    transition(second.pk, "reopen", town.scope("dora"), Move(reason="另一处"))
    third.refresh_from_db()
    fourth.refresh_from_db()
    assert (third.duplicate_of, fourth.duplicate_of) == (second, first)
    assert stands_behind(second) == (2, {"charlie"})
    assert stands_behind(first) == (2, {"paula"})
    transition(third.pk, "reopen", town.scope("dora"), Move(reason="另一处"))
    assert stands_behind(second) == (1, set())


def test_callers_count_each_though_one_dispatcher_writes_them_down(town: Town) -> None:
    original, repeat = (file(town, "dora", source="hotline") for _ in range(2))
    say(town, original, "dora", source="hotline")
    mark(town, repeat, original)
    assert stands_behind(original)[0] == 3


def test_whoever_follows_is_told_in_their_own_words(town: Town) -> None:
    report = file(town, "alice", place="别人的话")
    follower = say(town, report, "bob", place="我的话")
    assert isinstance(follower, Follower)
    transition(report.pk, "accept", town.scope("dora"))
    deliver()
    [message] = Notification.objects.filter(person=town.bob, verb="accept")
    assert (message.subject, message.data["following"]) == ("我的话", str(follower.pk))
    assert "report" not in message.data


def test_with_a_duplicate_all_who_stand_behind_it_are_told(town: Town) -> None:
    original, repeat = file(town, "alice"), file(town, "charlie")
    say(town, repeat, "bob")
    mark(town, repeat, original)
    deliver()
    told = Notification.objects.filter(verb="mark_duplicate").values_list("person__username", flat=True)
    assert set(told) == {"charlie", "bob"}
    transition(original.pk, "accept", town.scope("dora"))
    deliver()
    told = Notification.objects.filter(verb="accept").values_list("person__username", flat=True)
    assert set(told) == {"alice", "charlie", "bob"}


def deliver() -> None:
    for promise in Outbox.objects.filter(done_at__isnull=True).values_list("pk", flat=True):
        run(str(promise))
