"""My account (我的账号): name, language, roles, password, second factor, signed-in devices, quiet hours."""

from collections.abc import Iterator
from datetime import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.channels import browsers, reschedule
from grids.models import Person
from maps.pages.accounts import speak
from maps.pages.asking import by_page
from maps.pages.role_rows import roles_of
from maps.pages.this_browser import here
from maps.pages.wording import moment
from maps.site.signed_in import needs_second_factor

MOST_DEVICES = 20
QUIET, DEVICES = "quiet", "devices"
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


@require_safe
@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show what belongs to the person's account."""
    person = _person(request)
    factors = list(Authenticator.objects.filter(user_id=person.pk))
    said = list(messages.get_messages(request))
    codes = next((row.wrap() for row in factors if row.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "person": person,
        "languages": settings.LANGUAGES,
        "language": person.language or translation.get_language(),
        "app": next((row for row in factors if row.type == Authenticator.Type.TOTP), None),
        "keys": sum(row.type == Authenticator.Type.WEBAUTHN for row in factors),
        "codes_left": len(codes.get_unused_codes()) if codes else None,
        "needed": needs_second_factor(person),
        "roles": roles_of(person),
        # What was saved in a section is said there: the page comes back scrolled to it.
        "messages": [message for message in said if not message.extra_tags],
        **{f"said_{part}": [message for message in said if message.extra_tags == part] for part in (QUIET, DEVICES)},
        "devices": list(_devices(request)),
        "tokens_url": _tokens_url(),
    }
    return render(request, "maps/account.html", context)


@require_POST
@login_required
@by_page
def profile(request: HttpRequest) -> HttpResponse:
    """Save name and language, and speak it at once."""
    person = _person(request)
    name, name_en = (request.POST.get(field, "").strip() for field in ("name", "name_en"))
    language = request.POST.get("language", "")
    answer = HttpResponseRedirect(reverse("account"))
    if not 0 < len(name) <= 120 or len(name_en) > 160 or language not in dict(settings.LANGUAGES):
        messages.error(request, _("Give a name, and choose a language."))
        return answer
    Person.objects.filter(pk=person.pk).update(name=name, name_en=name_en, language=language)
    speak(answer, language)
    with translation.override(language):
        messages.success(request, _("Saved."))
    return answer


@require_POST
@login_required
def quiet(request: HttpRequest) -> HttpResponse:
    """Save the quiet hours, or end them; what waits for their end is set anew."""
    person = _person(request)
    answer = HttpResponseRedirect(f"{reverse('account')}#{QUIET}")
    if request.POST.get("quiet") != "on":
        start = end = None
    else:
        start, end = (_time(request.POST.get(field, "")) for field in ("from", "until"))
        if start is None or end is None or start == end:
            messages.error(request, _("Give two different times, such as 22:00 and 07:00."), QUIET)
            return answer
    person.quiet_from, person.quiet_until = start, end
    person.save(update_fields=["quiet_from", "quiet_until"])
    reschedule(person)
    messages.success(request, _("Saved."), QUIET)
    return answer


@require_POST
@login_required
def sign_out_others(request: HttpRequest) -> HttpResponse:
    """End every other session of the person."""
    others = UserSession.objects.filter(user=_person(request)).exclude(session_key=request.session.session_key)
    for session in others:
        session.end()
    browsers.remove_others(_person(request), here(request))
    messages.success(request, _("The other devices are signed out."), DEVICES)
    return HttpResponseRedirect(f"{reverse('account')}#{DEVICES}")


def device_of(user_agent: str) -> str:
    """Return in a few words what a browser says of itself."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " · ".join(filter(None, [browser, system])) or _("unknown device")


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _time(text: str) -> time | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


def _devices(request: HttpRequest) -> Iterator[dict[str, Any]]:
    now = timezone.now()
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    rows = UserSession.objects.filter(user=_person(request), session_key__in=alive).order_by("-last_seen_at")
    for row in rows[:MOST_DEVICES]:
        yield {
            "name": device_of(row.user_agent),
            "address": row.ip,
            "here": row.session_key == request.session.session_key,
            "seen": moment(row.last_seen_at, now),
            "since": moment(row.created_at, now),
        }


def _tokens_url() -> str:
    try:
        return reverse("account-tokens")
    except NoReverseMatch:
        return ""


urlpatterns: list[URLPattern] = [
    path("account/", account, name="account"),
    path("account/profile/", profile, name="account-profile"),
    path("account/quiet/", quiet, name="account-quiet"),
    path("account/devices/", sign_out_others, name="account-devices"),
]
