"""What the pages show of urging, supervising, asking, rework and time that runs out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from patrols.filing import Draft, file_report
from patrols.models import Report
from patrols.transitions import Move, transition
from tests.town import LITTER, Town, at

SignIn = Callable[[str], Client]
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def litter(town: Town) -> Report:
    """Bob's litter, which he deals with and asks for time for; Paula supervises it, Dora urged it twice."""
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point, place="北门"), town.scope("alice"))
    until = timezone.localdate() + timedelta(days=5)
    for who, verb, move in (
        ("dora", "accept", Move()),
        ("dora", "dispatch", Move(holder=town.alice)),
        ("alice", "send_back", Move(reason="今天不在")),
        ("dora", "dispatch", Move(holder=town.bob)),
        ("paula", "supervise", Move(reason="久拖不决")),
        ("dora", "urge", Move()),
        ("dora", "urge", Move()),
        ("bob", "ask_extension", Move(reason="等待配件", until=until)),
    ):
        report = transition(report.pk, verb, town.scope(who), move)
    return report


@pytest.mark.parametrize("path", ["/reports/", "/reports/{}/", "/my-grid/?grid=150199001001005"])
def test_what_stands_out_is_on_every_row_and_on_the_page(as_person: SignIn, litter: Report, path: str) -> None:
    text = as_person("alice").get(path.format(litter.pk), headers=ENGLISH).content.decode()
    for words in ("supervised", "urged ×2", "asks for time until"):
        assert f">{words}" in text


def test_the_page_says_who_asks_and_why_and_who_had_it(as_person: SignIn, litter: Report) -> None:
    page = as_person("dora").get(f"/reports/{litter.pk}/", headers=ENGLISH)
    assert page.context["ask"] == {
        "who": "Bob",
        "words": page.context["report"]["marks"][2]["text"],
        "reason": "等待配件",
    }
    assert [(stay["name"], stay["end"]) for stay in page.context["stays"]] == [("Alice", "Send back"), ("Bob", "")]


def test_the_board_gives_what_stands_out(as_person: SignIn, litter: Report) -> None:
    board = as_person("dora").get("/dispatch/queue.json").json()
    (row,) = board["results"]
    assert (row["supervised"], row["urged"], row["rework"], row["ask"]["kind"]) == (1, 2, 0, "extension")


def test_the_clock_that_nearly_ran_out_is_said_and_found_beside_the_late_ones(
    as_person: SignIn, town: Town, litter: Report
) -> None:
    now = timezone.now()
    late = transition(litter.pk, "urge", town.scope("dora"))
    point = at(1.5, 1.5)
    soon = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("alice"))
    file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("alice"))
    Report.objects.filter(pk=late.pk).update(due_at=now - timedelta(minutes=1), risk_at=now - timedelta(hours=1))
    Report.objects.filter(pk=soon.pk).update(
        dispatch_due_at=now + timedelta(minutes=5), risk_at=now - timedelta(minutes=5)
    )
    dora = as_person("dora")
    found = {
        asked: [row["id"] for row in dora.get(f"/api/v1/reports?late={asked}").json()["results"]]
        for asked in ("1", "risk")
    }
    assert found == {"1": [str(late.pk)], "risk": [str(soon.pk)]}
    page = dora.get("/reports/?state=open&late=risk", headers=ENGLISH)
    assert [row["id"] for row in page.context["rows"]] == [str(soon.pk)]
    assert page.context["rows"][0]["pill"]["tone"] == "warn"
    assert [view["label"] for view in page.context["views"] if view["current"]] == ["At risk"]
    assert dora.get("/dispatch/queue.json").json()["risk"] == 1
    assert "1 at risk" in dora.get("/dispatch/", headers=ENGLISH).content.decode()
    assert "1 at risk" in as_person("alice").get("/my-grid/?grid=150199001001005", headers=ENGLISH).content.decode()


def test_a_wrong_kind_of_lateness_is_refused_with_what_there_is(as_person: SignIn) -> None:
    answer = as_person("dora").get("/api/v1/reports?late=soon")
    assert answer.status_code == 400
    assert "risk" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("who", "words", "mine"),
    [
        ("alice", "Bob is reworking it", False),
        ("bob", "yours to deal with", True),
        ("dora", "Bob is reworking it", False),
    ],
)
def test_the_page_says_whose_turn_it_is_and_why_it_came_back(
    town: Town, as_person: SignIn, litter: Report, who: str, words: str, mine: bool
) -> None:
    for actor, verb, move in (
        ("bob", "withdraw_ask", Move()),
        ("bob", "start", Move()),
        ("bob", "handle", Move()),
        ("alice", "return", Move(reason="墙角还有")),
    ):
        transition(litter.pk, verb, town.scope(actor), move)
    page = as_person(who).get(f"/reports/{litter.pk}/", headers=ENGLISH)
    assert (page.context["turn"].words, page.context["turn"].mine) == (words, mine)
    assert page.context["why"] == {"who": "Alice", "words": "Return for rework", "reason": "墙角还有"}
    assert page.context["detail"]["mine"] is mine


def test_who_is_asked_for_time_reads_that_it_is_their_turn(as_person: SignIn, litter: Report) -> None:
    page = as_person("dora").get(f"/reports/{litter.pk}/", headers=ENGLISH)
    assert page.context["turn"].words == "waits for your answer"


def test_the_filters_are_read_without_opening_them(as_person: SignIn, litter: Report) -> None:
    page = as_person("dora").get("/reports/?state=open&late=risk&kind=problem", headers=ENGLISH)
    assert page.context["applied"] == ["all open ones", "At risk", "problem"]
    assert "all open ones · At risk · problem" in page.content.decode()
