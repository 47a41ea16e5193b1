"""Which TCP port the demo listens on, always on 127.0.0.1."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from runner.progress import StepError

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
PORTS_TRIED = 100


@dataclass
class Port:
    """A free port, claimed while this process lives: two checkouts that start at once choose differently."""

    number: int
    asked_for: bool
    claim: socket.socket = field(repr=False)


def choose(text: str | None) -> Port:
    """The port in PORT, which must be free, or the first free one from 8000 on. Raises StepError."""
    if text:
        number = parse(text)
        claim = claim_free(number)
        if claim is None:
            raise StepError(
                f"PORT={number} is taken by another program.",
                advice="Choose another (PORT=8001 make run), or leave PORT out to have a free one chosen.",
            )
        return Port(number, True, claim)
    last = DEFAULT_PORT + PORTS_TRIED - 1
    for number in range(DEFAULT_PORT, last + 1):
        claim = claim_free(number)
        if claim is not None:
            return Port(number, False, claim)
    raise StepError(f"All ports from {DEFAULT_PORT} to {last} are taken.", advice="Choose one: PORT=9000 make run")


def parse(text: str) -> int:
    """A port number an ordinary user may listen on. Raises StepError."""
    if not text.isascii() or not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise StepError(f"PORT must be a whole number from 1024 to 65535, not {text!r}.")
    return int(text)


def claim_free(number: int) -> socket.socket | None:
    """Claim a port among Gridwarden's own starts if nobody listens on it.

    The claim is a name in Linux's abstract socket namespace, which vanishes with its holder.
    """
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0gridwarden-port-{number}")
    except OSError:
        claim.close()
        return None
    if taken(number):
        claim.close()
        return None
    return claim


def taken(number: int) -> bool:
    """Whether something listens on the port; connections that are only fading away do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError:
            return True
    return False
