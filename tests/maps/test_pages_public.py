"""What somebody without an account sees and does: the public map, its tiles, a report, and what became of it."""

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import asinh, pi, radians, tan
from pathlib import Path
from typing import Any

import pytest
from allauth.core import ratelimit
from django.contrib.gis.geos import LineString
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from grids.models import Street
from grids.search import index
from maps.pages import public_follow, public_report, public_search
from patrols import public_cells, public_effort
from patrols.duplicates import handle_of
from patrols.models import Follower, Patrol, Photo, PublicCell, PublicEffort, Report
from patrols.models.photos import PhotoKind
from patrols.photos import storage
from patrols.public import public_problems
from patrols.public_effort import last_week, share_of
from patrols.public_figures import communities, places
from patrols.transitions import Move, transition
from tests.maps.mvt import features
from tests.patrols.pictures import SECRET, photo
from tests.patrols.test_public import SOUTH, WEST, put
from tests.town import LITTER, NEAR, PARKING, Town, at

EAST = NEAR + "001"
SignIn = Callable[[str], Client]


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> None:
    """A storage of the test's own."""
    own = {"BACKEND": "patrols.photos.durable.DurableFileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def busy(town: Town) -> Town:
    """Five open problems and three closed ones in a cell, four in the next."""
    put(town, 5, description="words-of-somebody", reporter=town.bob)
    closed = timezone.now() - timedelta(hours=1)
    put(town, 5, state="closed", closed_at=closed, recorded_at=closed - timedelta(hours=30), category=town.parking)
    put(town, 4, east=1.5)
    public_cells.refresh()
    return town


def given(**more: Any) -> dict[str, Any]:
    spot = at(1.5, 1.5)
    filled = {"key": str(uuid.uuid4()), "category": LITTER, "lon": str(spot.x), "lat": str(spot.y), "words": "桶满了"}
    return filled | more


# --- the counts ---------------------------------------------------------------------------------------------------
def test_the_counts_say_what_is_a_public_place_and_follow_what_changes(busy: Town) -> None:
    rows = PublicCell.objects.order_by("column", "category").values_list("category__code", "open", "closed", "shown")
    assert list(rows) == [(LITTER, 5, 0, True), (PARKING, 0, 5, True), (LITTER, 4, 0, False)]
    assert public_cells.refresh() == 0
    put(busy, 1, east=1.2)
    assert public_cells.refresh() == 1
    Report.objects.update(state="rejected")
    public_cells.refresh()
    assert not PublicCell.objects.exists()


def test_the_months_and_the_hours_are_those_of_closing(busy: Town) -> None:
    found = communities()[EAST]
    assert (found.open, found.closed, found.hidden, found.hours) == (9, 5, 4, 30.0)
    this_month = timezone.localdate(timezone.now() - timedelta(hours=1)).month == timezone.localdate().month
    assert found.closed_month == (5 if this_month else 0)
    only = communities(EAST, [busy.parking.pk])[EAST]
    assert (only.open, only.closed) == (0, 5)
    assert communities("999999") == {}


def test_a_place_is_called_by_its_street_and_needs_five_closed_for_a_median(busy: Town) -> None:
    line = LineString((WEST, SOUTH + 0.0005), (WEST + 0.003, SOUTH + 0.0005), srid=4326)
    Street.objects.create(source_id="s1", name="西巷", kind="residential", geom=line)
    (row,) = places(EAST)
    assert (row.name, row.figures.open, row.figures.closed, row.figures.hours) == ("西巷", 5, 5, 30.0)
    Report.objects.filter(pk__in=Report.objects.filter(state="closed").values("pk")[:1]).update(state="rejected")
    public_cells.refresh()
    assert places(EAST)[0].figures.hours is None


# --- effort -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("people", "share"), [(4, None), (5, 35)])
def test_effort_is_told_from_five_people_on_and_in_steps(people: int, share: int | None) -> None:
    class Walked:
        metres, covered, recorded = 1000.0, 337.0, True

    assert share_of([Walked()], people) == share  # type: ignore[list-item]


def test_who_walked_is_counted_once_for_a_community_and_kept_nowhere(town: Town) -> None:
    week = last_week(date(2026, 12, 1))
    assert week == date(2026, 11, 23)
    assert last_week(date(2026, 11, 30)) == date(2026, 11, 16)
    started = timezone.make_aware(datetime(2026, 11, 24, 9))
    for person in (town.bob, town.bob, town.alice):
        Patrol.objects.create(
            district="150199", person=person, grid=town.grids[1], state="measured", started_at=started, ended_at=started
        )
    Patrol.objects.create(district="150199", person=town.dora, grid=town.grids[2], state="planned", started_at=started)
    assert public_effort._people(week) == {EAST: 2}
    assert public_effort.make(date(2026, 12, 1)) == 2
    assert public_effort.make(date(2026, 12, 1)) == 0
    assert set(PublicEffort.objects.values_list("share", flat=True)) == {None}


# --- the page and its tiles ---------------------------------------------------------------------------------------
def test_the_page_says_what_was_solved_and_names_nobody(
    busy: Town, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        answer = client.get(f"/public/?region={EAST}", headers={"accept-language": "en"})
    page = answer.content.decode()
    assert "9 being dealt with" in page
    assert "words-of-somebody" not in page
    assert "段禾" not in page
    assert "no-store" in answer["Cache-Control"]
    whole = client.get("/public/", headers={"accept-language": "en"}).content.decode()
    assert f"?region={EAST}" in whole


@pytest.mark.parametrize(
    ("query", "status"),
    [("region=999999", 404), ("category=99999", 422), ("category=9%00", 422), ("state=dispatched", 422), ("x=1", 200)],
)
def test_a_filter_that_cannot_be_is_refused_in_a_sentence(client: Client, town: Town, query: str, status: int) -> None:
    assert client.get(f"/public/?{query}").status_code == status


def test_an_empty_city_says_so(client: Client, town: Town) -> None:
    page = client.get(f"/public/?region={EAST}", headers={"accept-language": "en"}).content.decode()
    assert "Nothing is known here" in page


def tile(client: Client, query: str = "", z: int = 16, lon: float = WEST, lat: float = SOUTH) -> list[dict[str, Any]]:
    """Return the properties in the tile around the middle of a cell, by the formulas of EPSG:3857."""
    x = int((lon + 0.0005 + 180) / 360 * 2**z)
    y = int((1 - asinh(tan(radians(lat + 0.0005))) / pi) / 2 * 2**z)
    answer = client.get(f"/tiles/problems/{z}/{x}/{y}.mvt?{query}")
    assert answer["Cache-Control"].startswith("public")
    assert answer["ETag"]
    return [row.properties for row in features(answer.content).get("problems", [])] if answer.content else []


def test_the_tile_has_the_public_cell_alone_for_anybody(
    busy: Town, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = tile(client)
    assert found == [{"id": "1/111671/40821", "cells": 1, "open": 5, "closed": 5}]


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("state=open", [(5, 0)]),
        ("state=closed", [(0, 5)]),
        (f"category={PARKING}", [(0, 5)]),
        (f"category={PARKING}&state=open", []),
        ("category=99999", []),
    ],
)
def test_a_tile_is_filtered(busy: Town, client: Client, query: str, seen: list[tuple[int, int]]) -> None:
    assert [(row["open"], row["closed"]) for row in tile(client, query)] == seen


@pytest.mark.parametrize("query", ["state=dispatched", "state=closed,rejected", "since=2026-01-01", "source=hotline"])
def test_nothing_finer_can_be_asked_of_a_tile(client: Client, town: Town, query: str) -> None:
    assert client.get(f"/tiles/problems/10/1/1.mvt?{query}").status_code == 400


def test_cells_are_joined_from_afar_without_those_that_are_hidden(busy: Town, client: Client) -> None:
    put(busy, 5, east=-0.5)
    public_cells.refresh()
    (joined,) = tile(client, z=12)
    assert (joined["cells"], joined["open"], joined["closed"]) == (8, 10, 5)
    put(busy, 3, east=-1.5)
    public_cells.refresh()
    assert tile(client, z=12)[0]["open"] == 10


# --- searching and looking ----------------------------------------------------------------------------------------
def test_the_search_finds_the_ground_and_neither_checkpoints_nor_bodies(town: Town, client: Client) -> None:
    line = LineString((WEST, SOUTH), (WEST + 0.001, SOUTH), srid=4326)
    Street.objects.create(source_id="s1", name="西市巷", kind="residential", geom=line)
    index.reconcile()
    found = client.get("/public/places.json?q=西市").json()["results"]
    assert [row["name"] for row in found] == ["西市巷"]
    assert client.get("/public/places.json?q=城管中队").json()["results"] == []
    assert client.get("/public/places.json?q=").status_code == 422
    assert client.get("/public/places.json?q=a&near=x,y").status_code == 422


def test_what_is_known_nearby_is_told_by_age_and_state_once_it_was_taken_on(town: Town, client: Client) -> None:
    (one,) = put(town, description="words-of-somebody", state="in_progress")
    put(town, state="reported", accepted_by=None)
    spot = f"lon={one.anchor.x}&lat={one.anchor.y}"
    answer = client.get(f"/public/known.json?category={LITTER}&{spot}", headers={"accept-language": "en"})
    (row,) = answer.json()["results"]
    assert set(row) == {"category", "since", "state", "handle"}
    assert str(one.pk) not in answer.content.decode()
    assert row["state"] == "is being dealt with"
    far = client.get(f"/public/known.json?category={LITTER}&lon=111.679&lat=40.8219")
    assert far.json()["results"] == []
    assert client.get(f"/public/known.json?category=99999&{spot}").status_code == 422
    assert client.get(f"/public/known.json?category=%00&{spot}").status_code == 422
    assert client.get(f"/public/known.json?category={LITTER}&lon=nan&lat=1").status_code == 422


def test_what_is_known_nearby_tells_no_place_finer_than_its_cell(town: Town, client: Client) -> None:
    """From each edge of a cell the answer is the same, wherever in it the problem lies.

    +-----------+
    | x         |  x  the problem, o where it is asked for: 80 m and 100 m away
    |         o |
    |         o |
    +-----------+
    """
    put(town, east=0.05, north=0.95)
    asked = [(WEST + 0.00095, SOUTH + north / 1000) for north in (0.5, 0.1)]
    answers = [client.get(f"/public/known.json?category={LITTER}&lon={lon}&lat={lat}") for lon, lat in asked]
    assert [len(one.json()["results"]) for one in answers] == [1, 1]


@pytest.mark.parametrize("what", ["known.json?category=06010&lon=1&lat=1", "places.json?q=a", f"150199/{'X' * 16}/"])
def test_who_asks_too_often_waits(client: Client, town: Town, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(public_search, "count_this_minute", lambda _what: 1000)
    assert client.get(f"/public/{what}").status_code == 429


def test_only_wrong_numbers_count_against_who_guesses(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = put(town)
    monkeypatch.setattr(public_follow, "WRONG_A_MINUTE", -1)
    assert client.get(f"/public/150199/{'X' * 16}/").status_code == 429
    assert client.get(f"/public/number/?number={'X' * 16}").status_code == 429
    assert client.get(f"/public/150199/{one.public_number}/").status_code == 200


# --- reporting ----------------------------------------------------------------------------------------------------
def test_a_resident_reports_with_a_picture_and_the_dispatcher_sees_it(
    town: Town, client: Client, as_person: SignIn, media: None
) -> None:
    picture = SimpleUploadedFile("a.jpg", photo(), content_type="image/jpeg")
    sent = given()
    answer = client.post("/public/report/", {**sent, "photo": picture})
    report = Report.objects.get()
    assert answer["Location"] == f"/public/150199/{report.public_number}/?new"
    assert (report.source, report.state, report.reporter, report.grid) == ("resident", "reported", None, town.grids[5])
    kept = Photo.objects.get()
    assert (kept.kind, kept.public_at, kept.uploader) == ("before", None, None)
    assert SECRET.encode() not in storage.read(kept.full).read()
    assert client.get(f"/photos/{kept.pk}/small.jpg").status_code == 404
    assert str(report.pk) in as_person("dora").get("/api/v1/reports").content.decode()
    again = client.post("/public/report/", sent)
    assert again["Location"] == answer["Location"]
    assert Report.objects.count() == 1


def known_as(client: Client, report: Report) -> str:
    spot = f"lon={report.anchor.x}&lat={report.anchor.y}"
    (row,) = client.get(f"/public/known.json?category={LITTER}&{spot}").json()["results"]
    return str(row["handle"])


def test_who_says_that_it_is_a_known_one_files_nothing_and_follows_it_by_a_number(
    town: Town, client: Client, as_person: SignIn, media: None
) -> None:
    (one,) = put(town, description="words-of-somebody")
    sent = given(same=known_as(client, one), words="还在这里")
    picture = SimpleUploadedFile("a.jpg", photo(), content_type="image/jpeg")
    answer = client.post("/public/report/", {**sent, "photo": picture})
    assert client.post("/public/report/", sent)["Location"] == answer["Location"]
    follower = Follower.objects.get()
    assert answer["Location"] == f"/public/150199/{follower.public_number}/?new"
    assert Report.objects.get().further == 1
    assert Photo.objects.get().report == one
    shown = as_person("dora").get(f"/api/v1/reports/{one.pk}").json()
    assert shown["events"][0]["reason"] == "还在这里"
    followed = client.get(f"/public/number/?number={follower.public_number}", follow=True)
    page = followed.content.decode()
    assert "已受理" in page
    assert not re.search(f"words-of-somebody|还在这里|{one.public_number}", page)


def test_however_often_the_same_hand_says_so_a_place_does_not_become_public_by_it(town: Town, client: Client) -> None:
    (one,) = put(town)
    for _turn in range(5):
        assert client.post("/public/report/", given(same=known_as(client, one))).status_code == 302
    one.refresh_from_db()
    assert (one.further, one.unvouched) == (5, 5)
    public_cells.refresh()
    assert not PublicCell.objects.filter(shown=True).exists()
    assert not public_problems().exists()
    # Put together with an earlier one they are still no more than that.
    (earlier,) = put(town)
    Report.objects.filter(pk=one.pk).update(state="reported")
    transition(one.pk, "mark_duplicate", town.scope("dora"), Move(original=earlier.pk))
    earlier.refresh_from_db()
    assert (earlier.further, earlier.unvouched) == (6, 5)


def test_what_is_over_by_then_is_filed_and_what_is_no_handle_is_refused(town: Town, client: Client) -> None:
    (one,) = put(town)
    same = known_as(client, one)
    Report.objects.update(state="closed", closed_at=timezone.now())
    assert client.post("/public/report/", given(same=same)).status_code == 302
    assert (Report.objects.count(), Follower.objects.count()) == (2, 0)
    for wrong in ("x", handle_of(one, town.scope("dora"), timezone.now()), "é" * 300):
        assert client.post("/public/report/", given(same=wrong)).status_code == 422
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"category": ""}, "Say what it is about."),
        ({"category": "99999"}, "no category"),
        ({"lon": "", "lat": ""}, "Say where it is"),
        ({"lon": "0", "lat": "0"}, "outside of every community"),
        ({"lon": "x"}, ""),
        ({"words": "电话 13900001234"}, "Leave phone and identity numbers out"),
        ({"words": "长" * 501}, "At most 500 characters"),
        ({"website": "https://example.org"}, "by a program"),
        ({"key": "x"}, ""),
        ({"words": "a\x00b"}, ""),
    ],
)
def test_what_cannot_be_filed_is_refused_in_a_sentence_and_leaves_nothing(
    town: Town, client: Client, more: dict[str, str], words: str
) -> None:
    answer = client.post("/public/report/", given(**more), headers={"accept-language": "en"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Report.objects.exists()


def test_what_is_no_picture_is_refused_before_anything_is_filed(town: Town, client: Client) -> None:
    answer = client.post("/public/report/", {**given(), "photo": SimpleUploadedFile("a.jpg", b"no picture")})
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_a_form_that_is_too_large_is_refused_unread(town: Town, client: Client) -> None:
    answer = client.post("/public/report/", given(), headers={"content-length": str(1 << 30)})
    assert answer.status_code == 413


def test_without_a_script_the_place_is_found_by_its_name(town: Town, client: Client) -> None:
    for number, name in enumerate(("西巷", "西巷二条")):
        row = SOUTH + number / 1000
        Street.objects.create(
            source_id=name, name=name, kind="alley", geom=LineString((WEST, row), (WEST + 0.0005, row), srid=4326)
        )
    index.reconcile()
    sent = given(lon="", lat="", address="西巷二条")
    assert client.post("/public/report/", sent).status_code == 302
    several = client.post("/public/report/", given(lon="", lat="", address="西"))
    assert several.status_code == 422
    choice = re.findall(r'name="choice"\s+value="([^"]+)"', several.content.decode())
    assert len(choice) == 2
    assert client.post("/public/report/", given(lon="", lat="", address="西", choice=choice[0])).status_code == 302
    assert client.post("/public/report/", given(lon="", lat="", address="无此路")).status_code == 422


def test_a_report_needs_the_token_of_its_form(town: Town) -> None:
    assert Client(enforce_csrf_checks=True).post("/public/report/", given()).status_code == 403


def test_the_form_searches_no_oftener_than_the_map(client: Client, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_search, "SEARCHES_A_MINUTE", -1)
    assert client.post("/public/report/", given(lon="", lat="", address="西")).status_code == 429


def test_reports_are_limited_for_an_address_and_for_all_together(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_report, "REPORTS_A_MINUTE", -1)
    assert client.post("/public/report/", given()).status_code == 429
    monkeypatch.setattr(ratelimit, "consume", lambda *_a, **_k: None)
    assert client.post("/public/report/", given()).status_code == 429
    assert not Report.objects.exists()


# --- following ----------------------------------------------------------------------------------------------------
def page_of(client: Client, report: Report) -> str:
    answer = client.get(f"/public/150199/{report.public_number.lower()}/", headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_number_shows_every_step_and_nothing_else(town: Town, client: Client) -> None:
    client.post("/public/report/", given(words="words-of-somebody"))
    report = Report.objects.get()
    assert "Somebody looks at it first" in page_of(client, report)
    for who, verb, move, words in (
        ("dora", "accept", None, "Taken on."),
        ("dora", "dispatch", Move(holder=town.bob), "Somebody is dealing with it."),
        ("bob", "start", None, "Somebody is dealing with it."),
        ("bob", "handle", None, "being checked"),
        ("alice", "close", None, "Done."),
    ):
        transition(report.pk, verb, town.scope(who), move)
        page = page_of(client, report)
        assert words in page
        assert not re.search("words-of-somebody|段禾|Bob|Dora|第5网格", page)
    assert client.get(f"/public/number/?number={report.public_number}")["Location"].endswith("/")


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("该处已划定停车线", "该处已划定停车线"),
        ("请联系 13900001234", "Ask your community"),
        ("已告知段禾", "Ask your community"),
    ],
)
def test_a_refusal_is_told_in_words_fit_for_the_public(town: Town, client: Client, reason: str, shown: str) -> None:
    client.post("/public/report/", given())
    report = Report.objects.get()
    transition(report.pk, "reject", town.scope("dora"), Move(reason=reason))
    page = page_of(client, report)
    assert "It could not be taken on." in page
    assert shown in page


def test_of_a_colleagues_report_no_reason_is_told(town: Town, client: Client) -> None:
    (one,) = put(town, state="rejected", reporter=town.bob)
    assert "Ask your community" in page_of(client, one)


def test_a_duplicate_tells_how_far_the_original_is(town: Town, client: Client) -> None:
    (original,) = put(town, state="in_progress")
    (double,) = put(town, state="duplicate", duplicate_of=original)
    page = page_of(client, double)
    assert "together with an earlier one" in page
    assert "Somebody is dealing with it." in page
    assert original.public_number not in page


def test_of_the_result_only_released_pictures_are_shown(town: Town, client: Client) -> None:
    (one,) = put(town, state="closed", closed_at=timezone.now())
    row = {"district": "150199", "report": one, "width": 1, "height": 1, "bytes": 1, "full": "a", "large": "a"}
    row |= {"small": "a", "recorded_at": timezone.now()}
    public = {"public": "b", "public_small": "b", "public_at": timezone.now()}
    Photo.objects.create(sha256="1", kind=PhotoKind.AFTER, **row)
    Photo.objects.create(sha256="2", kind=PhotoKind.BEFORE, **row, **public)
    after = Photo.objects.create(sha256="3", kind=PhotoKind.AFTER, **row, **public)
    assert re.findall(r"/photos/([^/]+)/public_small.jpg", page_of(client, one)) == [str(after.pk)]


def test_a_number_that_is_none_and_a_tasks_are_not_found_and_a_request_has_its_own_page(
    town: Town, client: Client
) -> None:
    (wish,) = put(town, kind="request")
    assert client.get(f"/public/150199/{wish.public_number}/")["Location"].startswith("/follow/")
    for number in ("XXXX", "0" * 60):
        assert client.get(f"/public/150199/{number}/").status_code == 404
        assert client.get(f"/public/number/?number={number}").status_code == 404


def test_the_poster_leads_to_the_map_of_its_community(town: Town, client: Client) -> None:
    page = client.get(f"/public/poster/?region={EAST}").content.decode()
    assert f"/public/?region={EAST}" in page
    assert client.get("/public/poster/?region=1").status_code == 404
