"""My private places: marked on a map, listed, removed; shown to nobody else."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Extent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from grids.models import Grid, Region
from grids.problems import BadInput, Problem
from grids.scope import Scope, scope_of
from maps.pages.asking import by_page, check_text
from maps.pages.me import person_of
from patrols import private_places

RADII = (50, 100, 150, 300, 500)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def places(request: HttpRequest) -> HttpResponse:
    """Show one's own private places on a map; a POST marks one."""
    person = person_of(request)
    wrong, status = "", 200
    if request.method == "POST":
        try:
            check_text(request)
            _mark(request)
        except Problem as problem:
            wrong, status = str(problem.sentence), problem.status
        else:
            messages.success(request, _("Marked. What lies there is cut out of your ways, those that are kept too."))
            return HttpResponseRedirect(reverse("me-places"))
    rows = list(private_places.opened(person))
    context = {
        "rows": rows,
        "full": len(rows) >= private_places.MOST,
        "most": private_places.MOST,
        "radii": RADII,
        "usual": private_places.RADIUS,
        "longest": private_places.LONGEST_NAME,
        "wrong": wrong,
        "data": {
            "bounds": _bounds(scope_of(person)),
            "places": [
                {"id": row.id, "name": row.name, "lon": row.lon, "lat": row.lat, "radius": row.radius}
                for row in rows
                if row.lon is not None
            ],
        },
    }
    return render(request, "maps/me/places.html", context, status=status)


@require_POST
@login_required
@by_page
def forget(request: HttpRequest, identity: int) -> HttpResponse:
    """Remove a place."""
    private_places.forget(person_of(request), identity)
    messages.success(request, _("Removed. Later ways are kept whole there; what was cut out does not come back."))
    return HttpResponseRedirect(reverse("me-places"))


def _mark(request: HttpRequest) -> None:
    try:
        lon, lat = (float(request.POST.get(name, "")) for name in ("lon", "lat"))
        radius = int(request.POST.get("radius", ""))
    except ValueError as error:
        raise BadInput(_("Touch the map where the place is.")) from error
    private_places.mark(person_of(request), lon, lat, radius, request.POST.get("name", ""))


def _bounds(scope: Scope) -> list[float] | None:
    """Return where the map begins (west, south, east, north): one's own grids, or else one's regions."""
    if scope.grids:
        box = Grid.objects.filter(pk__in=scope.grids).aggregate(box=Extent("geom"))["box"]
    else:
        codes = {code for codes in scope.regions.values() for code in codes}
        box = Region.objects.current().filter(code__in=codes).aggregate(box=Extent("geom"))["box"]
    return list(box) if box else None
