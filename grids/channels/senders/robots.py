"""Robots of chat groups: WeCom (企业微信), DingTalk (钉钉, signed) and Feishu (飞书, signed).

Sources, read in November 2026: WeCom, developer.work.weixin.qq.com/document/path/91770 (群机器人配置说明: text of at
most 2,048 bytes, 20 messages a minute); DingTalk, open.dingtalk.com/document/robots/custom-robot-access and
customize-robot-security-settings (timestamp in milliseconds and sign in the query, 20 messages a minute, after that ten
minutes of silence); Feishu, open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (timestamp in seconds and sign
in the body, 100 a minute, 5 a second, 20 KB).

Plain text in all three: what was typed by people can then be no markup. `<@…>` and `<at …>` would call group members:
the bracket is replaced by its wide form.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote_plus, urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from grids.channels import fetching, walls
from grids.channels.letters import DELIVERED, Answer, Letter, Outcome
from grids.channels.senders.answers import exchange

MOST_BYTES = 2000
SILENCE_S = 600.0
Judge = Callable[[dict[str, object]], Answer]


@dataclass(frozen=True, slots=True)
class Make:
    """What a maker's robots have in common: where they live, what their address looks like, how they answer."""

    hosts: tuple[str, ...]
    form: re.Pattern[str]
    signed: bool
    ok: tuple[str, ...]
    busy: frozenset[int]
    wait: float


MAKES = {
    "wecom": Make(
        ("qyapi.weixin.qq.com",),
        re.compile(r"/cgi-bin/webhook/send\?key=[\w-]{8,}"),
        False,
        ("errcode",),
        frozenset({45009, 45033, -1}),
        60,
    ),
    "dingtalk": Make(
        ("oapi.dingtalk.com",),
        re.compile(r"/robot/send\?access_token=[0-9A-Za-z]{8,}"),
        True,
        ("errcode",),
        frozenset({130101, 410100, -1}),
        SILENCE_S,
    ),
    "feishu": Make(
        ("open.feishu.cn", "open.larksuite.com"),
        re.compile(r"/open-apis/bot/v2/hook/[\w-]{8,}"),
        True,
        ("code", "StatusCode"),
        frozenset({11232, 9499001}),
        60,
    ),
}


def hosts_of(kind: str) -> tuple[str, ...]:
    """Return where a maker's robots may live: the maker's own servers, and those that the operator runs."""
    return (*MAKES[kind].hosts, *settings.ROBOT_HOSTS)


def check(kind: str, url: str) -> None:
    """Raise walls.Forbidden for an address that is none of a robot of this kind."""
    walls.target(url, hosts_of(kind))
    parts = urlsplit(url)
    if not MAKES[kind].form.fullmatch(f"{parts.path}?{parts.query}" if parts.query else parts.path):
        raise walls.Forbidden("address")


def send(letter: Letter) -> Answer:
    """Send a letter to a group, all of its items in one message."""
    kind, url, secret = (letter.address[key] for key in ("kind", "url", "secret"))
    text = text_of(letter)
    body: dict[str, object] = {"msgtype": "text", "text": {"content": text}}
    if kind == "dingtalk" and secret:
        timestamp = int(time.time() * 1000)
        url += f"&timestamp={timestamp}&sign={quote_plus(dingtalk_sign(secret, timestamp))}"
    elif kind == "feishu":
        body = {"msg_type": "text", "content": {"text": text}}
        if secret:
            now = int(time.time())
            body = {"timestamp": str(now), "sign": feishu_sign(secret, now), **body}

    def judge(reply: fetching.Reply) -> Answer:
        return judged(MAKES[kind], reply)

    headers = {"Content-Type": "application/json; charset=utf-8"}
    data = json.dumps(body, ensure_ascii=False).encode()
    return exchange(url, judge, hosts=hosts_of(kind), body=data, headers=headers)


def text_of(letter: Letter) -> str:
    """Return the text of a message to a group, cut to what every maker takes; what does not fit is counted."""
    with translation.override(letter.language):
        kept: list[str] = []
        for number, item in enumerate(letter.items):
            line = _("Urgent: %(line)s") % {"line": item.line} if item.urgent else item.line
            block = f"{line[:200]}\n{item.url}"
            rest = _("and %(count)d more") % {"count": len(letter.items) - number}
            if len("\n\n".join([*kept, block, rest]).encode()) > MOST_BYTES:
                kept.append(rest)
                break
            kept.append(block)
    return "\n\n".join(kept).replace("<", "＜")


def dingtalk_sign(secret: str, timestamp_ms: int) -> str:
    """Return DingTalk's signature: HMAC-SHA-256 of "timestamp\\nsecret" under the secret, in base64."""
    return _sign(secret.encode(), f"{timestamp_ms}\n{secret}".encode())


def feishu_sign(secret: str, timestamp_s: int) -> str:
    """Return Feishu's signature: HMAC-SHA-256 of nothing under "timestamp\\nsecret", in base64."""
    return _sign(f"{timestamp_s}\n{secret}".encode(), b"")


def _sign(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def judged(make: Make, reply: fetching.Reply) -> Answer:
    """Return what the JSON of a robot's server means: it answers 200 to everything."""
    try:
        said = json.loads(reply.body)
        code = next(said[key] for key in make.ok if key in said)
    except (ValueError, TypeError, StopIteration):
        return Answer(Outcome.UNKNOWN, "strange")
    if code == 0:
        return DELIVERED
    detail = f"code {code}" if isinstance(code, int) else ""
    if code in make.busy:
        return Answer(Outcome.FAILED, "busy", detail, make.wait)
    return Answer(Outcome.REFUSED, "robot", detail)
