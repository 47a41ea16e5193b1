"""Handing over in the browser: choose, look, confirm, undo."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import Assignment, Checkpoint, Membership
from patrols.filing import Draft, file_report
from patrols.models import Handover
from patrols.transitions import Move, transition
from tests.town import LITTER, Town, at

SignIn = Callable[[str], Client]
ALL = ["grids", "checkpoints", "stairwells", "zones", "teams", "reports"]


def look(client: Client, town: Town, to: int | str, days: int = 0) -> Any:
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    return client.get(f"/people/{town.alice.pk}/handover/", {"to": to, "day": day, "kind": ALL})


def confirm(client: Client, town: Town, page: Any, to: int | str, days: int = 0, key: str = "") -> Any:
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    form = {"to": to, "day": day, "kind": ALL, "key": key or str(uuid4()), "reason": "轮岗"}
    form["fingerprint"] = page.context["preview"]["fingerprint"]
    return client.post(f"/people/{town.alice.pk}/handover/", form)


def test_the_way_from_the_person_to_the_handover_and_back(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    assert f"/people/{town.alice.pk}/handover/" in client.get(f"/people/{town.alice.pk}/").content.decode()
    start = client.get(f"/people/{town.alice.pk}/handover/")
    assert start.context["preview"] is None
    assert town.bob.pk in {row["id"] for row in start.context["candidates"]}
    page = look(client, town, town.bob.pk, 7)
    assert len(page.context["preview"]["rows"]) == 1
    made = confirm(client, town, page, town.bob.pk, 7)
    assert made["Location"] == f"/people/handovers/{Handover.objects.get().pk}/"
    shown = client.get(made["Location"])
    assert shown.context["undoable"]
    client.post(f"{made['Location']}undo/")
    assert Handover.objects.get().state == "cancelled"
    assert client.post(f"{made['Location']}undo/").status_code == 409
    assert "/people/handovers/" in client.get("/people/handovers/").content.decode()


def test_both_read_it_and_others_do_not(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    made = confirm(client, town, look(client, town, town.bob.pk, 7), town.bob.pk, 7)
    for who, status in (("alice", 200), ("bob", 200), ("charlie", 404), ("dora", 404)):
        assert as_person(who).get(made["Location"]).status_code == status
    bob = as_person("bob")
    (message,) = bob.get("/inbox/").context["rows"]
    assert bob.get(message["url"])["Location"] == made["Location"]
    assert bob.post(f"{made['Location']}undo/").status_code == 404


def test_what_changed_meanwhile_is_shown_anew_and_not_moved(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    page = look(client, town, town.bob.pk)
    Assignment.objects.create(person=town.alice, grid=town.grids[1], role="owner", period=town.checkpoint.period)
    answer = confirm(client, town, page, town.bob.pk)
    assert answer.status_code == 409
    assert len(answer.context["preview"]["rows"]) == 2
    assert not Handover.objects.exists()
    assert confirm(client, town, answer, town.bob.pk).status_code == 302


def test_confirming_twice_hands_over_once(town: Town, as_person: SignIn) -> None:
    client, key = as_person("paula"), str(uuid4())
    page = look(client, town, town.bob.pk)
    first = confirm(client, town, page, town.bob.pk, key=key)
    again = confirm(client, town, page, town.bob.pk, key=key)
    assert first["Location"] == again["Location"]
    assert Handover.objects.count() == 1


def test_a_vacancy_appears_among_what_nobody_answers_for(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    confirm(client, town, look(client, town, "nobody"), "nobody")
    found = client.get("/people/vacancies/").context["rows"]
    assert town.grids[5].pk in {row["id"] for row in found}


def test_bad_choices_are_said(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    url = f"/people/{town.alice.pk}/handover/"
    queries: tuple[dict[str, Any], ...] = (
        {"to": "x", "kind": ALL},
        {"to": town.bob.pk},
        {"to": town.bob.pk, "kind": ["souls"]},
        {"to": town.bob.pk, "kind": ALL, "day": "2026-99-01"},
        {"to": town.alice.pk, "kind": ALL},
    )
    for query in queries:
        answer = client.get(url, query)
        assert answer.status_code == 422, query
        assert 'role="alert"' in answer.content.decode()
    assert client.get(url, cast("Any", {"to": 10**9, "kind": ALL})).status_code == 404


def test_the_preview_costs_the_same_for_one_place_and_for_many(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")

    def file_for_alice() -> None:
        point = at(1.5, 1.5)
        report = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
        transition(report.pk, "accept", town.scope("dora"))
        transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.alice))

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            elsewhere = look(client, town, town.charlie.pk)
        assert elsewhere.context["candidates"][0]["id"] == town.charlie.pk
        assert len(captured) <= 12
        with CaptureQueriesContext(connection) as captured:
            look(client, town, town.bob.pk)
        return len(captured)

    file_for_alice()
    few = count()
    for _number in range(4):
        file_for_alice()
    for number, grid in town.grids.items():
        if number != 5:
            Assignment.objects.create(person=town.alice, grid=grid, role="deputy", period=town.checkpoint.period)
        point = Checkpoint.objects.create(
            source_id=f"x{number}",
            name=f"点{number}",
            type=town.checkpoint.type,
            region=grid.region,
            geom=at(1, 1),
            period=town.checkpoint.period,
        )
        Assignment.objects.create(person=town.alice, checkpoint=point, role="owner", period=town.checkpoint.period)
    assert count() == few <= 12


def test_nobody_elsewhere_is_named_or_takes_over(town: Town, as_person: SignIn) -> None:
    """Who looks after one subdistrict learns nothing of who works in another by counting through ids."""
    Membership.objects.filter(person=town.dora).update(role="planner")
    client = as_person("dora")
    for stranger in (town.charlie, town.olaf):
        page = look(client, town, stranger.pk)
        assert page.status_code == 404
        assert stranger.name not in page.content.decode()
        assert stranger.username not in page.content.decode()
    assert look(client, town, town.bob.pk).context["preview"]["rows"]
