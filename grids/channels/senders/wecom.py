"""Messages of an application of WeCom (企业微信应用消息) to a member of the enterprise.

Source: developer.work.weixin.qq.com/document/path/90236 (发送应用消息: textcard, enable_duplicate_check, 30 messages a
minute and member) and path/91039 (获取access_token: valid for two hours, fetched anew when refused).
"""

import json
import threading
import time
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from grids.channels import fetching
from grids.channels.letters import DELIVERED, Answer, Letter, Outcome
from grids.channels.senders.answers import exchange

STALE_TOKEN = frozenset({40001, 40014, 42001})
BUSY = frozenset({-1, 45009, 45033})
LOGIN = frozenset({40013, 40056, 60020, 301002})
_token: dict[tuple[str, str], tuple[str, float]] = {}
_lock = threading.Lock()


def ready() -> bool:
    """Whether an application is set."""
    return bool(settings.WECOM_CORP and settings.WECOM_AGENT and settings.WECOM_SECRET)


def send(letter: Letter) -> Answer:
    """Send a letter to a member; a token that ran out is fetched anew once."""
    answer = Answer(Outcome.FAILED, "login")
    for fresh in (False, True):
        token, problem = _access(fresh=fresh)
        if not token:
            return problem
        code, answer = _send(letter, token)
        if code not in STALE_TOKEN:
            return answer
    return answer


def _send(letter: Letter, token: str) -> tuple[int, Answer]:
    several = len(letter.items) > 1
    body = {
        "touser": letter.address["user"],
        "msgtype": "textcard",
        "agentid": settings.WECOM_AGENT,
        "textcard": {
            "title": _cut(letter.title, 128),
            "description": _cut("\n".join(item.line for item in letter.items), 512),
            "url": f"{settings.BASE_URL}/inbox/" if several else letter.items[0].url,
        },
        # A second attempt within half an hour with the same content is not shown again.
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }
    codes: list[int] = []

    def judge(reply: fetching.Reply) -> Answer:
        said = _json(reply)
        code = said.get("errcode")
        codes.append(code if isinstance(code, int) else -2)
        if code == 0:
            return Answer(Outcome.REFUSED, "nobody") if said.get("invaliduser") else DELIVERED
        return _wrong(codes[-1])

    url = f"{settings.WECOM_URL}/cgi-bin/message/send?{urlencode({'access_token': token})}"
    data = json.dumps(body, ensure_ascii=False).encode()
    answer = exchange(url, judge, hosts=_hosts(), body=data, headers={"Content-Type": "application/json"})
    return (codes[0] if codes else 0), answer


def _access(*, fresh: bool) -> tuple[str, Answer]:
    key = (settings.WECOM_CORP, settings.WECOM_SECRET)
    with _lock:
        token, until = _token.get(key, ("", 0.0))
        if token and not fresh and time.monotonic() < until:
            return token, DELIVERED
        found: dict[str, object] = {}

        def judge(reply: fetching.Reply) -> Answer:
            found.update(_json(reply))
            code = found.get("errcode")
            return DELIVERED if code == 0 else _wrong(code if isinstance(code, int) else -2)

        query = urlencode({"corpid": settings.WECOM_CORP, "corpsecret": settings.WECOM_SECRET})
        answer = exchange(f"{settings.WECOM_URL}/cgi-bin/gettoken?{query}", judge, hosts=_hosts(), body=None)
        if answer.outcome != Outcome.DELIVERED:
            # Whatever happened here, the message itself did not leave.
            return "", Answer(Outcome.FAILED, answer.reason, answer.detail, answer.wait)
        lives = found.get("expires_in")
        _token[key] = (
            str(found.get("access_token", "")),
            time.monotonic() + (int(lives) if isinstance(lives, int) else 0),
        )
        return _token[key][0], answer


def _wrong(code: int) -> Answer:
    detail = f"code {code}"
    if code == -2:
        return Answer(Outcome.UNKNOWN, "strange")
    if code in BUSY:
        return Answer(Outcome.FAILED, "busy", detail, 60)
    if code in LOGIN or code in STALE_TOKEN:
        return Answer(Outcome.FAILED, "login", detail)
    return Answer(Outcome.REFUSED, "nobody" if code == 81013 else "refused", detail)


def _json(reply: fetching.Reply) -> dict[str, object]:
    try:
        said = json.loads(reply.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _hosts() -> tuple[str, ...]:
    parts = urlsplit(settings.WECOM_URL)
    return (f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname),)


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")
