"""No log holds a link that opens something."""

import logging
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from maps.site.logs import WithoutKeys

TOKEN = "k" * 43


@pytest.mark.parametrize("kind", ["join", "reset", "r", "follow/150199", "public/150199", "open311/v2/requests"])
def test_the_key_of_a_link_is_left_out(kind: str) -> None:
    record = logging.LogRecord("x", 30, "x", 1, "%s: %s", ("Gone", f"/{kind}/{TOKEN}/"), None)
    assert WithoutKeys().filter(record)
    assert record.getMessage() == f"Gone: /{kind}/-/"


def test_other_addresses_stay_as_they_are() -> None:
    record = logging.LogRecord("x", 30, "x", 1, "%s: %s", ("Not Found", "/reports/1/"), None)
    assert WithoutKeys().filter(record)
    assert record.getMessage() == "Not Found: /reports/1/"


def test_the_site_s_own_handler_uses_it() -> None:
    logging_settings: Any = settings.LOGGING
    assert logging_settings["handlers"]["console"]["filters"] == ["without_keys"]


def test_a_refused_link_does_not_stand_in_the_log(client: Client, db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert client.get(f"/join/{TOKEN}/").status_code == 404
    assert TOKEN not in capsys.readouterr().err
