"""The worker that `manage.py rqworker default` starts."""

from typing import Any

import rq
from redis.client import Pipeline

SECONDS_BETWEEN_SIGNS_OF_LIFE = 60


class Worker(rq.Worker):
    """An RQ worker that reads jobs as the queue writes them and stays known when Redis loses its data.

    The command would hand it RQ's default serializer, pickle, with which no job of ours can be read and with which
    whoever may write to Redis could run code here.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.update(serializer="json", worker_ttl=SECONDS_BETWEEN_SIGNS_OF_LIFE)
        super().__init__(*arguments, **options)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Give a sign of life, and register again where an emptied Redis has forgotten this worker."""
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.register_birth()  # type: ignore[no-untyped-call]
        super().heartbeat(timeout, pipeline)
