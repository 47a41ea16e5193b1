"""Tiles and their TileJSON over HTTP."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grids.composed import Composed
from grids.models import Region
from grids.models.places import RegionLevel
from grids.problems import NotFound, Problem, problem_json
from grids.scope import NOBODY, Scope, scope_of
from maps.site import signed_in
from maps.tiles.layers import GROUND, GROUND_LAYERS, LAYERS, OWNERS, Layer
from maps.tiles.sql import NOTHING, Tile, TileBytes, compose_tile, write_tile
from patrols.filters import read_filter

MVT = "application/vnd.mapbox-vector-tile"
PUBLIC = "public, max-age=300, stale-while-revalidate=3600"
PRIVATE = "private, no-cache"
# `v` only makes a new address after something changed; `owners` asks for the scoped form of the grids.
ADDRESS = ("v", "owners")


@require_safe
def tile_json(request: HttpRequest, name: str) -> HttpResponse:
    """Describe a layer as TileJSON 3.0; filters that are asked for stand in the address of its tiles, too."""
    layers = _layers(request, name)
    _wanted(request, layers)
    known = {name for layer in layers for name in layer.filters} | ({"owners"} if OWNERS in layers else set())
    asked = urlencode({name: value for name, value in request.GET.items() if name in known})
    template = request.build_absolute_uri(f"/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt").replace("%7B", "{")
    extent = Region.objects.current().filter(level=RegionLevel.DISTRICT).aggregate(extent=Extent("geom"))["extent"]
    described = {
        "tilejson": "3.0.0",
        "name": ", ".join(str(layer.title) for layer in layers),
        "tiles": [template.replace("%7D", "}") + (f"?{asked}" if asked else "")],
        "minzoom": min(layer.min_zoom for layer in layers),
        "maxzoom": max(layer.max_zoom for layer in layers),
        "vector_layers": [
            {"id": layer.name, "fields": layer.fields, "minzoom": layer.min_zoom, "maxzoom": layer.max_zoom}
            for layer in layers
        ],
        **({"bounds": list(extent)} if extent else {}),
        **({"attribution": settings.TILE_ATTRIBUTION} if settings.TILE_ATTRIBUTION else {}),
    }
    response = JsonResponse(described)
    response["Cache-Control"] = "public, max-age=300" if _public(layers) else PRIVATE
    return response


@require_safe
def tile(request: HttpRequest, name: str, z: int, x: int, y: int) -> HttpResponseBase:
    """Serve a tile: 200 with an ETag, 204 when there is nothing in it, 304 when the caller has it."""
    layers = _layers(request, name)
    address = Tile.at(z, x, y)
    if address is None:
        raise NotFound(_("There is no tile %(z)d/%(x)d/%(y)d.") % {"z": z, "x": x, "y": y})
    wanted = _wanted(request, layers)
    public = _public(layers)
    scope = NOBODY if public else scope_of(request.user)
    if not public and scope.person is None:
        return problem_json(401, _("Sign in to see this layer."))
    if not public and signed_in.lacks_second_factor(request):
        return signed_in.refusal()
    made = [_written(layer, address, scope, wanted) for layer in layers]
    capped = next((layer.most for layer, part in zip(layers, made, strict=True) if part.features >= layer.most), 0)
    as_of = next((part.as_of for part in made if part.as_of), None)
    return _answer(request, b"".join(part.data for part in made), b"" if public else scope.key.encode(), capped, as_of)


def _layers(request: HttpRequest, name: str) -> tuple[Layer, ...]:
    if name == OWNERS.name and request.GET.get("owners") == "1":
        return (OWNERS,)
    if name == GROUND:
        return GROUND_LAYERS
    if name not in LAYERS:
        names = ", ".join([*LAYERS, GROUND])
        raise NotFound(_("There is no layer “%(name)s”; there are %(names)s.") % {"name": name, "names": names})
    return (LAYERS[name],)


def _public(layers: tuple[Layer, ...]) -> bool:
    return all(layer.public for layer in layers)


def _wanted(request: HttpRequest, layers: tuple[Layer, ...]) -> Any:
    known = {name for layer in layers for name in layer.filters}
    unknown = sorted(set(request.GET) - known - set(ADDRESS))
    if unknown:
        allowed = ", ".join(sorted(known)) or "—"
        raise Problem(
            _("There is no filter “%(name)s”; there are %(allowed)s.") % {"name": unknown[0], "allowed": allowed}
        )
    own = next((layer.read for layer in layers if layer.read), None)
    return own(request.GET) if own else read_filter(request.GET.dict(), ignore=ADDRESS)


def _written(layer: Layer, address: Tile, scope: Scope, wanted: Any) -> TileBytes:
    if address.z < layer.min_zoom:
        return NOTHING
    statement = _composed(
        _Shape(layer.name, layer.public, address.z, scope.key, wanted, timezone.localdate(), layer, scope)
    )
    return write_tile(statement, address) if statement else NOTHING


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the statement of a tile depends on, beside the tile's address."""

    layer: str
    public: bool
    zoom: int
    reach: str
    wanted: Any
    today: date
    by: Layer = field(compare=False)
    scope: Scope = field(compare=False)


@lru_cache(maxsize=512)
def _composed(shape: _Shape) -> Composed | None:
    """Compose the statement once for all tiles of a zoom that somebody looks at."""
    layer = shape.by
    if layer.statement:
        return layer.statement(shape.scope, shape.wanted, layer.most)
    rows = layer.rows(shape.scope, shape.wanted, shape.zoom)
    return compose_tile(layer.name, rows, layer.geometry, dict(layer.columns()), layer.most)


def _answer(
    request: HttpRequest, data: bytes, reach: bytes, capped: int, as_of: datetime | None = None
) -> HttpResponse:
    """Return the response for a tile's bytes; `reach` names the reader's scope and is empty for public layers."""
    etag = f'"{blake2b(data, digest_size=12, key=reach).hexdigest()}"'
    response = HttpResponse(data, content_type=MVT) if data else HttpResponse(status=204)
    response["ETag"] = etag
    response["Cache-Control"] = PRIVATE if reach else PUBLIC
    if capped:
        response["Gridwarden-Capped"] = str(capped)
    if as_of:
        response["Gridwarden-As-Of"] = as_of.astimezone(UTC).isoformat(timespec="seconds")
    if reach:
        patch_vary_headers(response, ["Cookie"])
    # A proxy that compresses makes the tag weak; Django compares as the standard says.
    return get_conditional_response(request, etag=etag, response=response) or response


urlpatterns = [
    path("<slug:name>.json", tile_json, name="tilejson"),
    path("<slug:name>/<int:z>/<int:x>/<int:y>.mvt", tile, name="tile"),
]
