"""Pages for what goes wrong: in our look, and saying what is safe."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from maps.site import urls as site
from tests.town import Town

SignIn = Callable[[str], Client]


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


handler400 = site.handler400
urlpatterns = [
    *site.urlpatterns,
    path("refuse/", refuse),
    path("suspect/", suspect),
    path("break/", fail),
]


@pytest.mark.urls("tests.maps.test_error_pages")
@pytest.mark.parametrize(("url", "status"), [("/refuse/", 403), ("/suspect/", 400), ("/nowhere/", 404)])
def test_errors_look_like_ours_and_lead_on(town: Town, as_person: SignIn, url: str, status: int) -> None:
    answer = as_person("alice").get(url)
    assert answer.status_code == status
    html = answer.content.decode()
    assert f"{status}.html" in [template.name for template in answer.templates]
    assert 'href="/"' in html
    assert '<html lang="zh-Hans">' in html


def test_a_host_that_is_not_ours_gets_a_page_too(db: None) -> None:
    answer = Client().get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "400.html" in [template.name for template in answer.templates]


@pytest.mark.urls("tests.maps.test_error_pages")
def test_a_breakdown_has_a_page_that_needs_nothing(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/break/")
    assert answer.status_code == 500
    assert "500" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_form_without_token_is_explained(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "403_csrf.html" in [template.name for template in answer.templates]
