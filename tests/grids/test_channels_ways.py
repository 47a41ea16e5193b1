"""The makers' contracts: group robots, WeCom's application messages and gateways for text messages."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from grids.channels import addresses, courier, groups, walls
from grids.channels.courier import Courier
from grids.channels.groups import Draft, Happening
from grids.channels.letters import Answer, Item, Letter, Outcome
from grids.channels.senders import robots, sms, wecom
from grids.models import Address, Delivery, GroupRobot, Parcel
from grids.problems import BadInput, Conflict, NotAllowed, NotFound, TooMany
from grids.sealed import seal, unseal
from tests.grids.receivers import Receiver, answer, receiving
from tests.town import NEAR, Town

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
URLS = {
    "wecom": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=" + "a1" * 32,
    "feishu": f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}",
}


@pytest.fixture(autouse=True)
def _open_ways(settings: Any) -> None:
    settings.OUTSIDE_LOOPBACK = True
    settings.BASE_URL = "https://grid.example.cn"


def ok(**more: object) -> Any:
    return answer(200, json.dumps({"errcode": 0, "errmsg": "ok", **more}).encode())


def letter(address: dict[str, str], *lines: str, channel: str = "robot", language: str = "en") -> Letter:
    items = tuple(Item(line, "", "https://grid.example.cn/inbox/7/") for line in lines or ("Dispatched · Litter",))
    return Letter("id-1", channel, address, items, items[0].line, language, timezone.now())


def robot(receiver: Receiver, kind: str, secret: str = "") -> dict[str, str]:
    return {
        "kind": kind,
        "url": receiver.url("/robot/send?access_token=x" if kind == "dingtalk" else "/hook"),
        "secret": secret,
    }


def test_wecoms_robot_gets_plain_text(settings: Any) -> None:
    with receiving(ok()) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        assert robots.send(letter(robot(receiver, "wecom"))).outcome == Outcome.DELIVERED
    body = json.loads(receiver.got[0].body)
    assert body == {
        "msgtype": "text",
        "text": {"content": "Dispatched · Litter\nhttps://grid.example.cn/inbox/7/"},
    }


def test_dingtalks_robot_is_signed_in_the_query(settings: Any) -> None:
    with receiving(ok()) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        robots.send(letter(robot(receiver, "dingtalk", "SECret")))
    query = parse_qs(urlsplit(receiver.got[0].path).query)
    [timestamp], [sign] = query["timestamp"], query["sign"]
    assert len(timestamp) == 13
    signed = hmac.new(b"SECret", f"{timestamp}\nSECret".encode(), hashlib.sha256).digest()
    assert sign == base64.b64encode(signed).decode()


def test_feishus_robot_is_signed_in_the_body(settings: Any) -> None:
    with receiving(answer(200, b'{"code": 0, "msg": "success"}')) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        assert robots.send(letter(robot(receiver, "feishu", "s3"))).outcome == Outcome.DELIVERED
    body = json.loads(receiver.got[0].body)
    signed = hmac.new(f"{body['timestamp']}\ns3".encode(), b"", hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(signed).decode()
    assert len(body["timestamp"]) == 10
    assert body["msg_type"] == "text"


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("wecom", b'{"errcode": 45009}', (Outcome.FAILED, "busy", 60)),
        ("wecom", b'{"errcode": 93000, "errmsg": "invalid webhook url"}', (Outcome.REFUSED, "robot", 0)),
        ("dingtalk", b'{"errcode": 130101}', (Outcome.FAILED, "busy", 600)),
        ("dingtalk", b'{"errcode": 310000, "errmsg": "sign not match"}', (Outcome.REFUSED, "robot", 0)),
        ("feishu", b'{"code": 11232}', (Outcome.FAILED, "busy", 60)),
        ("feishu", b'{"code": 19021}', (Outcome.REFUSED, "robot", 0)),
        ("feishu", b'{"StatusCode": 0}', (Outcome.DELIVERED, "", 0)),
        ("wecom", b"<html>", (Outcome.UNKNOWN, "strange", 0)),
        ("wecom", b"[]", (Outcome.UNKNOWN, "strange", 0)),
        ("wecom", b"{}", (Outcome.UNKNOWN, "strange", 0)),
    ],
)
def test_what_robots_servers_say(settings: Any, kind: str, said: bytes, expected: tuple[str, str, float]) -> None:
    with receiving(answer(200, said)) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        got = robots.send(letter(robot(receiver, kind, "s")))
    assert (got.outcome, got.reason, got.wait) == expected


def test_nobody_is_called_by_what_people_type_and_what_is_too_much_is_counted(settings: Any) -> None:
    with receiving(ok()) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        lines = ["<@all> <at user_id='all'>", *(f"第{number}件 " + "长" * 100 for number in range(30))]
        robots.send(letter(robot(receiver, "wecom"), *lines))
    text = json.loads(receiver.got[0].body)["text"]["content"]
    assert "<" not in text
    assert len(text.encode()) <= robots.MOST_BYTES
    shown = text.count("https://")
    assert text.endswith(f"and {31 - shown} more")


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("wecom", URLS["dingtalk"]),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=x&corpsecret=y"),
        ("wecom", URLS["wecom"] + "&debug=1"),
        ("dingtalk", "http://oapi.dingtalk.com/robot/send?access_token=" + "a1" * 32),
        ("feishu", f"https://open.feishu.cn.evil.cn/open-apis/bot/v2/hook/{KEY}"),
        ("feishu", f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}/../../x"),
        ("feishu", "https://169.254.169.254/open-apis/bot/v2/hook/" + KEY),
    ],
)
def test_what_is_no_robots_address(kind: str, url: str) -> None:
    with pytest.raises(walls.Forbidden):
        robots.check(kind, url)


def draft(kind: str = "wecom", region: str = NEAR, **more: Any) -> Draft:
    given = {"name": "一组", "kind": kind, "region": region, "url": URLS[kind], "secret": "SECx", "verbs": ["file"]}
    return Draft(**{**given, **more})


def happen(key: str = "k", verb: str = "file", category: str = "litter", region: str = NEAR) -> None:
    data = {"report": "01890000-0000-7000-8000-000000000001", "after": "reported"}
    groups.announce(Happening(key, region, verb, category, "东街口", data))


def test_a_robot_is_set_up_by_planners_and_its_secrets_are_sealed(town: Town) -> None:
    made = groups.make(town.scope("paula"), draft("dingtalk"))
    row = GroupRobot.objects.get(pk=made.pk)
    assert "SECx" not in str(bytes(row.sealed)) + row.hint
    assert unseal(row.sealed)["secret"] == "SECx"
    for name in ("dora", "bob", "alice"):
        with pytest.raises(NotAllowed):
            groups.make(town.scope(name), draft())
        assert not groups.of(town.scope(name)).exists()
        with pytest.raises(NotFound):
            groups.test(town.scope(name), made.pk)
    groups.end(town.scope("paula"), made.pk)
    row.refresh_from_db()
    assert bytes(row.sealed) == b""
    with pytest.raises(NotFound):
        groups.end(town.scope("paula"), made.pk)


@pytest.mark.parametrize(
    "more",
    [
        {"name": " "},
        {"kind": "pigeon", "url": URLS["wecom"]},
        {"url": "https://example.cn/"},
        {"kind": "feishu", "url": URLS["feishu"], "secret": ""},
        {"verbs": []},
        {"team": 999999},
        {"secret": "密"},
    ],
)
def test_what_is_no_robot(town: Town, more: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        groups.make(town.scope("paula"), Draft(**{**vars_of(draft()), **more}))
    assert not GroupRobot.objects.exists()


def vars_of(given: Draft) -> dict[str, Any]:
    return {name: getattr(given, name) for name in Draft.__slots__}


def test_a_region_has_so_many_robots_and_no_more(town: Town) -> None:
    with patch.object(groups, "MOST", 1):
        groups.make(town.scope("paula"), draft())
        with pytest.raises(Conflict):
            groups.make(town.scope("paula"), draft())


def test_a_group_is_told_what_it_wants_once_many_things_at_a_time_and_nobody_by_name(town: Town, settings: Any) -> None:
    with receiving(ok()) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        made = groups.make(town.scope("paula"), draft(verbs=["file", "close"], categories=["litter"]))
        GroupRobot.objects.update(sealed=seal(robot(receiver, "wecom")))
        for key, verb, category, region in [
            ("1", "file", "litter", NEAR),
            ("1", "file", "litter", NEAR),
            ("2", "close", "litter", NEAR),
            ("3", "accept", "litter", NEAR),
            ("4", "file", "stall", NEAR),
            ("5", "file", "litter", "999999001001"),
        ]:
            happen(key, verb, category, region)
        now = timezone.now()
        assert work(now) == 1
        for number in range(30):
            happen(f"more {number}")
        # Not more often than its maker allows, however much there is to say.
        assert [work(now + timedelta(seconds=1)), work(now + timedelta(seconds=5))] == [0, 1]
    first, second = (json.loads(got.body)["text"]["content"] for got in receiver.got)
    assert first.count("东街口") == 2
    assert "https://grid.example.cn/reports/01890000-0000-7000-8000-000000000001/" in first
    assert "more" in second or "另有" in second or second.count("东街口") == 30
    assert Parcel.objects.filter(robot=made, state=Parcel.State.SENT).count() == 32
    assert Delivery.objects.filter(outcome="delivered").count() == 32


def work(now: Any) -> int:
    with patch.object(timezone, "now", return_value=now):
        worker = Courier()
        begun = worker.round()
        worker.finish()
    return begun


def test_a_robot_that_is_told_to_wait_waits_with_everything(town: Town, settings: Any) -> None:
    with receiving(answer(200, b'{"errcode": 45009}'), ok()) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        made = groups.make(town.scope("paula"), draft())
        GroupRobot.objects.update(sealed=seal(robot(receiver, "wecom")))
        groups.test(town.scope("paula"), made.pk)
        now = timezone.now()
        work(now)
        happen()
        assert [work(now + timedelta(seconds=30)), work(now + timedelta(seconds=61))] == [0, 1]
    assert len(receiver.got) == 2
    assert timedelta(seconds=3) <= courier.ROBOT_PAUSE


def test_what_cannot_be_said_fails_and_holds_up_nothing_else(town: Town, settings: Any) -> None:
    with receiving(ok()) as receiver:
        settings.ROBOT_HOSTS = receiver.hosts
        address = {"url": receiver.url(), "secret": "whsec_aaaa"}
        settings.OUTSIDE_HOSTS = receiver.hosts
        Address.objects.create(
            person=town.bob, channel="webhook", sealed=seal(address), hint="x", confirmed_at=timezone.now()
        )
        groups.make(town.scope("paula"), draft())
        groups.announce(Happening("k", NEAR, "file", "litter", "x", {"report": "no id at all"}))
        addresses.test(town.bob, "webhook")
        assert work(timezone.now() + timedelta(seconds=1)) == 1
    assert len(receiver.got) == 1
    assert set(Delivery.objects.values_list("channel", "outcome", "reason")) == {
        ("robot", "failed", "unsaid"),
        ("webhook", "delivered", ""),
    }


def test_a_robot_that_was_ended_says_nothing_more(town: Town, settings: Any) -> None:
    made = groups.make(town.scope("paula"), draft())
    happen()
    groups.end(town.scope("paula"), made.pk)
    happen("later")
    assert work(timezone.now()) == 0
    assert [parcel.state for parcel in Parcel.objects.all()] == [Parcel.State.NEEDLESS]


@pytest.fixture
def enterprise(settings: Any) -> Any:
    wecom._token.clear()
    settings.WECOM_CORP, settings.WECOM_AGENT, settings.WECOM_SECRET = "corp", 7, "very-secret"
    return settings


TOKEN = answer(200, b'{"errcode": 0, "access_token": "T1", "expires_in": 7200}')


def test_wecom_is_asked_for_a_token_once_and_checks_duplicates(enterprise: Any) -> None:
    with receiving(TOKEN, ok()) as receiver:
        enterprise.WECOM_URL = f"http://127.0.0.1:{receiver.port}"
        for _message in range(2):
            assert wecom.send(letter({"user": "zhang"}, channel="wecom")).outcome == Outcome.DELIVERED
    assert [got.method for got in receiver.got] == ["GET", "POST", "POST"]
    body = json.loads(receiver.got[1].body)
    assert (body["touser"], body["agentid"], body["enable_duplicate_check"]) == ("zhang", 7, 1)
    assert body["textcard"]["url"] == "https://grid.example.cn/inbox/7/"
    assert urlsplit(receiver.got[1].path).query == "access_token=T1"


def test_wecoms_token_is_fetched_anew_when_it_ran_out(enterprise: Any) -> None:
    stale = answer(200, b'{"errcode": 42001}')
    with receiving(TOKEN, stale, TOKEN, ok()) as receiver:
        enterprise.WECOM_URL = f"http://127.0.0.1:{receiver.port}"
        assert wecom.send(letter({"user": "zhang"}, channel="wecom")).outcome == Outcome.DELIVERED
    assert len(receiver.got) == 4


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([answer(200, b'{"errcode": 40013}')], (Outcome.FAILED, "login")),
        ([answer(500)], (Outcome.FAILED, "server")),
        ([TOKEN, answer(200, b'{"errcode": 81013}')], (Outcome.REFUSED, "nobody")),
        ([TOKEN, answer(200, b'{"errcode": 0, "invaliduser": "zhang"}')], (Outcome.REFUSED, "nobody")),
        ([TOKEN, answer(200, b'{"errcode": 45009}')], (Outcome.FAILED, "busy")),
        ([TOKEN, answer(200, b"?")], (Outcome.UNKNOWN, "strange")),
    ],
)
def test_what_wecom_says(enterprise: Any, answers: list[Any], expected: tuple[str, str]) -> None:
    with receiving(*answers) as receiver:
        enterprise.WECOM_URL = f"http://127.0.0.1:{receiver.port}"
        got = wecom.send(letter({"user": "zhang"}, channel="wecom"))
    assert (got.outcome, got.reason) == expected
    assert "very-secret" not in got.detail


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        ('{"to": "{phone}", "content": "{text}"}', "application/json", None),
        ("mobile={phone}&text={text}", "application/x-www-form-urlencoded", None),
        ("", "", None),
    ],
)
def test_a_gateway_is_asked_by_templates(settings: Any, body: str, kind: str, expected: None) -> None:
    with receiving(answer(200, b'{"result":"SUCCESS"}')) as receiver:
        settings.SMS_URL = receiver.url("/send" if body else "/send?to={phone}&text={text}")
        settings.SMS_BODY, settings.SMS_AUTHORIZATION, settings.SMS_SUCCESS = body, "Bearer x", '"SUCCESS"'
        sent = letter({"phone": "13800000000"}, 'He said "no" & left', channel="sms")
        assert sms.send(sent) == Answer(Outcome.DELIVERED)
    [got] = receiver.got
    text = 'He said "no" & left https://grid.example.cn/inbox/7/'
    assert got.headers["Authorization"] == "Bearer x"
    assert got.headers.get("Content-Type", "") == kind
    if kind.endswith("json"):
        assert json.loads(got.body) == {"to": "13800000000", "content": text}
    elif body:
        assert parse_qs(got.body.decode()) == {"mobile": ["13800000000"], "text": [text]}
    else:
        assert got.method == "GET"
        assert parse_qs(urlsplit(got.path).query) == {"to": ["13800000000"], "text": [text]}


def test_a_gateway_that_says_yes_to_everything_is_read_and_a_text_fits_two_parts(settings: Any) -> None:
    with receiving(answer(200, b'{"result":"NO CREDIT"}')) as receiver:
        settings.SMS_URL, settings.SMS_BODY, settings.SMS_SUCCESS = receiver.url(), "x", "SUCCESS"
        got = sms.send(letter({"phone": "13800000000"}, "长" * 300, channel="sms"))
    assert (got.outcome, got.reason) == (Outcome.REFUSED, "refused")
    assert len(sms.text_of(letter({}, "长" * 300))) <= 2 * sms.MOST_LETTERS


def test_an_address_counts_once_its_code_came_back(town: Town, settings: Any) -> None:
    with receiving() as receiver:
        settings.SMS_URL, settings.SMS_BODY = receiver.url(), "{text}"
        row = addresses.give(town.bob, "sms", "+86 138-0000-0000")
        assert (row.hint, row.confirmed_at) == ("138****0000", None)
        with pytest.raises(Conflict):
            addresses.test(town.bob, "sms")
        work(timezone.now() + timedelta(seconds=1))
        code = addresses.code_of(row)
        assert code in receiver.got[0].body.decode()
        for wrong in ("000000" if code != "000000" else "111111", ""):
            with pytest.raises(BadInput):
                addresses.confirm(town.bob, "sms", wrong)
        addresses.confirm(town.bob, "sms", f" {code[:3]} {code[3:]}")
        assert Address.objects.get().confirmed_at
        addresses.test(town.bob, "sms")
        work(timezone.now() + timedelta(seconds=1))
    assert len(receiver.got) == 2


def test_a_code_can_be_guessed_five_times_and_runs_out(town: Town, settings: Any) -> None:
    settings.EMAIL_FROM = "grid@example.cn"
    row = addresses.give(town.bob, "email", "bob@example.cn")
    code = addresses.code_of(row)
    with (
        patch.object(timezone, "now", return_value=timezone.now() + timedelta(minutes=16)),
        pytest.raises(Conflict),
    ):
        addresses.confirm(town.bob, "email", code)
    for _guess in range(addresses.MOST_TRIES):
        with pytest.raises(BadInput):
            addresses.confirm(town.bob, "email", "x")
    with pytest.raises(Conflict):
        addresses.confirm(town.bob, "email", code)
    assert addresses.code_of(addresses.give(town.bob, "email", "bob@example.cn")) != code


def test_nobody_can_have_a_stranger_written_to_for_ever(town: Town, settings: Any) -> None:
    settings.EMAIL_FROM = "grid@example.cn"
    with patch.object(addresses, "count_this_minute", return_value=1):
        for number in range(addresses.MOST_A_DAY):
            addresses.give(town.bob, "email", f"bob{number}@example.cn")
        with pytest.raises(TooMany):
            addresses.give(town.bob, "email", "bob@example.cn")


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("email", "bob"),
        ("sms", "12345"),
        ("sms", "１３８００００００００"),
        ("wecom", "张 三"),
        ("webhook", "https://127.0.0.1/"),
    ],
)
def test_what_is_no_address(town: Town, settings: Any, channel: str, text: str) -> None:
    settings.EMAIL_FROM, settings.OUTSIDE_HOSTS, settings.SMS_URL = "g@e.cn", ("hooks.example.cn",), "https://s.cn/"
    settings.WECOM_CORP, settings.WECOM_AGENT, settings.WECOM_SECRET = "c", 1, "s"
    with pytest.raises(BadInput):
        addresses.give(town.bob, channel, text)
    assert not Address.objects.exists()


def test_a_channel_that_is_not_set_up_takes_no_address(town: Town) -> None:
    for channel in ("sms", "robot", "pigeon"):
        with pytest.raises(NotFound):
            addresses.give(town.bob, channel, "13800000000")
