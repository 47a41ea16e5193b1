"""How people are told: into the inbox at once, and outside of the site through the channels that they chose.

`inbox` puts messages into inboxes and says when attention may be drawn to them. `spreading` writes down, when a
message is due, what is to be sent through which channel. `courier` sends it, outside of any transaction, and writes
down what became of each attempt. `senders` knows one module a channel, `fetching` is the only way to another server.
"""

from grids.channels.inbox import IN_APP, due, notify, reschedule
from grids.channels.spreading import deliver

__all__ = ["IN_APP", "deliver", "due", "notify", "reschedule"]
