"""The worker that `manage.py rqworker default` and `manage.py rqworker long` start."""

import contextlib
import os
import signal
from typing import Any

import rq
from redis.client import Pipeline

from grids import jobs, pulse
from grids.heavy import load_heavy

SECONDS_BETWEEN_SIGNS_OF_LIFE = 60


class Worker(rq.Worker):
    """An RQ worker that reads jobs as the queue writes them and stays known when Redis loses its data.

    The command would hand it RQ's default serializer, pickle, with which no job of ours can be read and with which
    whoever may write to Redis could run code here.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.update(serializer="json", worker_ttl=SECONDS_BETWEEN_SIGNS_OF_LIFE)
        super().__init__(*arguments, **options)
        if jobs.QUEUE in self.queue_names():
            load_heavy()

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Give a sign of life, and register again where an emptied Redis has forgotten this worker."""
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.register_birth()  # type: ignore[no-untyped-call]
        super().heartbeat(timeout, pipeline)

    def handle_warm_shutdown_request(self) -> None:
        """Let a long job end at its next step, which another worker then begins anew; a short one is waited for."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGUSR1)

    def setup_work_horse_signals(self) -> None:
        """Listen to that in the process that works."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGUSR1, lambda *_: pulse.stopping.set())
