"""How often something happened within the present minute, counted in Redis for all processes together.

Without Redis each process counts for itself: a limit then lets through as many times more as there are processes, and
nothing stands still because of it.
"""

import logging
import time
from functools import lru_cache

import redis
from django.conf import settings

LONGEST_WAIT = 0.25  # seconds that a request waits for Redis
_log = logging.getLogger(__name__)
_here: dict[tuple[str, int], int] = {}


def count_this_minute(what: str) -> int:
    """Count once more and return how often it was this minute."""
    minute = int(time.time() // 60)
    try:
        with _redis(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            key = f"rate:{what}:{minute}"
            pipe.incr(key)
            pipe.expire(key, 120)
            return int(pipe.execute()[0])
    except redis.RedisError:
        _log.warning("Redis does not answer: %s is counted by this process alone.", what)
        return _count_here(what, minute)


def left_of_minute() -> int:
    """Return after how many seconds the next minute begins."""
    return 60 - int(time.time() % 60)


@lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=LONGEST_WAIT, socket_connect_timeout=LONGEST_WAIT)


def _count_here(what: str, minute: int) -> int:
    for known in [known for known in _here if known[1] != minute]:
        _here.pop(known, None)
    count = _here.get((what, minute), 0) + 1
    _here[what, minute] = count
    return count
