"""Text messages through an HTTP gateway that the operator names by templates.

`{phone}`, `{text}` and `{id}` are replaced in the URL and the body: percent-encoded in the URL and in a form, as JSON
strings in a body that begins with a brace. Without a body it is a GET. Gateways often answer 200 to everything: with
GRIDWARDEN_SMS_SUCCESS the answer has to contain a text.
"""

import json
from urllib.parse import quote, urlsplit

from django.conf import settings

from grids.channels import fetching
from grids.channels.letters import DELIVERED, Answer, Letter, Outcome
from grids.channels.senders.answers import exchange

MOST_LETTERS = 67  # what one part of a Chinese text message holds when there are several; two parts at most


def ready() -> bool:
    """Whether a gateway is set."""
    return bool(settings.SMS_URL)


def send(letter: Letter) -> Answer:
    """Send a letter's title and its address; a gateway's 2xx without the text that means success is a refusal."""
    values = {"phone": letter.address["phone"], "text": text_of(letter), "id": letter.id}
    url = _filled(settings.SMS_URL, {key: quote(value, safe="") for key, value in values.items()})
    body, headers = None, {}
    if settings.SMS_BODY:
        is_json = settings.SMS_BODY.lstrip().startswith(("{", "["))
        written = {
            key: json.dumps(value, ensure_ascii=False)[1:-1] if is_json else quote(value, safe="")
            for key, value in values.items()
        }
        body = _filled(settings.SMS_BODY, written).encode()
        headers["Content-Type"] = "application/json" if is_json else "application/x-www-form-urlencoded"
    if settings.SMS_AUTHORIZATION:
        headers["Authorization"] = settings.SMS_AUTHORIZATION
    return exchange(url, _judge, hosts=_hosts(), body=body, headers=headers)


def text_of(letter: Letter) -> str:
    """Return what a telephone shows: the title, and where to read on."""
    code = letter.items[0].data.get("verb") == "code"
    url = "" if code else (letter.items[0].url if len(letter.items) == 1 else f"{settings.BASE_URL}/inbox/")
    room = 2 * MOST_LETTERS - len(url) - 1
    title = letter.title if len(letter.title) <= room else f"{letter.title[: max(0, room - 1)]}…"
    return " ".join(filter(None, [title, url]))


def _judge(reply: fetching.Reply) -> Answer:
    if not settings.SMS_SUCCESS or settings.SMS_SUCCESS in reply.body.decode(errors="replace"):
        return DELIVERED
    return Answer(Outcome.REFUSED, "refused", f"HTTP {reply.status}")


def _filled(template: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        template = template.replace(f"{{{key}}}", value)
    return template


def _hosts() -> tuple[str, ...]:
    parts = urlsplit(settings.SMS_URL)
    return (f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname),)
