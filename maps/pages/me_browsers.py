"""The browsers in which somebody is told (浏览器推送): turned on in one, listed, tried and removed in any."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.channels import browsers, registry
from grids.channels.browsers import Subscription
from grids.models import Person
from grids.models.outside import PUSH
from grids.webpush import public_key
from maps.pages.account import device_of
from maps.pages.asking import by_page
from maps.pages.me import person_of
from maps.pages.this_browser import here, remember
from maps.pages.wording import moment

LONGEST = {"endpoint": 2001, "p256dh": 200, "auth": 100}


@require_POST
@login_required
@never_cache
@by_page
def subscribe(request: HttpRequest) -> HttpResponse:
    """Take what the browser says of itself: from the page, and from the worker when the push service changed it."""
    given = {name: request.POST.get(name, "")[:longest] for name, longest in LONGEST.items()}
    name = device_of(request.headers.get("User-Agent", ""))
    row = browsers.subscribe(person_of(request), Subscription(**given), name, here(request))
    messages.success(request, _("Notices come to this browser from now on."))
    answer = _back()
    remember(answer, row)
    return answer


@require_safe
@login_required
@never_cache
def key(request: HttpRequest) -> HttpResponse:
    """Tell the worker what it needs to subscribe anew: the public key, who is signed in, the form's token."""
    if PUSH not in registry.ready():
        raise Http404(_("There is no such page for you."))
    told = {"key": public_key(settings.PUSH_KEY), "person": str(person_of(request).pk), "token": get_token(request)}
    return JsonResponse(told)


@require_POST
@login_required
@by_page
def test(request: HttpRequest, identity: int) -> HttpResponse:
    """Send a test to one of one's own browsers."""
    browsers.test(person_of(request), identity)
    messages.success(request, _("A test is on its way. What became of it stands below in a moment."))
    return HttpResponseRedirect(f"{reverse('me-notifications')}#lately")


@require_POST
@login_required
@by_page
def remove(request: HttpRequest, identity: int) -> HttpResponse:
    """Tell the person no more in one of their browsers."""
    browsers.remove(person_of(request), identity)
    messages.success(request, _("The browser is removed. Nothing comes there any more."))
    return _back()


def shown(request: HttpRequest, person: Person) -> dict[str, Any]:
    """Return what the page of how one is told shows of the browsers."""
    now, this = timezone.now(), here(request)
    rows = [
        {
            "id": row.pk,
            "name": row.hint,
            "here": row.pk == this,
            "digest": row.endpoint_hash,
            "since": moment(row.created_at, now),
        }
        for row in browsers.of(person)
    ]
    own = next((row["digest"] for row in rows if row["here"]), "")
    label = registry.CHANNELS[PUSH].label
    return {"label": label, "key": public_key(settings.PUSH_KEY), "rows": rows, "own": own}


def _back() -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('me-notifications')}#push")
