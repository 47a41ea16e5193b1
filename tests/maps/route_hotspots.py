"""Runs that looked for hotspots: the planners' of the regions that they were made for."""

from typing import TYPE_CHECKING

from django.utils import timezone

from maps.models import HotspotRun
from tests.maps.route_table import API, TILE, Row, everybody, only, several, signed_in
from tests.town import DISTRICT, NEAR

if TYPE_CHECKING:
    from tests.maps.route_cast import Cast

RUNS, ONE = "/api/v1/hotspots", "api/v1/hotspots/<uuid:identity>"
RUN = f"{RUNS}/{{hotspots-near}}"
PLANNERS, HERS = {"paula", "petra"}, only({"paula"}, 200, visitor=401)
BODY = {"region": NEAR, "since": "2020-01-01", "until": "2020-01-07"}
HOTSPOT_ROWS = (
    Row("api/v1/hotspots", RUNS, signed_in(200, visitor=401), API, shows=("hotspots",)),
    # Whoever plans there is told that nothing was found in those days.
    Row("api/v1/hotspots", RUNS, only({"paula"}, 422, visitor=401), API, "POST", BODY),
    Row("api/v1/hotspots", RUNS, several(401, 400), API, "POST", {"region": NEAR}),
    Row(ONE, RUN, HERS, API, shows=("hotspots",)),
    Row(ONE, RUN, only({"paula"}, 204, visitor=401), API, "DELETE"),
    Row(f"{ONE}/cells", f"{RUN}/cells", HERS, API),
    Row(f"{ONE}/recurrences", f"{RUN}/recurrences", HERS, API),
    Row(f"{ONE}/compare", f"{RUN}/compare?with={{hotspots-near}}", HERS, API),
    Row(
        "tiles/<slug:name>/<int:z>/<int:x>/<int:y>.mvt",
        "/tiles/hotspots/{tile}.mvt?run={hotspots-near}",
        only({"paula"}, 204, visitor=401),
        TILE,
    ),
    Row("tiles/<slug:name>/<int:z>/<int:x>/<int:y>.mvt", "/tiles/hotspots/{tile}.mvt", everybody(400), TILE),
)


def add_hotspots(cast: "Cast") -> None:
    """Let Paula have a run without any place."""
    run = HotspotRun.objects.create(
        district=DISTRICT,
        region_code=NEAR,
        since="2026-01-01",
        until="2026-01-31",
        resolution=9,
        code_version="1",
        made_by=cast.people["paula"],
        finished_at=timezone.now(),
    )
    cast.addresses["hotspots-near"] = str(run.pk)
    cast.sets["hotspots"] = [str(run.pk)]
    cast.readers[str(run.pk)] = {"paula"}
