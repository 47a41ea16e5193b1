"""Where a request to the outside may go: named hosts only, and never into a network of ours.

A name is resolved once, every address it resolves to must be a public one, and the connection is made to an address
that was checked: a name that answers differently the second time gains nothing (OWASP, Server Side Request Forgery
Prevention; ASVS 5.0 1.3.6 and 13.2.4).
"""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

HTTPS = 443
LONGEST_URL = 2000
NAT64 = ipaddress.ip_network("64:ff9b::/96")
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forbidden(Exception):  # noqa: N818 - what it is
    """A request must not go there; says why in a word of `words.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoSuchHost(Exception):  # noqa: N818 - what it is
    """The name has no address at the moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `path` has the query with it."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def origin_host(self) -> str:
        """What stands in the header Host."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (HTTPS if self.secure else 80) else f"{name}:{self.port}"


def target(url: str, hosts: Iterable[str]) -> Target:
    """Take an address apart; raises Forbidden for what is no https address of one of the hosts.

    A host of the list is a name or `name:port`; `.example.cn` stands for every name below it. Plain http goes to this
    machine alone, and only where a test allows it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("address") from error
    host = (parts.hostname or "").rstrip(".")
    if not _sound(url, parts, host):
        raise Forbidden("address")
    secure = parts.scheme == "https"
    if not secure and not (settings.OUTSIDE_LOOPBACK and parts.scheme == "http"):
        raise Forbidden("not_https")
    goal = Target(secure, host, port or (HTTPS if secure else 80), _path(parts))
    if not any(_allows(entry.strip().lower(), goal) for entry in hosts):
        raise Forbidden("host")
    return goal


def resolve(goal: Target) -> list[str]:
    """Return the addresses of a target, all of them public; raises Forbidden if one is not, NoSuchHost for none."""
    try:
        found = socket.getaddrinfo(goal.host, goal.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoSuchHost from error
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    if not addresses:
        raise NoSuchHost
    for address in addresses:
        if not is_public(address):
            raise Forbidden("inside")
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where it hides in another."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(_is_public(each) for each in (ip, *_within(ip)))


def _is_public(ip: IPAddress) -> bool:
    if settings.OUTSIDE_LOOPBACK and ip.is_loopback:
        return True
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local)


def _within(ip: IPAddress) -> list[IPAddress]:
    """The IPv4 addresses that an IPv6 address leads to: mapped, 6to4, Teredo, NAT64, compatible."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    found: list[IPAddress] = [each for each in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if each]
    if ip in NAT64:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return found


def _sound(url: str, parts: SplitResult, host: str) -> bool:
    plain = len(url) <= LONGEST_URL and url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    return plain and bool(host) and parts.username is None and parts.password is None and not parts.fragment


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _allows(entry: str, goal: Target) -> bool:
    name, _colon, port = entry.partition(":")
    if not name or (goal.port != int(port) if port.isdecimal() else goal.port != HTTPS):
        return False
    return goal.host.endswith(name) if name.startswith(".") else goal.host == name
