"""One's own named filters of the list of reports."""

from typing import Any

import pytest

from maps.pages import saved_filters
from maps.privacy import erasing
from patrols.filing import Draft, file_report
from patrols.models import SavedFilter
from tests.town import LITTER, Town, at

ASKED = {"name": " 东片  超期 ", "state": "open", "late": "1"}


def test_a_filter_is_saved_shown_renamed_and_deleted(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    assert client.post("/reports/filters/", ASKED)["Location"] == "/reports/?state=open&late=1"
    saved = SavedFilter.objects.get()
    assert (saved.name, saved.query) == ("东片 超期", {"state": "open", "late": "1"})
    for filed in (False, True):  # it stands there with and without a report
        if filed:
            file_report(Draft(category=LITTER, geom=at(1.5, 1.5), anchor=at(1.5, 1.5)), town.scope("bob"))
        (shown,) = client.get("/reports/").context["saved"]
        assert (shown["name"], shown["url"], shown["current"]) == (saved.name, "/reports/?state=open&late=1", False)
    assert client.get("/reports/?late=1&state=open").context["saved"][0]["current"]
    address = f"/reports/filters/{saved.pk}/"
    assert client.post(address, {"name": "超期"}).status_code == 302
    assert "超期" in client.get("/reports/").content.decode()
    client.post(address, {"do": "delete"})
    assert client.get("/reports/").context["saved"] == []


def test_the_same_name_again_keeps_the_new_filters(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    client.post("/reports/filters/", ASKED)
    client.post("/reports/filters/", {**ASKED, "late": ""})
    assert SavedFilter.objects.get().query == {"state": "open"}
    client.post("/reports/filters/", {"name": "b", "state": "open"})
    other = SavedFilter.objects.get(name="b")
    assert client.post(f"/reports/filters/{other.pk}/", {"name": "东片 超期"}).status_code == 409


def test_it_is_ones_own(town: Town, as_person: Any) -> None:
    as_person("dora").post("/reports/filters/", ASKED)
    saved = SavedFilter.objects.get()
    assert as_person("paula").get("/reports/").context["saved"] == []
    assert as_person("paula").post(f"/reports/filters/{saved.pk}/", {"do": "delete"}).status_code == 404
    erasing.erase(town.dora)
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 41}, {"state": "nonsense"}, {"state": "", "late": ""}, {"name": "a\x00"}]
)
def test_a_wrong_wish_is_one_sentence(town: Town, as_person: Any, wrong: dict[str, str]) -> None:
    assert 400 <= as_person("dora").post("/reports/filters/", {**ASKED, **wrong}).status_code < 500
    assert not SavedFilter.objects.exists()


def test_there_are_only_so_many(town: Town, as_person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_filters, "MOST", 1)
    client = as_person("dora")
    assert client.post("/reports/filters/", ASKED).status_code == 302
    assert client.post("/reports/filters/", ASKED).status_code == 302
    assert client.post("/reports/filters/", {**ASKED, "name": "b"}).status_code == 409
