"""A resident takes back what they brought, as long as nobody has begun, and says how they wished to be reached."""

import uuid

import pytest
from django.core.cache import cache
from django.test import Client

from grids import outbox
from grids.models import Notification, Outbox
from grids.problems import NotAllowed
from patrols import parts
from patrols.contacts import Details
from patrols.models import Contact, Event, Party, Report
from patrols.request_links import bring, make
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.maps.test_pages_requests import GRID
from tests.patrols.requesting import CONTACT, WISH, Companies, add_companies, wish
from tests.town import Town


@pytest.fixture
def companies(town: Town) -> Companies:
    cache.clear()
    return add_companies(town)


def brought(town: Town, details: Details = CONTACT) -> Report:
    link, _token = make(town.scope("dora"), uuid.uuid4(), GRID)
    return bring(link, uuid.uuid4(), WISH, details, building=None, words="修水龙头")


def address(report: Report) -> str:
    return f"/follow/{report.district}/{report.public_number}/"


def give(client: Client, report: Report, proof: str) -> int:
    return client.post(f"{address(report)}withdraw/", {"proof": proof}).status_code


def state(report: Report) -> str:
    return Report.objects.values_list("state", flat=True).get(pk=report.pk)


def test_it_is_withdrawn_told_and_the_contact_gone(town: Town, companies: Companies, client: Client) -> None:
    report = brought(town)
    assert "撤回" in client.get(address(report)).content.decode()
    assert give(client, report, "139 0000 1234") == 302
    page = client.get(address(report)).content.decode()
    assert "已撤回" in page
    assert "proof" not in page
    assert state(report) == State.WITHDRAWN
    assert not Contact.objects.filter(report=report).exists()
    event = Event.objects.get(report=report, verb="withdraw_request")
    assert (event.actor, event.before, event.after) == (None, State.REPORTED, State.WITHDRAWN)
    assert not Party.objects.busy().filter(report=report).exists()
    for row in Outbox.objects.filter(payload__verb="withdraw_request"):
        outbox.run(str(row.pk))
    told = set(Notification.objects.filter(verb="withdraw_request").values_list("person__username", flat=True))
    assert told == {"dora", "alice", companies.pei.username, companies.qin.username}
    assert give(client, report, "13900001234") == 409


@pytest.mark.parametrize("proof", ["13900001235", "1390000123", "", "乙女士", "7号楼2单元502", "\x00"])
def test_the_number_alone_does_not_do(town: Town, companies: Companies, client: Client, proof: str) -> None:
    report = brought(town)
    assert give(client, report, proof) in {403, 422}
    assert state(report) == State.REPORTED
    assert Contact.objects.filter(report=report).exists()


@pytest.mark.parametrize("proof", ["+86 13900001234", "7号楼 2单元 501"])
def test_a_number_with_its_country_or_the_door_does(
    town: Town, companies: Companies, client: Client, proof: str
) -> None:
    report = brought(town)
    assert give(client, report, proof) == 302
    assert state(report) == State.WITHDRAWN


def test_nobody_guesses_on_and_on(town: Town, companies: Companies, client: Client) -> None:
    report = brought(town)
    statuses = [give(client, report, f"1390000{number}") for number in range(1000, 1007)]
    assert statuses == [403] * 6 + [429]
    cache.clear()


def test_what_somebody_leads_and_has_not_begun_can_be_withdrawn_and_they_are_told(
    town: Town, companies: Companies, client: Client
) -> None:
    report = brought(town)
    transition(report.pk, "accept", town.scope("dora"), Move(by_hand=True))
    transition(report.pk, "dispatch", town.scope("dora"), Move(holder=companies.first))
    assert give(client, report, CONTACT.phone) == 302
    for row in Outbox.objects.filter(payload__verb="withdraw_request"):
        outbox.run(str(row.pk))
    told = set(Notification.objects.filter(verb="withdraw_request").values_list("person__username", flat=True))
    assert companies.pei.username in told
    assert companies.qin.username not in told  # let go when the other was sent


def test_what_has_begun_stays(town: Town, companies: Companies, client: Client) -> None:
    report = brought(town)
    pei = town.scope(companies.pei.username)
    transition(report.pk, "take", pei)
    assert "proof" not in client.get(address(report)).content.decode()
    assert give(client, report, CONTACT.phone) == 409
    assert state(report) == State.IN_PROGRESS
    other = brought(town)
    transition(other.pk, "accept", town.scope("dora"), Move(by_hand=True))
    transition(other.pk, "dispatch", town.scope("dora"), Move(holder=companies.first))
    parts.ask(other.pk, town.bob, pei)
    part = Party.objects.get(report=other, person=town.bob)
    parts.say(other.pk, part.pk, "working", town.scope("bob"))
    assert give(client, other, CONTACT.phone) == 409


def test_what_staff_took_down_is_theirs_and_no_step_by_hand(town: Town, companies: Companies, client: Client) -> None:
    report = wish(town)
    assert "proof" not in client.get(address(report)).content.decode()
    assert give(client, report, CONTACT.phone) == 404
    with pytest.raises(NotAllowed):
        transition(brought(town).pk, "withdraw_request", town.scope("dora"))
