"""Requests to the outside: where they may go, and what a server can do to whoever asks it."""

import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from grids.channels import fetching, walls
from tests.grids.receivers import answer, certificate, drip, giant, hang_up, receiving

LOOPBACK = override_settings(OUTSIDE_LOOPBACK=True)
HOSTS = ("hooks.example.cn", ".partner.example.cn", "odd.example.cn:8443")


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name resolve to some addresses, and return the names that were asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.cn/x", "not_https"),
        ("ftp://hooks.example.cn/x", "not_https"),
        ("file:///etc/passwd", "address"),
        ("https://other.example.cn/", "host"),
        ("https://hooks.example.cn.evil.cn/", "host"),
        ("https://evilhooks.example.cn/", "host"),
        ("https://hooks.example.cn:8443/", "host"),
        ("https://odd.example.cn/", "host"),
        ("https://partner.example.cn/", "host"),
        ("https://user:word@hooks.example.cn/", "address"),
        ("https://hooks.example.cn@evil.cn/", "address"),
        ("https://hooks.example.cn\\@evil.cn/", "address"),
        ("https://hooks.example.cn/a\r\nHost: evil.cn", "address"),
        ("https://hooks.example.cn/a b", "address"),
        ("https://hooks.example.cn:99999/", "address"),
        ("https://hooks.example.cn/#part", "address"),
        ("https://127.0.0.1/", "host"),
        ("https://[::1]/", "host"),
        ("https://", "address"),
        ("https://hooks.example.cn/" + "x" * 2000, "address"),
    ],
)
def test_only_https_to_a_listed_server_is_asked(url: str, reason: str) -> None:
    with pytest.raises(walls.Forbidden) as refused:
        walls.target(url, HOSTS)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "url", ["https://hooks.example.cn/x?a=b", "https://HOOKS.example.cn./", "https://a.partner.example.cn:443/"]
)
def test_a_listed_server_is_asked(url: str) -> None:
    assert walls.target(url, HOSTS).secure
    assert walls.target("https://odd.example.cn:8443/", HOSTS).port == 8443


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.8",
        "172.16.1.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "2001:0:7f00:1::80ff:fffe",
        "64:ff9b::10.0.0.1",
        "ff02::1",
    ],
)
def test_addresses_inside_are_no_public_ones(address: str) -> None:
    assert not walls.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2400:3200::1"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert walls.is_public(address)


def test_a_listed_name_that_leads_to_this_machine_is_refused() -> None:
    with receiving() as receiver, pytest.raises(walls.Forbidden) as refused:
        fetching.request(f"https://localhost:{receiver.port}/", hosts=receiver.hosts, body=b"")
    assert refused.value.reason == "inside"
    assert receiver.got == []


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "1.1.1.1", "10.0.0.5")
    with pytest.raises(walls.Forbidden, match="inside"):
        fetching.request("https://hooks.example.cn/", hosts=HOSTS, body=b"")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving(monkeypatch, "1.1.1.1")
    gone: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], **_more: Any) -> socket.socket:
        gone.append(address)
        resolving(monkeypatch, "127.0.0.1")
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(fetching.NotSent):
        fetching.request("https://hooks.example.cn/", hosts=HOSTS, body=b"")
    assert asked == ["hooks.example.cn"]
    assert gone == [("1.1.1.1", 443)]


def test_a_name_without_an_address_and_a_closed_door_send_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with LOOPBACK, receiving() as receiver:
        url, hosts = receiver.url(), receiver.hosts
    with LOOPBACK, pytest.raises(fetching.NotSent) as closed:
        fetching.request(url, hosts=hosts, body=b"")
    assert closed.value.reason == "unreachable"

    def nowhere(*_some: Any, **_more: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(fetching.NotSent) as unknown:
        fetching.request("https://hooks.example.cn/", hosts=HOSTS, body=b"")
    assert unknown.value.reason == "no_host"


@LOOPBACK
def test_an_answer_is_read_and_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with receiving(answer(200, b"{}")) as receiver:
        reply = fetching.request(
            receiver.url("/hook?a=1"), hosts=receiver.hosts, body=b"hello", headers={"X-Way": "out"}
        )
    assert (reply.status, reply.body, reply.whole) == (200, b"{}", True)
    [got] = receiver.got
    assert (got.method, got.path, got.body) == ("POST", "/hook?a=1", b"hello")
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["X-Way"] == "out"


@LOOPBACK
def test_a_redirect_is_not_followed() -> None:
    with receiving() as goal, receiving(answer(302, Location=goal.url())) as receiver:
        reply = fetching.request(receiver.url(), hosts=receiver.hosts + goal.hosts, body=b"")
    assert reply.status == 302
    assert goal.got == []


@LOOPBACK
def test_a_giant_answer_is_cut() -> None:
    with receiving(giant) as receiver:
        reply = fetching.request(receiver.url(), hosts=receiver.hosts, body=b"")
    assert len(reply.body) == fetching.MOST_BYTES
    assert not reply.whole


@LOOPBACK
def test_who_drips_is_cut_off_after_the_time_for_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PATIENCE_S", 0.3)
    began = time.monotonic()
    with receiving(drip) as receiver, pytest.raises(fetching.NoAnswer) as slow:
        fetching.request(receiver.url(), hosts=receiver.hosts, body=b"")
    assert slow.value.reason == "slow"
    assert time.monotonic() - began < 2


@LOOPBACK
def test_who_hangs_up_may_have_got_it() -> None:
    with receiving(hang_up) as receiver, pytest.raises(fetching.NoAnswer) as broken:
        fetching.request(receiver.url(), hosts=receiver.hosts, body=b"")
    assert broken.value.reason == "broken"
    assert len(receiver.got) == 1


@LOOPBACK
def test_tls_wants_a_certificate_that_is_trusted_and_of_this_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    with receiving(context=context) as receiver:
        url = receiver.url(host="localhost")
        with pytest.raises(fetching.NotSent) as strange:
            fetching.request(url, hosts=receiver.hosts, body=b"")
        trust = ssl.create_default_context(cafile=str(trusted))
        monkeypatch.setattr(fetching, "_trust", lambda: trust)
        assert fetching.request(url, hosts=receiver.hosts, body=b"x").status == 200
    assert strange.value.reason == "certificate"
    assert [got.body for got in receiver.got] == [b"x"]
    context, trusted = certificate(tmp_path, "other.example.cn")
    trust.load_verify_locations(trusted)
    with receiving(context=context) as other, pytest.raises(fetching.NotSent) as misnamed:
        fetching.request(other.url(host="localhost"), hosts=other.hosts, body=b"")
    assert misnamed.value.reason == "certificate"
    assert other.got == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), ("999999999", 3600), ("-1", 0), ("soon", 0), ("", 0), ("Fri, 31 Dec 1999 23:59:59 GMT", 0), ("٧", 0)],
)
def test_how_long_a_server_asks_to_wait(text: str, seconds: float) -> None:
    assert fetching._wait(text) == seconds
