"""The inbox (消息): what a person was told, newest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from grids.models import Notification, Person
from grids.models.people import Role
from maps.pages.choices import categories
from maps.pages.wording import moment
from patrols.presentation import verb_label
from patrols.workflow import TRANSITIONS, State

PAGE_SIZE = 30
WORDS = {
    "file": gettext_lazy("New report"),
    "role_given": gettext_lazy("A role was given to you"),
    "role_ended": gettext_lazy("A role of yours ends"),
    "assigned": gettext_lazy("You answer for this from now on"),
    "joined": gettext_lazy("Somebody came by your invitation"),
    "account_reset": gettext_lazy("Your account was closed for a new start"),
    "handover_planned": gettext_lazy("Handover planned"),
    "handover_done": gettext_lazy("Handed over"),
    "handover_cancelled": gettext_lazy("Handover undone"),
    "shift_assigned": gettext_lazy("You stand there"),
    "shift_removed": gettext_lazy("You were taken off this shift"),
    "shift_cancelled": gettext_lazy("This shift is cancelled"),
    "shift_free": gettext_lazy("A place got free at short notice"),
    "shift_tomorrow": gettext_lazy("Your shift tomorrow"),
    "shift_soon": gettext_lazy("Your shift begins soon"),
    "swap_asked": gettext_lazy("Somebody asks for a swap"),
    "swap_done": gettext_lazy("Somebody took over your shift"),
    "swap_taken": gettext_lazy("You took over this shift"),
    "offer": gettext_lazy("You are asked to help"),
    "offer_taken": gettext_lazy("Somebody else has taken it"),
    "offer_over": gettext_lazy("You are not needed there any more"),
    "call_unanswered": gettext_lazy("Nobody came forward"),
    "task_lacking": gettext_lazy("This task goes to nobody any more: a body of it has ended"),
    "patrol_plan": gettext_lazy("Patrols are planned in your grid"),
    "patrol_plan_changed": gettext_lazy("A patrol plan has other days or hours"),
    "patrol_plan_ended": gettext_lazy("A patrol plan was ended"),
    "regridded": gettext_lazy("Your grid has another outline from today on"),
    "grid_ended": gettext_lazy("This grid is no more; you do not answer for it any longer"),
    "split_accepted": gettext_lazy("New grids from today on"),
    "job_done": gettext_lazy("Job done"),
    "job_failed": gettext_lazy("Job failed"),
    "calendar": gettext_lazy("Working calendar changed; reports with a new due time:"),
}


@require_safe
@login_required
@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    """Show a page of a person's messages."""
    now = timezone.now()
    page = list(_before(request, _mine(request).order_by("-created_at", "-pk"))[: PAGE_SIZE + 1])
    last = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    context = {
        "rows": list(_rows(page[:PAGE_SIZE], now)),
        "unread_all": _mine(request).filter(read_at__isnull=True).count(),
        "shown": max((message.pk for message in page), default=0),
        "older": f"{reverse('inbox')}?before={_key(last)}" if last else "",
        "newest": reverse("inbox") if request.GET.get("before") else "",
    }
    return render(request, "maps/inbox.html", context)


@require_safe
@login_required
@never_cache
def open_message(request: HttpRequest, identity: int) -> HttpResponseRedirect:
    """Mark a message as read and go to what it speaks of: a report, or a job and what came of it."""
    message = get_object_or_404(_mine(request), pk=identity)
    Notification.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=timezone.now())
    return HttpResponseRedirect(target_of(message.verb, message.data))


def target_of(verb: str, data: dict[str, Any]) -> str:
    """Return the address of what a message speaks of, of the inbox for one that speaks of nothing."""
    if data.get("offers"):
        return reverse("offers")
    if data.get("report"):
        return reverse("report", args=[UUID(data["report"])])
    if data.get("following"):
        return f"{reverse('me-following')}#f-{UUID(data['following'])}"
    if data.get("job"):
        return str(data.get("url") or f"{reverse('jobs')}#job-{UUID(data['job'])}")
    if data.get("handover"):
        return reverse("handover", args=[UUID(data["handover"])])
    if data.get("shift"):
        return _shift_page(verb, UUID(data["shift"]))
    if data.get("person"):
        return reverse("person", args=[int(data["person"])])
    if data.get("grid"):
        return f"{reverse('my-grid')}?grid={data['grid']}"
    if data.get("list"):
        return f"{reverse('tasks')}?{urlencode({'list': data['list']})}"
    if data.get("year"):
        return f"{reverse('calendar')}?year={int(data['year'])}"
    return reverse("inbox")


def _shift_page(verb: str, identity: UUID) -> str:
    if verb == "shift_free":
        return reverse("shift", args=[identity])
    return f"{reverse('shifts')}#shift-{identity}"


@require_POST
@login_required
def mark(request: HttpRequest, identity: int) -> HttpResponseRedirect:
    """Mark one message as read, or as unread again so that it is not forgotten."""
    message = get_object_or_404(_mine(request), pk=identity)
    read = request.POST.get("read") == "1"
    rows = Notification.objects.filter(pk=message.pk, read_at__isnull=read)
    rows.update(read_at=timezone.now() if read else None)
    before = request.POST.get("before", "")
    return HttpResponseRedirect(
        f"{reverse('inbox')}{'?before=' + quote(before) if before else ''}#message-{message.pk}"
    )


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what the person had before them: every message up to the newest one shown."""
    shown = request.POST.get("shown") or request.GET.get("shown", "")
    if not shown.isascii() or not shown.isdigit() or len(shown) > 18:
        raise Http404(_("There is no such message."))
    _mine(request).filter(read_at__isnull=True, pk__lte=int(shown)).update(read_at=timezone.now())
    if "application/json" in request.headers.get("Accept", ""):
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("inbox"))


def _mine(request: HttpRequest) -> QuerySet[Notification]:
    assert isinstance(request.user, Person)
    return Notification.objects.filter(person=request.user)


def _rows(messages: Iterable[Notification], now: datetime) -> Iterable[dict[str, Any]]:
    names = {code: name for group in categories().values() for code, name in group}
    for message in messages:
        yield {
            "id": message.pk,
            "what": what_happened(message),
            "category": names.get(message.data.get("category", ""), ""),
            "hazard": message.data.get("hazard", False),
            "number": message.data.get("number", ""),
            "subject": message.subject,
            "url": reverse("inbox-message", args=[message.pk]),
            "unread": message.read_at is None,
            "quiet_until": timezone.localtime(message.due_at) if message.due_at > now else None,
            "when": moment(message.created_at, now),
            "exactly": timezone.localtime(message.created_at).isoformat(timespec="seconds"),
        }


def what_happened(message: Notification) -> str:
    """Return in a word what happened: the state a report came into, or what was done without changing it."""
    if message.verb in WORDS:
        role = message.data.get("role", "")
        return f"{WORDS[message.verb]} · {Role(role).label}" if role in Role.values else str(WORDS[message.verb])
    after = message.data.get("after", "")
    row = TRANSITIONS.get(message.verb)
    if (row and row.target is None) or after not in State.values:
        return verb_label(message.verb) if row else message.verb
    return str(State(after).label)


def _key(message: Notification) -> str:
    return f"{message.created_at:%Y%m%dT%H%M%S%fZ}-{message.pk}"


def _before(request: HttpRequest, messages: QuerySet[Notification]) -> QuerySet[Notification]:
    """Keep what is older than the message whose key stands in the address."""
    key = request.GET.get("before")
    if not key:
        return messages
    when, _dash, identity = key.partition("-")
    try:
        moment_before = datetime.strptime(when, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=timezone.get_fixed_timezone(0))
        pk = int(identity)
    except ValueError as error:
        raise Http404(_("There is no such page of messages.")) from error
    older = Q(created_at__lt=moment_before) | Q(created_at=moment_before, pk__lt=pk)
    return messages.filter(older, created_at__lte=moment_before)


urlpatterns: list[URLPattern] = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/<int:identity>/", open_message, name="inbox-message"),
    path("inbox/<int:identity>/mark/", mark, name="inbox-mark"),
    path("inbox/read/", read_all, name="inbox-read"),
]
