"""Taking down a wish, links for residents, and what a resident without an account sees."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids.models import Building
from maps.pages import bringing
from patrols import contacts
from patrols.models import Contact, Report, RequestLink
from patrols.request_links import make
from tests.patrols.requesting import SECRETS, WISH, Companies, add_companies, wish
from tests.town import FAR, NEAR, Town, at

SignIn = Callable[[str], Client]
GRID = NEAR + "001005"


@pytest.fixture
def companies(town: Town) -> Companies:
    return add_companies(town)


@pytest.fixture
def building(town: Town) -> Building:
    outline = at(1.5, 1.5).buffer(0.0001)
    return Building.objects.create(source_id="b7", name="7号楼", geom=MultiPolygon(outline, srid=4326))


def form(**more: str) -> dict[str, str]:
    filled = {"key": str(uuid.uuid4()), "category": WISH, "words": "修水龙头", "phone": SECRETS[1], "name": SECRETS[0]}
    return filled | {"address": SECRETS[2]} | more


def test_a_grid_worker_takes_a_wish_down(
    town: Town, companies: Companies, building: Building, as_person: SignIn, client: Client
) -> None:
    bob = as_person("bob")
    page = bob.get(f"/requests/new/?grid={GRID}").content.decode()
    assert "7号楼" in page
    given = form(grid=GRID, building=str(building.pk), place="楼下")
    answer = bob.post("/requests/new/", given)
    report = Report.objects.get()
    assert answer["Location"] == f"/reports/{report.pk}/"
    assert (report.kind, report.place, report.grid, report.source) == ("request", "7号楼 楼下", town.grids[5], "patrol")
    assert contacts.look(report, town.scope("dora"), timezone.now()).address == SECRETS[2]
    seen = bob.get(answer["Location"]).content.decode()
    assert not any(secret in seen for secret in SECRETS)
    assert bob.post("/requests/new/", given).status_code == 409  # the same form again
    followed = client.get(f"/follow/{report.district}/{report.public_number}/").content.decode()
    assert "已收到" in followed
    for told in (report.place, report.description, report.number, "其他诉求", *SECRETS):
        assert told not in followed


def test_what_is_missing_is_said_and_what_was_typed_stays(town: Town, companies: Companies, as_person: SignIn) -> None:
    answer = as_person("bob").post("/requests/new/", form(grid=GRID, phone="", address=""))
    assert answer.status_code == 422
    assert "请写明如何联系居民" in answer.content.decode()
    assert "修水龙头" in answer.content.decode()
    assert as_person("bob").post("/requests/new/", form(grid=FAR + "001001")).status_code == 404
    assert as_person("bob").post("/requests/new/", form(grid=GRID, building="999")).status_code == 422
    assert not Report.objects.exists()


def test_a_resident_brings_a_wish_through_a_link(
    town: Town,
    companies: Companies,
    building: Building,
    as_person: SignIn,
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", logger="django.request")
    dora = as_person("dora")
    card = dora.post("/requests/links/new/", {"key": str(uuid.uuid4()), "code": GRID, "note": "北门"}).content.decode()
    [address] = set(re.findall(r"/r/[\w-]{43}/", card))
    assert address[3:-1] not in str(list(RequestLink.objects.values()))
    page = client.get(address)
    assert page.status_code == 200
    assert "7号楼" in page.content.decode()
    answer = client.post(address, form(building=str(building.pk)))
    report = Report.objects.get()
    assert answer["Location"] == f"/follow/{report.district}/{report.public_number}/?new"
    assert (report.source, report.reporter, report.grid) == ("resident", None, town.grids[5])
    assert Contact.objects.filter(report=report).exists()
    assert not any(secret in client.get(answer["Location"]).content.decode() for secret in SECRETS)
    assert client.post(address, form(phone="no")).status_code == 422
    link = RequestLink.objects.get()
    assert dora.post(f"/requests/links/{link.pk}/end/").status_code == 302
    assert client.get(address).status_code == client.post(address, form()).status_code == 410
    assert client.get("/r/" + "x" * 43 + "/").status_code == 404
    assert Report.objects.count() == 1
    assert caplog.records  # what was refused is logged, without what was typed
    assert not any(secret in caplog.text for secret in SECRETS)


def test_a_second_tap_leads_to_the_number_of_the_first(town: Town, companies: Companies, client: Client) -> None:
    cache.clear()
    _link, token = make(town.scope("dora"), uuid.uuid4(), GRID)
    given = form()
    first, second = (client.post(f"/r/{token}/", given) for _turn in range(2))
    assert first["Location"] == second["Location"]
    report = Report.objects.get()
    # A number that is somebody else's report is no way to it.
    Report.objects.filter(pk=report.pk).update(reporter=town.bob)
    assert client.post(f"/r/{token}/", given).status_code == 409


def test_the_page_of_a_link_leads_to_an_earlier_request_by_its_number(
    town: Town, companies: Companies, client: Client
) -> None:
    cache.clear()
    _link, token = make(town.scope("dora"), uuid.uuid4(), GRID)
    client.post(f"/r/{token}/", form())
    report = Report.objects.get()
    typed = f" {report.public_number[:4].lower()} {report.public_number[4:]}/../"
    answer = client.get(f"/r/{token}/", {"number": typed}, follow=True)
    assert answer.redirect_chain[0][0].upper() == f"/follow/{report.district}/{report.public_number}/".upper()
    assert report.public_number in answer.content.decode()
    assert client.get(f"/r/{token}/", {"number": "XY"}, follow=True).status_code == 404


def test_a_mistyped_number_is_no_request_that_counts(town: Town, companies: Companies, client: Client) -> None:
    cache.clear()
    _link, token = make(town.scope("dora"), uuid.uuid4(), GRID)
    for _attempt in range(12):
        answer = client.post(f"/r/{token}/", form(phone="no"))
        assert answer.status_code == 422
    assert 'id="problem-phone"' in answer.content.decode()
    assert client.post(f"/r/{token}/", form()).status_code == 302


def test_links_are_made_in_one_s_own_region(town: Town, companies: Companies, as_person: SignIn) -> None:
    body = {"key": str(uuid.uuid4()), "code": FAR + "001"}
    assert as_person("dora").post("/requests/links/new/", body).status_code == 404
    assert as_person("alice").post("/requests/links/new/", body).status_code == 404
    assert as_person("olaf").post("/requests/links/new/", body).status_code == 200
    assert "x" not in as_person("dora").get("/requests/links/").context["rows"]
    assert as_person("dora").get("/requests/links/").context["rows"] == []
    assert len(as_person("olaf").get("/requests/links/").context["rows"]) == 1


def test_nobody_brings_wishes_without_end(
    town: Town, companies: Companies, client: Client, settings: Any, monkeypatch: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"request": "2/m/ip,60/h/key"}
    monkeypatch.setattr(bringing, "FOLLOWS_A_MINUTE", 1)
    cache.clear()
    _link, token = make(town.scope("dora"), uuid.uuid4(), GRID)
    statuses = [client.post(f"/r/{token}/", form()).status_code for _turn in range(3)]
    assert statuses == [302, 302, 429]
    assert Report.objects.count() == 2
    report = Report.objects.first()
    assert report
    address = f"/follow/{report.district}/{report.public_number}/"
    whoever = f"fd00::{uuid.uuid4().hex[:4]}"
    assert [client.get(address, REMOTE_ADDR=whoever).status_code for _turn in range(2)] == [200, 429]
    cache.clear()


def test_the_api_says_until_when_the_contact_is_kept_to_who_may_look(
    town: Town, companies: Companies, as_person: SignIn
) -> None:
    report = wish(town)
    address = f"/api/v1/reports/{report.pk}"
    kept = Contact.objects.get(report=report).purge_on.isoformat()
    assert as_person("dora").get(address).json()["contact_until"] == kept
    for who in ("alice", "bob", "paula"):
        assert as_person(who).get(address).json()["contact_until"] is None
    assert not contacts.looks_at(report).exists()  # to say so is no look
    Contact.objects.all().delete()
    assert as_person("dora").get(address).json()["contact_until"] is None


def test_following_is_for_requests_and_by_the_whole_number(town: Town, companies: Companies, client: Client) -> None:
    report = wish(town)
    assert client.get(f"/follow/{report.district}/{report.public_number.lower()}/").status_code == 200
    assert client.get(f"/follow/{report.district}/{report.public_number[:-1]}/").status_code == 404
    Report.objects.update(kind="problem")
    assert client.get(f"/follow/{report.district}/{report.public_number}/").status_code == 404


def test_the_contact_is_shown_on_demand_and_the_looks_with_it(
    town: Town, companies: Companies, as_person: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    report = wish(town)
    dora, alice = as_person("dora"), as_person("alice")
    address = f"/reports/{report.pk}/"
    with django_assert_max_num_queries(12):
        page = dora.get(address).content.decode()
    assert "contact-show" in page
    assert not any(secret in page for secret in SECRETS)
    assert "contact-show" not in alice.get(address).content.decode()
    answer = dora.get(f"/api/v1/reports/{report.pk}/contact")
    assert answer.json() == dict(zip(("name", "phone", "address"), SECRETS, strict=True))
    assert "no-store" in answer["Cache-Control"]
    assert alice.get(f"/api/v1/reports/{report.pk}/contact").status_code == 404
    assert "梁川" in str(dora.get(address).context["aside"]["contact"]["looks"])


def test_lists_and_searches_know_the_kind_and_no_contact(town: Town, companies: Companies, as_person: SignIn) -> None:
    report = wish(town)
    dora = as_person("dora")
    rows = dora.get("/reports/?kind=request").content.decode()
    assert report.number in rows
    assert "群众需求" in rows
    assert report.number not in dora.get("/reports/?kind=problem").content.decode()
    assert dora.get("/api/v1/reports?kind=wish").status_code == 400
    for address in (
        "/reports/", "/reports/?q=13900001234", "/reports/?q=501", "/dispatch/", "/dispatch/queue.json",
        "/api/v1/reports", f"/api/v1/reports/{report.pk}", f"/api/v1/reports/{report.pk}/events", "/inbox/",
        "/api/v1/places/search?q=501",
    ):  # fmt: skip
        seen = dora.get(address).content.decode()
        assert not any(secret in seen.replace("q=13900001234", "") for secret in SECRETS if secret not in address)


def test_the_api_files_a_request_and_keeps_the_contact_out_of_its_answer(
    town: Town, companies: Companies, as_person: SignIn
) -> None:
    contact = dict(zip(("name", "phone", "address"), SECRETS, strict=True))
    body = {"category": WISH, "lon": at(1.5, 1.5).x, "lat": at(1.5, 1.5).y, "kind": "request", "contact": contact}
    bob, key = as_person("bob"), {"Idempotency-Key": "k-1"}
    answer = bob.post("/api/v1/reports", body, content_type="application/json", headers=key)
    assert answer.status_code == 201
    again = bob.post("/api/v1/reports", body, content_type="application/json", headers=key)
    assert again.json() == answer.json()
    assert not any(secret in answer.content.decode() for secret in SECRETS)
    assert Report.objects.get().kind == "request"
    del body["contact"]
    assert bob.post("/api/v1/reports", body, content_type="application/json").status_code == 422
