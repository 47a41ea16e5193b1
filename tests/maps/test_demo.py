"""The demo city in the database: whole, lawful, and found by its accounts."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from grids.models import (
    Assignment,
    Building,
    Category,
    CheckpointType,
    Grid,
    Membership,
    Notification,
    Person,
    Region,
    WorkingDay,
)
from grids.scope import scope_of
from maps.demo import loading
from maps.demo.people import ACCOUNTS
from maps.management.commands.prepare import load_catalogue
from patrols.models import Contact, Event, Party, Report, Sheet
from patrols.workflow import OPEN_STATES, WAITING_STATES, State


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The demo city, loaded once for this module and taken away after it."""
    with django_db_blocker.unblock():
        load_catalogue()
        loading.load(timezone.now(), "demo")
        yield
        loading.unload()
        Category.objects.all().delete()
        CheckpointType.objects.all().delete()
        WorkingDay.objects.all().delete()


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]


def test_it_has_the_size_of_a_small_district() -> None:
    levels = {level: Region.objects.filter(level=level).count() for level in ("district", "subdistrict", "community")}
    assert levels == {"district": 1, "subdistrict": 2, "community": 8}
    assert 50 <= Grid.objects.count() <= 75
    assert Building.objects.count() > 500
    assert Person.objects.count() >= 300
    assert Report.objects.filter(kind="problem").count() == 1500


def test_the_grids_of_a_community_cover_it_exactly() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.code, ST_Area(ST_SymDifference(r.geom, ST_Union(g.geom))::geography)"
            " from grids_region r join grids_grid g on g.region_id = r.id group by r.code, r.geom"
        )
        gaps = cursor.fetchall()
    assert len(gaps) == 8
    assert all(area < 0.5 for _code, area in gaps)  # square metres over a whole community: rounding to 1e-7 degrees


def test_every_report_s_state_is_what_its_events_say() -> None:
    last: dict[Any, str] = {}
    for report, after in Event.objects.order_by("recorded_at", "id").values_list("report_id", "after"):
        last[report] = after
    states = dict(Report.objects.values_list("id", "state"))
    assert states == last
    assert not Event.objects.filter(recorded_at__gt=timezone.now()).exists()


def test_every_dispatched_report_has_one_lead() -> None:
    working = Report.objects.filter(state__in=["dispatched", "in_progress", "returned"])
    assert working.exists()
    leads = Party.objects.leading().filter(report__in=working).values_list("report_id", flat=True)
    assert sorted(leads) == sorted(working.values_list("id", flat=True))


def test_there_is_work_for_everybody() -> None:
    assert 50 <= Report.objects.open().count() <= 110
    assert Report.objects.filter(state__in=WAITING_STATES).count() >= 10
    assert Report.objects.late().exists()
    assert {State.SENT_BACK, State.ON_HOLD, State.DEFERRED} <= set(Report.objects.values_list("state", flat=True))


def test_there_are_requests_a_task_of_every_19th_and_a_sheet() -> None:
    requests = Report.objects.filter(kind="request")
    assert sorted(requests.values_list("state", flat=True)) == ["in_progress", "in_progress", "reported"]
    assert Contact.objects.count() == 3
    clean_up = Report.objects.filter(task__rule="FREQ=MONTHLY;BYMONTHDAY=19").order_by("task_day")
    assert {report.task_day.day for report in clean_up if report.task_day} == {19}
    assert clean_up[0].state == State.HANDLED
    assert Sheet.objects.get().items.count() >= 2


def test_a_few_places_have_no_owner_and_say_so() -> None:
    owned = Assignment.objects.current().filter(role="owner", grid__isnull=False).values("grid")
    assert Grid.objects.exclude(pk__in=owned).count() == 2


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_account_can_sign_in_and_reach_something(name: str, client: Client) -> None:
    assert client.login(username=name, password="demo")
    scope = scope_of(Person.objects.get(username=name))
    assert scope.grids or scope.wide


def test_the_leader_sees_what_is_wrong_and_the_outsider_does_not() -> None:
    leader, outsider = (scope_of(Person.objects.get(username=name)) for name in ("leader", "outsider"))
    mine = Report.objects.visible_to(leader).filter(grid__in=leader.owned, state__in=OPEN_STATES)
    assert mine.count() >= 4
    assert mine.late().exists()
    assert not Report.objects.visible_to(outsider).filter(grid__in=leader.owned).exists()


def test_what_happened_since_yesterday_is_in_the_inboxes() -> None:
    told = Notification.objects.filter(person__username="dispatcher")
    assert told.exists()
    assert not told.filter(created_at__gt=timezone.now()).exists()


def test_only_the_demo_accounts_have_a_password() -> None:
    usable = [person.username for person in Person.objects.all() if person.has_usable_password()]
    assert sorted(usable) == sorted(ACCOUNTS)
    assert not Membership.objects.filter(person__username__in=ACCOUNTS).exclude(person__is_active=True).exists()


def test_there_are_no_missing_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
