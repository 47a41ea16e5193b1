"""What an exchange over HTTP means for a message, the same for every channel that uses it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from grids.channels import fetching, walls
from grids.channels.letters import DELIVERED, Answer, Outcome

AGAIN = frozenset({408, 425, 429})


def exchange(
    url: str,
    read: Callable[[fetching.Reply], Answer],
    *,
    hosts: tuple[str, ...],
    body: bytes | None,
    headers: Mapping[str, str] | None = None,
    meant: Mapping[int, Answer] | None = None,
) -> Answer:
    """Send a request and let `read` judge an answer of 2xx; everything else is judged here.

    `meant` says what single statuses mean where a channel gives them a meaning of its own.
    """
    try:
        reply = fetching.request(url, hosts=hosts, body=body, headers=headers)
    except walls.Forbidden as wall:
        return Answer(Outcome.REFUSED, wall.reason)
    except fetching.NotSent as error:
        return Answer(Outcome.FAILED, error.reason)
    except fetching.NoAnswer as error:
        return Answer(Outcome.UNKNOWN, error.reason)
    status = f"HTTP {reply.status}"
    if 200 <= reply.status < 300:
        return read(reply)
    if meant and reply.status in meant:
        return replace(meant[reply.status], detail=status)
    if 300 <= reply.status < 400:
        return Answer(Outcome.REFUSED, "redirect", status)
    if reply.status in AGAIN:
        return Answer(Outcome.FAILED, "busy", status, reply.wait)
    if reply.status >= 500:
        return Answer(Outcome.FAILED, "server", status, reply.wait)
    return Answer(Outcome.REFUSED, "refused", status)


def taken(_reply: fetching.Reply) -> Answer:
    """Any answer of 2xx says that the message arrived."""
    return DELIVERED
