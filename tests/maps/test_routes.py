"""Every route with every account: the right status, nobody else's data, and nothing private in a shared cache."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.plugin import DjangoDbBlocker

from maps.pages import choices
from tests.maps.route_bulk import BULK_ROWS, add_bulk
from tests.maps.route_cast import EVERYBODY, VISITOR, Cast, build_cast
from tests.maps.route_exports import EXPORT_ROWS, add_export
from tests.maps.route_features import FEATURES
from tests.maps.route_heat import HEAT
from tests.maps.route_hotspots import HOTSPOT_ROWS, add_hotspots
from tests.maps.route_lists import LIST_PAGES, add_list
from tests.maps.route_me import ME_PAGES, add_way
from tests.maps.route_measures import MEASURES, add_measure
from tests.maps.route_offers import OFFER_ROWS
from tests.maps.route_open311 import OPEN311, add_number
from tests.maps.route_patrol_plans import PATROL_PLANS, add_plan
from tests.maps.route_patrols import PATROLS
from tests.maps.route_people import PEOPLE_PAGES, add_links
from tests.maps.route_photos import add_photo
from tests.maps.route_plans import PLAN_ROWS, add_plans
from tests.maps.route_public import PUBLIC_ROWS
from tests.maps.route_requests import REQUESTS, add_request
from tests.maps.route_sheets import SHEETS, add_sheet
from tests.maps.route_table import API, PAGE, TILE, Row
from tests.maps.route_table_api import TABLE as WITH_API
from tests.maps.route_tasks import TASKS, add_task
from tests.maps.route_told import TOLD_PAGES, add_robot

TABLE = (
    *WITH_API,
    *PEOPLE_PAGES,
    *LIST_PAGES,
    *PATROLS,
    *ME_PAGES,
    *TOLD_PAGES,
    *REQUESTS,
    *PUBLIC_ROWS,
    *SHEETS,
    *TASKS,
    *OFFER_ROWS,
    *EXPORT_ROWS,
    *FEATURES,
    *PLAN_ROWS,
    *HEAT,
    *MEASURES,
    *PATROL_PLANS,
    *BULK_ROWS,
    *HOTSPOT_ROWS,
    *OPEN311,
)
ROUTES_WITH_ROWS = {row.route for row in TABLE}
PROBLEM = "application/problem+json"
# Made once: every new handler would look through all static files again.
LENIENT, STRICT = ClientHandler(enforce_csrf_checks=False), ClientHandler(enforce_csrf_checks=True)


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The cast, everybody signed in, for all tests: each undoes what its requests wrote. Photos lie in memory."""
    storages = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    with django_db_blocker.unblock(), override_settings(STORAGES=storages), transaction.atomic():
        choices.forget()
        yield signed_in()
        choices.forget()
        transaction.set_rollback(True)


def signed_in() -> Cast:
    built = build_cast()
    add_links(built)
    add_photo(built)
    add_list(built)
    add_way(built)
    add_robot(built)
    add_request(built)
    add_export(built)
    add_plans(built)
    add_sheet(built)
    add_task(built)
    add_measure(built)
    add_plan(built)
    add_bulk(built)
    add_hotspots(built)
    add_number(built)
    for name in ("five", "one", "squad", "far"):
        # A tile carries a report's id and none of its texts, the row of a list all but its description.
        built.sets[f"{name}-id"] = built.sets[name][-1:]
        built.sets[f"{name}-listed"] = [text for text in built.sets[name] if "words" not in text]
    for name, person in built.people.items():
        client = Client()
        client.force_login(person)
        built.sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return built


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield every route below a resolver as one string."""
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield here
        else:
            yield from routes(entry, here)


def client_of(cast: Cast, name: str, handler: ClientHandler = LENIENT) -> Client:
    client = Client(raise_request_exception=False)
    client.handler = handler
    if name != VISITOR:
        client.cookies[settings.SESSION_COOKIE_NAME] = cast.sessions[name]
    return client


def send(client: Client, row: Row, cast: Cast) -> tuple[Any, str]:
    """Make a row's request, undo what it wrote, and return the response with its text."""
    address = fill(row.address, cast)
    with transaction.atomic():
        response: Any
        if row.method == "POST" and row.kind == API:
            body = {
                name: fill(value, cast) if isinstance(value, str) else value for name, value in (row.body or {}).items()
            }
            response = client.post(address, body, content_type="application/json")
        elif row.method == "POST":
            response = client.post(address, {name: fill(value, cast) for name, value in (row.body or {}).items()})
        else:
            response = client.generic(row.method, address)
        seen = response.getvalue().decode("utf-8", "replace")
        transaction.set_rollback(True)
    return response, seen


def fill(address: str, cast: Cast) -> str:
    for name, value in cast.addresses.items():
        address = address.replace(f"{{{name}}}", value)
    assert "{" not in address, address
    return address


# A test that asks for `db` itself has pytest-django set it up, also when this file is run alone.
def test_every_route_stands_in_the_table(db: None) -> None:
    # Those of the administration are alike for every table: tests/maps/test_admin_pages.py walks them.
    assert {route for route in routes(get_resolver()) if not route.startswith("admin/")} == ROUTES_WITH_ROWS


@pytest.mark.parametrize("route", sorted(ROUTES_WITH_ROWS))
def test_everybody_gets_the_declared_status_and_nobody_else_s_data(cast: Cast, route: str) -> None:
    for row in (row for row in TABLE if row.route == route):
        assert set(row.expect) == set(EVERYBODY)
        for name, expected in row.expect.items():
            response, seen = send(client_of(cast, name), row, cast)
            who = f"{row.label} as {name}"
            assert response.status_code == expected, f"{who}: {seen[:300]}"
            check_refusal(row, name, response, who)
            check_data(cast, row, name, response.status_code, seen)
            check_caching(row, response, who)


def check_refusal(row: Row, name: str, response: Any, who: str) -> None:
    """Pages lead a visitor to the sign-in; everything else says in one sentence what is wrong."""
    if row.kind == PAGE and response.status_code == 302 and name == VISITOR and row.expect[VISITOR] != 200:
        to_sign_in = response["Location"].startswith("/accounts/login/")
        assert to_sign_in or row.route in VISITORS_GO_ON, f"{who} is sent to {response['Location']}"
    if row.kind in {API, TILE} and response.status_code >= 400:
        assert response["Content-Type"] == PROBLEM, who
        problem = response.json()
        assert problem["detail"], who
        assert problem["status"] == response.status_code, who


VISITORS_GO_ON = {
    "public/<slug:district>/<slug:number>/",
    "favicon.ico",
    "language/",
    "accounts/password/reset/",
    "accounts/login/code/confirm/",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$",
}


def check_data(cast: Cast, row: Row, name: str, status: int, seen: str) -> None:
    """No text appears that was not meant for this person; what the row promises does."""
    address = fill(row.address, cast)
    for text, readers in cast.readers.items():
        if name not in readers and text not in address:
            assert text not in seen, f"{row.label}: {name} reads {text}"
    if status == 200:
        for text in (text for wanted in row.shows for text in cast.sets[wanted]):
            if name in cast.readers[text] and text not in address:
                assert text in seen, f"{row.label}: {name} misses {text}"


def check_caching(row: Row, response: Any, who: str) -> None:
    """A shared cache may keep public tiles and nothing else."""
    directives = {part.strip().partition("=")[0] for part in response.get("Cache-Control", "").split(",")}
    if row.public and response.status_code < 300:
        assert "public" in directives, who
        assert not response.cookies, who
        assert "Cookie" not in response.get("Vary", ""), who
    else:
        assert directives & {"private", "no-store"}, f"{who}: {directives}"
        assert "public" not in directives, who


def test_verbs_that_a_route_does_not_know_change_nothing(cast: Cast) -> None:
    for route in sorted(ROUTES_WITH_ROWS):
        rows = [row for row in TABLE if row.route == route]
        library = route.startswith(("accounts/", "language/"))
        # The library's forms take PUT as they take POST: without a field they show themselves again.
        refusals = {200, 302, 403, 404, 405} if library else {401, 403, 404, 405}
        for method in sorted({"POST", "PUT", "PATCH", "DELETE"} - {row.method for row in rows}):
            for name in (VISITOR, "dora"):
                row = Row(route, rows[0].address, {}, rows[0].kind, method)
                response, _seen = send(client_of(cast, name), row, cast)
                assert response.status_code in refusals, f"{row.label} as {name}: {response.status_code}"


def test_no_write_passes_without_the_token_against_forgery(cast: Cast) -> None:
    for row in (row for row in TABLE if row.method == "POST"):
        for name in ("alice", "dora"):
            response, _seen = send(client_of(cast, name, STRICT), row, cast)
            # A tracker brings a secret with each request: no session counts there, and none can be misused.
            expected = row.expect[name] if row.route.startswith(("ingest/", "open311/")) else 403
            assert response.status_code == expected, f"{row.label} as {name}"
