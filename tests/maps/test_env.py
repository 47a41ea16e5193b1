"""Settings from the environment: every wrong value is named in a sentence, all of them at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from maps.site.env import Env

ROOT = Path(__file__).resolve().parents[2]


def problems(name: str, value: str, method: str, *arguments: object) -> list[str]:
    env = Env({name: value})
    getattr(env, method)(name, *arguments)
    return env.problems


@pytest.mark.parametrize(
    ("value", "method", "arguments"),
    [
        ("staging", "choice", (("demo", "production"), "demo")),
        ("maybe", "flag", ()),
        ("80.5", "integer", (8000, 1, 65535)),
        ("70000", "integer", (8000, 1, 65535)),
        ("-1", "integer", (8000, 1, 65535)),
        ("grid.example.cn", "origin", ("http://localhost",)),
        ("https://grid.example.cn/path", "origin", ("http://localhost",)),
        ("https://[::1", "origin", ("http://localhost",)),
        ("https://grid.example.cn#part", "origin", ("http://localhost",)),
        ("https://somebody@grid.example.cn", "origin", ("http://localhost",)),
        ("9" * 5000, "integer", (8000, 1, 65535)),
        ("８０８０", "integer", (8000, 1, 65535)),
        ("postgresql://gridwarden@db", "database", ("dbname=x",)),
        ("redis://[::1", "redis", ("redis://127.0.0.1",)),
        ("redis://127.0.0.1:port/0", "redis", ("redis://127.0.0.1",)),
        ("redis://", "redis", ("redis://127.0.0.1",)),
        ("mail.example.cn", "mail", ()),
        ("http://sms.example.cn/send", "template", ()),
        ("https://{phone}.example.cn/", "template", ()),
        ("https://user@sms.example.cn/", "template", ()),
        ("http://mail.example.cn", "mail", ()),
        ("smtps://mail.example.cn:port", "mail", ()),
        ("unix://", "redis", ("redis://127.0.0.1",)),
        ("https://[tiles/{z}/{x}/{y}.png", "tile_origins", ()),
        ("host='", "database", ("dbname=x",)),
        ("postgresql://h:port/x", "database", ("dbname=x",)),
        ("http://127.0.0.1", "redis", ("redis://127.0.0.1",)),
        ("Mars/Olympus", "time_zone", ("Asia/Shanghai",)),
        ("../../etc/passwd", "time_zone", ("Asia/Shanghai",)),
        ("https://tiles.example.cn/", "tile_origins", ()),
        ("/srv/media", "media", (Path("/m"), "", "")),
        ("file://host/srv", "media", (Path("/m"), "", "")),
        ("s3://", "media", (Path("/m"), "", "")),
        ("s3://bucket?colour=red", "media", (Path("/m"), "", "")),
        ("s3://bucket?endpoint=s3.example.cn", "media", (Path("/m"), "", "")),
        ("s3://bucket?endpoint", "media", (Path("/m"), "", "")),
        ("s3://bucket?addressing=sideways", "media", (Path("/m"), "", "")),
        ("s3://[bucket", "media", (Path("/m"), "", "")),
    ],
)
def test_a_wrong_value_is_named_with_what_to_set(value: str, method: str, arguments: tuple[object, ...]) -> None:
    found = problems("NAME", value, method, *arguments)
    assert len(found) == 1
    assert found[0].startswith("NAME")
    assert found[0].endswith(".")
    assert ":" in found[0]


def test_right_values_are_read() -> None:
    env = Env(
        {
            "FLAG": "On",
            "PORT": "8001",
            "DB": "postgresql://warden@db.example/gridwarden?sslmode=require",
            "WORDS": "a, b,,c ",
            "TILES": "https://{s}.tiles.example.cn/{z}/{x}/{y}.png",
        }
    )
    assert env.flag("FLAG") is True
    assert env.integer("PORT", 1, 1, 65535) == 8001
    assert env.database("DB", "") == {
        "NAME": "gridwarden",
        "USER": "warden",
        "HOST": "db.example",
        "OPTIONS": {"sslmode": "require"},
    }
    assert env.words("WORDS") == ["a", "b", "c"]
    assert env.tile_origins("TILES") == ["https://*.tiles.example.cn"]
    env.finish()


def test_every_mistake_is_told_at_once() -> None:
    env = Env({"A": "x", "B": "y"})
    env.flag("A")
    env.flag("B")
    with pytest.raises(ImproperlyConfigured, match=r"A is “x”(.|\n)*B is “y”"):
        env.finish()


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return python(str(ROOT / "manage.py"), *arguments, **environment)


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GRIDWARDEN", "PORT", "DJANGO"))}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env={**clean, **environment}, capture_output=True, text=True, check=False, cwd=ROOT)


def test_a_start_with_wrong_settings_ends_with_their_sentences() -> None:
    done = manage("check", GRIDWARDEN_MODE="production", PORT="x", GRIDWARDEN_TIME_ZONE="Mars")
    assert done.returncode != 0
    for name in ("PORT is “x”", "GRIDWARDEN_TIME_ZONE is “Mars”", "GRIDWARDEN_SECRET_KEY is not set", "ALLOWED_HOSTS"):
        assert name in done.stderr


PRODUCTION = {
    "GRIDWARDEN_MODE": "production",
    "GRIDWARDEN_SECRET_KEY": "k7-Qm2" * 12,
    "GRIDWARDEN_ALLOWED_HOSTS": "grid.example.cn",
    "GRIDWARDEN_BASE_URL": "https://grid.example.cn",
    "GRIDWARDEN_DATABASE_URL": "postgresql://warden@db.example/gridwarden",
    "GRIDWARDEN_REDIS_URL": "redis://redis.example/0",
}


# A start takes seconds: each asks all that is to be known of the same settings.
ASKED = """
import json
import sys
from io import StringIO

import django
from django.core.management import call_command
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory

django.setup()

from allauth.account.adapter import get_adapter

from grids.heavy import HEAVY

said, requests = StringIO(), RequestFactory()
call_command("check", deploy=True, fail_level="WARNING", stdout=said)
secure = requests.get("/", secure=True, headers={"X-Forwarded-Proto": "https"})
claims = [
    requests.get("/", headers={"X-Forwarded-For": claimed}, REMOTE_ADDR="172.18.0.5")
    for claimed in ("203.0.113.1", "198.51.100.9, 203.0.113.2")
]
told = {
    "check": said.getvalue(),
    "header": SecurityMiddleware(lambda _request: HttpResponse())(secure)["Strict-Transport-Security"],
    "clients": [get_adapter().get_client_ip(request) for request in claims],
    "loaded": sorted(sys.modules.keys() & set(HEAVY)),
}
print(json.dumps(told))
"""


@pytest.mark.parametrize(
    ("subdomains", "header", "proxies", "clients"),
    [
        ("0", "max-age=31536000", "0", ["172.18.0.5", "172.18.0.5"]),
        ("1", "max-age=31536000; includeSubDomains; preload", "1", ["203.0.113.1", "203.0.113.2"]),
    ],
)
def test_a_production_of_either_kind(
    subdomains: str, header: str, proxies: str, clients: list[str], subtests: pytest.Subtests
) -> None:
    given = {
        **PRODUCTION,
        "DJANGO_SETTINGS_MODULE": "maps.site.settings",
        "GRIDWARDEN_HSTS_SUBDOMAINS": subdomains,
        "GRIDWARDEN_TRUSTED_PROXIES": proxies,
    }
    done = python("-c", ASKED, **given)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with subtests.test("it passes the deployment checks"):
        assert "no issues" in told["check"]
    with subtests.test("names below are bound to HTTPS only when asked"):
        assert told["header"] == header
    with subtests.test("limits on signing in count callers and not the proxy"):
        assert told["clients"] == clients
    with subtests.test("neither set-up, pages nor checks load what only some work needs"):
        assert told["loaded"] == []


DEMO = """
import json

import django
from django.core.management import call_command
from django.core.management.base import SystemCheckError

django.setup()


def refused(**given):
    try:
        call_command("check", **given)
    except SystemCheckError as error:
        return str(error)


print(json.dumps([refused(), refused(deploy=True)]))
"""


def test_a_demo_answers_to_this_machine_only_and_fails_the_deployment_checks() -> None:
    given = {
        "DJANGO_SETTINGS_MODULE": "maps.site.settings",
        "GRIDWARDEN_ALLOWED_HOSTS": "grid.example.cn",
        "GRIDWARDEN_TILE_URL": "https://tiles.example.cn/{z}/{x}/{y}.png",
    }
    done = python("-c", DEMO, **given)
    assert done.returncode == 0, done.stderr
    anywhere, deployed = json.loads(done.stdout)
    assert "gridwarden.E002" in anywhere
    assert "gridwarden.E001" not in anywhere
    assert "gridwarden.E001" in deployed
    # A foreign base map without its source.
    assert "gridwarden.W001" in anywhere


def test_half_a_pair_of_keys_is_told() -> None:
    env = Env({"MEDIA": "s3://photos"})
    env.media("MEDIA", Path("/m"), "key", "")
    assert env.problems == ["GRIDWARDEN_S3_ACCESS_KEY and GRIDWARDEN_S3_SECRET_KEY: set both or neither."]


def test_photos_lie_in_a_directory_or_in_a_bucket() -> None:
    env = Env(
        {"DISK": "file:///srv/the%20photos", "S3": "s3://photos/city/east?endpoint=https://s3.example.cn&region=cn"}
    )
    assert env.media("NONE", Path("/var/media"), "", "")["OPTIONS"]["location"] == "/var/media"
    assert env.media("DISK", Path("/m"), "", "")["OPTIONS"]["location"] == "/srv/the photos"
    options = env.media("S3", Path("/m"), "key", "secret")["OPTIONS"]
    wanted = {
        "bucket_name": "photos",
        "location": "city/east",
        "endpoint_url": "https://s3.example.cn",
        "region_name": "cn",
        "access_key": "key",
    }
    assert wanted.items() <= options.items()
    assert env.problems == []


def test_a_key_for_web_push_is_one_or_the_start_fails() -> None:
    good = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    env = Env({"A": good, "B": good[:-4], "C": "钥匙"})
    assert (env.push_key("A"), env.push_key("D"), env.problems) == (good, "", [])
    assert (env.push_key("B"), env.push_key("C")) == ("", "")
    assert [problem.split()[0] for problem in env.problems] == ["B", "C"]
    assert "push_key" in env.problems[0]
    assert good[:-4] not in env.problems[0]


def test_a_mail_server_is_read_with_its_security_and_usual_port() -> None:
    ways = {"A": "smtps://grid:p%40ss@mail.example.cn", "B": "smtp+tls://mail.example.cn:2587"}
    env = Env({**ways, "C": "网格 <g@e.cn>"})
    first, second = env.mail("A"), env.mail("B")
    assert (first["port"], first["user"], first["password"], first["security"]) == (465, "grid", "p@ss", "tls")
    assert (second["port"], second["user"], second["security"]) == (2587, "", "starttls")
    assert env.mailbox("C", needed=True) == "网格 <g@e.cn>"
    assert env.mail("D") == {}
    assert env.problems == []
    assert env.mailbox("D", needed=True) == ""
    assert len(env.problems) == 1
