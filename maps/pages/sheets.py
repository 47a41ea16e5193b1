"""Assignment sheets (问题交办单) and receipts (整改回执): making one, printing it, and a body's answers."""

from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid7
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from grids.models import Job, Organisation
from grids.problems import BadInput, NotFound, Problem
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, day_of, id_of, uuid_of
from maps.pages.imports import download
from maps.pages.wording import full_moment, moment
from maps.papers import files
from maps.papers.content import BLANK, RECEIPT, SHEET, Paper, paper_of, title_of
from patrols import sheets
from patrols.models import Sheet, SheetItem

SHOWN = 100


@require_safe
@login_required
@never_cache
@by_page
def sheet_list(request: HttpRequest) -> HttpResponse:
    """List the newest sheets that somebody sees."""
    scope, now = scope_of(request.user), timezone.now()
    rows = [
        {
            "id": sheet.pk,
            "number": sheet.number,
            "body": sheet.organisation,
            "who": sheet.made_by,
            "when": moment(sheet.made_at, now),
            "by": sheet.answer_by,
        }
        for sheet in sheets.sheets_of(scope)[:SHOWN]
    ]
    return render(request, "maps/sheets/list.html", {"rows": rows, "makes": bool(sheets.codes_of(scope))})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@by_page
def new_sheet(request: HttpRequest) -> HttpResponse:
    """Choose a body (?body= its id), then which of its open reports go on the sheet."""
    scope = scope_of(request.user)
    if not sheets.codes_of(scope):
        raise Http404
    bodies = sheets.bodies_of(scope)
    body = _body(bodies, request.POST.get("body") or request.GET.get("body", ""))
    status, problem = 200, ""
    if request.method == "POST":
        try:
            return _made(request, scope, body)
        except Problem as refused:
            status, problem = refused.status, str(refused.sentence)
    rows = list(sheets.reports_for(body, scope)[: sheets.MOST_ITEMS]) if body else []
    chosen = set(request.POST.getlist("report"))
    context = {
        "key": uuid7.uuid7(),
        "bodies": bodies,
        "body": body,
        "rows": [
            {
                "report": row,
                "on": request.method != "POST" or str(row.pk) in chosen,
                "due": full_moment(row.due_at, timezone.now()) if row.due_at else "",
            }
            for row in rows
        ],
        "given": request.POST,
        "problem": problem,
    }
    return render(request, "maps/sheets/new.html", context, status=status)


def _body(bodies: list[Organisation], text: str) -> Organisation | None:
    identity = id_of(text)
    if identity is None:
        return None
    found = next((body for body in bodies if body.pk == identity), None)
    if found is None:
        raise NotFound(_("There is nobody with that id here."))
    return found


def _made(request: HttpRequest, scope: Scope, body: Organisation | None) -> HttpResponse:
    form = request.POST
    if body is None:
        raise BadInput(_("Choose the body first."))
    sheet = sheets.make(
        scope,
        uuid_of(form.get("key", "")),
        body,
        [uuid_of(text) for text in form.getlist("report")],
        note=form.get("note", ""),
        answer_by=day_of(form.get("answer_by", ""), _("Answer by")),
    )
    messages.success(request, _("The sheet %(number)s is made.") % {"number": sheet.number})
    return HttpResponseRedirect(reverse("sheet", args=[sheet.pk]))


@require_safe
@login_required
@never_cache
@by_page
def sheet_page(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show a sheet as it is printed."""
    scope = scope_of(request.user)
    sheet = sheets.find(identity, scope)
    return render(request, "maps/sheets/paper.html", _context(paper_of(sheet, SHEET), scope))


@require_safe
@login_required
@never_cache
@by_page
def receipt_page(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Show the receipt as it is printed, with the forms of those who fill it in: ?blank leaves the answers out."""
    scope = scope_of(request.user)
    sheet = sheets.find(identity, scope)
    what = BLANK if "blank" in request.GET else RECEIPT
    return render(request, "maps/sheets/paper.html", _context(paper_of(sheet, what), scope))


def _context(paper: Paper, scope: Scope) -> dict[str, Any]:
    return {
        "paper": paper,
        "sheet": paper.sheet,
        "what": paper.what,
        "large": len(paper.lines) > files.AT_ONCE,
        "may_answer": paper.what == RECEIPT and sheets.may_answer(paper.sheet, scope),
        "others": [(SHEET, title_of(SHEET)), (RECEIPT, title_of(RECEIPT)), (BLANK, _("Receipt, blank"))],
        "today": timezone.localdate(),
    }


@require_POST
@login_required
@by_page
def answer(request: HttpRequest, identity: UUID, position: int) -> HttpResponse:
    """Write what the body did about one report."""
    scope = scope_of(request.user)
    sheet = sheets.find(identity, scope)
    item = SheetItem.objects.filter(sheet=sheet, position=position).first()
    if item is None:
        raise NotFound(_("There is no such line on this sheet."))
    item.sheet = sheet
    sheets.answer(item, scope, request.POST.get("words", ""), day_of(request.POST.get("done_on", ""), _("Done on")))
    messages.success(request, _("Line %(number)d is answered.") % {"number": position})
    return HttpResponseRedirect(f"{reverse('sheet-receipt', args=[sheet.pk])}#line-{position}")


@require_safe
@login_required
@never_cache
@by_page
def sheet_file(request: HttpRequest, identity: UUID, what: str) -> HttpResponse:
    """Return a paper as DOCX; a large one is a job's work."""
    from maps.papers.word import docx_of

    sheet = sheets.find(identity, scope_of(request.user))
    files.check_what(what)
    if sheet.items.count() > files.AT_ONCE:
        raise BadInput(_("This sheet is large: let it be written by a job."))
    paper = paper_of(sheet, what)
    return download(docx_of(paper), files.name_of(what, sheet), files.DOCX)


@require_POST
@login_required
@by_page
def start_file(request: HttpRequest, identity: UUID) -> HttpResponse:
    """Let a job write a large paper."""
    scope = scope_of(request.user)
    sheet = sheets.find(identity, scope)
    job = files.start(sheet, request.POST.get("what", ""), scope)
    return HttpResponseRedirect(f"{reverse('jobs')}#job-{job.pk}")


@require_safe
@login_required
@never_cache
@by_page
def made_file(request: HttpRequest, identity: UUID, job: UUID) -> HttpResponseBase:
    """Answer with the file of one's own job, as long as one sees the sheet; after a day there is none."""
    sheet: Sheet = sheets.find(identity, scope_of(request.user))
    row = get_object_or_404(Job, pk=job, person=request.user, kind=files.KIND, parameters__sheet=str(sheet.pk))
    try:
        stream = files.path_of(row.pk).open("rb")
    except FileNotFoundError as error:
        raise Http404(_("The file was removed after 24 hours: make another.")) from error
    name = files.name_of(row.parameters["what"], sheet)
    return FileResponse(stream, content_type=files.DOCX, as_attachment=True, filename=name)


urlpatterns: list[URLPattern] = [
    path("sheets/", sheet_list, name="sheets"),
    path("sheets/new/", new_sheet, name="sheet-new"),
    path("sheets/<uuid:identity>/", sheet_page, name="sheet"),
    path("sheets/<uuid:identity>/receipt/", receipt_page, name="sheet-receipt"),
    path("sheets/<uuid:identity>/lines/<int:position>/", answer, name="sheet-answer"),
    path("sheets/<uuid:identity>/<slug:what>.docx", sheet_file, name="sheet-file"),
    path("sheets/<uuid:identity>/files/", start_file, name="sheet-files"),
    path("sheets/<uuid:identity>/files/<uuid:job>/", made_file, name="sheet-made"),
]
