"""A task list out of a file: Excel and CSV fill the lines, and what is not understood is said."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from maps.pages.task_files import day_in
from patrols.models import Task
from tests.patrols.requesting import Companies, add_task_bodies
from tests.patrols.test_tasks import EAST
from tests.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture
def companies(town: Town) -> Companies:
    return add_task_bodies(town)


def send(client: Client, name: str, data: bytes) -> Any:
    body = {"community": EAST, "read": "1", "file": SimpleUploadedFile(name, data)}
    return client.post("/tasks/new/", body)


def workbook(rows: list[list[object]]) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_rows_fill_the_lines_and_nothing_is_made_before_they_are_sent(
    town: Town,
    companies: Companies,
    as_person: SignIn,
) -> None:
    today, dora = timezone.localdate(), as_person("dora")
    rows: list[list[object]] = [
        ["任务", "牵头单位", "责任单位", "日期", "办理天数", "频次"],
        ["清运", "城管中队", "甲物业、乙物业", f"{today:%Y年%m月%d日}", 3, ""],
        ["巡查", "城管中队", "甲物业；丙物业", "不定", 0, "每周"],
    ]
    page = send(dora, "清单.xlsx", workbook(rows))
    first, second = page.context["rows"]
    assert (first["title"], first["day"], first["days"]) == ("清运", today.isoformat(), "3")
    assert first["lead"] == str(town.squad.pk)
    assert first["responsible"] == [str(companies.first.pk), str(companies.second.pk)]
    assert (second["often"], second["day"], second["responsible"]) == ("weekly", "", [str(companies.first.pk)])
    unread = page.context["unread"]
    assert len(unread) == 2
    assert "丙物业" in unread[0]
    assert not Task.objects.exists()
    text = "title,lead,responsible,day\nSweep,Urban management squad,Company first," + today.isoformat()
    [line] = send(dora, "list.csv", text.encode()).context["rows"]
    form = {"community": EAST, "rows": "1", "list": "清单"} | {
        f"{name}-0": line[name] for name in ("title", "lead", "responsible", "day", "days", "often")
    }
    assert dora.post("/tasks/new/", {**form, "key-0": str(uuid4())}).status_code == 302
    assert Task.objects.get().title == "Sweep"


def test_what_is_no_list_is_refused_in_a_sentence(
    town: Town,
    companies: Companies,
    as_person: SignIn,
) -> None:
    dora = as_person("dora")
    many = "任务\n" + "清运\n" * 31
    for name, data in (("a.csv", b""), ("a.csv", "单位,日期\n甲,2026-01-01\n".encode()), ("a.csv", many.encode())):
        answer = send(dora, name, data)
        assert answer.status_code == 422, name
    assert dora.post("/tasks/new/", {"community": EAST, "read": "1"}).status_code == 422


@pytest.mark.parametrize("text", ["2026-11-19", "2026/11/19", "2026年11月19日", "2026.11.19"])
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert day_in(text) == date(2026, 11, 19)
    assert day_in("2026-13-40") is None
    assert day_in(None) is None
