"""Many people at once, in one light process: `python -m tests.bench.clients PLAN` prints a JSON line of what they met.

Each keeps a connection, as a browser does, and asks one thing after the other: half of the time for a list, three of
ten times for a report's page, else they file a report. Between an answer and the next question they look at it.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.bench.client import TOKEN

PATIENCE_S = 30.0
KINDS, WEIGHTS = ("list", "page", "file"), (5, 3, 2)
LIST = "/api/v1/reports?limit=50"


@dataclass
class Met:
    """How long the answers took in seconds by kind, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    errors: Counter[str] = field(default_factory=Counter)


class Kept:
    """A connection that is kept, as browsers and trackers keep theirs."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, body: bytes | None, *headers: str) -> int:
        """Send a request, a POST if there is a body, read the answer, and return its status."""
        if self.link is None or self.link[0].at_eof():
            self.hang_up()
            self.link = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.link
        lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        given = dict(line.split(": ", 1) for line in head[1:] if line)
        if given.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        else:
            await reader.readexactly(int(given["content-length"]))
        if given.get("connection") == "close":
            self.hang_up()
        return int(head[0].split()[1])

    def hang_up(self) -> None:
        """Close the connection; the next question opens another."""
        if self.link is not None:
            self.link[1].close()
            self.link = None


class Somebody(Kept):
    """One person with a session and a kept connection."""

    def __init__(self, port: int, who: dict[str, Any], dice: random.Random) -> None:
        super().__init__(port)
        self.who, self.dice = who, dice

    async def act(self, met: Met) -> None:
        """Ask one thing and note what came of it."""
        [kind] = self.dice.choices(KINDS, WEIGHTS)
        path, body = self.question(kind)
        headers = ["Accept-Encoding: gzip", f"Cookie: sessionid={self.who['session']}; csrftoken={TOKEN}"]
        if body is not None:
            headers += ["Content-Type: application/json", f"X-CSRFToken: {TOKEN}", f"Idempotency-Key: {uuid4()}"]
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_S):
                status = await self.ask(path, body, *headers)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            met.errors[f"{kind}: {type(error).__name__}"] += 1
            self.hang_up()
            return
        met.seconds[kind].append(time.perf_counter() - began)
        if status >= 400:
            met.errors[f"{kind}: {status}"] += 1

    def question(self, kind: str) -> tuple[str, bytes | None]:
        """Return address and body."""
        if kind == "list":
            return LIST, None
        if kind == "page":
            return f"/reports/{self.dice.choice(self.who['reports'])}/", None
        lon, lat = self.dice.choice(self.who["places"])
        return "/api/v1/reports", json.dumps({"category": "06010", "lon": lon, "lat": lat, "place": "bench"}).encode()


async def live(
    somebody: Somebody, until: float, pause: Callable[[], float], met: Met, begin: Callable[[], Awaitable[None]]
) -> None:
    """Ask until the time is over; each begins somewhere within their first pause, or all would ask at once."""
    await begin()
    while time.monotonic() < until:
        await somebody.act(met)
        await asyncio.sleep(pause())
    somebody.hang_up()


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Let everybody live for the plan's seconds."""
    met, dice = Met(), random.Random(plan["seed"])
    until = time.monotonic() + plan["seconds"]
    low, high = plan["pause"]

    def pause() -> float:
        return dice.uniform(low, high)

    async def begin() -> None:
        await asyncio.sleep(dice.uniform(0, high))

    everybody = [Somebody(plan["port"], plan["people"][n % len(plan["people"])], dice) for n in range(plan["clients"])]
    before = time.process_time()
    began = time.monotonic()
    await asyncio.gather(*(live(one, until, pause, met, begin) for one in everybody))
    return {
        "seconds": met.seconds,
        "errors": dict(met.errors),
        "lasted": time.monotonic() - began,
        "own_cpu": time.process_time() - before,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(sys.argv[1])))))
