"""Sheets and receipts as pages and as files; the files are opened again."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from grids import jobs
from grids.models import Job, Outbox
from maps.papers import files
from patrols.models import Photo, Report, Sheet
from patrols.transitions import transition
from tests.patrols.requesting import SECRETS, add_companies, wish
from tests.patrols.test_sheets import dispatched, made
from tests.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def media(settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


def add_photo(report: Report, kind: str) -> Photo:
    buffer = BytesIO()
    Image.new("RGB", (320, 240), "gray").save(buffer, "JPEG")
    name = default_storage.save(f"photos/{uuid4()}-small.jpg", ContentFile(buffer.getvalue()))
    return Photo.objects.create(
        district=report.district,
        report=report,
        kind=kind,
        sha256=uuid4().hex * 2,
        width=320,
        height=240,
        bytes=9,
        full=name,
        large=name,
        small=name,
        recorded_at=timezone.now(),
    )


def test_a_sheet_is_made_of_a_body_s_open_reports_and_opens_in_word(
    town: Town, as_person: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    one, two = dispatched(town), dispatched(town, 0.5)
    add_photo(one, "before")
    dora = as_person("dora")
    form = dora.get(f"/sheets/new/?body={town.squad.pk}")
    assert [row["on"] for row in form.context["rows"]] == [True, True]
    body = {"key": str(uuid4()), "body": town.squad.pk, "report": [one.pk, two.pk], "note": "请于本周内整改"}
    answer = dora.post("/sheets/new/", body)
    sheet = Sheet.objects.get()
    assert answer["Location"] == f"/sheets/{sheet.pk}/"
    with django_assert_max_num_queries(12):
        page = dora.get(answer["Location"]).content.decode()
    file = dora.get(f"/sheets/{sheet.pk}/sheet.docx")
    assert quote(f"问题交办单 {sheet.number}.docx") in file["Content-Disposition"]
    assert file["Content-Type"] == files.DOCX
    document = Document(BytesIO(file.content))
    [table, signatures] = document.tables
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells[0] == ["序号", "案件编号", "问题类别", "位置", "描述", "时限", "状态", "照片"]
    assert [row[1] for row in cells[1:]] == [one.number, two.number]
    assert cells[1][3] == "西巷 · 第5网格"
    assert "已派遣" in cells[1][6]
    for text in (sheet.number, "城管中队", "请于本周内整改"):
        assert text in page
        assert any(text in paragraph.text for paragraph in document.paragraphs)
    assert [cell.text.split("：")[0].split(":")[0] for cell in signatures.rows[0].cells] == [
        "交办单位（盖章）", "接收单位（盖章）", "日期",
    ]  # fmt: skip
    assert len(document.inline_shapes) == 1
    assert document.inline_shapes[0].width.cm == pytest.approx(3.2, abs=0.01)
    for style, font in (("Normal", "宋体"), ("Title", "黑体")):
        assert document.styles[style].element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert (document.sections[0].page_width or Cm(0)).cm == pytest.approx(29.7, abs=0.01)


def test_the_receipt_is_filled_in_by_the_body_and_printed_blank_too(town: Town, as_person: SignIn) -> None:
    report = dispatched(town)
    sheet, staff, dora = made(town, report), as_person("squad_member"), as_person("dora")
    add_photo(report, "after")
    address = f"/sheets/{sheet.pk}/receipt/"
    assert "words-1" in staff.get(address).content.decode()
    assert "words-1" not in dora.get(address).content.decode()
    line = f"/sheets/{sheet.pk}/lines/1/"
    today = timezone.localdate().isoformat()
    assert dora.post(line, {"words": "已劝离", "done_on": today}).status_code == 403
    assert staff.post(line, {"words": "", "done_on": today}).status_code == 422
    assert staff.post(f"/sheets/{sheet.pk}/lines/9/", {"words": "已劝离"}).status_code == 404
    assert staff.post(line, {"words": "已劝离", "done_on": today})["Location"] == f"{address}#line-1"
    assert Report.objects.get().state == "handled"
    filled = Document(BytesIO(dora.get(f"/sheets/{sheet.pk}/receipt.docx").content))
    blank = Document(BytesIO(dora.get(f"/sheets/{sheet.pk}/blank.docx").content))
    assert filled.tables[0].rows[1].cells[4].text == "已劝离"
    assert filled.tables[0].rows[1].cells[5].text
    assert len(filled.inline_shapes) == 1
    assert [cell.text for cell in blank.tables[0].rows[1].cells[4:]] == ["", "", ""]
    assert "已劝离" not in dora.get(f"{address}?blank").content.decode()
    assert dora.get(f"/sheets/{sheet.pk}/other.docx").status_code == 422


def test_no_contact_is_on_any_paper(town: Town, as_person: SignIn) -> None:
    companies = add_companies(town)
    report = wish(town)
    assert as_person("dora").get("/sheets/new/").context["bodies"] == []  # asked, but nobody has taken it
    transition(report.pk, "take", town.scope(companies.pei.username))
    dora = as_person("dora")
    assert companies.first in dora.get("/sheets/new/").context["bodies"]
    dora.post("/sheets/new/", {"key": str(uuid4()), "body": companies.first.pk, "report": [report.pk]})
    sheet = Sheet.objects.get()
    page = dora.get(f"/sheets/{sheet.pk}/").content.decode()
    document = Document(BytesIO(dora.get(f"/sheets/{sheet.pk}/sheet.docx").content))
    text = page + document.element.xml
    assert report.number in text
    assert not any(secret in text for secret in SECRETS)


def test_a_large_sheet_is_a_job_that_says_how_far_it_is(
    town: Town, as_person: SignIn, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR = tmp_path
    monkeypatch.setattr(files, "AT_ONCE", 1)
    sheet = made(town, dispatched(town), dispatched(town, 0.5))
    dora = as_person("dora")
    assert dora.get(f"/sheets/{sheet.pk}/sheet.docx").status_code == 422
    said: list[str] = []
    monkeypatch.setattr(jobs.Run, "step", lambda _run, text, _share: said.append(text))
    dora.post(f"/sheets/{sheet.pk}/files/", {"what": "sheet"})
    jobs.run(str(Outbox.objects.filter(topic=jobs.TOPIC).latest("pk").pk))
    job = Job.objects.get()
    assert job.state == "done", job.error
    assert len(said) == 2
    assert job.result
    got = dora.get(job.result["url"])
    document = Document(BytesIO(b"".join(got.streaming_content)))  # type: ignore[attr-defined]
    assert len(document.tables[0].rows) == 3
    assert as_person("paula").get(job.result["url"]).status_code == 404
    assert dora.post(f"/sheets/{sheet.pk}/files/", {"what": "x"}).status_code == 422


def test_others_see_no_sheet(town: Town, as_person: SignIn) -> None:
    sheet = made(town, dispatched(town))
    for who in ("alice", "charlie", "olaf"):
        client = as_person(who)
        for what in ("", "receipt/", "sheet.docx"):
            assert client.get(f"/sheets/{sheet.pk}/{what}").status_code == 404
        assert client.get("/sheets/").context["rows"] == []
    assert as_person("alice").get("/sheets/new/").status_code == 404
