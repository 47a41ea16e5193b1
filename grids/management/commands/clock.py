"""`manage.py clock`: rings the outbox and runs the scheduled tasks until it is told to stop."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from grids import clock, outbox
from grids.channels.courier import LAST_WORDS_S, Courier

log = logging.getLogger(__name__)
PAUSE = 0.5


class Command(BaseCommand):
    """One loop: relay the outbox every half second, tick the tasks, survive a database that comes and goes.

    Beside it, in a thread of its own, the courier brings messages to people outside of the site.
    """

    help = "Run the clock: relay the outbox, run the scheduled tasks and send messages through the channels."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        courier = threading.Thread(target=Courier().run, args=(stop,), name="courier")
        courier.start()
        while not stop.is_set():
            try:
                outbox.relay()
                clock.tick()
            except (OperationalError, InterfaceError) as error:
                log.warning("the database does not answer: %s", error)
                connection.close()
                stop.wait(2)
            close_old_connections()
            stop.wait(PAUSE)
        courier.join(2 * LAST_WORDS_S)
