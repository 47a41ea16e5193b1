"""Erasing, exporting and forgetting: what is somebody's goes, what happened stays, and the ledger knows."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.gis.geos import LineString, MultiLineString
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, models, transaction
from django.test import Client
from django.utils import timezone
from psycopg import sql

from grids.account_resets import issue as reset_start
from grids.invitations import Offer, accept, issue
from grids.looks import note
from grids.models import (
    ApiToken,
    Assignment,
    Device,
    Erasure,
    LookLog,
    Membership,
    Notification,
    Person,
    Region,
)
from grids.roles import Post
from maps.backup import contents
from maps.privacy import erasing, ledger, retention
from maps.privacy.exporting import OF_PATROLS
from maps.privacy.ledger import Entry
from patrols import partitions
from patrols.filing import Draft, file_report
from patrols.models import (
    Consent,
    Contact,
    Coverage,
    Event,
    Fix,
    LastPosition,
    Patrol,
    PrivatePlace,
    Report,
    Sight,
    Track,
    TrackFile,
)
from patrols.private_places import mark
from patrols.succession import Plan, plan_handover, preview
from tests.grids.list_town import take_in
from tests.town import DISTRICT, LITTER, NEAR, Town, at


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    """A state folder of the test's own."""
    settings.VAR = tmp_path
    return tmp_path


@pytest.fixture
def bob(town: Town) -> Person:
    """Bob with everything that can be known of a volunteer."""
    point = at(1.5, 1.5)
    file_report(Draft(category=LITTER, geom=point, anchor=point), town.scope("bob"))
    Person.objects.filter(pk=town.bob.pk).update(phone="13900000000", email="bob@example.cn", party_member=True)
    Consent.objects.create(person=town.bob, district="150199", version="1")
    patrol = Patrol.objects.create(
        district="150199",
        person=town.bob,
        grid=town.grids[5],
        state="active",
        started_at=timezone.now() - timedelta(hours=3),
    )
    Fix.objects.create(district="150199", taken_at=timezone.now(), person=town.bob, patrol=patrol, geom=point)
    device = Device.objects.create(person=town.bob, name="手机", protocol="osmand", secret_hash="d" * 64)
    now = timezone.now()
    waiting = {"district": "150199", "person": town.bob, "geom": point}
    Fix.objects.create(taken_at=now - timedelta(hours=1), device=device, **waiting)
    Fix.objects.create(taken_at=now - timedelta(hours=2), quarantine="future", **waiting)
    way = MultiLineString(LineString(at(1, 1).coords, at(2, 1).coords), srid=4326)
    Track.objects.create(patrol=patrol, district="150199", geom=way, measured_at=now)
    TrackFile.objects.create(patrol=patrol, sha256="f" * 64, points=0, untimed=2, shape=way)
    Sight.objects.create(patrol=patrol, district="150199", day=now.date(), checkpoint=town.checkpoint, told=True)
    Coverage.objects.create(district="150199", day=now.date(), checkpoint=town.checkpoint, told=True)
    LastPosition.objects.create(person=town.bob, patrol=patrol, district="150199", geom=point, taken_at=now)
    mark(town.bob, 111.6718, 40.8214, 100, "家")
    note(town.dora.pk, "dispatcher", LookLog.What.POSITION, [(town.bob.pk, patrol.pk)], now)
    ApiToken.objects.create(
        person=town.bob, name="令牌", secret_hash="e" * 64, expires_at=timezone.now() + timedelta(days=9)
    )
    Notification.objects.create(person=town.bob, key="k", verb="file", subject="一件事")
    Client().force_login(town.bob)
    return Person.objects.get(pk=town.bob.pk)


# -- erasing ------------------------------------------------------------------------------------------------------


def test_what_is_somebody_s_goes_and_what_happened_stays(bob: Person) -> None:
    call_command("erase_person", "bob", "--yes", stdout=io.StringIO())
    gone = Person.objects.get(pk=bob.pk)
    assert (gone.name, gone.email, gone.phone, gone.party_member) == (erasing.NAME, "", "", False)
    assert not gone.is_active
    assert not gone.has_usable_password()
    assert gone.tombstoned_at is not None
    for reference in erasing.references():
        if reference.own:
            assert not reference.model._base_manager.filter(**{reference.column.name: bob.pk}).exists()
    assert not Session.objects.exists()
    assert Report.objects.filter(reporter=gone).count() == Event.objects.filter(actor=gone).count() == 1
    assert Patrol.objects.filter(person=gone).count() == 1
    with pytest.raises(CommandError, match="nobody"):
        call_command("erase_person", "bob", "--yes", stdout=io.StringIO())


def test_of_patrols_only_that_they_were_stays_and_what_everybody_together_covered(bob: Person) -> None:
    erasing.erase(bob)
    for model in (Fix, Track, TrackFile, LastPosition, PrivatePlace, Device, Consent, LookLog):
        assert not model._base_manager.exists(), model
    assert Sight.objects.get().patrol is None
    assert Coverage.objects.count() == 1
    patrol = Patrol.objects.get()
    assert patrol.state == "measured"
    assert patrol.forgotten_at


def test_whatever_belongs_to_a_patrol_is_exported_and_forgotten() -> None:
    """A table that refers to a patrol and not to a person is named where both are done."""
    models_ = {model for model in apps.get_models() if not hasattr(model, "pgh_tracked_model")}
    of_person = {reference.model for reference in erasing.references()}
    of_patrols = {
        model
        for model in models_ - of_person
        for column in model._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and column.related_model is Patrol
    }
    assert of_patrols == set(OF_PATROLS)


def test_a_name_is_nowhere_in_the_database_any_more(bob: Person) -> None:
    bob.name = "段小禾"
    bob.save(update_fields=["name"])
    erasing.erase(bob)
    with connection.cursor() as cursor:
        for table in contents.tables():
            query = sql.SQL("select t::text from {} t where t::text ~ %s").format(sql.Identifier(table))
            cursor.execute(query, ["段小禾|bob@|1390000|\\mbob\\M"])
            assert cursor.fetchall() == [], table
        cursor.execute("select distinct name, name_en from grids_personevent where pgh_obj_id = %s", [bob.pk])
        assert cursor.fetchall() == [(erasing.NAME, erasing.NAME_EN)]


def test_others_were_told_of_somebody_without_a_name(town: Town, bob: Person) -> None:
    """Messages in other people's inboxes, why an account was reset, and lists that somebody brought in."""
    Person.objects.filter(pk=bob.pk).update(name="段小禾", quiet_from="22:00", quiet_until="07:00")
    bob.refresh_from_db()
    paula = town.scope("paula")
    _invitation, token = issue(paula, Offer(id=uuid4(), post=Post("steward", f"{NEAR}001"), days=7))
    accept(token, bob)
    reset_start(paula, bob, "段小禾丢了手机")
    Membership.objects.create(person=bob, role="planner", region=Region.objects.get(code=DISTRICT))
    reset_start(town.scope("bob"), town.alice, "手机丢了")
    plan = Plan(town.alice.pk, bob.pk, timezone.localdate() + timedelta(days=7), ("grids",))
    plan_handover(paula, plan, uuid4(), preview(paula, plan).fingerprint)
    headings = ("姓名", "用户名", "角色", "所属社区", "联系电话")
    take_in(town, [["段小禾", "bob", "志愿者", f"{NEAR}001", "13900000000"]], headings, kind="people")
    assert Notification.objects.exclude(person=bob).filter(subject__contains="段小禾").count() == 3
    erasing.erase(bob)
    with connection.cursor() as cursor:
        for table in contents.tables():
            query = sql.SQL("select t::text from {} t where t::text ~ %s").format(sql.Identifier(table))
            cursor.execute(query, ["段小禾|1390000|\\mbob\\M"])
            assert cursor.fetchall() == [], table
    told = Notification.objects.exclude(person=bob).filter(subject__contains=erasing.NAME)
    assert set(told.values_list("verb", flat=True)) == {"joined", "handover_planned", "account_reset"}
    gone = Person.objects.get(pk=bob.pk)
    assert (gone.quiet_from, gone.quiet_until) == (None, None)


def test_history_is_append_only_again_afterwards(bob: Person) -> None:
    erasing.erase(bob)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update grids_personevent set name = 'x'")


def test_roles_and_duties_end_today(town: Town, bob: Person) -> None:
    erasing.erase(bob)
    assert not Membership.objects.current().filter(person=bob).exists()
    assert not Assignment.objects.current().filter(person=bob).exists()
    assert Membership.objects.filter(person=bob).exists()
    yesterday = timezone.localdate() - timedelta(days=1)
    assert Assignment.objects.on(yesterday).filter(person=bob, grid=town.grids[5]).exists()
    assert Membership.objects.current().filter(person=town.alice).exists()


def test_only_the_user_name_typed_again_erases(bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("alice\n"))
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("erase_person", "bob", stdout=io.StringIO())
    assert Person.objects.get(pk=bob.pk).username == "bob"
    monkeypatch.setattr("sys.stdin", io.StringIO("bob\n"))
    call_command("erase_person", "bob", stdout=io.StringIO())
    assert Erasure.objects.get().person_id == bob.pk


def test_every_reference_says_whose_its_rows_are() -> None:
    """CASCADE means theirs, PROTECT means history; anything else would leave the question open."""
    known = (models.CASCADE, models.PROTECT)
    unclear = [r for r in erasing.references() if r.column.remote_field.on_delete not in known]
    assert [(r.model._meta.label, r.column.name) for r in unclear] == []


# -- the ledger ---------------------------------------------------------------------------------------------------


def test_the_ledger_has_each_erasure_once_and_no_name(bob: Person) -> None:
    entry = erasing.erase(bob)
    assert ledger.reconcile() == 1
    assert ledger.reconcile() == 0
    assert ledger.read(ledger.path()) == [entry]
    assert ledger.path().stat().st_mode & 0o777 == 0o600
    assert "bob" not in ledger.path().read_text()


def test_a_replay_erases_whoever_is_still_there_and_nobody_else(town: Town, bob: Person) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [
        Entry(bob.pk, bob.created_at, moment),
        Entry(town.alice.pk, moment, moment),  # another installation's, or the id was given anew
        Entry(999_999, moment, moment),
    ]
    assert erasing.replay(entries) == (1, 2)
    assert Person.objects.get(pk=town.alice.pk).username == "alice"
    assert Erasure.objects.get().erased_at == moment
    assert erasing.replay(entries) == (0, 2)


@pytest.mark.parametrize("line", ["not json", "{}", '{"person": 1, "created": "then", "erased": "now"}', "[]"])
def test_a_line_that_is_no_entry_is_named(var: Path, line: str) -> None:
    (var / "erasures.jsonl").write_text(line + "\n")
    with pytest.raises(ledger.UnreadableLedgerError, match="Line 1"):
        ledger.read(ledger.path())


# -- exporting ----------------------------------------------------------------------------------------------------


def test_an_export_has_everything_but_credentials(bob: Person, tmp_path: Path) -> None:
    path = tmp_path / "bob.zip"
    out = io.StringIO()
    call_command("export_person", "bob", str(path), stdout=out)
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    whole = "".join(texts.values())
    assert json.loads(texts["person.json"])["phone"] == "13900000000"
    [report] = json.loads(texts["patrols.Report.reporter.json"])
    assert report["anchor"]["type"] == "Point"
    fixes = json.loads(texts["patrols.Fix.person.json"])
    assert len(fixes) == 3
    assert fixes[0]["geom"]["coordinates"]
    for table in ("Track", "TrackFile", "Sight"):
        assert len(json.loads(texts[f"patrols.{table}.patrol__person.json"])) == 1
    [place] = json.loads(texts["patrols.PrivatePlace.person.json"])
    assert (place["lon"], place["radius"], place["name"]) == (111.6718, 100, "家")
    for table in ("patrols.LastPosition.person", "grids.LookLog.owner", "grids.Device.person", "patrols.Patrol.person"):
        assert len(json.loads(texts[f"{table}.json"])) == 1
    assert json.loads(texts["grids.Membership.person.json"])[0]["period"]["to"] is None
    assert "patrols.Consent.person.json" in texts
    assert "d" * 64 not in whole
    assert "e" * 64 not in whole
    assert "md5$" not in whole
    assert json.loads(texts["contents.json"])["rows"]["grids.Device.person"] == 1
    with pytest.raises(CommandError, match="nobody"):
        call_command("export_person", "nobody", str(path))


# -- forgetting ---------------------------------------------------------------------------------------------------


def test_what_is_past_its_term_goes_and_the_rest_stays(town: Town, bob: Person) -> None:
    now, today = timezone.now(), timezone.localdate()
    partitions.ensure(partitions.FIXES, now - timedelta(days=12))
    partitions.ensure(partitions.FIXES, now)
    old = {"district": "150199", "person": bob, "geom": at(1, 1)}
    Fix.objects.create(taken_at=now - timedelta(days=10), **old)
    Fix.objects.create(taken_at=now - timedelta(days=400), **old)  # in the default partition
    Fix.objects.create(taken_at=now - timedelta(days=6), **old)
    LookLog.objects.update(at=now - timedelta(days=185))
    Patrol.objects.update(state="measured", ended_at=now - timedelta(days=31), started_at=now - timedelta(days=32))
    report = Report.objects.get()
    Contact.objects.create(report=report, district=report.district, sealed=b"x", purge_on=today)
    Session.objects.create(session_key="ended", session_data="", expire_date=now - timedelta(days=1))
    out = io.StringIO()
    call_command("retention", stdout=out)
    assert sorted((now - fix.taken_at).days for fix in Fix.objects.all()) == [0, 0, 0, 6]
    for model in (LookLog, Track, TrackFile, LastPosition):
        assert not model._base_manager.exists(), model
    assert not Contact.objects.exists()
    assert not Session.objects.filter(session_key="ended").exists()
    assert retention.run()["days of raw positions"] == 0
    assert partitions.ensure(partitions.FIXES, now) == []


def test_the_clock_forgets_every_hour() -> None:
    from grids.clock import _tasks

    assert _tasks["retention"].every == timedelta(hours=1)
