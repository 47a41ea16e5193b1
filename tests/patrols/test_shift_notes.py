"""The change of a dispatcher's shift: what stands open is written down, and the next one takes it over once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from grids.models import Membership, Person, Region
from grids.problems import Conflict, NotAllowed, NotFound
from patrols.filing import Draft, file_report
from patrols.models import Report, ShiftNote
from patrols.shift_notes import acknowledge, note_of, notes_for, write
from tests.town import LITTER, NEAR, Town, at

DAY = timedelta(days=1)


def file(town: Town, **changes: Any) -> Report:
    point = at(1.5, 1.5)
    report = file_report(Draft(category=LITTER, geom=point, anchor=point, place="西市场"), town.scope("bob"))
    Report.objects.filter(pk=report.pk).update(**changes)
    return report


def second_dispatcher(town: Town) -> Client:
    person = Person.objects.create_user("dan", "a-long-password", name="唐安")
    period = Membership.objects.get(person=town.dora).period
    Membership.objects.create(person=person, role="dispatcher", region=Region.objects.get(code=NEAR), period=period)
    client = Client()
    client.force_login(person)
    return client


def test_a_note_says_what_was_open_late_and_parked_then(town: Town) -> None:
    file(town)
    late = file(town, dispatch_due_at=timezone.now() - DAY)
    parked = file(town, state="on_hold", came_from="accepted", hold_until=timezone.localdate() + DAY)
    file(town, state="closed")
    note = write("  夜里多看西市场  ", town.scope("dora"))
    assert note.figures == {"open": 3, "waiting": 2, "sent_back": 0, "late": 1, "parked": 1}
    assert {case["number"] for case in note.cases} == {late.number, parked.number}
    Report.objects.all().update(state="closed")
    again = ShiftNote.objects.get(pk=note.pk)
    assert (again.figures["open"], again.words) == (3, "夜里多看西市场")


def test_the_next_one_takes_it_over_once_and_not_who_wrote_it(town: Town) -> None:
    second_dispatcher(town)
    note = write("", town.scope("dora"))
    with pytest.raises(NotAllowed):
        acknowledge(note.pk, town.scope("dora"))
    assert [row.pk for row in notes_for(town.scope("dan"), waiting=True)] == [note.pk]
    assert str(acknowledge(note.pk, town.scope("dan")).acknowledged_by) == "唐安"
    assert notes_for(town.scope("dan"), waiting=True) == []
    with pytest.raises(Conflict):
        acknowledge(note.pk, town.scope("dan"))


def test_it_is_nobody_else_s(town: Town) -> None:
    note = write("", town.scope("dora"))
    for who in ("olaf", "bob", "paula"):
        assert notes_for(town.scope(who)) == []
        with pytest.raises(NotFound):
            note_of(note.pk, town.scope(who))
    with pytest.raises(NotAllowed):
        write("", town.scope("bob"))


def test_the_board_shows_it_until_it_is_taken_over(town: Town, as_person: Any) -> None:
    dan = second_dispatcher(town)
    file(town, dispatch_due_at=timezone.now() - DAY)
    written = as_person("dora").post("/dispatch/notes/", {"words": "井盖还没人去"})
    assert written.status_code == 302
    assert "井盖还没人去" in as_person("dora").get(written["Location"]).content.decode()
    assert "井盖还没人去" in dan.get("/dispatch/").content.decode()
    note = ShiftNote.objects.get()
    assert dan.post(f"/dispatch/notes/{note.pk}/take/", {"back": "board"})["Location"] == "/dispatch/"
    assert "井盖还没人去" not in dan.get("/dispatch/").content.decode()
    page = dan.get("/dispatch/notes/").content.decode()
    assert "井盖还没人去" in page
    assert "唐安" in page
    far = as_person("olaf").get(f"/dispatch/notes/{note.pk}/")
    assert far.status_code == 404
