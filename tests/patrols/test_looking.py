"""Who holds a case open on the board: told with the poll, gone after a minute, and nobody's business elsewhere."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from grids.models import Membership, Person, Region
from patrols.filing import Draft, file_report
from patrols.looking import look
from patrols.models import Looking, Report
from tests.town import LITTER, NEAR, Town, at

QUEUE = "/dispatch/queue.json"


def file(town: Town) -> Report:
    point = at(1.5, 1.5)
    return file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))


def second_dispatcher(town: Town) -> Client:
    person = Person.objects.create_user("dan", "a-long-password", name="唐安")
    period = Membership.objects.get(person=town.dora).period
    Membership.objects.create(person=person, role="dispatcher", region=Region.objects.get(code=NEAR), period=period)
    client = Client()
    client.force_login(person)
    return client


def test_two_at_one_report_see_each_other_for_a_minute(town: Town) -> None:
    second_dispatcher(town)
    report, now = file(town), timezone.now()
    assert look(report.pk, town.scope("dora"), now) == {}
    assert look(report.pk, town.scope("dan"), now) == {str(report.pk): ["梁川"]}
    assert look(report.pk, town.scope("dora"), now) == {str(report.pk): ["唐安"]}
    assert look(report.pk, town.scope("dan"), now + timedelta(seconds=61)) == {}


def test_who_goes_on_to_another_is_at_that_one_only(town: Town) -> None:
    second_dispatcher(town)
    first, second, now = file(town), file(town), timezone.now()
    look(first.pk, town.scope("dora"), now)
    look(second.pk, town.scope("dora"), now)
    assert look(first.pk, town.scope("dan"), now) == {str(second.pk): ["梁川"]}
    assert look(None, town.scope("dan"), now) == {}


def test_out_of_the_region_it_is_neither_said_nor_seen(town: Town) -> None:
    report, now = file(town), timezone.now()
    look(report.pk, town.scope("dora"), now)
    assert look(report.pk, town.scope("olaf"), now) == {}
    look(uuid4(), town.scope("dora"), now + timedelta(seconds=1))
    assert list(Looking.objects.values_list("person__username", "report")) == [("dora", report.pk)]


def test_the_poll_tells_it_also_when_nothing_else_is_new(
    town: Town, as_person: Any, django_assert_num_queries: Any
) -> None:
    dan = second_dispatcher(town)
    report = file(town)
    looking = {"Looking-At": str(report.pk)}
    etag = as_person("dora").get(QUEUE, headers=looking)["ETag"]
    first = dan.get(QUEUE, headers=looking)
    assert json.loads(first["Looking"]) == {str(report.pk): ["梁川"]}
    dora = as_person("dora")
    with django_assert_num_queries(5):
        again = dora.get(QUEUE, headers={**looking, "If-None-Match": etag})
    assert again.status_code == 304
    assert json.loads(again["Looking"]) == {str(report.pk): ["唐安"]}
    assert dan.get(QUEUE, headers={"Looking-At": "nonsense"}).status_code == 200
