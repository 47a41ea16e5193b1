"""Tiles and their TileJSON over HTTP."""

from hashlib import blake2b

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grids.models import Region
from grids.models.places import RegionLevel
from grids.problems import NotFound, Problem, problem_json
from grids.scope import NOBODY, Scope, scope_of
from maps.tiles.layers import LAYERS, OWNERS, Layer
from maps.tiles.sql import Tile, TileBytes, write_tile
from patrols.filters import ReportFilter, read_filter

MVT = "application/vnd.mapbox-vector-tile"
PUBLIC = "public, max-age=300, stale-while-revalidate=3600"
PRIVATE = "private, no-cache"
# `v` only makes a new address after something changed; `owners` asks for the scoped form of the grids.
ADDRESS = ("v", "owners")


@require_safe
def tile_json(request: HttpRequest, name: str) -> HttpResponse:
    """Describe a layer as TileJSON 3.0."""
    layer = _layer(request, name)
    template = request.build_absolute_uri(f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt").replace("%7B", "{")
    extent = Region.objects.current().filter(level=RegionLevel.DISTRICT).aggregate(extent=Extent("geom"))["extent"]
    described = {
        "tilejson": "3.0.0",
        "name": str(layer.title),
        "tiles": [template.replace("%7D", "}") + ("?owners=1" if layer is OWNERS else "")],
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "vector_layers": [
            {"id": layer.name, "fields": layer.fields, "minzoom": layer.min_zoom, "maxzoom": layer.max_zoom}
        ],
        **({"bounds": list(extent)} if extent else {}),
        **({"attribution": settings.TILE_ATTRIBUTION} if settings.TILE_ATTRIBUTION else {}),
    }
    response = JsonResponse(described)
    response["Cache-Control"] = "public, max-age=300" if layer.public else PRIVATE
    return response


@require_safe
def tile(request: HttpRequest, name: str, z: int, x: int, y: int) -> HttpResponse:
    """Serve a tile: 200 with an ETag, 204 when there is nothing in it, 304 when the caller has it."""
    layer = _layer(request, name)
    address = Tile.at(z, x, y)
    if address is None:
        raise NotFound(_("There is no tile %(z)d/%(x)d/%(y)d.") % {"z": z, "x": x, "y": y})
    wanted = _wanted(request, layer)
    scope = NOBODY if layer.public else scope_of(request.user)
    if not layer.public and scope.person is None:
        return problem_json(401, _("Sign in to see this layer."))
    made = _written(layer, address, scope, wanted)
    return _answer(request, layer, scope, made)


def _layer(request: HttpRequest, name: str) -> Layer:
    layer = OWNERS if name == OWNERS.name and request.GET.get("owners") == "1" else LAYERS.get(name)
    if layer is None:
        raise NotFound(
            _("There is no layer “%(name)s”; there are %(names)s.") % {"name": name, "names": ", ".join(LAYERS)}
        )
    return layer


def _wanted(request: HttpRequest, layer: Layer) -> ReportFilter:
    unknown = sorted(set(request.GET) - set(layer.filters) - set(ADDRESS))
    if unknown:
        allowed = ", ".join(layer.filters) or "—"
        raise Problem(
            _("There is no filter “%(name)s”; there are %(allowed)s.") % {"name": unknown[0], "allowed": allowed}
        )
    return read_filter(request.GET.dict(), ignore=ADDRESS)


def _written(layer: Layer, address: Tile, scope: Scope, wanted: ReportFilter) -> TileBytes:
    if address.z < layer.min_zoom:
        return TileBytes(b"", 0)
    rows = layer.rows(scope, wanted, address.z)
    return write_tile(layer.name, address, rows, layer.geometry, dict(layer.columns()), layer.most)


def _answer(request: HttpRequest, layer: Layer, scope: Scope, made: TileBytes) -> HttpResponse:
    reach = b"" if layer.public else scope.key.encode()
    etag = f'"{blake2b(made.data, digest_size=12, key=reach).hexdigest()}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    elif made.data:
        response = HttpResponse(made.data, content_type=MVT)
    else:
        response = HttpResponse(status=204)
    response["ETag"] = etag
    response["Cache-Control"] = PUBLIC if layer.public else PRIVATE
    if made.features >= layer.most:
        response["Gridwarden-Capped"] = str(layer.most)
    if not layer.public:
        patch_vary_headers(response, ["Cookie"])
    return response


urlpatterns = [
    path("<slug:name>.json", tile_json, name="tilejson"),
    path("<slug:name>/<int:z>/<int:x>/<int:y>.mvt", tile, name="tile"),
]
