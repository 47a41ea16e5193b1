"""How a message of the inbox is said outside of this site: the same words, and no name of anybody."""

from django.urls import reverse

from grids.channels.words import Said, speaks
from grids.models import Notification
from maps.pages.choices import categories
from maps.pages.inbox import target_of, what_happened

# Their subjects name somebody.
ABOUT_SOMEBODY = frozenset({"joined", "account_reset", "handover_planned", "handover_done", "handover_cancelled"})


@speaks
def said(message: Notification) -> Said:
    """Return what happened, about which category and place, and the page that shows more.

    A person's own message is marked as read by its page; a group is led to the thing itself.
    """
    names = {code: name for group in categories().values() for code, name in group}
    hidden = message.verb in ABOUT_SOMEBODY or "person" in message.data
    parts = [names.get(message.data.get("category", ""), ""), "" if hidden else message.subject]
    path = reverse("inbox-message", args=[message.pk]) if message.pk else target_of(message.verb, message.data)
    return Said(what_happened(message), " · ".join(filter(None, parts)), path)
