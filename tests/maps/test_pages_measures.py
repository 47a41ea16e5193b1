"""The pages and the API of measures."""

from collections.abc import Callable

import pytest
from django.test import Client

from patrols.filing import Draft, file_report
from patrols.models import Measure, NoMeasure, Report
from tests.town import LITTER, Town, at

SignIn = Callable[[str], Client]


@pytest.fixture
def two(town: Town) -> list[Report]:
    point = at(1.5, 1.5)
    draft = Draft(category=LITTER, geom=point, anchor=point, place="北门")
    return [file_report(draft, town.scope("alice")) for _turn in range(2)]


def test_reports_are_chosen_and_a_measure_is_taken_for_them(as_person: SignIn, town: Town, two: list[Report]) -> None:
    paula = as_person("paula")
    page = paula.get("/measures/?state=reported")
    assert page.context["answers"] == {"total": 2, "measures": 0, "none": 0, "open": 2}
    chosen = [str(report.pk) for report in two]
    form = paula.post("/measures/new/", {"report": chosen})
    assert len(form.context["rows"]) == 2
    assert not Measure.objects.exists()
    wrong = paula.post("/measures/new/", {"report": chosen, "title": " ", "save": "1"})
    assert wrong.status_code == 422
    data = {"report": chosen, "title": "增设垃圾桶", "body": town.squad.pk, "due_on": "2027-01-31", "save": "1"}
    answer = paula.post("/measures/new/", data, follow=True)
    assert answer.redirect_chain
    assert "增设垃圾桶" in answer.content.decode()
    assert len(answer.context["rows"]) == 2
    address = answer.redirect_chain[-1][0]
    paula.post(address, {"state": "under_way"})
    assert Measure.objects.get().state == "under_way"
    assert "增设垃圾桶" in as_person("alice").get(f"/reports/{two[0].pk}/").content.decode()
    assert paula.get("/measures/").context["answers"]["open"] == 0


def test_of_the_chosen_it_is_said_that_no_measure_is_needed(as_person: SignIn, two: list[Report]) -> None:
    paula = as_person("paula")
    assert paula.post("/measures/none/", {"report": [str(two[0].pk)], "reason": ""}).status_code == 422
    paula.post("/measures/none/", {"report": [str(two[0].pk)], "reason": "个别现象"})
    assert list(NoMeasure.objects.values_list("report", flat=True)) == [two[0].pk]
    assert [row["id"] for row in paula.get("/measures/").context["rows"]] == [str(two[1].pk)]


def test_a_measure_joins_more_reports(as_person: SignIn, two: list[Report]) -> None:
    dora = as_person("dora")
    dora.post("/measures/new/", {"report": str(two[0].pk), "title": "增设垃圾桶", "save": "1"})
    known = str(Measure.objects.get().pk)
    dora.post("/measures/new/", {"report": str(two[1].pk), "measure": known, "save": "1"})
    assert Measure.objects.get().reports.count() == 2


def test_a_measure_is_changed_and_a_report_taken_out_on_its_page(as_person: SignIn, two: list[Report]) -> None:
    dora, chosen = as_person("dora"), [str(report.pk) for report in two]
    dora.post("/measures/new/", {"report": chosen, "title": "增设垃圾桶", "save": "1"})
    address = f"/measures/{Measure.objects.get().pk}/"
    dora.post(address, {"do": "change", "title": "增设大垃圾桶", "description": "两个", "due_on": "2027-01-31"})
    assert "增设大垃圾桶" in dora.get(address).content.decode()
    wrong = dora.post(address, {"do": "change", "title": "", "description": "三个"})
    assert (wrong.status_code, "三个" in wrong.content.decode()) == (422, True)
    assert dora.post(address, {"do": "unlink", "report": chosen[0], "reason": ""}).status_code == 422
    assert dora.post(address, {"do": "unlink", "reason": "误选"}).status_code == 422
    page = dora.post(address, {"do": "unlink", "report": chosen[0], "reason": "误选"}, follow=True)
    assert [row["id"] for row in page.context["rows"]] == [chosen[1]]
    assert dora.get("/measures/?state=reported").context["answers"]["open"] == 1
    assert "误选" in dora.get(f"/reports/{chosen[0]}/").content.decode()
    assert (
        dora.patch("/api/v1" + address[:-1], {"due_on": None}, content_type="application/json").json()["due_on"] is None
    )
    body = {"reports": [chosen[1]], "reason": "误选"}
    answer = dora.post(f"/api/v1{address}unlink", body, content_type="application/json").json()
    assert (answer["report_count"], answer["title"]) == (0, "增设大垃圾桶")


def test_the_api_makes_links_moves_and_lists(as_person: SignIn, two: list[Report]) -> None:
    dora = as_person("dora")
    kind = "application/json"
    body = {"title": "增设垃圾桶", "reports": [str(two[0].pk)]}
    made = dora.post("/api/v1/measures", body, content_type=kind, headers={"Idempotency-Key": "k1"})
    again = dora.post("/api/v1/measures", body, content_type=kind, headers={"Idempotency-Key": "k1"})
    assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
    one = f"/api/v1/measures/{made.json()['id']}"
    assert dora.post(f"{one}/reports", {"reports": [str(two[1].pk)]}, content_type=kind).json()["report_count"] == 2
    assert dora.post(f"{one}/state", {"state": "done"}, content_type=kind).json()["state"] == "done"
    assert [row["id"] for row in dora.get("/api/v1/measures").json()["results"]] == [made.json()["id"]]
    assert dora.get(one).json()["title"] == "增设垃圾桶"
    refused = dora.post("/api/v1/measures/none", {"reports": [str(two[0].pk)], "reason": "x"}, content_type=kind)
    assert refused.status_code == 409
    assert as_person("olaf").get(one).status_code == 404


@pytest.mark.parametrize("text", ["x", "1", "<script>"])
def test_what_is_no_report_is_refused_by_a_sentence(as_person: SignIn, text: str) -> None:
    assert as_person("dora").get(f"/measures/new/?report={text}").status_code == 422
