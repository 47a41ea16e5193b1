"""The second factor: a code from an app or a security key, and what stands around the library's pages of them."""

import base64
import hashlib
import ipaddress
import logging
import secrets
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import RedirectView

from grids.models import Person
from maps.site.signed_in import lacks_second_factor, needs_second_factor

log = logging.getLogger(__name__)
PURPOSE = b"gridwarden second factor"


class MFAAdapter(DefaultMFAAdapter):
    """Keeps secrets encrypted, and lets nobody switch off what their role needs."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your role needs a second factor: set up another before this one goes."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("Set up a second factor first."),
        "incorrect_code": gettext_lazy("This code does not fit. A code from the app is valid for half a minute."),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret with a key that follows from SECRET_KEY, so that a copy of the database opens nothing."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret; what cannot be opened any more becomes one that nobody knows, so that no code fits."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.warning("a second factor was sealed with another SECRET_KEY; its owner needs an account reset")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Refuse to remove the last second factor of somebody whose role needs one."""
        person = authenticator.user
        if not isinstance(person, Person) or not needs_second_factor(person):
            return True
        others = Authenticator.objects.filter(user=person, type__in=["totp", "webauthn"]).exclude(pk=authenticator.pk)
        return bool(others.exists())

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return what a new security key is called when nobody names it."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Security key %(number)d") % {"number": count + 1}


def _box() -> MultiFernet:
    """Return the lock of secrets: sealed with the present SECRET_KEY, opened with a former one too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = (hashlib.blake2b(PURPOSE, key=hashlib.sha512(str(key).encode()).digest(), digest_size=32) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(part.digest())) for part in derived])


def keys_possible(request: HttpRequest) -> bool:
    """Whether a browser takes a security key here: the site has a name, and https unless it is this very machine."""
    host = request.get_host().rpartition(":")[0] if ":" in request.get_host() else request.get_host()
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost"
    return False


class _Around:
    """Gives the pages of setting up what they say beside the library's own."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether a key can be used here, and whether the person must not go on without a second factor."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        missing = lacks_second_factor(self.request)
        return {**context, "keys_possible": keys_possible(self.request), "second_factor_missing": missing}


class ActivateApp(_Around, totp.ActivateTOTPView):
    """Setting up the app."""


class AddKey(_Around, webauthn.AddWebAuthnView):
    """Adding a security key."""


class RemoveKey(webauthn.RemoveWebAuthnView):
    """Removing a security key, unless it is the last second factor of somebody who needs one."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, or say why not."""
        adapter = MFAAdapter()
        if adapter.can_delete_authenticator(self.get_object()):
            answer: HttpResponse = super().form_valid(form)
            return answer
        messages.error(self.request, str(adapter.error_messages["cannot_delete_authenticator"]))
        return HttpResponseRedirect(self.get_success_url())


# The library's views under its names; its overview is part of the page “My account”.
urlpatterns: list[URLPattern] = [
    path("accounts/mfa/", login_required(RedirectView.as_view(url=reverse_lazy("account"))), name="mfa_index"),
    path("accounts/mfa/authenticate/", base.authenticate, name="mfa_authenticate"),
    path("accounts/mfa/reauthenticate/", base.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/mfa/totp/activate/", ActivateApp.as_view(), name="mfa_activate_totp"),
    path("accounts/mfa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/mfa/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/mfa/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/mfa/codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("accounts/mfa/keys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("accounts/mfa/keys/add/", AddKey.as_view(), name="mfa_add_webauthn"),
    path("accounts/mfa/keys/confirm/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("accounts/mfa/keys/<int:pk>/remove/", RemoveKey.as_view(), name="mfa_remove_webauthn"),
    path("accounts/mfa/keys/<int:pk>/name/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
]
