"""Schemathesis asks every operation of the API as several people: no breakdown, and every answer as described.

In process and bounded: about a minute for all. Each request is rolled back, so every case meets the same town.
`FUZZ=full` asks several times as much.
"""

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from pytest_django.fixtures import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from grids.tokens import issue
from maps.site.wsgi import application
from tests.maps.route_cast import Cast, build_cast

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
FULL = os.environ.get("FUZZ") == "full"
# Cases of each operation for each of valid and invalid data; who may write gets the most.
WHO = {"paula": 12, "dora": 8, "alice": 4, "norah": 4} if FULL else {"paula": 1, "dora": 1, "norah": 1}
# A picture is written anew in a process of its own.
MULTIPART_CASES = 2 if FULL else 1
# What the ids in addresses are, by the first word of the path.
THINGS = {
    "regions": "region-near",
    "grids": "grid-five",
    "organisations": "squad-body",
    "teams": "team-near",
    "checkpoints": "checkpoint-five",
    "zones": "zone-five",
    "people": "person-bob",
    "memberships": "membership-bob",
    "assignments": "assignment-bob",
    "reports": "five",
    "splits": "split-edited",
}


@pytest.fixture
def cast(db: None, settings: Settings) -> Iterator[Cast]:
    settings.TOKEN_RATE = 10**6
    # A request would close the connection that holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield build_cast()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def known_ids(operation: Any, cast: Cast, who: str) -> dict[str, Any]:
    """Return the ids of things that are there for an address, so that not every answer is 404."""
    collection = operation.path.split("/")[3]
    name = THINGS.get(collection, f"{collection.removesuffix('s').replace('notification', 'message')}-{who}")
    if "{identity}" not in operation.path or name not in cast.addresses:
        return {}
    return {"identity": cast.addresses[name]}


def ask(operation: Any, cast: Cast, who: str, secret: str, mode: GenerationMode, known: bool, cases: int) -> None:
    ids = known_ids(operation, cast, who) if known else {}
    strategy = operation.as_strategy(generation_mode=mode, path_parameters=ids or None)

    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one(case: Any) -> None:
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Bearer {secret}"})
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    one()


def said(failure: BaseException) -> str:
    """Return what is wrong and how to ask it again."""
    if isinstance(failure, BaseExceptionGroup):
        return f"{failure.message[-1500:]}"
    return repr(failure)[:1500]


@cache
def operations() -> list[Any]:
    """Every operation of the schema, which takes seconds to write and to read."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    return [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]


@pytest.mark.parametrize("who", WHO)
def test_no_operation_breaks_down_or_answers_what_it_does_not_say(cast: Cast, who: str) -> None:
    _token, secret = issue(cast.people[who], "fuzz", 7, write=True)
    wrong = []
    for operation in operations():
        multipart = any("multipart" in body.media_type for body in operation.body)
        for mode in GenerationMode:
            for known in (True, False):
                cases = MULTIPART_CASES if multipart else WHO[who]
                try:
                    ask(operation, cast, who, secret, mode, known, cases if known else 1)
                except (Exception, FailureGroup) as failure:
                    wrong.append(f"{operation.label} ({mode.value} data, {who}): {said(failure)}")
    assert not wrong, "\n\n".join(wrong)
