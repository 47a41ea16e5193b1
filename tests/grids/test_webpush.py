"""Encryption and signature of web push against the examples of the RFCs and a reader of its own."""

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import call_command

from grids import webpush
from tests.grids.push_service import (
    RFC_AUTH,
    RFC_BROWSER,
    RFC_SENDER,
    SITE_KEY,
    Browser,
    claims_of,
    key_of,
    read,
    written,
)
from tests.grids.receivers import Got

RFC_TEXT = b"When I grow up, I want to be a watermelon"
RFC_SALT = "DGv6ra1nlYgDCS1FRnbzlw"
RFC_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
RFC_BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBr"
    "u3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
POINT = webpush.decode(RFC_PUBLIC)


def test_the_example_of_rfc_8291_comes_out_to_the_byte() -> None:
    made = webpush.encrypt(RFC_TEXT, RFC_PUBLIC, RFC_AUTH, salt=read(RFC_SALT), sender=key_of(RFC_SENDER))
    assert written(made) == RFC_BODY
    assert Browser("", key_of(RFC_BROWSER), read(RFC_AUTH)).opened(read(RFC_BODY)) == RFC_TEXT


def test_only_the_browser_reads_it_and_no_two_messages_look_alike() -> None:
    one, other = Browser(""), Browser("")
    first, second = (webpush.encrypt("东街口".encode(), one.form["p256dh"], one.form["auth"]) for _time in range(2))
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    assert one.opened(first) == one.opened(second) == "东街口".encode()
    with pytest.raises(InvalidTag):
        other.opened(first)
    with pytest.raises(InvalidTag):
        Browser("", one.key, b"another-secret-x").opened(first)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", RFC_AUTH),
        (RFC_PUBLIC, ""),
        (RFC_PUBLIC[:-4], RFC_AUTH),
        (RFC_PUBLIC + "AAAA", RFC_AUTH),
        (RFC_PUBLIC, RFC_AUTH[:-2]),
        (RFC_PUBLIC, RFC_AUTH + "AAAA"),
        (RFC_PUBLIC.replace("_", "/"), RFC_AUTH),
        ("钥匙", RFC_AUTH),
        # Of the right length and not on the curve; and the short form of a point.
        (written(POINT[:-1] + bytes([POINT[-1] ^ 1])), RFC_AUTH),
        (written(b"\x00" * 65), RFC_AUTH),
        (written(b"\x02" + POINT[1:33]), RFC_AUTH),
    ],
)
def test_what_is_no_key_of_a_browser(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        webpush.check_receiver(p256dh, auth)


def test_a_browsers_key_passes() -> None:
    webpush.check_receiver(RFC_PUBLIC, RFC_AUTH)
    webpush.check_receiver(RFC_PUBLIC + "=", RFC_AUTH + "==")


@pytest.mark.parametrize("text", ["", "x", written(bytes(32)), written(b"\xff" * 32), SITE_KEY[:-2], SITE_KEY + "AA"])
def test_what_is_no_key_of_a_site(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        webpush.private_key(text)


def test_the_signature_is_for_one_push_service_and_half_a_day() -> None:
    for endpoint, contact in (
        ("https://web.push.apple.com/QGfx", "mailto:grid@example.cn"),
        ("http://127.0.0.1:99/x", ""),
    ):
        got = Got("POST", "", {"Authorization": webpush.authorization(SITE_KEY, endpoint, contact)}, b"")
        assert claims_of(got, endpoint).get("sub", "") == contact


def test_the_command_makes_another_key_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    keys = set()
    for _time in range(2):
        call_command("push_key")
        shown = capsys.readouterr()
        name, _equals, key = shown.out.strip().partition("=")
        assert name == "GRIDWARDEN_PUSH_KEY"
        assert webpush.public_key(key) in shown.err
        assert key not in shown.err
        keys.add(key)
    assert len(keys) == 2
