"""Assignment sheets: which reports stand on one, as they stood then; its number; and the body's answers."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from grids.problems import BadInput, Conflict, NotAllowed, NotFound
from patrols import sheets
from patrols.filing import Draft, file_report
from patrols.models import Report, Sheet, SheetItem
from patrols.transitions import Move, transition
from patrols.workflow import State
from tests.town import NEAR, PARKING, Town, at


def dispatched(town: Town, east: float = 1.5) -> Report:
    """Send the squad to cars in the way."""
    point = at(east, 1.5)
    report = file_report(Draft(category=PARKING, geom=point, anchor=point, place="西巷"), town.scope("bob"))
    transition(report.pk, "accept", town.scope("dora"))
    return transition(report.pk, "dispatch", town.scope("dora"), Move(holder=town.squad))


def made(town: Town, *reports: Report) -> Sheet:
    chosen = [report.pk for report in reports]
    return sheets.make(town.scope("dora"), uuid4(), town.squad, chosen, note=" 请于本周内整改 ", answer_by=None)


def test_it_keeps_the_state_that_each_report_was_in(town: Town) -> None:
    one, two = dispatched(town), dispatched(town, 0.5)
    transition(two.pk, "start", town.scope("squad_member"))
    sheet = made(town, one, two)
    assert (sheet.number, sheet.region_code, sheet.note) == (
        f"{timezone.localdate():%Y}-0001",
        f"{NEAR}001",
        "请于本周内整改",
    )
    transition(one.pk, "recall", town.scope("dora"), Move(reason="另派"))
    kept = list(sheet.items.order_by("position").values_list("report", "state"))
    assert kept == [(one.pk, "dispatched"), (two.pk, "in_progress")]
    with pytest.raises(BadInput):
        made(town, one)  # no longer this body's


def test_only_open_reports_of_the_body_within_the_maker_s_region(town: Town) -> None:
    report = dispatched(town)
    assert list(sheets.reports_for(town.squad, town.scope("dora"))) == [report]
    assert sheets.bodies_of(town.scope("dora")) == [town.squad]
    assert sheets.bodies_of(town.scope("olaf")) == []
    with pytest.raises(BadInput):
        sheets.make(town.scope("olaf"), uuid4(), town.squad, [report.pk], note="", answer_by=None)
    for who in ("alice", "squad_member"):
        with pytest.raises(NotAllowed):
            sheets.make(town.scope(who), uuid4(), town.squad, [report.pk], note="", answer_by=None)
    yesterday = timezone.localdate() - timedelta(days=1)
    for chosen, day in (([], None), ([report.pk], yesterday), ([uuid4()], None)):
        with pytest.raises(BadInput):
            sheets.make(town.scope("dora"), uuid4(), town.squad, chosen, note="", answer_by=day)
    assert not Sheet.objects.exists()


def test_whom_it_concerns_sees_it(town: Town) -> None:
    sheet = made(town, dispatched(town))
    for who in ("dora", "paula", "squad_member"):
        assert sheets.find(sheet.pk, town.scope(who)) == sheet
    for who in ("alice", "bob", "charlie", "olaf"):
        with pytest.raises(NotFound):
            sheets.find(sheet.pk, town.scope(who))


@pytest.mark.django_db(transaction=True)
def test_two_made_at_once_have_numbers_of_their_own(town: Town) -> None:
    report, start = dispatched(town), threading.Barrier(2)

    def make() -> None:
        try:
            start.wait()
            made(town, report)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Sheet.objects.values_list("serial", flat=True)) == [1, 2]


def test_the_body_s_answer_moves_the_report_on(town: Town) -> None:
    report = dispatched(town)
    sheet = made(town, report)
    item, staff, today = SheetItem.objects.get(), town.scope("squad_member"), timezone.localdate()
    with pytest.raises(NotAllowed):
        sheets.answer(item, town.scope("dora"), "已劝离", today)
    for words, day in ((" ", today), ("x" * 501, today), ("已劝离", today + timedelta(days=1))):
        with pytest.raises(BadInput):
            sheets.answer(item, staff, words, day)
    sheets.answer(item, staff, "已联系车主", None)
    assert Report.objects.get().state == State.DISPATCHED
    sheets.answer(item, staff, "已劝离", today)
    item.refresh_from_db()
    assert (item.words, item.done_on, item.answered_by) == ("已劝离", today, town.squad_member)
    assert Report.objects.get().state == State.HANDLED
    transition(report.pk, "close", town.scope("dora"))
    sheets.answer(item, staff, "已劝离，并划线", today)  # a correction moves nothing
    assert Report.objects.get().state == State.CLOSED
    assert sheets.find(sheet.pk, staff) == sheet


def test_the_database_holds_what_a_sheet_is(town: Town) -> None:
    sheet = made(town, dispatched(town))
    with pytest.raises(Conflict):
        sheets.make(
            town.scope("dora"), sheet.pk, town.squad, [SheetItem.objects.get().report_id], note="", answer_by=None
        )
    for wrong in ({"serial": 0}, {}):
        same = {"district": sheet.district, "region_code": NEAR, "year": sheet.year, "serial": sheet.serial}
        values: dict[str, Any] = same | wrong
        with pytest.raises(IntegrityError), transaction.atomic():
            Sheet.objects.create(organisation=town.squad, made_by=town.dora, made_at=timezone.now(), **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        SheetItem.objects.update(words="完成")  # by nobody
