"""What docker/compose.yaml and the Dockerfile promise, read from the files themselves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from maps.tiles.layers import GROUND, GROUND_LAYERS, LAYERS

DOCKER = Path(__file__).resolve().parents[2] / "docker"
APP = ["prepare", "web", "worker", "jobs", "clock"]
PUBLISHED_ON_THIS_MACHINE = re.compile(r"^(127\.0\.0\.1|\$\{GRIDWARDEN_PUBLISH:-127\.0\.0\.1\}):")


def services(name: str) -> dict[str, dict[str, Any]]:
    loaded = yaml.safe_load((DOCKER / name).read_text())["services"]
    assert isinstance(loaded, dict)
    return loaded


def published() -> Iterator[tuple[str, str]]:
    for name in ("compose.yaml", "compose.tls.yaml"):
        for service, settings in services(name).items():
            for port in settings.get("ports", []):
                yield service, port


def instructions() -> list[str]:
    """The Dockerfile's instructions, one a line, comments gone."""
    text = re.sub(r"(?m)^#.*\n", "", (DOCKER / "Dockerfile").read_text())
    return [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def last_stage() -> list[str]:
    lines = instructions()
    start = max(number for number, line in enumerate(lines) if line.startswith("FROM "))
    return lines[start:]


def test_only_nginx_is_published_and_only_on_this_machine() -> None:
    found = list(published())
    assert {service for service, _ in found} == {"nginx"}
    assert all(PUBLISHED_ON_THIS_MACHINE.match(port) for _, port in found), found


def test_nobody_listens_on_the_host_s_network() -> None:
    assert not [name for name, settings in services("compose.yaml").items() if "network_mode" in settings]


@pytest.mark.parametrize("name", APP)
def test_the_site_s_containers_may_do_little(name: str) -> None:
    settings = services("compose.yaml")[name]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in settings["security_opt"]
    assert "user" not in settings  # the image's own, which is not root
    assert settings["environment"]["GRIDWARDEN_MODE"] == "production"


def test_database_and_queue_cannot_be_reached_from_outside() -> None:
    whole = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    assert whole["networks"]["back"]["internal"] is True
    assert whole["services"]["db"]["networks"] == ["back"]
    assert whole["services"]["redis"]["networks"] == ["back"]


def test_whoever_serves_waits_for_a_prepared_database() -> None:
    for name in ("web", "worker", "jobs", "clock"):
        condition = services("compose.yaml")[name]["depends_on"]["prepare"]["condition"]
        assert condition == "service_completed_successfully"
    waits = services("compose.yaml")["prepare"]["depends_on"]
    assert {name: wait["condition"] for name, wait in waits.items()} == {
        "db": "service_healthy",
        "redis": "service_healthy",
    }


def test_only_the_web_process_pools_connections() -> None:
    pooling = [name for name in APP if "GRIDWARDEN_DB_POOL" in services("compose.yaml")[name]["environment"]]
    assert pooling == ["web"]


def test_every_long_running_container_is_watched() -> None:
    for name in ("db", "redis", "nginx"):
        assert services("compose.yaml")[name]["healthcheck"]["test"]
    assert any(line.startswith("HEALTHCHECK ") for line in last_stage())
    assert "healthcheck" not in services("compose.yaml")["web"]  # the image's


def test_every_variable_of_the_compose_file_is_explained() -> None:
    text = "".join((DOCKER / name).read_text() for name in ("compose.yaml", "compose.tls.yaml"))
    used = set(re.findall(r"\$\{(\w+)", text))
    explained = set(re.findall(r"(?m)^#?(\w+)=", (DOCKER / "env.example").read_text()))
    assert used - explained - {"GRIDWARDEN_IMAGE", "GRIDWARDEN_TIME_ZONE"} == set()


def test_no_secret_has_a_default() -> None:
    text = (DOCKER / "compose.yaml").read_text()
    marks = re.findall(r"\$\{\w*(?:PASSWORD|SECRET)\w*(...)", text)
    # Required, or empty where it is not wanted (a bucket's).
    assert len([mark for mark in marks if mark.startswith(":?")]) >= 3
    assert all(mark.startswith(":?") or mark == ":-}" for mark in marks)


def test_the_image_starts_from_a_base_that_can_be_chosen() -> None:
    lines = instructions()
    assert lines[0] == "ARG BASE_IMAGE=debian:bookworm-slim"
    assert lines[1] == "FROM ${BASE_IMAGE} AS base"


def test_the_image_does_not_run_as_root() -> None:
    users = [line.split()[1] for line in last_stage() if line.startswith("USER ")]
    assert users == ["gridwarden"]


def test_the_last_stage_holds_no_tools_for_building() -> None:
    lines = instructions()
    base = lines[1 : next(n for n, line in enumerate(lines) if line.endswith(" AS build"))]
    installed = " ".join(base + last_stage())
    for tool in ("gcc", "build-essential", "npm", "nodejs", "gettext", "python3-venv", "-dev"):
        assert tool not in installed


def test_the_image_holds_what_an_import_runs() -> None:
    lines = instructions()
    base = next(line for line in lines if "apt-get install" in line)
    assert lines.index(base) < next(n for n, line in enumerate(lines) if line.endswith(" AS build"))
    assert {"gdal-bin", "util-linux"} <= set(base.split())


def test_packages_are_installed_with_their_hashes_checked() -> None:
    pip = next(line for line in instructions() if "pip install" in line)
    assert {"--require-hashes", "--no-deps"} <= set(pip.split())
    assert any("npm ci" in line for line in instructions())


def test_callers_behind_nginx_are_told_apart_by_the_address_that_nginx_saw() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in (DOCKER / "nginx/site.inc").read_text()
    assert services("compose.yaml")["web"]["environment"]["GRIDWARDEN_TRUSTED_PROXIES"] == "1"


def test_nginx_keeps_only_what_is_public() -> None:
    site = (DOCKER / "nginx/site.inc").read_text()
    public = {layer.name for layer in LAYERS.values() if layer.public} | {GROUND}
    assert all(layer.public for layer in GROUND_LAYERS)
    for block in re.findall(r"location[^{]+\{[^}]*proxy_cache [^}]*\}", site):
        assert "proxy_no_cache $not_public;" in block
        assert "proxy_ignore_headers Vary;" in block
        names = re.search(r"/tiles/\(([^)]+)\)", block)
        assert names
        assert set(names[1].split("|")) == public
    assert site.count("proxy_cache ") == 1
