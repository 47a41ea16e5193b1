"""The pages about people: who sees them, what they list, and what their forms do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.models import AccountReset, Assignment, Membership, Person, Region
from maps.pages.people import PAGE_SIZE
from tests.town import FAR, NEAR, Town

SignIn = Callable[[str], Client]
EAST = NEAR + "001"


@pytest.fixture
def petra(town: Town) -> Client:
    """A planner of the far subdistrict, signed in."""
    person = Person.objects.create_user("petra", "a-long-password", name="裴特")
    Membership.objects.create(person=person, role="planner", region=Region.objects.get(code=FAR))
    client = Client()
    client.force_login(person)
    return client


def names(answer: Any) -> list[str]:
    return [row["username"] for row in answer.context["rows"]]


def crowd(number: int, code: str = EAST) -> None:
    region = Region.objects.get(code=code)
    people = Person.objects.bulk_create(
        Person(username=f"v{index:03}", name=f"民{index:03}") for index in range(number)
    )
    Membership.objects.bulk_create(Membership(person=person, role="volunteer", region=region) for person in people)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "dora", "squad_member"])
@pytest.mark.parametrize("url", ["/people/", "/people/new/", "/people/vacancies/", "/people/invitations/"])
def test_who_looks_after_nobody_sees_no_people(town: Town, as_person: SignIn, who: str, url: str) -> None:
    assert as_person(who).get(url).status_code == 404


def test_a_planner_sees_the_people_of_the_region_and_no_others(town: Town, as_person: SignIn, petra: Client) -> None:
    assert set(names(as_person("paula").get("/people/"))) == {
        "alice", "bob", "charlie", "dora", "olaf", "paula", "petra", "squad_member",
    }  # fmt: skip
    assert set(names(petra.get("/people/"))) == {"charlie", "olaf", "petra"}
    assert petra.get(f"/people/{town.bob.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=柳", {"alice"}),
        ("q=dor", {"dora"}),
        ("role=dispatcher", {"dora", "olaf"}),
        (f"region={EAST}", {"alice", "bob"}),
        (f"role=leader&region={FAR}", {"charlie"}),
        ("state=past", set()),
        ("state=idle", set()),
        ("q=' OR 1=1", set()),
    ],
)
def test_the_list_is_narrowed(town: Town, as_person: SignIn, query: str, expected: set[str]) -> None:
    assert set(names(as_person("paula").get(f"/people/?{query}"))) == expected


@pytest.mark.parametrize("query", ["q=%00", "role=%00", "region=%00", "after=x", "after=" + "9" * 40])
def test_hostile_filters_are_refused_in_a_sentence(town: Town, as_person: SignIn, query: str) -> None:
    assert as_person("paula").get(f"/people/?{query}").status_code == 422


def test_leaders_without_a_grid_are_found(town: Town, as_person: SignIn) -> None:
    Assignment.objects.filter(person=town.alice).update(
        period=DateRange(timezone.localdate() - timedelta(9), timezone.localdate())
    )
    assert names(as_person("paula").get("/people/?state=idle")) == ["alice"]


def test_pages_neither_skip_nor_repeat(town: Town, as_person: SignIn) -> None:
    crowd(PAGE_SIZE * 2 + 5)
    client, url, seen = as_person("paula"), "/people/?role=volunteer", list[str]()
    while url:
        answer = client.get(url)
        seen += names(answer)
        url = answer.context["older"]
    assert len(seen) == len(set(seen)) == PAGE_SIZE * 2 + 6


def test_a_page_costs_the_same_with_few_and_with_many(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    urls = ("/people/", f"/people/{town.alice.pk}/", "/people/vacancies/", "/people/invitations/", "/people/handovers/")
    few = [count(url) for url in urls]
    crowd(40)
    for grid in town.grids.values():
        if grid.pk != town.grids[5].pk:
            Assignment.objects.create(person=town.alice, grid=grid, role="deputy")
    assert [count(url) for url in urls] == few
    assert max(few) <= 12, few


def test_somebody_is_entered_with_a_role(town: Town, as_person: SignIn) -> None:
    form = {"name": "林一", "username": "lin.yi", "role": "volunteer", "region": EAST, "party_member": "on"}
    answer = as_person("paula").post("/people/new/", form)
    person = Person.objects.get(username="lin.yi")
    assert answer["Location"] == f"/people/{person.pk}/"
    assert person.party_member
    assert Membership.objects.get(person=person).region.code == EAST


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"role": "admin"}, 403),
        ({"region": ""}, 422),
        ({"username": "alice"}, 409),
        ({"name": " "}, 422),
        ({"since": "morgen"}, 422),
        ({"since": "2026-02-31"}, 422),
        ({"team": "x"}, 422),
        ({"organisation": "9" * 30}, 422),
    ],
)
def test_what_is_wrong_is_said_and_the_form_keeps_what_was_typed(
    town: Town, as_person: SignIn, change: dict[str, str], status: int
) -> None:
    form = {"name": "林一", "username": "lin.yi", "role": "volunteer", "region": EAST, "phone": "13800000000", **change}
    answer = as_person("paula").post("/people/new/", form)
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()
    assert "13800000000" in answer.content.decode()
    assert not Person.objects.filter(name="林一").exists()


def test_giving_and_ending_a_role(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    client.post(f"/people/{town.bob.pk}/roles/", {"role": "leader", "region": EAST})
    given = Membership.objects.get(person=town.bob, role="leader")
    assert given.period == DateRange(timezone.localdate(), None)
    today = timezone.localdate().isoformat()
    assert client.post(f"/people/{town.bob.pk}/roles/{given.pk}/end/", {"last_day": today}).status_code == 302
    given.refresh_from_db()
    assert given.period.upper == timezone.localdate() + timedelta(days=1)
    answer = client.post(f"/people/{town.bob.pk}/roles/{given.pk}/end/", {"last_day": today})
    assert answer.status_code == 409
    assert client.post(f"/people/{town.bob.pk}/roles/{given.pk}/end/", {}).status_code == 422


def test_a_planner_elsewhere_changes_nothing(town: Town, petra: Client) -> None:
    held = Membership.objects.get(person=town.bob)
    for url in (
        f"/people/{town.bob.pk}/roles/",
        f"/people/{town.bob.pk}/roles/{held.pk}/end/",
        f"/people/{town.bob.pk}/edit/",
        f"/people/{town.bob.pk}/active/",
        f"/people/{town.bob.pk}/reset/",
        f"/people/{town.bob.pk}/handover/",
    ):
        assert petra.post(url, {"role": "volunteer", "region": EAST, "last_day": "2026-11-01"}).status_code == 404
    assert petra.get(f"/people/vacancies/grid/{town.grids[1].pk}/").status_code == 404


def test_name_and_phone_are_changed_only_of_who_has_no_more_power(town: Town, as_person: SignIn, petra: Client) -> None:
    assert as_person("paula").post(f"/people/{town.bob.pk}/edit/", {"name": "段新", "phone": "138"}).status_code == 302
    assert Person.objects.get(pk=town.bob.pk).name == "段新"
    Membership.objects.create(person=town.charlie, role="inspector", region=Region.objects.get(code=NEAR))
    assert petra.post(f"/people/{town.charlie.pk}/edit/", {"name": "x"}).status_code == 403
    assert Person.objects.get(pk=town.charlie.pk).name == "许棠"


def test_shutting_out_ends_the_session(town: Town, as_person: SignIn) -> None:
    bob = as_person("bob")
    client = as_person("paula")
    client.post(f"/people/{town.bob.pk}/active/", {"act": "close"})
    assert bob.get("/inbox/").status_code == 302
    client.post(f"/people/{town.bob.pk}/active/", {"act": "open"})
    assert as_person("bob").get("/inbox/").status_code == 200
    assert client.post(f"/people/{town.bob.pk}/active/", {"act": "burn"}).status_code == 422
    assert client.post(f"/people/{town.alice.pk}/active/", {"act": "leave"}).status_code == 409
    assert client.post(f"/people/{town.bob.pk}/active/", {"act": "leave"}).status_code == 302
    assert Person.objects.get(pk=town.bob.pk).tombstoned_at


def test_a_vacant_grid_is_assigned_in_one_step(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    page = client.get("/people/vacancies/")
    row = page.context["rows"][0]
    assert [leader.person for leader in row["leaders"]] == [town.alice]
    assert client.post(row["url"], {"person": town.alice.pk})["Location"] == "/people/vacancies/?kind=grid"
    assert Assignment.objects.filter(grid=row["id"], person=town.alice, role="owner").exists()
    assert client.post(row["url"], {"person": town.alice.pk}).status_code == 409
    assert client.post(row["url"], {}).status_code == 422


def test_checkpoints_without_owner_are_listed_and_searched_for(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    page = client.get("/people/vacancies/?kind=checkpoint")
    assert [row["name"] for row in page.context["rows"]] == ["西市场"]
    found = client.get(page.context["rows"][0]["url"], {"q": "段"}).context["candidates"]
    assert [row["username"] for row in found] == ["bob"]
    assert client.get("/people/vacancies/?kind=souls").status_code == 422


def test_a_new_start_shows_its_link_once(town: Town, as_person: SignIn) -> None:
    client = as_person("paula")
    url = f"/people/{town.bob.pk}/reset/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    page = client.post(url, {"reason": "手机丢失"})
    link = page.context["link"]
    assert "data:image/svg+xml" in page.content.decode()
    assert link.rsplit("/", 2)[1] not in client.get(f"/people/{town.bob.pk}/").content.decode()
    visitor = Client()
    assert visitor.get(link).status_code == 200
    assert visitor.post(link, {"password": "short"}).status_code == 422
    assert visitor.post(link, {"password": "eine-lange-losung"})["Location"] == "/"
    assert visitor.get("/my-grid/").status_code == 200
    assert Client().get(link).status_code == 410
    assert "手机丢失" in client.get(f"/people/{town.bob.pk}/").content.decode()


def test_nobody_resets_upwards(town: Town, petra: Client) -> None:
    Membership.objects.create(person=town.charlie, role="inspector", region=Region.objects.get(code=NEAR))
    assert petra.post(f"/people/{town.charlie.pk}/reset/", {"reason": "x"}).status_code == 403
    assert not AccountReset.objects.exists()
