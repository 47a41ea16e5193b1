"""Bodies of the API: what is no number is not read as one."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

import grids.endpoints
import patrols.inputs
import patrols.photos.shapes
from grids.problems import BadInput
from grids.rest import NUMBERS, Input, read
from tests.town import LITTER, Town, at


def inputs(base: type[Input] = Input) -> Iterator[type[Input]]:
    """Return every body that the API takes."""
    for module in pkgutil.iter_modules(grids.endpoints.__path__):
        importlib.import_module(f"grids.endpoints.{module.name}")
    for each in base.__subclasses__():
        yield each
        yield from inputs(each)


def wrong(field: serializers.Field[Any, Any, Any, Any]) -> Any:
    """Return `true` where a field takes a number, however deep in lists; None for what takes none."""
    if isinstance(field, NUMBERS):
        return True
    if isinstance(field, serializers.ListField):
        inner = wrong(field.child)
        return None if inner is None else [inner] * max(field.min_length or 1, 1)
    return None


def numbers() -> list[tuple[type[Input], str, Any]]:
    return [
        (each, name, given)
        for each in dict.fromkeys(inputs())
        for name, field in each().fields.items()
        if (given := wrong(field)) is not None
    ]


def asked(body: dict[str, Any]) -> Request:
    request = RequestFactory().post("/", json.dumps(body), content_type="application/json")
    return Request(request, parsers=[JSONParser()])


@pytest.mark.parametrize(("body", "name", "given"), numbers(), ids=lambda part: getattr(part, "__name__", str(part)))
def test_true_is_no_number(body: type[Input], name: str, given: Any) -> None:
    for partial in (False, True):
        with pytest.raises(BadInput) as caught:
            read(body, asked({name: given}), partial=partial)
        assert name in str(caught.value.sentence)
        assert "true" in str(caught.value.sentence)


def test_the_numbers_of_every_kind_of_body_are_looked_at() -> None:
    found = {(body.__name__, name) for body, name, _given in numbers()}
    photos, reports = patrols.photos.shapes.ReleaseInput.__name__, patrols.inputs.ReportInput.__name__
    assert {(reports, "lon"), (reports, "stairwell"), (photos, "boxes"), ("EditInput", "vertex")} <= found


@pytest.mark.parametrize("where", ["lon", "lat"])
def test_a_report_at_true_is_refused_with_a_sentence(town: Town, as_person: Any, where: str) -> None:
    place = {"lon": at(1.5, 1.5).x, "lat": at(1.5, 1.5).y, where: True}
    answer = as_person("bob").post(
        "/api/v1/reports",
        {"category": LITTER, **place},
        content_type="application/json",
        headers={"Accept-Language": "en"},
    )
    assert answer.status_code == 422
    assert answer.json()["detail"] == f"{where}: this must be a number, not true or false."
