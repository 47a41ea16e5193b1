"""Bringing in lists (名单导入): what I began, a new file, and empty lists to fill in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.lists import exports, staging
from grids.lists.committing import summary
from grids.lists.content import MOST_BYTES
from grids.models import ListImport
from grids.models.lists import ListKind, ListState
from grids.problems import BadInput, Problem
from maps.pages.import_access import own, person_of, regions_of
from maps.pages.wording import moment

SHOWN = 30
ROOM_FOR_THE_FORM = 1 << 16
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@csrf_exempt  # a request that is too large is refused before anything reads it; `_index` checks the token
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show my lists, or take in a new one."""
    if request.method == "POST" and int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + ROOM_FOR_THE_FORM:
        person_of(request)
        return _page(request, _too_large(), status=413)
    return _index(request)


@csrf_protect
def _index(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        listed = _take_in(request)
    except Problem as problem:
        return _page(request, str(problem.sentence), status=problem.status)
    return HttpResponseRedirect(reverse("import-columns", args=[listed.pk]))


def _take_in(request: HttpRequest) -> ListImport:
    person = person_of(request)
    region = next((row for row in regions_of(request) if row.code == request.POST.get("region")), None)
    if region is None:
        raise BadInput(_("Choose the region that the list is about."))
    kind = request.POST.get("kind", "")
    if kind not in ListKind.values:
        raise BadInput(_("Say what the rows of the list are."))
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BadInput(_("Choose a file."))
    if (file.size or 0) > MOST_BYTES:
        raise BadInput(_too_large())
    return staging.take_in(person, region, kind, file.name or "", file.read())


def _too_large() -> str:
    return _("The file is larger than %(most)s MB. Split the list, or use the command import_places.") % {
        "most": MOST_BYTES >> 20
    }


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    person, regions = person_of(request), regions_of(request)
    now = timezone.now()
    mine = ListImport.objects.filter(person=person).select_related("region", "job").order_by("-created_at")[:SHOWN]
    rows = [_row(staging.reopen(listed), now) for listed in mine]
    context = {
        "problem": problem,
        "regions": [
            {"code": row.code, "label": f"{'　' * (len(row.code) // 3 - 2)}{row.local_name}"} for row in regions
        ],
        "kinds": [{"value": kind.value, "label": kind.label} for kind in ListKind],
        "chosen": {"kind": request.POST.get("kind", ListKind.CHECKPOINTS), "region": request.POST.get("region", "")},
        "open": [row for row in rows if not row["over"]],
        "over": [row for row in rows if row["over"]],
        "most": MOST_BYTES >> 20,
    }
    return render(request, "maps/imports/index.html", context, status=status)


def _row(listed: ListImport, now: datetime) -> dict[str, Any]:
    counts = listed.result or {}
    over = listed.state in {ListState.DONE, ListState.UNDONE}
    return {
        "id": listed.pk,
        "name": listed.name,
        "kind": ListKind(listed.kind).label,
        "region": listed.region.local_name,
        "file": listed.file_name,
        "over": over,
        "state": ListState(listed.state).label,
        "tone": {ListState.DONE: "ok", ListState.WRITING: "soft"}.get(ListState(listed.state), "soft"),
        "summary": summary(counts) if over else what_is_left(counts),
        "when": moment(listed.finished_at or listed.created_at, now),
        "until": moment(listed.expires_at, now),
        "url": reverse("import", args=[listed.pk]),
    }


def what_is_left(counts: dict[str, int]) -> str:
    """Return in a sentence what has to be done before a list can be brought in."""
    parts = [_("%(count)s rows") % {"count": counts.get("rows", 0)}]
    for state, words in (
        ("ready", _("%(count)s ready")),
        ("problem", _("%(count)s with a problem")),
        ("unplaced", _("%(count)s without a place")),
        ("skipped", _("%(count)s left out")),
    ):
        if counts.get(state):
            parts.append(words % {"count": counts[state]})
    return " · ".join(parts)


@require_safe
@login_required
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out an empty list of a kind to fill in."""
    person_of(request)
    if kind not in ListKind.values:
        raise Http404
    return download(exports.template(kind), f"{kind}.xlsx", XLSX)


@require_POST
@login_required
def discard(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Give a list up."""
    listed = own(request, identity)
    try:
        staging.give_up(listed)
    except Problem as problem:
        messages.error(request, str(problem.sentence))
        return HttpResponseRedirect(reverse("imports"))
    messages.info(request, _("The list “%(name)s” was given up; nothing of it was brought in.") % {"name": listed.name})
    return HttpResponseRedirect(reverse("imports"))


def download(data: bytes, name: str, content_type: str) -> HttpResponse:
    """Return a file that the browser saves and never shows."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns: list[URLPattern] = [
    path("imports/", index, name="imports"),
    path("imports/template/<slug:kind>.xlsx", template, name="import-template"),
    path("imports/<uuid:identity>/discard/", discard, name="import-discard"),
]
