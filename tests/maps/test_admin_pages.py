"""Every page of the administration with every account: who gets in, what is there, and what is not."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from maps.admin import administration
from tests.maps.admin_rows import Rows, build_rows, list_page, page
from tests.maps.route_cast import PEOPLE, Cast, build_cast

pytestmark = pytest.mark.django_db
ALLOWED = {"adam", "paula", "petra"}  # administers the district, plans the district, plans the far subdistrict
OTHERS = ["visitor", *(name for name in PEOPLE if name not in ALLOWED)]
ADMIN_ONLY = {"membership", "open311client"}
NEVER_ADDED = {"workingday", "post", "pattern", "routingedition", "routingrule"}  # made on pages of their own


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def rows(cast: Cast) -> Rows:
    return build_rows(cast)


def client(cast: Cast, name: str) -> Client:
    signed_in = Client(raise_request_exception=True)
    if name != "visitor":
        signed_in.force_login(cast.people[name])
    return signed_in


def pages(rows: Rows) -> Iterator[str]:
    yield from (reverse(f"admin:{name}") for name in ("index", "changes", "changes_csv", "jsi18n"))
    yield reverse("admin:app_list", args=["grids"])
    for row in rows.near.values():
        yield from (list_page(row), list_page(row, "add"), page(row), page(row, "history"), page(row, "delete"))


def test_every_route_of_the_administration_is_walked(cast: Cast, rows: Rows) -> None:
    names = {getattr(route, "name", None) for route in administration.get_urls()} - {None}
    elsewhere = {"login", "logout", "password_change", "password_change_done", "autocomplete"}
    assert names - elsewhere == {"index", "jsi18n", "app_list", "changes", "changes_csv"}
    tables = {model._meta.model_name for model in administration._registry}
    assert tables == {row._meta.model_name for row in rows.all()}


@pytest.mark.parametrize("name", OTHERS)
def test_to_who_administers_nothing_there_is_nothing(cast: Cast, rows: Rows, name: str) -> None:
    """A visitor tries every page, and of the others each every third one, all of them together every page."""
    visitor = client(cast, name)
    addresses = list(dict.fromkeys(pages(rows)))
    for address in addresses if name == "visitor" else addresses[OTHERS.index(name) % 3 :: 3]:
        response = visitor.get(address)
        if name == "visitor" and "jsi18n" not in address:
            assert response.status_code == 302, address
            assert response["Location"].startswith("/accounts/login/?next=/admin/"), address
        elif name != "visitor":
            assert response.status_code == 404, address
        if response.status_code != 200:
            assert "private" in response["Cache-Control"], address


def test_an_administrator_of_the_district_opens_everything(cast: Cast, rows: Rows) -> None:
    adam = client(cast, "adam")
    for row in rows.all():
        name = row._meta.model_name
        for address in (list_page(row), page(row), page(row, "history")):
            assert adam.get(address).status_code == 200, address
        expected = 403 if name in NEVER_ADDED else 200
        assert adam.get(list_page(row, "add")).status_code == expected, name


def test_a_planner_sees_no_roles_and_changes_no_people(cast: Cast, rows: Rows) -> None:
    paula = client(cast, "paula")
    for row in rows.near.values():
        name = row._meta.model_name
        expected = 403 if name in ADMIN_ONLY else 200
        assert paula.get(list_page(row)).status_code == expected, name
        assert paula.get(page(row)).status_code == expected, name
    for row in (rows.near["person"], rows.near["region"], rows.everywhere["category"]):
        assert paula.get(list_page(row, "add")).status_code == 403
        assert paula.post(page(row), {"name": "x"}).status_code == 403


def test_what_lies_elsewhere_is_not_there(cast: Cast, rows: Rows) -> None:
    petra = client(cast, "petra")
    for name, row in rows.near.items():
        seen = petra.get(list_page(row))
        assert b"mark-" not in seen.content or f"mark-{name}-near".encode() not in seen.content, name
        expected = 403 if name in ADMIN_ONLY else 404
        for what in ("change", "history", "delete"):
            assert petra.get(page(row, what)).status_code == expected, (name, what)
        assert petra.post(page(row), {"name": "mine"}).status_code == expected, name
        if name not in ADMIN_ONLY:
            assert petra.get(page(rows.far[name])).status_code == 200, name


def test_what_is_the_same_everywhere_is_changed_in_a_whole_district_only(cast: Cast, rows: Rows) -> None:
    petra = client(cast, "petra")
    for row in rows.everywhere.values():
        assert petra.get(page(row)).status_code == 200
        assert b'name="_save"' not in petra.get(page(row)).content
        assert petra.post(page(row), {}).status_code == 403


def test_no_page_shows_a_password_s_hash_or_who_somebody_is_to_a_planner(cast: Cast, rows: Rows) -> None:
    for name in ("adam", "paula"):
        seen = client(cast, name).get(page(rows.near["person"])).content.decode()
        assert "md5$" not in seen
        assert "password" not in seen
        assert ("secret-alice" in seen) is (name == "adam")


def test_a_page_that_is_not_there_is_404(cast: Cast, rows: Rows) -> None:
    adam = client(cast, "adam")
    for address in ("/admin/nothing/", "/admin/grids/region/999999/change/", "/admin/grids/region/x/change/"):
        assert adam.get(address).status_code == 404, address


def test_nobody_signs_in_or_out_by_another_door(cast: Cast) -> None:
    assert Client().get("/admin/login/?next=/admin/").headers["Location"] == "/accounts/login/?next=/admin/"
    assert client(cast, "adam").get("/admin/login/")["Location"] == "/admin/"
    assert client(cast, "adam").post("/admin/logout/")["Location"] == "/accounts/logout/"
    assert client(cast, "adam").get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_the_way_there_is_shown_to_those_who_may_go(cast: Cast) -> None:
    for name in ("adam", "paula"):
        assert 'href="/admin/"' in client(cast, name).get("/reports/").content.decode()
    assert 'href="/admin/"' not in client(cast, "dora").get("/reports/").content.decode()
