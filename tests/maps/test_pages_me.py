"""My data: what is held is said, can be taken along and deleted, and nobody else ever sees it."""

import csv
import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.jobs import run as run_job
from grids.looks import KEPT, note, slot_of
from grids.models import Device, Job, LookLog, Outbox, Person
from maps.admin import administration
from maps.privacy import erasing, own_export
from patrols.intake.files import add_gpx
from patrols.models import Consent, Fix, Patrol, PrivatePlace, Track
from patrols.models.posts import Post, Shift, Turn
from tests.maps.mine import looked_at, text
from tests.patrols.test_measuring import coverage
from tests.patrols.test_ways import UNTIMED, walked
from tests.patrols.walks import begun, hours_ago
from tests.town import Town, at

MOST_QUERIES = 12
PAGES = ("", "looks/", "patrols/", "devices/", "places/", "record/", "export/")
GPX = "{http://www.topografix.com/GPX/1/1}"


@pytest.fixture
def bob(town: Town, as_person: Callable[[str], Client]) -> Client:
    """Bob's browser."""
    return looked_at(town, as_person)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_more_as_more_is_held(town: Town, bob: Client, path: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(bob, path)
        return len(captured)

    few = asked()
    for number in range(40):
        begin = hours_ago(24 * (number + 3))
        patrol = Patrol.objects.create(
            person=town.bob,
            district="150199",
            grid=town.grids[5],
            state="measured",
            started_at=begin,
            ended_at=begin + timedelta(minutes=30),
        )
        note(town.dora.pk, "dispatcher", LookLog.What.POSITION, [(town.bob.pk, patrol.pk)], begin)
    for number in range(3):
        Device.objects.create(person=town.bob, name="x", protocol="osmand", secret_hash=f"{number:064}")
    assert asked() <= few <= MOST_QUERIES


class TestOverview:
    def test_it_says_in_a_sentence_what_is_kept_and_who_looked(self, bob: Client) -> None:
        page = text(bob, "")
        assert "1 way of yours is kept, in the last 30 days somebody looked 1 time where you were" in page
        assert "to the text of version 2026-12" in page
        assert "保存着您的 1 条轨迹，近 30 天您的位置被查看 1 次" in text(bob, "", "zh-Hans")

    def test_the_text_that_is_agreed_to_is_shown_before_and_after(
        self, town: Town, as_person: Any, bob: Client
    ) -> None:
        terms = "Single positions seven days; your way thirty days"
        assert terms in text(bob, "")
        alice = as_person("alice")
        page = text(alice, "")
        assert terms in page
        assert "Nothing of where you walk is recorded." in page
        assert alice.post("/me/consent/", {"do": "give"}).status_code == 302
        assert Consent.objects.filter(person=town.alice, withdrawn_at__isnull=True).exists()

    def test_withdrawing_says_what_happens_and_does_it(self, town: Town, bob: Client) -> None:
        before = coverage()
        assert "This cannot be undone." in text(bob, "")
        bob.post("/me/consent/", {"do": "withdraw"})
        page = text(bob, "")
        assert "You withdrew your consent today" in page
        assert not Track.objects.exists()
        assert not Fix.objects.exists()
        assert coverage() == before

    def test_all_ways_are_deleted_and_the_coverage_stays(self, town: Town, bob: Client) -> None:
        before = coverage()
        answer = bob.post("/me/forget/", follow=True, headers={"Accept-Language": "en"})
        assert "The way of 1 patrol is deleted." in answer.content.decode()
        assert not Track.objects.exists()
        assert coverage() == before

    def test_a_patrol_under_way_is_ended_first(self, town: Town, bob: Client) -> None:
        begun(town.bob)
        assert bob.post("/me/forget/").status_code == 409

    def test_account_and_navigation_lead_there(self, bob: Client) -> None:
        page = bob.get("/account/").content.decode()
        assert page.count('href="/me/"') == 2


class TestLooks:
    def test_who_looked_in_which_role_and_when(self, town: Town, bob: Client) -> None:
        page = text(bob, "looks/")
        assert "Dora" in page
        assert "dispatcher" in page.lower()
        assert "looked at: position on patrol" in page

    def test_a_look_is_noted_once_a_quarter_and_not_of_oneself(self, town: Town) -> None:
        now = slot_of(timezone.now())
        patrol = begun(town.bob).pk
        seen = [(town.bob.pk, patrol), (town.dora.pk, patrol)]
        for minutes in (0, 7, 14, 15):
            note(town.dora.pk, "dispatcher", LookLog.What.POSITION, seen, now + timedelta(minutes=minutes))
        assert list(LookLog.objects.values_list("owner", flat=True)) == [town.bob.pk] * 2
        note(town.olaf.pk, "dispatcher", LookLog.What.POSITION, seen[:1], now)
        assert LookLog.objects.count() == 3

    def test_it_is_forgotten_after_half_a_year(self, town: Town, bob: Client) -> None:
        LookLog.objects.update(at=timezone.now() - KEPT + timedelta(hours=1))
        call_command("retention", stdout=io.StringIO())
        assert LookLog.objects.exists()
        LookLog.objects.update(at=timezone.now() - KEPT - timedelta(hours=1))
        call_command("retention", stdout=io.StringIO())
        assert not LookLog.objects.exists()
        assert "Nobody looked." in text(bob, "looks/")

    def test_pages_go_on_where_the_last_ended(self, town: Town, bob: Client) -> None:
        for number in range(40):
            moment = timezone.now() - timedelta(hours=number + 1)
            note(town.dora.pk, "dispatcher", LookLog.What.POSITION, [(town.bob.pk, None)], moment)
        first = text(bob, "looks/")
        older = re.search(r'href="/me/(looks/\?before=\d+)"', first)
        assert older
        second = text(bob, older[1])
        assert first.count('class="pill"') + second.count('class="pill"') == 41


class TestPatrols:
    def patrol(self) -> Patrol:
        return Patrol.objects.get(track__isnull=False)

    def test_a_patrol_shows_its_way_and_what_did_not_count(self, town: Town, bob: Client) -> None:
        patrol = self.patrol()
        assert patrol.started_at
        began = patrol.started_at.timestamp()
        Track.objects.update(reasons={"inaccurate": 3}, gaps=[[began, began + 600]])
        page = text(bob, f"patrols/{patrol.pk}/")
        assert "vaguer than 50 m" in page
        assert "3 positions" in page
        assert "10 min" in page
        data = json.loads(re.search(r'id="way-data" type="application/json">(.*?)</script>', page)[1])  # type: ignore[index]
        assert len(data["lines"][0]) == 8
        assert data["untimed"] == []

    def test_points_without_times_are_shown_apart(self, bob: Client) -> None:
        patrol = self.patrol()
        add_gpx(patrol, UNTIMED.encode(), "d" * 64)
        page = text(bob, f"patrols/{patrol.pk}/")
        assert "counted for nothing" in page

    def test_the_way_as_gpx_says_that_it_has_no_times(self, bob: Client) -> None:
        patrol = self.patrol()
        add_gpx(patrol, UNTIMED.encode(), "d" * 64)
        answer = bob.get(f"/me/patrols/{patrol.pk}/way.gpx", headers={"Accept-Language": "en"})
        assert answer["Content-Type"] == "application/gpx+xml"
        assert answer["Content-Disposition"].startswith('attachment; filename="patrol-20')
        check_gpx(answer.content)
        root = fromstring(answer.content)
        assert "without times" in (root.findtext(f"{GPX}metadata/{GPX}desc") or "")
        assert [len(track.findall(f".//{GPX}trkpt")) for track in root.findall(f"{GPX}trk")] == [8, 2]
        assert root.findall(f".//{GPX}trkpt/{GPX}time") == []
        assert bob.get(f"/api/v1/patrols/{patrol.pk}/gpx").content.count(b"<trkpt") == 10

    def test_a_way_is_deleted_and_stays_so(self, bob: Client) -> None:
        patrol, before = self.patrol(), coverage()
        bob.post(f"/me/patrols/{patrol.pk}/forget/")
        page = text(bob, f"patrols/{patrol.pk}/")
        assert "You deleted it today" in page
        assert "way-data" not in page
        assert bob.get(f"/me/patrols/{patrol.pk}/way.gpx").status_code == 404
        assert "way deleted" in text(bob, "patrols/")
        assert coverage() == before

    def test_nobody_else_has_it(self, town: Town, bob: Client, as_person: Any) -> None:
        patrol = self.patrol()
        for name in ("alice", "dora", "paula"):
            client = as_person(name)
            assert client.get(f"/me/patrols/{patrol.pk}/").status_code == 404
            assert client.get(f"/me/patrols/{patrol.pk}/way.gpx").status_code == 404
            assert client.post(f"/me/patrols/{patrol.pk}/forget/").status_code == 404
        assert Track.objects.count() == 1


def check_gpx(content: bytes) -> None:
    """Check what the schema of GPX 1.1 asks of our elements: root, order of children, types of attributes."""
    order = {
        "gpx": ["metadata", "wpt", "rte", "trk", "extensions"],
        "metadata": ["name", "desc", "author", "copyright", "link", "time", "keywords", "bounds", "extensions"],
        "trk": ["name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"],
        "trkseg": ["trkpt", "extensions"],
        "trkpt": ["ele", "time"],
    }
    root = fromstring(content)
    assert root.tag == f"{GPX}gpx"
    assert root.get("version") == "1.1"
    assert root.get("creator")
    for element in root.iter():
        name = element.tag.removeprefix(GPX)
        children = [child.tag.removeprefix(GPX) for child in element]
        if children:
            places = [order[name].index(child) for child in children]
            assert places == sorted(places), name
        if name == "trkpt":
            assert -90 <= float(element.attrib["lat"]) <= 90
            assert -180 <= float(element.attrib["lon"]) < 180
        if name == "time":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", element.text or ""), element.text


class TestPlaces:
    def test_a_place_is_marked_shown_to_its_owner_and_removed(self, town: Town, bob: Client, as_person: Any) -> None:
        home = at(1.0, 1.5)
        asked = {"lon": home.x, "lat": home.y, "radius": "50", "name": "家"}
        whole: Any = Track.objects.get().geom
        assert bob.post("/me/places/", asked).status_code == 302
        cut: Any = Track.objects.get().geom
        assert cut.length < whole.length * 0.6
        page = text(bob, "places/")
        assert "家" in page
        assert f"{home.x}" in page
        place = PrivatePlace.objects.get()
        for name in ("alice", "dora", "paula"):
            other = as_person(name)
            assert "家" not in text(other, "places/")
            assert other.post(f"/me/places/{place.pk}/forget/").status_code == 404
        assert bob.post(f"/me/places/{place.pk}/forget/").status_code == 302
        assert not PrivatePlace.objects.exists()

    @pytest.mark.parametrize("wrong", [{}, {"lon": "nan"}, {"lat": "91"}, {"radius": "9"}, {"name": "家" * 41}])
    def test_what_is_none_is_refused_with_a_sentence(self, town: Town, bob: Client, wrong: dict[str, str]) -> None:
        asked = {"lon": "111.67", "lat": "40.82", "radius": "150", **wrong} if wrong else {}
        answer = bob.post("/me/places/", asked)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
        assert not PrivatePlace.objects.exists()


class TestRecord:
    def test_a_year_adds_up_for_oneself(self, bob: Client) -> None:
        page = text(bob, "record/")
        assert "1 patrol" in page
        assert "0.0 hours" in page
        assert "1 report filed" in page
        assert "第5网格" in page or "grid" in page.lower()

    def test_the_table_opens_in_excel_and_runs_nothing(self, town: Town, bob: Client) -> None:
        town.grids[5].name = "=1+1"
        town.grids[5].save(update_fields=["name"])
        answer = bob.get("/me/record.csv", headers={"Accept-Language": "zh-Hans"})
        assert answer.content.startswith("\ufeff".encode())
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0][:4] == ["日期", "开始", "结束", "分钟"]
        # The walk was two hours ago, the report is of now: around midnight they have a day each.
        days = rows[1:]
        assert len(days) == len({row[0] for row in days}) <= 2
        assert days[0][4] == "'=1+1"
        assert [sum(int(row[column] or 0) for row in days) for column in (-2, -1)] == [1, 0]

    def test_nobody_else_is_in_it_and_it_ranks_nobody(self, town: Town, bob: Client, as_person: Any) -> None:
        assert "Nothing in this year." in text(as_person("alice"), "record/")
        assert as_person("paula").get("/me/record/?person=bob").content.count(b"record-table") == 0

    def test_a_turn_at_a_post_counts_where_somebody_was_there(self, town: Town, bob: Client) -> None:
        region, begin = town.grids[5].region, hours_ago(20)
        post = Post.objects.create(
            district="150199", region=region, name="北门", geom=at(1, 1), period=DateRange(date(2020, 1, 1), None)
        )
        for number, arrived in enumerate((begin, None)):
            start = begin + timedelta(hours=3 * number)
            shift = Shift.objects.create(
                district="150199",
                post=post,
                day=timezone.localdate(start),
                starts_at=start,
                ends_at=start + timedelta(hours=2),
            )
            Turn.objects.create(
                district="150199",
                shift=shift,
                person=town.bob,
                during=DateTimeTZRange(start, start + timedelta(hours=2)),
                arrived_at=arrived,
            )
        page = text(bob, f"record/?year={timezone.localdate(begin).year}")
        assert "1 turn at a post" in page
        assert "北门" in page
        assert "by their own word" in page


class TestExport:
    @pytest.fixture(autouse=True)
    def var(self, settings: Any, tmp_path: Path) -> None:
        settings.VAR = tmp_path

    def made(self, client: Client) -> Job:
        assert client.post("/api/v1/me/export").status_code == 201
        run_job(str(Outbox.objects.get(topic="jobs.run", done_at__isnull=True).pk))
        return Job.objects.get(kind=own_export.KIND)

    def test_everything_is_fetched_by_its_owner_alone(self, town: Town, bob: Client, as_person: Any) -> None:
        job = self.made(bob)
        assert job.state == "done", job.error
        address = f"/me/export/{job.pk}/"
        assert address in text(bob, "export/")
        answer: Any = bob.get(address)
        with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
            assert "patrols.Track.patrol__person.json" in archive.namelist()
            assert json.loads(archive.read("person.json"))["username"] == "bob"
        assert as_person("alice").get(address).status_code == 404
        assert own_export.path_of(job.pk).stat().st_mode & 0o777 == 0o600

    def test_one_at_a_time(self, bob: Client) -> None:
        assert bob.post("/api/v1/me/export").status_code == 201
        assert bob.post("/api/v1/me/export").status_code == 409

    def test_the_page_asks_who_one_is(self, bob: Client) -> None:
        assert "reauthenticate" in bob.post("/me/export/")["Location"]
        assert bob.post("/accounts/reauthenticate/", {"password": "a-long-password"}).status_code == 302
        assert bob.post("/me/export/")["Location"] == "/me/export/"
        assert Job.objects.filter(kind=own_export.KIND).count() == 1

    def test_a_day_later_it_is_gone(self, bob: Client) -> None:
        job = self.made(bob)
        path = own_export.path_of(job.pk)
        os.utime(path, (0, 0))
        assert own_export.forget_old() == 1
        assert bob.get(f"/me/export/{job.pk}/").status_code == 404
        assert "removed after 24 hours" in text(bob, "export/")

    def test_an_erased_persons_file_goes_at_once(self, town: Town, bob: Client) -> None:
        job = self.made(bob)
        erasing.erase(town.bob)
        assert not own_export.path_of(job.pk).exists()


def test_the_administration_knows_neither_ways_nor_private_places(town: Town) -> None:
    """Not even a superuser reads them there: no page lists or shows them."""
    forbidden = {Track, Fix, PrivatePlace, LookLog, Patrol, Consent, Device}
    assert not forbidden & set(administration._registry)
    assert not forbidden & set(admin.site._registry)
    inlines = {inline.model for shown in administration._registry.values() for inline in shown.inlines}
    assert not forbidden & inlines
    boss = Person.objects.create_superuser("boss", "a-long-password", name="boss")
    client = Client()
    client.force_login(boss)
    patrol = walked(town)
    for name in ("track", "privateplace", "fix", "lastposition", "patrol", "consent"):
        assert client.get(f"/admin/patrols/{name}/").status_code == 404
    assert client.get(f"/api/v1/patrols/{patrol.pk}/track").status_code == 404
    assert client.get(f"/me/patrols/{patrol.pk}/").status_code == 404


def test_consent_and_pairing_need_a_role(town: Town) -> None:
    stranger = Person.objects.create_user("stranger", "a-long-password", name="stranger")
    client = Client()
    client.force_login(stranger)
    assert client.post("/me/consent/", {"do": "give"}).status_code == 403
    assert "no role at present" in text(client, "")
