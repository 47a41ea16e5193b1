"""The list of reports as a file: the same rows, nobody's names or numbers, no formulas, and little memory."""

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone, translation

from grids.jobs import run as run_job
from grids.models import Job, Membership, Outbox
from maps.exports import report_table, tables
from maps.exports.columns import HIDDEN, headings
from maps.pages.report_exports import FiltersInput
from maps.privacy import erasing, own_export
from patrols.filing import Draft, file_report
from patrols.filters import ALLOWED
from patrols.models import Report
from patrols.transitions import Move, transition
from tests.town import LITTER, PARKING, Town, at

ZIP_START = b"PK"


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path


def file(town: Town, category: str = LITTER, east: float = 1.5, **more: Any) -> Report:
    point = at(east, 1.5)
    return file_report(Draft(category=category, geom=point, anchor=point, **more), town.scope("bob"))


def made(client: Client, **asked: Any) -> Job:
    answer = client.post("/api/v1/exports", asked, content_type="application/json")
    assert answer.status_code == 201, answer.content
    run_job(str(Outbox.objects.get(topic="jobs.run", done_at__isnull=True).pk))
    job = Job.objects.get(pk=UUID(answer.json()["id"]))
    assert job.state == "done", job.error
    return job


def table(client: Client, **filters: str) -> list[dict[str, str]]:
    job = made(client, form="csv", filters=filters)
    answer: Any = client.get(f"/reports/export/{job.pk}/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_says_late_as_the_list_does_and_takes_every_filter_of_it(town: Town, as_person: Any) -> None:
    soon, over = file(town), file(town, PARKING)
    Report.objects.filter(pk=over.pk).update(outside_due_at=timezone.now() - timedelta(hours=1))
    rows = {row["案件编号"]: row["超期"] for row in table(as_person("dora"))}
    assert rows == {soon.number: "否", over.number: "是"}
    assert [row["案件编号"] for row in table(as_person("dora"), late="1")] == [over.number]
    assert set(FiltersInput().fields) == set(ALLOWED)


def test_it_holds_what_the_list_shows_and_nothing_beyond(town: Town, as_person: Any) -> None:
    near, also, far = file(town), file(town, PARKING), file(town, east=9.5)
    rows = table(as_person("dora"))
    assert [row["案件编号"] for row in rows] == [also.number, near.number]
    assert far.number not in str(rows)
    assert [row["类别编码"] for row in table(as_person("dora"), category=PARKING)] == [PARKING]
    assert table(as_person("charlie"))[0]["案件编号"] == far.number


def test_names_are_for_dispatchers_and_numbers_for_nobody(town: Town, as_person: Any) -> None:
    report = file(town, place="13812345678 门口", description="call 138-1234-5678, 身份证 15010219900101123X, 3号楼")
    transition(report.pk, "accept", town.scope("dora"))
    transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.bob))
    (dispatchers,) = table(as_person("dora"))
    assert dispatchers["上报人"] == dispatchers["牵头单位"] == town.bob.name
    (planners,) = table(as_person("paula"))
    assert (planners["上报人"], planners["牵头单位"]) == ("", "")
    assert planners["位置"] == f"{HIDDEN} 门口"
    assert planners["描述"] == f"call {HIDDEN}, 身份证 {HIDDEN}, 3号楼"
    assert table(as_person("bob"))[0]["上报人"] == town.bob.name


def test_nothing_in_it_is_a_formula(town: Town, as_person: Any) -> None:
    file(town, place="=1+1")
    assert table(as_person("dora"))[0]["位置"] == "'=1+1"
    client = as_person("dora")
    job = made(client, form="xlsx")
    answer: Any = client.get(f"/api/v1/exports/{job.pk}/file")
    data = b"".join(answer.streaming_content)
    assert data.startswith(ZIP_START)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in sheet


def test_a_full_sheet_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    path = tmp_path / "t.xlsx"
    assert tables.write_xlsx(path, "R", ["a"], ([str(number)] for number in range(5))) == 5
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(f"xl/worksheets/sheet{number}.xml").decode().count("<row ") for number in (1, 2, 3)]
    assert sheets == [3, 3, 2]


def test_it_is_its_askers_alone_and_only_as_long_as_they_see_the_same(town: Town, as_person: Any) -> None:
    file(town)
    client = as_person("dora")
    job = made(client, form="csv")
    assert report_table.path_of(job).stat().st_mode & 0o777 == 0o600
    for address in (f"/reports/export/{job.pk}/", f"/api/v1/exports/{job.pk}/file"):
        assert client.get(address).status_code == 200
        assert as_person("paula").get(address).status_code == 404
    Membership.objects.filter(person=town.dora).delete()
    for address in (f"/reports/export/{job.pk}/", f"/api/v1/exports/{job.pk}/file"):
        assert client.get(address).status_code == 404


def test_a_wrong_wish_is_one_sentence(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    for wrong in ({"form": "pdf"}, {"form": "csv", "filters": {"state": "nonsense"}}, {}):
        answer = client.post("/api/v1/exports", wrong, content_type="application/json")
        assert 400 <= answer.status_code < 500
        assert answer.json()["detail"]
    assert client.post("/reports/export/", {"form": "pdf"}).status_code == 422
    assert not Job.objects.exists()


def test_the_pages_lead_from_the_list_to_the_file(town: Town, as_person: Any) -> None:
    client = as_person("dora")
    listed = client.get(f"/reports/?category={LITTER}").content.decode()
    form = listed.partition('action="/reports/export/"')[2].partition("</form>")[0]
    assert f'name="category" value="{LITTER}"' in form
    answer = client.post("/reports/export/", {"form": "xlsx", "category": LITTER})
    job = Job.objects.get()
    assert answer["Location"] == f"/reports/export/#job-{job.pk}"
    assert job.parameters == {"form": "xlsx", "filters": {"category": LITTER}}
    assert f'data-job="/api/v1/jobs/{job.pk}"' in client.get("/reports/export/").content.decode()


def test_an_erased_persons_files_go_at_once_and_everybodys_after_a_day(town: Town, as_person: Any) -> None:
    job = made(as_person("bob"), form="csv")
    erasing.erase(town.bob)
    assert not report_table.path_of(job).exists()
    (own_export.folder() / "left").mkdir()
    own_export.KEPT_S, kept = -1, own_export.KEPT_S
    try:
        assert own_export.forget_old() == 1
    finally:
        own_export.KEPT_S = kept


def test_every_column_has_a_heading_of_its_own() -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert len(set(headings())) == len(headings())
