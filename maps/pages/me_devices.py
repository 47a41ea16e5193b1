"""My trackers: pairing one with an application, whose secret is shown once; its first position; name, and revoking."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models import Device, Person
from grids.problems import NotFound, Problem, problem_json
from maps.pages.asking import by_page, check_text
from maps.pages.me import person_of
from maps.pages.qr import qr_image
from maps.pages.tracker_setup import setup_of, systems_of
from maps.pages.wording import moment
from patrols.intake import devices as trackers
from patrols.models import Consent

MOST_SHOWN = 20
# Why a position does not count: the reasons of patrols.protocols.readings and patrols.intake.storing.
ASIDE: dict[str, Promise] = {
    "bad_place": gettext_lazy("no place on Earth"),
    "swapped": gettext_lazy("latitude and longitude changed round"),
    "bad_time": gettext_lazy("no readable time"),
    "future": gettext_lazy("a time in the future"),
    "too_old": gettext_lazy("more than seven days old"),
    "said_invalid": gettext_lazy("the tracker itself called it invalid"),
    "unreadable": gettext_lazy("not what its application sends"),
    trackers.NO_ROLE: gettext_lazy("you have no role here at present"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def devices(request: HttpRequest) -> HttpResponse:
    """Show one's own trackers; a POST pairs one and shows its secret this once."""
    person, now = person_of(request), timezone.now()
    given = {name: request.POST.get(name, "") for name in ("name", "protocol", "speed_unit", "crs")}
    made: dict[str, Any] | None = None
    wrong, status = "", 200
    if request.method == "POST":
        try:
            check_text(request)
            made = _made(request, person, given)
        except Problem as problem:
            wrong, status = str(problem.sentence), problem.status
    rows = Device.objects.filter(person=person).order_by("revoked_at", "-pk")
    context = {
        "consented": Consent.objects.filter(person=person, withdrawn_at__isnull=True).exists(),
        "rows": [_row(row, now) for row in rows[:MOST_SHOWN]],
        "most": trackers.MOST,
        "made": made,
        "wrong": wrong,
        "given": given,
        "apps": [{"key": key, "label": label, "systems": systems_of(key)} for key, label in Device.Protocol.choices],
        "speeds": Device.Speed.choices,
        "systems": Device.Crs.choices,
    }
    return render(request, "maps/me/devices.html", context, status=status)


@require_safe
@login_required
@never_cache
def heard(request: HttpRequest, identity: int) -> HttpResponse:
    """Answer whether anything came from one's own tracker, and what became of it."""
    row = Device.objects.filter(person=person_of(request), pk=identity).first()
    if row is None:
        return problem_json(404, _("There is no such paired device of yours."))
    return JsonResponse(
        {
            "now": timezone.now().timestamp(),
            "at": row.heard_at.timestamp() if row.heard_at else None,
            "seen": row.last_seen_at.timestamp() if row.last_seen_at else None,
            "became": _became(row),
            "counts": row.heard_at is not None and not row.heard,
        }
    )


@require_POST
@login_required
@by_page
def rename(request: HttpRequest, identity: int) -> HttpResponse:
    """Give a tracker another name."""
    trackers.rename(person_of(request), identity, request.POST.get("name", ""))
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("me-devices"))


@require_POST
@login_required
@by_page
def revoke(request: HttpRequest, identity: int) -> HttpResponse:
    """End a tracker at once and for ever."""
    if not trackers.revoke(person_of(request), identity):
        raise NotFound(_("There is no such paired device of yours."))
    messages.success(request, _("The tracker is revoked: nothing it sends is taken any more."))
    return HttpResponseRedirect(reverse("me-devices"))


def _made(request: HttpRequest, person: Person, given: dict[str, str]) -> dict[str, Any]:
    """Pair a tracker and return what is shown of it once; raises Problem."""
    protocol = given["protocol"]
    label = dict(Device.Protocol.choices).get(protocol, "")
    name = given["name"].strip() or label
    device, secret = trackers.pair(person, name, protocol, given["speed_unit"], given["crs"])
    setup = setup_of(protocol, request.build_absolute_uri("/"), secret)
    return {
        "device": device,
        "app": label,
        "setup": setup,
        "qr": qr_image(setup.code),
        "plain": not request.is_secure(),
    }


def _row(row: Device, now: datetime) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "app": row.get_protocol_display(),
        "crs": row.get_crs_display() if row.crs != Device.Crs.WGS84 else "",
        "heard": moment(row.heard_at, now) if row.heard_at else "",
        "seen": moment(row.last_seen_at, now) if row.last_seen_at else "",
        "became": _became(row),
        "made": moment(row.created_at, now),
        "revoked": moment(row.revoked_at, now) if row.revoked_at else "",
    }


def _became(row: Device) -> str:
    """Return in a sentence what became of a tracker's newest position, empty for one that counts and for none."""
    if row.heard_at is None or not row.heard:
        return ""
    if row.heard == "waiting":
        return _("It waits, since no patrol of yours was under way then.")
    return _("It does not count: %(why)s.") % {"why": ASIDE.get(row.heard, row.heard)}
