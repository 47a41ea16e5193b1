"""Accounts: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """People are invited or imported; there is no open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False
