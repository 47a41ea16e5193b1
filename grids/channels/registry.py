"""The channels that lead outside of this site: which there are, which are set up here, how many letters at a time."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from grids.channels.letters import Answer, Letter
from grids.channels.senders import mail, push, robots, sms, webhook, wecom
from grids.models.outside import PUSH

ROBOT = "robot"


@dataclass(frozen=True, slots=True)
class Channel:
    """A way out. `at_a_time` letters are under way at once, so that a receiver that hangs holds up no other channel."""

    key: str
    label: str | Promise
    send: Callable[[Letter], Answer]
    ready: Callable[[], bool]
    at_a_time: int


CHANNELS = {
    channel.key: channel
    for channel in (
        Channel("email", gettext_lazy("E-mail"), mail.send, mail.ready, 2),
        Channel("webhook", gettext_lazy("Webhook"), webhook.send, lambda: bool(settings.OUTSIDE_HOSTS), 4),
        Channel("wecom", gettext_lazy("WeCom"), wecom.send, wecom.ready, 2),
        Channel("sms", gettext_lazy("Text message"), sms.send, sms.ready, 2),
        Channel(PUSH, gettext_lazy("Notice in the browser"), push.send, push.ready, 4),
        Channel(ROBOT, gettext_lazy("Group robot"), robots.send, lambda: True, 4),
    )
}
# Those that lead to one person, in the order they are shown in.
PERSONAL = tuple(key for key in CHANNELS if key != ROBOT)


def ready() -> list[str]:
    """Return the keys of the channels that this site is set up for."""
    return [key for key, channel in CHANNELS.items() if channel.ready()]


def personal() -> list[str]:
    """Return those of them that lead to one person."""
    return [key for key in ready() if key != ROBOT]
