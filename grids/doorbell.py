"""Redis, asked briefly and once: a Redis that hangs must not hold who asks it.

The client library waits five seconds for an answer and asks ten times more: for a minute the clock would stand still
at every bell, and `/readyz` with it. The workers keep the library's patience, since waiting is what they do.
"""

from functools import cache

import django_rq
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

PATIENCE_S = 2.0


def brief() -> Redis:
    """Return this process's connection, which raises RedisError when an answer takes longer than two seconds."""
    return _brief(settings.REDIS_URL)


def queue(name: str) -> Queue:
    """Return a queue over that connection."""
    return django_rq.get_queue(name, connection=brief())


@cache
def _brief(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S, retry=Retry(NoBackoff(), 0)
    )
