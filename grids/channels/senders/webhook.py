"""A request to a server of the person's choice, signed as Standard Webhooks 1.0 says.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md: the headers webhook-id,
webhook-timestamp and webhook-signature; signed is "id.timestamp.body" by HMAC-SHA-256 with the bytes behind "whsec_".
The id stays the same over all attempts, so that a receiver takes each message once.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time

from django.conf import settings

from grids.channels.letters import Answer, Letter
from grids.channels.senders.answers import exchange, taken

PREFIX = "whsec_"


def new_secret() -> str:
    """Return a secret of 32 bytes in the form of the standard."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """Return what stands in webhook-signature."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def send(letter: Letter) -> Answer:
    """Send a letter to the address's url."""
    body = json.dumps(body_of(letter), ensure_ascii=False).encode()
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": letter.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(letter.address["secret"], letter.id, timestamp, body),
    }
    return exchange(letter.address["url"], taken, hosts=settings.OUTSIDE_HOSTS, body=body, headers=headers)


def body_of(letter: Letter) -> dict[str, object]:
    """Return what a receiver gets: the same fields for one message, a digest, a code and a test."""
    return {
        "type": "gridwarden.digest" if len(letter.items) > 1 else "gridwarden.message",
        "timestamp": letter.made_at.isoformat(timespec="seconds"),
        "data": {
            "title": letter.title,
            "items": [
                {"what": item.what, "subject": item.subject, "url": item.url, "urgent": item.urgent, **item.data}
                for item in letter.items
            ],
        },
    }
