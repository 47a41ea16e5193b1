"""The one way to another server: checked, pinned to the checked address, timed as a whole, capped, no redirects.

Standard library only: what matters here is what is *not* done (proxies of the environment, redirects, cookies,
decompression), and which socket is opened.
"""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

from grids.channels import walls

CONNECT_S = 5.0
PATIENCE_S = 12.0
MOST_BYTES = 64 * 1024
LONGEST_WAIT_S = 3600.0
AGENT = "Gridwarden"


class NotSent(Exception):  # noqa: N818 - what it is
    """The receiver got nothing: a later attempt doubles nothing. Says why in a word of `words.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(Exception):  # noqa: N818 - what it is
    """The receiver may have got it, and gave no whole answer in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: at most 64 KB of it; `whole` is False where there was more."""

    status: int
    body: bytes
    whole: bool
    wait: float


def request(
    url: str,
    *,
    hosts: tuple[str, ...],
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """POST a body, or GET without one. Raises walls.Forbidden, NotSent or NoAnswer."""
    goal = walls.target(url, hosts)
    try:
        addresses = walls.resolve(goal)
    except walls.NoSuchHost as error:
        raise NotSent("no_host") from error
    with _connected(goal, addresses) as (link, expired):
        return _exchange(link, goal, body, dict(headers or {}), expired)


def _exchange(
    link: http.client.HTTPConnection,
    goal: walls.Target,
    body: bytes | None,
    headers: dict[str, str],
    expired: threading.Event,
) -> Reply:
    sent = {"Host": goal.origin_host, "User-Agent": AGENT, "Accept-Encoding": "identity", **headers}
    try:
        link.request("POST" if body is not None else "GET", goal.path, body=body, headers=sent)
        response = link.getresponse()
        read = response.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer("slow" if expired.is_set() or isinstance(error, TimeoutError) else "broken") from error
    if expired.is_set():
        raise NoAnswer("slow")
    wait = _wait(response.headers.get("Retry-After", ""))
    return Reply(response.status, read[:MOST_BYTES], len(read) <= MOST_BYTES, wait)


@contextlib.contextmanager
def _connected(
    goal: walls.Target, addresses: list[str]
) -> Iterator[tuple[http.client.HTTPConnection, threading.Event]]:
    """Open a connection to one of the checked addresses, and cut it when the time for the whole is over."""
    plain = _open(goal, addresses)
    expired = threading.Event()

    def cut() -> None:
        expired.set()
        # The socket's own method: that of TLS would wait for the other side.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(held[0], socket.SHUT_RDWR)

    held = [plain]
    timer = threading.Timer(PATIENCE_S, cut)
    timer.daemon = True
    timer.start()
    try:
        if goal.secure:
            held[0] = _secured(plain, goal.host)
        link = http.client.HTTPConnection(goal.host, goal.port, timeout=PATIENCE_S)
        link.sock = held[0]
        yield link, expired
    finally:
        timer.cancel()
        held[0].close()


def _open(goal: walls.Target, addresses: list[str]) -> socket.socket:
    for address in addresses[:3]:
        try:
            link = socket.create_connection((address, goal.port), timeout=CONNECT_S)
        except OSError:
            continue
        link.settimeout(PATIENCE_S)
        return link
    raise NotSent("unreachable")


def _secured(plain: socket.socket, host: str) -> socket.socket:
    try:
        return _trust().wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        plain.close()
        raise NotSent("certificate") from error
    except (OSError, ValueError) as error:
        plain.close()
        raise NotSent("tls") from error


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _wait(text: str) -> float:
    """Return the seconds that Retry-After asks for (RFC 9110, 10.2.3), at most an hour; 0 for none or nonsense."""
    text = text.strip()[:40]
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), LONGEST_WAIT_S)
