"""OGC API - Features: everybody reads the public collections, who signed in what is theirs of the others."""

from tests.maps.route_table import CHECKPOINT_SETS, REPORT_SETS, TILE, Row, everybody, signed_in

NAME, ROOT = "<str:name>", "ogc/"
SHOWN = {
    # The fifth grid's is a request.
    "reports": tuple(f"{name}-id" for name in REPORT_SETS if name != "five"),
    "checkpoints": CHECKPOINT_SETS,
    "zones": ("zone-five", "zone-far"),
}


def _rows() -> list[Row]:
    rows = [
        Row("ogc", "/ogc", everybody(200), TILE, public=True),
        Row(ROOT, "/ogc/", everybody(200), TILE, public=True),
        Row(f"{ROOT}conformance", "/ogc/conformance", everybody(200), TILE, public=True),
        Row(f"{ROOT}api", "/ogc/api", everybody(200), TILE),
        Row(f"{ROOT}collections", "/ogc/collections", everybody(200), TILE),
        Row(f"{ROOT}^(?P<rest>[\\s\\S]+)$", "/ogc/nothing", everybody(404), TILE),
    ]
    for one, public in (
        *((name, True) for name in ("regions", "grids", "streets", "buildings", "places")),
        *((name, False) for name in ("grid_owners", "checkpoints", "zones", "coverage", "reports")),
    ):
        expect = everybody(200) if public else signed_in(200, visitor=401)
        route, address = f"{ROOT}collections/{NAME}", f"/ogc/collections/{one}"
        rows += [Row(f"{route}{part}", f"{address}{part}", expect, TILE, public=public) for part in ("", "/schema")]
        rows.append(Row(f"{route}/queryables", f"{address}/queryables", expect, TILE, public=public))
        shown = SHOWN.get(one, ())
        rows.append(Row(f"{route}/items", f"{address}/items?limit=100", expect, TILE, shows=shown, public=public))
        nothing = everybody(404) if public else signed_in(404, visitor=401)
        rows.append(Row(f"{route}/items/<str:identity>", f"{address}/items/nothing", nothing, TILE))
    return rows


FEATURES = tuple(_rows())
