"""Web push: a notice that a browser shows although no page of the site is open.

RFC 8030 (TTL, Urgency, Topic), 8291 and 8292 (`grids.webpush`). What push services add to them, read in November 2026:
Windows' (WNS) answers 400 unless X-WNS-Cache-Policy fits the TTL (github.com/web-push-libs/pywebpush/issues/162);
Apple's answers 403 unless `sub` is a real mailto: or https: address (github.com/web-push-libs/web-push/issues/947).
"""

import hashlib
import json
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from grids import webpush
from grids.channels.letters import Answer, Item, Letter, Outcome
from grids.channels.senders.answers import exchange, taken

MOST_BYTES = 3000
MOST_TITLE, MOST_BODY = 300, 1500
# How long a push service keeps a notice for a browser that is off, by kind of message, in seconds: as long as it is
# of use. It stands in the inbox all the same.
LIVES_S = {
    "urgent": 86_400,
    "offers": 4 * 3600,
    "cases": 3 * 86_400,
    "duty": 12 * 3600,
    "charge": 3 * 86_400,
    "work": 86_400,
}
DIGEST_LIVES_S = 12 * 3600
TEST_LIVES_S = 300
URGENCY = {"urgent": "high", "offers": "high"}
GONE = Answer(Outcome.REFUSED, "gone", gone=True)
LOGIN = Answer(Outcome.FAILED, "login")
# No such subscription any more (RFC 8030, 7.3); our signature is not believed (RFC 8292, 2).
MEANT = {404: GONE, 410: GONE, 401: LOGIN, 403: LOGIN}


def ready() -> bool:
    """Whether the site has a key."""
    return bool(settings.PUSH_KEY)


def send(letter: Letter) -> Answer:
    """Send a letter to a browser. One that subscribed under an earlier key of the site cannot be reached any more."""
    endpoint, p256dh, auth, key = (letter.address[name] for name in ("endpoint", "p256dh", "auth", "key"))
    if key != webpush.public_key(settings.PUSH_KEY):
        return GONE
    lives = lives_s(letter)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(lives),
        "Urgency": urgency(letter),
        "Topic": topic(letter),
        "Authorization": webpush.authorization(settings.PUSH_KEY, endpoint, contact()),
    }
    if str(urlsplit(endpoint).hostname).endswith(".notify.windows.com"):
        headers["X-WNS-Cache-Policy"] = "cache"
    body = webpush.encrypt(payload(letter), p256dh, auth)
    return exchange(endpoint, taken, hosts=settings.PUSH_HOSTS, body=body, headers=headers, meant=MEANT)


def payload(letter: Letter) -> bytes:
    """Return what the service worker is told (maps/js/worker/notices.js), at most 3,000 bytes of JSON.

    `person` is whose it is: a browser in which somebody else is signed in by now shows nothing.
    """
    title, body = _words(letter)
    told = {
        "person": str(letter.person or ""),
        "id": letter.id,
        "tag": topic(letter),
        "title": _cut(title, MOST_TITLE),
        "body": _cut(body, MOST_BODY),
        "url": _path(letter),
        "urgent": letter.items[0].urgent,
        "lang": letter.language,
        "at": int(letter.made_at.timestamp() * 1000),
    }
    data = json.dumps(told, ensure_ascii=False).encode()
    while len(data) > MOST_BYTES and told["body"]:
        told["body"] = _cut(str(told["body"]), len(str(told["body"]).encode()) - (len(data) - MOST_BYTES) - 3)
        data = json.dumps(told, ensure_ascii=False).encode()
    return data


def lives_s(letter: Letter) -> int:
    """Return how long the push service is to keep a letter, in seconds."""
    if len(letter.items) > 1:
        return DIGEST_LIVES_S
    return LIVES_S.get(letter.items[0].kind, TEST_LIVES_S)


def urgency(letter: Letter) -> str:
    """Return how much of a battery a letter is worth (RFC 8030, 5.3)."""
    return "low" if len(letter.items) > 1 else URGENCY.get(letter.items[0].kind, "normal")


def topic(letter: Letter) -> str:
    """Return what a letter is about, in 32 letters: a later one about the same replaces one that nobody saw yet.

    A report's steps and what becomes of an offer replace each other; all else only its own second attempt.
    """
    number = letter.items[0].data.get("number")
    if len(letter.items) > 1 or not number:
        return letter.id[:32]
    about = "offer" if _is_offer(letter.items[0]) else "report"
    text = f"{settings.SECRET_KEY} {letter.person} {about} {number}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def contact() -> str:
    """Return where the operator is reached: the sender of the site's mail, else the site itself."""
    email = parseaddr(settings.EMAIL_FROM)[1]
    if email:
        return f"mailto:{email}"
    return settings.BASE_URL if settings.BASE_URL.startswith("https://") else ""


def _words(letter: Letter) -> tuple[str, str]:
    [first, *others] = letter.items
    if others:
        return letter.title, "\n".join(item.line for item in letter.items)
    with translation.override(letter.language):
        what = _("Urgent: %(line)s") % {"line": first.what} if first.urgent else first.what
    return " ".join(what.split()), " ".join(first.subject.split())


def _path(letter: Letter) -> str:
    """The page that says more, as a path: the browser may know the site by another of its names."""
    url = letter.items[0].url if len(letter.items) == 1 else "/inbox/"
    return url.removeprefix(settings.BASE_URL)


def _is_offer(item: Item) -> bool:
    return str(item.data.get("verb", "")).startswith("offer")


def _cut(text: str, most_bytes: int) -> str:
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    return raw[: max(0, most_bytes - 3)].decode(errors="ignore") + "…" if most_bytes > 3 else ""
