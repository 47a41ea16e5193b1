"""Photos in a real browser: taken when filing, kept without a network, shown large, blurred by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from grids.models import Grid
from patrols.models import Photo, Report
from tests.browser.conftest import DESK, PHONE, Visits
from tests.patrols import pictures

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    backend = "patrols.photos.durable.DurableFileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}}


def patch() -> Grid:
    grid: Grid = Grid.objects.current().get(assignments__person__username="leader", assignments__role="owner")
    return grid


def picture_of(tmp_path: Path, name: str = "IMG_1.jpg", size: int = 800, **said: Any) -> str:
    path = tmp_path / name
    path.write_bytes(pictures.photo(size, size * 3 // 4, **said))
    return str(path)


def choose(page: Page, *paths: str) -> None:
    page.set_input_files("[data-photo=photos] input", list(paths))


def newest() -> Report:
    report = Report.objects.filter(reporter__username="leader").order_by("-recorded_at").first()
    assert report is not None
    return report


def report_with_photos(visits: Visits, count: int = 2) -> str:
    """File a report of the leader with photos over HTTP, as a phone would, and return its id."""
    context = visits.open("leader").context
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    point = patch().geom.point_on_surface
    body = {"category": "09009", "lon": point.x, "lat": point.y}
    headers = {"X-CSRFToken": token}
    answer = context.request.post("/api/v1/reports", data=body, headers=headers)
    assert answer.status == 201
    report = str(answer.json()["id"])
    for number in range(count):
        file = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": pictures.photo(400 + number, 300)}
        form: Any = {"photo": file, "kind": ("before", "after")[number % 2]}
        address = f"/api/v1/reports/{report}/photos"
        assert context.request.post(address, multipart=form, headers=headers).status == 201
    return report


def wait_until_drawn(page: Page, selector: str) -> None:
    """Wait for a picture's pixels; the content security policy forbids what Playwright would wait with."""
    for _attempt in range(100):
        if page.locator(selector).first.evaluate("image => image.naturalWidth > 0"):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{selector} shows nothing")


def test_photos_go_along_with_a_report(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("leader")
    page.click("#bar [data-file=report]")
    choose(page, picture_of(tmp_path), picture_of(tmp_path, "IMG_2.jpg", 600))
    expect(page.locator(".photo-chosen")).to_have_count(2)
    page.locator(".photo-remove").last.click()
    expect(page.locator(".photo-chosen")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.click('#filing-categories button[data-name="机动车乱停放"]')
    page.click("#filing-send")
    expect(page.locator(".toast")).to_contain_text("已上报")
    expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
    photos = Photo.objects.filter(report=newest())
    assert [(photo.kind, photo.width) for photo in photos] == [("before", 800)]


def test_a_picture_moves_the_pin_to_where_it_was_taken(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("leader")
    inside = patch().geom.point_on_surface
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-place")).not_to_have_value("")
    choose(page, picture_of(tmp_path, lat=inside.y + 0.0002, lon=inside.x + 0.0002))
    expect(page.locator("#filing-where")).to_contain_text("照片拍摄地点")
    page.click('#filing-categories button[data-name="机动车乱停放"]')
    page.click("#filing-send")
    expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
    expect(page.locator(".toast")).to_contain_text("已上报")
    report = newest()
    assert report.anchor.y == pytest.approx(inside.y + 0.0002, abs=1e-5)
    assert report.anchor.x == pytest.approx(inside.x + 0.0002, abs=1e-5)


def test_without_a_network_photos_are_kept_and_sent_once(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("leader")
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-place")).not_to_have_value("")
    page.context.set_offline(True)
    choose(page, picture_of(tmp_path, size=500))
    page.click('#filing-categories button[data-name="机动车乱停放"]')
    page.click("#filing-send")
    expect(page.locator("#outbox")).to_contain_text("2 条未发送")
    before = Photo.objects.count()
    page.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
    page.wait_for_timeout(500)
    assert Photo.objects.count() == before + 1
    assert Photo.objects.get(report=newest()).width == 500
    visits.forgive("ERR_INTERNET_DISCONNECTED")


def test_a_page_that_was_closed_sends_its_photos_the_next_time(visits: Visits, tmp_path: Path) -> None:
    page = visits.open("leader")
    page.route("**/photos", lambda route: route.abort())
    page.click("#bar [data-file=report]")
    expect(page.locator("#filing-place")).not_to_have_value("")
    choose(page, picture_of(tmp_path, size=520))
    page.click('#filing-categories button[data-name="机动车乱停放"]')
    page.click("#filing-send")
    expect(page.locator(".toast")).to_contain_text("已上报")
    expect(page.locator("#outbox")).to_contain_text("1 条未发送")
    report = newest()
    assert not Photo.objects.filter(report=report).exists()
    page.unroute("**/photos")
    page.goto(f"/reports/{report.pk}/")
    expect(page.locator(".photo-thumb")).to_have_count(1, timeout=20_000)
    visits.forgive("ERR_FAILED")


def test_what_is_no_picture_is_said(visits: Visits, tmp_path: Path) -> None:
    fake = tmp_path / "letter.jpg"
    fake.write_text("Dear Sir")
    report = report_with_photos(visits, 0)
    page = visits.open("leader", f"/reports/{report}/")
    choose(page, str(fake))
    expect(page.locator(".toast.bad")).to_contain_text("JPEG", timeout=20_000)
    visits.forgive("422")


def test_the_large_photo_is_stepped_through_with_keys(visits: Visits, violations: Callable[[Page], list[str]]) -> None:
    report = report_with_photos(visits, 2)
    page = visits.open("dispatcher", f"/reports/{report}/", DESK)
    expect(page.locator(".photo-thumb")).to_have_count(2)
    page.locator(".photo-thumb").first.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.lightbox")
    expect(dialog.locator(".lightbox-title")).to_contain_text("1")
    shown = dialog.locator("img").get_attribute("src")
    assert dialog.locator("img").get_attribute("alt")
    page.keyboard.press("ArrowRight")
    assert dialog.locator("img").get_attribute("src") != shown
    wait_until_drawn(page, ".lightbox img")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.evaluate("document.activeElement.className") == "photo-thumb"


def test_a_removed_photo_goes_after_the_time_to_undo(visits: Visits) -> None:
    report = report_with_photos(visits, 1)
    page = visits.open("dispatcher", f"/reports/{report}/", DESK)
    page.locator(".photo-thumb").click()
    page.locator(".lightbox-acts button").click()
    assert Photo.objects.shown().filter(report__pk=report).count() == 1
    expect(page.locator(".photo-thumb")).to_have_count(0, timeout=15_000)
    assert Photo.objects.shown().filter(report__pk=report).count() == 0


def test_the_board_shows_photos_beside_the_report(visits: Visits) -> None:
    report = report_with_photos(visits, 2)
    page = visits.open("dispatcher", f"/dispatch/?report={report}", DESK)
    expect(page.locator("#panel .photo-thumb")).to_have_count(2)
    wait_until_drawn(page, "#panel .photo-thumb img")


def test_boxes_are_drawn_by_hand_or_by_key_and_released(
    visits: Visits, violations: Callable[[Page], list[str]]
) -> None:
    report = report_with_photos(visits, 1)
    photo = Photo.objects.get(report__pk=report)
    page = visits.open("dispatcher", f"/photos/{photo.pk}/release/", DESK)
    wait_until_drawn(page, "#blur-stage img")
    frame = page.locator("#blur-stage").bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + frame["width"] * 0.1, frame["y"] + frame["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.3, frame["y"] + frame["height"] * 0.4, steps=4)
    page.mouse.up()
    expect(page.locator("button.blur-box")).to_have_count(1)
    page.click("#blur-add")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.locator("button.blur-box")).to_have_count(2)
    assert violations(page) == []
    page.click("#blur-release")
    expect(page.locator("#blur-result")).to_be_visible(timeout=20_000)
    photo.refresh_from_db()
    assert photo.public_at is not None
    assert len(photo.boxes) == 2
    assert photo.boxes[0] == pytest.approx([40, 30, 80, 90], abs=3)
    public = page.locator("#blur-public").get_attribute("src")
    visitor = visits.open(None, "/accounts/login/").context.request
    assert visitor.get(public or "").headers["content-type"] == "image/jpeg"
    assert visitor.get(f"/photos/{photo.pk}/full.jpg").status == 404
    page.click("#blur-back")
    expect(page.locator("#blur-result")).to_be_hidden()
    photo.refresh_from_db()
    assert photo.public_at is None


def test_a_photo_without_boxes_is_released_only_by_who_says_that_nothing_needs_one(visits: Visits) -> None:
    photo = Photo.objects.get(report__pk=report_with_photos(visits, 1))
    page = visits.open("dispatcher", f"/photos/{photo.pk}/release/", DESK)
    wait_until_drawn(page, "#blur-stage img")
    page.click("#blur-release")
    expect(page.locator(".toast.bad")).to_be_visible()
    expect(page.locator("#blur-nothing")).to_be_focused()
    photo.refresh_from_db()
    assert photo.public_at is None
    page.keyboard.press("Space")
    page.click("#blur-release")
    expect(page.locator("#blur-result")).to_be_visible(timeout=20_000)
    photo.refresh_from_db()
    assert photo.public_at is not None
    page.click("#blur-add")
    expect(page.locator("#blur-looked")).to_be_hidden()
    page.hover("button.blur-box")
    hovered = page.locator("button.blur-box").evaluate("box => getComputedStyle(box).backgroundColor")
    assert hovered.startswith("rgba(16, 18, 20")


def test_pages_with_photos_have_no_barriers(
    visits: Visits, violations: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    page = visits.open("leader")
    page.click("#bar [data-file=spot]")
    choose(page, picture_of(tmp_path))
    expect(page.locator(".photo-chosen select")).to_have_count(1)
    assert violations(page) == []
