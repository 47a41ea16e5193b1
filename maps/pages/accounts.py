"""Accounts: nobody signs up by themselves; in demo mode the invented people are offered at the sign-in."""

from dataclasses import dataclass

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """People are invited or imported; there is no open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False


@dataclass(frozen=True)
class DemoAccount:
    """An invented person that a visitor of the demonstration may be."""

    username: str
    title: Promise
    about: Promise


DEMO_ACCOUNTS = (
    DemoAccount("leader", _("grid leader"), _("sees a patch on the phone and files what is wrong there")),
    DemoAccount("volunteer", _("volunteer"), _("belongs to a grid, reports and fixes small things")),
    DemoAccount("dispatcher", _("dispatcher"), _("decides who deals with which report; wide screen")),
    DemoAccount("planner", _("planner"), _("sees the district's reports")),
    DemoAccount("inspector", _("inspector"), _("sees the district's reports and checkpoints")),
    DemoAccount("admin", _("administrator"), _("sees everything")),
    DemoAccount(
        "outsider", _("grid leader elsewhere"), _("leads a grid of another community and sees nothing of this one")
    ),
)


def demo_accounts() -> tuple[DemoAccount, ...]:
    """Return the accounts to offer at the sign-in: none outside the demonstration."""
    return DEMO_ACCOUNTS if settings.DEMO else ()
