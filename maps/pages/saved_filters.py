"""One's own named filters on top of the list of reports (常用筛选): kept, renamed, deleted."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from grids.problems import BadInput, Conflict, NotFound
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page
from patrols.filters import ALLOWED, read_filter
from patrols.models import SavedFilter

MOST = 30
LONGEST_NAME = 40


@require_POST
@login_required
@by_page
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the list under a name; the same name again keeps the new ones."""
    scope, name = scope_of(request.user), _name(request)
    query = {each: value for each in ALLOWED if (value := request.POST.get(each, "").strip())}
    if not query:
        raise BadInput(_("Choose at least one filter first."))
    read_filter(query)
    mine = own(scope)
    if mine.exclude(name=name).count() >= MOST:
        raise Conflict(_("You have %(most)s saved filters; delete one first.") % {"most": MOST})
    SavedFilter.objects.update_or_create(person=scope.person, name=name, defaults={"query": query})
    return HttpResponseRedirect(address_of(query))


@require_POST
@login_required
@by_page
def change(request: HttpRequest, identity: int) -> HttpResponse:
    """Rename or delete (`do=delete`) one of one's own."""
    saved = own(scope_of(request.user)).filter(pk=identity).first()
    if saved is None:
        raise NotFound(_("There is no such thing here."))
    if request.POST.get("do") == "delete":
        saved.delete()
        return HttpResponseRedirect(reverse("reports"))
    try:
        with transaction.atomic():
            own(scope_of(request.user)).filter(pk=saved.pk).update(name=_name(request))
    except IntegrityError as error:
        raise Conflict(_("You have a filter of this name already.")) from error
    return HttpResponseRedirect(address_of(saved.query))


def own(scope: Scope) -> QuerySet[SavedFilter]:
    """Return somebody's own: nobody sees another's."""
    return SavedFilter.objects.filter(person=scope.person_id)


def beside(scope: Scope) -> ArraySubquery:
    """Return one's own filters as a column, so that the list needs no query more for them."""
    return ArraySubquery(_plain(scope))


def context_of(scope: Scope, query: QueryDict, row: Any) -> dict[str, Any]:
    """Return what the list shows of them; they come with a row of it, or by themselves where it has none."""
    rows = row.saved if row else [each["plain"] for each in _plain(scope)]
    chosen = {name: query[name] for name in ALLOWED if query.get(name)}
    saved = [{**each, "url": address_of(each["query"]), "current": each["query"] == chosen} for each in rows]
    return {"saved": saved, "kept": any(each["current"] for each in saved)}


def address_of(query: dict[str, str]) -> str:
    """Return the address of the list with filters."""
    return f"{reverse('reports')}?{urlencode([(name, query[name]) for name in ALLOWED if name in query])}"


def _plain(scope: Scope) -> Any:
    plain: Any = JSONObject(id=F("pk"), name=F("name"), query=F("query"))
    named: Any = own(scope).order_by("name").annotate(plain=plain)
    return named.values("plain")


def _name(request: HttpRequest) -> str:
    name = " ".join(request.POST.get("name", "").split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(_("Give it a name of at most %(most)s characters.") % {"most": LONGEST_NAME})
    return name


urlpatterns: list[URLPattern] = [
    path("reports/filters/", save, name="saved-filters"),
    path("reports/filters/<int:identity>/", change, name="saved-filter"),
]
