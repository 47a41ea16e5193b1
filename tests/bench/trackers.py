"""Many phones that send a position each, again and again: `python -m tests.bench.trackers PLAN` prints what they met.

They speak as Traccar Client does: one position a request, in a form, over a connection that is kept.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any
from urllib.parse import urlencode

from tests.bench.clients import PATIENCE_S, Kept

STEP = 0.00005  # degrees from one position to the next, some five metres


async def walk(plan: dict[str, Any], secret: str, dice: random.Random, seconds: list[float]) -> int:
    """Send a position every so many seconds, beginning somewhere within the first; return how many were stored."""
    every = plan["every"]
    lon, lat = plan["place"]
    phone = Kept(plan["port"])
    began = time.monotonic() + dice.uniform(0, every)
    stored = 0
    for turn in range(plan["rounds"]):
        await asyncio.sleep(max(0.0, began + turn * every - time.monotonic()))
        fields = {"id": secret, "lat": lat + turn * STEP, "lon": lon, "timestamp": int(time.time()), "accuracy": 8}
        sent = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_S):
                status = await phone.ask(
                    "/ingest/traccar", urlencode(fields).encode(), "Content-Type: application/x-www-form-urlencoded"
                )
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            phone.hang_up()
            continue
        seconds.append(time.perf_counter() - sent)
        stored += status == 200
    phone.hang_up()
    return stored


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Let all phones walk."""
    dice = random.Random(plan["seed"])
    seconds: list[float] = []
    before, began = time.process_time(), time.monotonic()
    stored = await asyncio.gather(*(walk(plan, secret, dice, seconds) for secret in plan["secrets"]))
    lasted = time.monotonic() - began
    return {"seconds": seconds, "stored": sum(stored), "lasted": lasted, "own_cpu": time.process_time() - before}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(sys.argv[1])))))
