"""Handing over a dispatcher's shift (交接班记录): writing a note, taking it over, the past ones, one to print."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models.people import Role
from grids.problems import NotFound
from grids.scope import Scope, scope_of
from maps.pages.wording import full_moment
from patrols import shift_notes
from patrols.models import ShiftNote
from patrols.workflow import State


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def notes(request: HttpRequest) -> HttpResponse:
    """List the notes of the dispatcher's regions, and write one."""
    scope = _scope(request)
    if request.method == "POST":
        note = shift_notes.write(request.POST.get("words", ""), scope)
        return HttpResponseRedirect(reverse("shift-note", args=[note.pk]))
    now = timezone.now()
    rows = [note_row(note, scope, now) for note in shift_notes.notes_for(scope)]
    return render(request, "maps/shift_notes.html", {"rows": rows})


@require_safe
@login_required
@never_cache
def one(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show one note as a page to be printed."""
    scope = _scope(request)
    try:
        note = shift_notes.note_of(identity, scope)
    except NotFound as error:
        raise Http404 from error
    return render(request, "maps/shift_note.html", {"note": note_row(note, scope, timezone.now())})


@require_POST
@login_required
def acknowledge(request: HttpRequest, identity: UUID) -> HttpResponseRedirect:
    """Take a note over and go back to where one came from: the board, or the note."""
    scope = _scope(request)
    note = shift_notes.acknowledge(identity, scope)
    if request.POST.get("back") == "board":
        return HttpResponseRedirect(reverse("dispatch"))
    return HttpResponseRedirect(reverse("shift-note", args=[note.pk]))


def note_row(note: ShiftNote, scope: Scope, now: datetime) -> dict[str, Any]:
    """Return a note in words."""
    english = (get_language() or "").startswith("en")
    return {
        "id": note.pk,
        "who": str(note.person),
        "when": full_moment(note.written_at, now),
        "words": note.words,
        "figures": note.figures,
        "cases": [
            {
                **case,
                "category": case["category"][1 if english and case["category"][1] else 0],
                "state": State(case["state"]).label,
                "url": reverse("report", args=[case["id"]]),
            }
            for case in note.cases
        ],
        "taken_by": str(note.acknowledged_by) if note.acknowledged_by else "",
        "taken": full_moment(note.acknowledged_at, now) if note.acknowledged_at else "",
        "may_take": note.acknowledged_at is None and note.person_id != scope.person_id,
    }


def _scope(request: HttpRequest) -> Scope:
    scope = scope_of(request.user)
    if not scope.has(Role.DISPATCHER):
        raise Http404
    return scope


urlpatterns: list[URLPattern] = [
    path("dispatch/notes/", notes, name="shift-notes"),
    path("dispatch/notes/<uuid:identity>/", one, name="shift-note"),
    path("dispatch/notes/<uuid:identity>/take/", acknowledge, name="shift-note-take"),
]
