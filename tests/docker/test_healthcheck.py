"""The container's health check asks under a name the site answers to."""

import http.server
import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "docker/healthcheck.py"


@pytest.fixture
def healthcheck() -> ModuleType:
    spec = importlib.util.spec_from_file_location("healthcheck", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Site(http.server.BaseHTTPRequestHandler):
    """Answers /healthz, and only under its own name."""

    def do_GET(self) -> None:
        known = self.path == "/healthz" and self.headers["Host"] == "grid.example.cn"
        self.send_response(200 if known else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("allowed", "host"),
    [("", "localhost"), ("*", "localhost"), ("a.cn, b.cn", "a.cn"), (".example.cn", "example.cn")],
)
def test_the_name_is_the_first_allowed_one(
    healthcheck: ModuleType, monkeypatch: pytest.MonkeyPatch, allowed: str, host: str
) -> None:
    monkeypatch.setenv("GRIDWARDEN_ALLOWED_HOSTS", allowed)
    assert healthcheck.host() == host


@pytest.mark.parametrize(("allowed", "verdict"), [("grid.example.cn", True), ("other.example.cn", False)])
def test_only_a_good_answer_is_healthy(
    healthcheck: ModuleType, monkeypatch: pytest.MonkeyPatch, port: int, allowed: str, *, verdict: bool
) -> None:
    monkeypatch.setenv("GRIDWARDEN_ALLOWED_HOSTS", allowed)
    monkeypatch.setenv("PORT", str(port))
    assert healthcheck.healthy() is verdict


def test_silence_is_not_healthy(healthcheck: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    assert healthcheck.healthy() is False
