"""A resident's wish: asked of the companies, taken by one, served, confirmed and checked; its contact for few."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from grids.models import LookLog, Notification, Person
from grids.models.catalogue import Kind
from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from grids.scope import Scope, scope_of
from patrols import contacts, parts
from patrols.contacts import Details
from patrols.filing import Draft, file_report
from patrols.models import Contact, Event, Party, Report
from patrols.notices import tell
from patrols.presentation import report_detail_json
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.patrols.requesting import CONTACT, SECRETS, WISH, Companies, add_companies, wish
from tests.town import LITTER, Town, at, build_town


@pytest.fixture
def companies(town: Town) -> Companies:
    return add_companies(town)


def of(person: Person) -> Scope:
    return scope_of(Person.objects.get(pk=person.pk))


def reread(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


def test_it_is_taken_served_confirmed_and_checked_by_another(town: Town, companies: Companies) -> None:
    report = wish(town)
    pei, bob = of(companies.pei), town.scope("bob")
    taken = transition(report.pk, "take", pei)
    assert (taken.state, taken.due_at is not None) == (State.IN_PROGRESS, True)
    assert Party.objects.get(report=report, role="lead").organisation == companies.first
    assert Party.objects.get(report=report, organisation=companies.second).state == "left"
    asked = parts.ask(report.pk, town.bob, pei)
    [part] = parts.parts_of(reread(asked), bob)
    assert part.may == ("working", "done", "left")
    parts.say(report.pk, part.party.pk, "done", bob)
    transition(report.pk, "handle", of(companies.pei))
    for name in ("bob", "staff"):
        scope = of(companies.pei) if name == "staff" else bob
        with pytest.raises(NotAllowed):
            transition(report.pk, "close", scope)
    assert transition(report.pk, "close", town.scope("alice")).state == State.CLOSED
    verbs = list(Event.objects.filter(report=report).order_by("recorded_at").values_list("verb", flat=True))
    assert verbs == ["file", "take", "ask", "part_done", "handle", "close"]


def test_only_a_company_that_was_asked_takes_it(town: Town, companies: Companies) -> None:
    report = wish(town)
    for name in ("dora", "alice", "bob"):
        with pytest.raises(NotAllowed):
            transition(report.pk, "take", town.scope(name))
    for name in ("squad_member", "charlie"):
        with pytest.raises(NotFound):
            transition(report.pk, "take", town.scope(name))
    point = at(1.5, 1.5)
    problem = file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    with pytest.raises(NotFound):
        transition(problem.pk, "take", of(companies.pei))


def test_once_the_dispatcher_sent_somebody_the_companies_are_out(town: Town, companies: Companies) -> None:
    report = wish(town)
    transition(report.pk, "accept", town.scope("dora"))
    transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.bob))
    with pytest.raises(Conflict, match="其他单位"):
        transition(report.pk, "take", of(companies.pei))


@pytest.mark.django_db(transaction=True)
def test_of_two_companies_that_take_it_at_once_one_wins(town: Town) -> None:
    companies = add_companies(town)
    report = wish(town)
    start, won, lost = threading.Barrier(2), [], []

    def take(person: Person) -> None:
        scope = of(person)
        try:
            start.wait()
            transition(report.pk, "take", scope)
            won.append(person)
        except Conflict as conflict:
            lost.append(conflict)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[person]) for person in (companies.pei, companies.qin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 1)
    [lead] = Party.objects.leading().filter(report=report)
    assert lead.belongs_to(of(won[0]))
    # Who comes later than that is told the same.
    loser = companies.qin if won[0] == companies.pei else companies.pei
    with pytest.raises(Conflict):
        transition(report.pk, "take", of(loser))


def test_what_a_request_needs(town: Town, companies: Companies) -> None:
    point = at(1.5, 1.5)
    good: dict[str, Any] = {"category": WISH, "geom": point, "anchor": point, "kind": Kind.REQUEST, "contact": CONTACT}
    for wrong in (
        {"contact": None},
        {"category": LITTER},
        {"kind": Kind.PROBLEM},
        {"kind": Kind.TASK},
        {"description": "请打 139 0000 1234"},
        {"description": f"我在{CONTACT.address}"},
        {"place": "身份证15010219800101123X"},
    ):
        with pytest.raises(BadInput):
            file_report(Draft(**(good | wrong)), town.scope("bob"))
    assert not Report.objects.exists()
    assert not Contact.objects.exists()
    for given in ({}, {"name": "乙女士"}, {"phone": "call me"}, {"phone": "1" * 31}, {"address": "x" * 121}):
        with pytest.raises(BadInput):
            contacts.read_details(given)


def test_the_contact_is_for_whoever_deals_with_it_and_the_dispatcher(town: Town, companies: Companies) -> None:
    report = wish(town)
    now = timezone.now()

    def seen(scope: Scope) -> Details | None:
        try:
            return contacts.look(reread(report), scope, now)
        except NotFound:
            return None

    # Who took it down, the grid's owner, planners, a body that was only asked: nobody of them.
    others = [town.scope(name) for name in ("bob", "alice", "paula", "olaf", "charlie", "squad_member")]
    assert [seen(scope) for scope in (*others, of(companies.pei))] == [None] * 7
    assert seen(town.scope("dora")) == CONTACT
    transition(report.pk, "take", of(companies.pei))
    assert seen(of(companies.pei)) == CONTACT
    assert seen(of(companies.qin)) is None
    parts.ask(report.pk, town.bob, of(companies.pei))
    assert seen(town.scope("bob")) == CONTACT
    looks = [(look.viewer.username, look.role) for look in contacts.looks_at(report)]
    assert sorted(looks) == [("bob", "volunteer"), ("dora", "dispatcher"), ("staff-first", "staff")]
    transition(report.pk, "handle", of(companies.pei))
    assert seen(town.scope("bob")) is None  # done, as the company says
    transition(report.pk, "close", town.scope("dora"))
    assert seen(of(companies.pei)) is None
    assert LookLog.objects.filter(what=LookLog.What.CONTACT).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_the_same_person_at_once_ask_once() -> None:
    """Whoever comes second waits until the first is done, and then reads that the person takes part already."""
    town = build_town()
    companies = add_companies(town)
    report = wish(town)
    transition(report.pk, "take", of(companies.pei))
    outcomes: list[str] = []

    def second() -> None:
        try:
            parts.ask(report.pk, town.bob, town.scope("dora"))
            outcomes.append("asked")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    with transaction.atomic():
        parts.ask(report.pk, town.bob, of(companies.pei))
        other = threading.Thread(target=second)
        other.start()
        other.join(timeout=1)
        assert outcomes == []
    other.join(timeout=20)
    assert outcomes == ["conflict"]
    assert Party.objects.filter(report=report, person=town.bob).count() == 1


def test_the_contact_stands_nowhere_but_in_its_table(town: Town, companies: Companies) -> None:
    report = wish(town)
    transition(report.pk, "take", of(companies.pei))
    parts.ask(report.pk, town.bob, of(companies.pei))
    for event in Event.objects.filter(report=report):
        tell(event.id, {"report": str(report.pk), "verb": event.verb, "after": event.after, "actor": event.actor_id})
    assert Notification.objects.filter(verb="file").exists()
    contacts.look(reread(report), town.scope("dora"), timezone.now())
    told = str(report_detail_json(Report.objects.for_list().get(pk=report.pk), town.scope("dora"), timezone.now()))
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("grids_", "patrols_", "maps_")):
                cursor.execute(f"select t::text from {connection.ops.quote_name(table)} t")  # noqa: S608 - our own tables
                text = "\n".join(row for (row,) in cursor.fetchall())
                found += [(table, secret) for secret in SECRETS if secret in text or secret.encode().hex() in text]
    assert found == []
    assert not any(secret in told for secret in SECRETS)
    assert Contact.objects.filter(report=report).exists()


def test_it_is_purged_a_week_after_the_end(town: Town, companies: Companies) -> None:
    report, today = wish(town), timezone.localdate()
    kept = Contact.objects.get(report=report)
    assert kept.purge_on == today + timedelta(days=180)
    transition(report.pk, "reject", town.scope("dora"), Move(reason="重复登记"))
    kept.refresh_from_db()
    assert kept.purge_on == today + timedelta(days=7)
    transition(report.pk, "reopen", town.scope("dora"), Move(reason="弄错了"))
    kept.refresh_from_db()
    assert kept.purge_on == today + timedelta(days=180)
    call_command("retention")
    assert Contact.objects.exists()
    Contact.objects.update(purge_on=today)
    with pytest.raises(NotFound):  # even before the clock comes by
        contacts.look(reread(report), town.scope("dora"), timezone.now())
    call_command("retention")
    assert not Contact.objects.exists()


def test_who_leads_says_who_serves(town: Town, companies: Companies) -> None:
    report = wish(town)
    with pytest.raises(NotAllowed):
        parts.ask(report.pk, town.bob, of(companies.pei))  # asked, but has not taken it
    transition(report.pk, "take", of(companies.pei))
    with pytest.raises(NotAllowed):
        parts.ask(report.pk, town.bob, town.scope("alice"))
    with pytest.raises(BadInput):
        parts.ask(report.pk, town.squad, of(companies.pei))
    with pytest.raises(NotFound):
        parts.ask(report.pk, town.charlie, of(companies.pei))
    assert [str(one) for one in parts.askable(reread(report), of(companies.pei))] == ["段禾", "柳芸"]
    parts.ask(report.pk, town.bob, of(companies.pei))
    with pytest.raises(Conflict):
        parts.ask(report.pk, town.bob, town.scope("dora"))
    party = Party.objects.get(report=report, person=town.bob)
    with pytest.raises(NotAllowed):
        parts.say(report.pk, party.pk, "done", town.scope("alice"))
    with pytest.raises(BadInput):
        parts.say(report.pk, party.pk, "left", town.scope("bob"))
    parts.say(report.pk, party.pk, "left", town.scope("bob"), "临时有事")
    with pytest.raises(NotFound):
        parts.say(report.pk, party.pk, "done", town.scope("bob"))
    assert not contacts.role_of(reread(report), town.scope("bob"))
