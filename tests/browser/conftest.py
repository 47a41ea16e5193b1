"""A real Chromium against a real server with the demo city in it.

The city takes long to load, so it is loaded once and copied for each module; every test makes its own report and
looks for that one. Afterwards the database is an empty one again for whatever comes next.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from maps.demo import loading
from maps.management.commands.prepare import load_catalogue
from patrols import partitions
from tests.browser.copies import Copies, nobody_connected
from tests.once import once

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "demo"
PHONE, DESK = (360, 800), (1440, 900)
PATIENCE_MS = 15_000  # a busy machine is slow, and whoever waits for nothing still fails
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def copies(django_db_setup: None, django_db_blocker: DjangoDbBlocker, shared: Path) -> Copies:
    """Copies of the tests' database: the empty one, and the one with the demo city."""
    with django_db_blocker.unblock():
        kept = Copies()
        with once(shared, "city") as first:
            if first:
                kept.keep("empty")
                load_catalogue()
                partitions.make_ahead()
                loading.load(timezone.now(), PASSWORD)
                kept.keep("city")
    return kept


@pytest.fixture(scope="module")
def site(copies: Copies, django_db_blocker: DjangoDbBlocker, chromium: Browser) -> Iterator[str]:
    """The address of a server with the demo city; the browser, asked for first, closes last."""
    with django_db_blocker.unblock():
        copies.restore("city")
        server = LiveServer("127.0.0.1")
        try:
            yield server.url
        finally:
            server.stop()
            copies.restore("empty")


@pytest.fixture(scope="session")
def left(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let nobody be connected to the tests' database any more when it is dropped.

    The server answers each of a browser's connections in a thread, which ends when it hears that the browser has gone.
    """
    yield
    with django_db_blocker.unblock(), nobody_connected():
        pass


@pytest.fixture(scope="module")
def chromium(left: None, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One browser for all tests of a module, which may name another one as `BROWSER`."""
    # Playwright keeps an event loop in this thread, and Django would refuse to talk to the database beside one.
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        program = getattr(request.module, "BROWSER", CHROMIUM)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
    monkeypatch.undo()


@dataclass
class Visits:
    """Opens pages as somebody, and remembers what the browser complained of."""

    site: str
    browser: Browser
    sessions: dict[str, Any]
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        who: str | None,
        path: str = "/",
        size: tuple[int, int] = PHONE,
        language: str = "zh-hans",
        **options: Any,
    ) -> Page:
        """Return a page, signed in; a phone has touch. What a page asks for passes no service worker unless wanted."""
        if who and who not in self.sessions:
            self.sessions[who] = self._sign_in(who)
        context = self.browser.new_context(
            storage_state=self.sessions.get(who or ""),
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 900,
            timezone_id="Asia/Shanghai",
            base_url=self.site,
            **{"service_workers": "block", **options},
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "django_language", "value": language, "url": self.site}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        page.goto(path)
        return page

    def _sign_in(self, who: str) -> Any:
        """Return the cookies of somebody who signed in with the form."""
        context = self.browser.new_context(base_url=self.site, java_script_enabled=False)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        state = context.storage_state()
        context.close()
        return state

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def forgive(self, words: str) -> None:
        """Take complaints away that a test provoked."""
        self.complaints = [line for line in self.complaints if words not in line]


@pytest.fixture(scope="module")
def sessions(site: str) -> dict[str, Any]:
    """Who signed in on this server already."""
    return {}


@pytest.fixture
def visits(site: str, chromium: Browser, sessions: dict[str, Any]) -> Iterator[Visits]:
    """Opens pages; fails the test if a script failed or the content security policy was broken."""
    opened = Visits(site, chromium, sessions)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """A function that lets axe look at a page and returns what it found."""
    source = AXE.read_text(encoding="utf-8")

    def look(page: Page) -> list[str]:
        page.evaluate(source + ";0")
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{row['id']}: {row['nodes'][0]['html'][:120]}" for row in found["violations"]]

    return look


def until(page: Page, holds: Callable[[], bool]) -> bool:
    """Wait while the page goes on until something holds in the database; say whether it came to that."""
    for _turn in range(PATIENCE_MS // 100):
        if holds():
            return True
        page.wait_for_timeout(100)
    return holds()


def apart(work: Callable[[], Any]) -> Any:
    """Do something on a connection of its own, so that the server sees it at once; return what it gives."""

    def done() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()
