"""How a message is said outside of the site, and what went wrong in plain words.

What happened has its words on the floors above, which know the states and the pages; they register them here. Outside
of the site no other person is named: a message about somebody says what happened and where to read on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from grids.channels import wishes
from grids.channels.letters import Item
from grids.models import Notification

REASONS: dict[str, str | Promise] = {
    "address": gettext_lazy("the address is none that can be used"),
    "not_https": gettext_lazy("the address does not begin with https://"),
    "host": gettext_lazy("the server is not on the list of those that may be asked"),
    "inside": gettext_lazy("the name leads into an internal network"),
    "no_host": gettext_lazy("there is no server of this name at the moment"),
    "unreachable": gettext_lazy("the server does not answer"),
    "certificate": gettext_lazy("the server's certificate is not valid"),
    "tls": gettext_lazy("no encrypted connection came about"),
    "slow": gettext_lazy("the server did not answer in time; it may have got the message"),
    "broken": gettext_lazy("the connection broke off; the server may have got the message"),
    "redirect": gettext_lazy("the server sends on to another address, which is not followed"),
    "busy": gettext_lazy("the server asks to wait"),
    "server": gettext_lazy("the server has a problem of its own"),
    "refused": gettext_lazy("the server does not take the message"),
    "robot": gettext_lazy("the group's robot refuses: look at its address, its secret and its security settings"),
    "strange": gettext_lazy("the server's answer cannot be understood; it may have got the message"),
    "nobody": gettext_lazy("nobody of this name may get messages of this application"),
    "login": gettext_lazy("the server refuses our credentials"),
    "unsaid": gettext_lazy("this site could not put the message into words; its log says why"),
    "gone": gettext_lazy("the browser takes no messages of this site any more, and was removed from the list"),
    "stopped": gettext_lazy("this server stopped while sending; the message may have arrived"),
    "unreadable": gettext_lazy("the address was sealed under a secret that is not known here any more"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What happened and about what, in the reader's language, and the path of the page that says more."""

    what: str
    subject: str
    path: str


def _plain(message: Notification) -> Said:
    return Said(message.verb, message.subject, "/inbox/")


_speaker: list[Callable[[Notification], Said]] = [_plain]


def speaks(speaker: Callable[[Notification], Said]) -> Callable[[Notification], Said]:
    """Register who finds the words for a message."""
    _speaker[0] = speaker
    return speaker


def item_of(message: Notification) -> Item:
    """Return what is said of a message outside of the site, in the language that is active."""
    said = _speaker[0](message)
    data = {key: message.data[key] for key in ("number", "category", "after") if message.data.get(key)}
    data = {"verb": message.verb, **data}
    kind = wishes.kind_of(message)
    return Item(said.what, said.subject, settings.BASE_URL + said.path, message.urgent, data, kind)


def title_of(items: tuple[Item, ...], *, digest: bool) -> str:
    """Return the title of a letter."""
    if digest:
        return ngettext("Gridwarden: %(count)d message", "Gridwarden: %(count)d messages", len(items)) % {
            "count": len(items)
        }
    return (_("Urgent: %(line)s") if items[0].urgent else "%(line)s") % {"line": items[0].line}


def code_item(code: str) -> Item:
    """Return what is said when an address is confirmed."""
    what = _("Your code for Gridwarden is %(code)s, valid for 15 minutes.") % {"code": code}
    return Item(what, "", f"{settings.BASE_URL}/me/notifications/", data={"verb": "code", "code": code})


def test_item() -> Item:
    """Return what a test says."""
    what = _("A test from Gridwarden: messages arrive here.")
    return Item(what, "", f"{settings.BASE_URL}/me/notifications/", data={"verb": "test"})
