"""Without a network: pages that open all the same, and an outbox that loses and doubles nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from grids.models import Grid
from patrols.models import Patrol, Photo, Report
from tests.browser.conftest import CHROMIUM, PASSWORD, PATIENCE_MS, PHONE
from tests.patrols import pictures

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

TABLES = ("outbox", "photos", "fixes", "kept")
KEPT = """async () => {
    const opening = indexedDB.open("gridwarden");
    const database = await new Promise((resolve) => { opening.onsuccess = () => resolve(opening.result); });
    const counts = {};
    for (const name of database.objectStoreNames) {
        const counting = database.transaction(name).objectStore(name).count();
        counts[name] = await new Promise((resolve) => { counting.onsuccess = () => resolve(counting.result); });
    }
    database.close();
    return counts;
}"""

ADDRESSES = """async () => {
    const kept = [];
    for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) kept.push(url.slice(location.origin.length));
    return kept;
}"""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    backend = "patrols.photos.durable.DurableFileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}}


class Phone:
    """A browser with a memory of its own, which a crash does not take."""

    def __init__(self, playwright: Any, site: str, memory: Path) -> None:
        self.playwright, self.site, self.memory = playwright, site, memory
        self.context: BrowserContext = self._start()

    def _start(self) -> BrowserContext:
        context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            str(self.memory),
            executable_path=CHROMIUM,
            args=["--no-sandbox"],
            viewport={"width": PHONE[0], "height": PHONE[1]},
            has_touch=True,
            locale="zh-CN",
            base_url=self.site,
        )
        context.set_default_timeout(PATIENCE_MS)
        return context

    def again(self) -> None:
        """Start the browser anew, with what it remembers."""
        self.context.close()
        self.context = self._start()

    def sign_in(self, who: str) -> Page:
        context = self.context
        context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": self.site}])
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return page

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(path)
        return page


@pytest.fixture
def phone(site: str, chromium: Browser, tmp_path: Path) -> Iterator[Phone]:
    """A phone that was never used; the browser of the module runs beside it, for the site needs its event loop."""
    playwright = chromium.browser_type
    made = Phone(type("Playwright", (), {"chromium": playwright}), site, tmp_path / "memory")
    yield made
    made.context.close()


def wait_until_kept(page: Page, path: str = "/my-grid/") -> None:
    """Wait until the page would open without a network."""
    here = """async (path) => {
        for (const name of await caches.keys())
            if (name.startsWith("gridwarden-page:") && (await (await caches.open(name)).match(path))) return true;
        return false;
    }"""
    for _attempt in range(300):
        if page.evaluate(here, path):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{path} was not kept")


def file_report(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "IMG_1.jpg"
    picture.write_bytes(pictures.photo(640, 480))
    page.click("#bar [data-file=report]")
    page.set_input_files("[data-photo=photos] input", str(picture))
    page.click('#filing-categories button[data-name="机动车乱停放"]')
    page.click("#filing-send")


def wake_for(page: Page, site: str, tag: str) -> None:
    """Have the browser wake its worker for what waits, which it does by itself at a moment that it chooses."""
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda seen: found.extend(one["registrationId"] for one in seen["registrations"] if not one["isDeleted"]),
    )
    devtools.send("ServiceWorker.enable")
    for _attempt in range(100):
        if found:
            break
        page.wait_for_timeout(50)
    wanted = {"origin": site, "registrationId": found[-1], "tag": tag, "lastChance": False}
    devtools.send("ServiceWorker.dispatchSyncEvent", wanted)


def reports() -> Any:
    return Report.objects.filter(reporter__username="leader", category__code="09009")


def kept(page: Page) -> dict[str, int]:
    counts: dict[str, int] = page.evaluate(KEPT)
    return counts


def sign_out(page: Page) -> None:
    page.click(".shell-toggle")
    page.click("form[data-sign-out] button")


def test_a_page_opens_without_a_network_and_says_how_old_it_is(phone: Phone) -> None:
    page = phone.sign_in("leader")
    wait_until_kept(page)
    words = page.get_attribute("script[src*=jsi18n]", "src")
    assert words in page.evaluate(ADDRESSES)
    phone.again()
    phone.context.set_offline(True)
    page = phone.open("/my-grid/")
    expect(page.locator("h1")).to_contain_text("件待办")
    expect(page.locator("[data-synced]")).to_contain_text("网络不通")
    page.wait_for_selector("#map canvas")
    home = phone.open("/")
    expect(home.locator("h1")).to_contain_text("件待办")


def test_a_report_of_a_page_that_dies_without_a_network_is_filed_once(phone: Phone, tmp_path: Path) -> None:
    page = phone.sign_in("leader")
    wait_until_kept(page)
    known = set(reports().values_list("pk", flat=True))
    pictures_before = Photo.objects.count()
    phone.context.set_offline(True)
    file_report(page, tmp_path)
    expect(page.locator("#outbox")).to_contain_text("2 条未发送")
    phone.again()
    phone.context.set_offline(True)
    page = phone.open("/my-grid/")
    expect(page.locator("#outbox")).to_contain_text("2 条未发送")
    page.click("#outbox button")
    expect(page.locator(".outbox-entry")).to_have_count(2)
    expect(page.locator(".outbox-entry").first).to_contain_text("机动车乱停放")
    page.keyboard.press("Escape")
    second = phone.open("/my-grid/")
    phone.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden(timeout=40_000)
    expect(second.locator("#outbox")).to_be_hidden(timeout=40_000)
    page.wait_for_timeout(1000)
    filed = reports().exclude(pk__in=known)
    assert [report.state for report in filed] == ["reported"]
    assert Photo.objects.count() == pictures_before + 1
    assert kept(page)["photos"] == 0


def test_an_answer_that_the_page_did_not_live_to_see_files_nothing_twice(phone: Phone, tmp_path: Path) -> None:
    page = phone.sign_in("leader")
    known = set(reports().values_list("pk", flat=True))
    # The server has it; the page is killed before it hears so.
    page.route("**/api/v1/reports", lambda route: (route.fetch(), route.abort()))
    file_report(page, tmp_path)
    expect(page.locator("#outbox")).to_contain_text("网络不通")
    assert reports().exclude(pk__in=known).count() == 1
    page.unroute_all(behavior="ignoreErrors")
    phone.again()
    page = phone.open("/my-grid/")
    nothing = dict.fromkeys(TABLES, 0)
    # A page that was just opened shows no outbox before it has looked into it.
    for _attempt in range(200):
        if kept(page) == nothing:
            break
        page.wait_for_timeout(200)
    assert kept(page) == nothing
    expect(page.locator("#outbox")).to_be_hidden()
    filed = reports().exclude(pk__in=known)
    assert filed.count() == 1
    assert Photo.objects.filter(report=filed.get()).count() == 1


def test_what_waits_goes_out_although_no_page_is_open(phone: Phone, tmp_path: Path) -> None:
    page = phone.sign_in("leader")
    wait_until_kept(page)
    known = set(reports().values_list("pk", flat=True))
    phone.context.set_offline(True)
    file_report(page, tmp_path)
    expect(page.locator("#outbox")).to_contain_text("网络不通")
    tag = f"gridwarden-outbox:{page.evaluate('document.body.dataset.person')}"
    elsewhere = phone.context.new_page()
    page.close()
    phone.context.set_offline(False)
    wake_for(elsewhere, phone.site, tag)
    for _attempt in range(200):
        if Photo.objects.filter(report__in=reports().exclude(pk__in=known)).exists():
            break
        elsewhere.wait_for_timeout(100)
    assert reports().exclude(pk__in=known).count() == 1
    page = phone.open("/my-grid/")
    expect(page.locator("#outbox")).to_be_hidden()
    assert kept(page)["outbox"] == 0


def test_signing_out_leaves_nothing_on_the_phone(phone: Phone) -> None:
    page = phone.sign_in("leader")
    wait_until_kept(page)
    page.evaluate("""() => new Promise((resolve) => {
        const opening = indexedDB.open("gridwarden");
        opening.onsuccess = () => {
            const writing = opening.result.transaction(["kept", "fixes"], "readwrite");
            writing.objectStore("kept").put({key: "bundle", person: "0"});
            writing.objectStore("fixes").put({patrol: "p", time: 1, person: "0"});
            writing.oncomplete = () => { opening.result.close(); resolve(); };
        };
    })""")
    sign_out(page)
    page.wait_for_url("**/accounts/login/**")
    assert kept(page) == dict.fromkeys(TABLES, 0)
    assert page.evaluate("caches.keys()") == ["gridwarden-files"]
    phone.context.set_offline(True)
    offline = phone.open("/my-grid/")
    expect(offline.locator("h1").first).to_have_text("没有网络")
    assert offline.locator("body").get_attribute("data-person") is None


def test_who_signs_in_after_another_whose_session_ended_finds_nothing_of_theirs(phone: Phone, tmp_path: Path) -> None:
    page = phone.sign_in("leader")
    wait_until_kept(page)
    phone.context.set_offline(True)
    file_report(page, tmp_path)
    expect(page.locator("#outbox")).to_contain_text("2 条未发送")
    page.close()
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    page = phone.open("/accounts/login/")
    expect(page.locator("#left-behind")).to_contain_text("2 条")
    page.close()
    page = phone.sign_in("volunteer")
    page.wait_for_function(
        """async () => (await caches.keys()).every((name) => !name.startsWith("gridwarden-page:1"))"""
    )
    page.wait_for_timeout(1000)
    assert kept(page) == dict.fromkeys(TABLES, 0)


def test_a_patrol_starts_and_reports_where_there_is_no_network(phone: Phone) -> None:
    page = phone.sign_in("volunteer")
    page.goto("/patrol/")
    wait_until_kept(page, "/patrol/")
    expect(page.locator("[data-panel=next] .row").first).to_be_visible()
    phone.again()
    phone.context.set_offline(True)
    page = phone.open("/patrol/")
    expect(page.locator("#synced")).to_contain_text("没有网络", timeout=40_000)
    expect(page.locator("[data-panel=next] .row").first).to_be_visible()
    page.wait_for_selector("#map canvas")
    page.click("#bar [data-does=begin]")
    expect(page.locator("#consent:visible, #begin:visible")).to_have_count(1)
    if page.locator("#consent").is_visible():
        page.click("#consent [data-step-does=agree]")
    page.click("#begin [type=submit]")
    expect(page.locator("#patrol")).to_have_attribute("data-step", "recording")
    page.click("#bar [data-does=report]")
    page.locator("#filing-categories button:visible").first.click()
    page.click("#filing-send")
    expect(page.locator("#outbox")).to_contain_text("条未发送")
    filed = Report.objects.filter(reporter__username="volunteer")
    walked = Patrol.objects.filter(person__username="volunteer", state="active")
    before = filed.count()
    assert not walked.exists()
    phone.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden(timeout=40_000)
    assert filed.count() == before + 1
    assert walked.count() == 1


def test_the_map_of_the_own_grid_is_there_without_a_network(phone: Phone) -> None:
    page = phone.sign_in("leader")
    wait_until_kept(page)
    tiles = "caches.open('gridwarden-tiles-own').then((cache) => cache.keys()).then((keys) => keys.map(({url}) => url))"
    page.wait_for_function(f"async () => (await {tiles}).length > 3")
    page.wait_for_timeout(1500)
    addresses = page.evaluate(tiles)
    assert any(address.endswith("/tiles/ground.json") for address in addresses)
    assert all("/tiles/ground" in address for address in addresses)
    assert 4 <= len(addresses) <= 301
    everything = page.evaluate("""async () => {
        const found = [];
        for (const name of await caches.keys())
            for (const {url} of await (await caches.open(name)).keys()) found.push(url);
        return found;
    }""")
    assert not [address for address in everything if "/api/" in address]
    assert Grid.objects.exists()
