"""A measure of the near community, and who is answered what about it."""

from django.utils import timezone

from patrols.models import Measure
from tests.maps.route_cast import SEE_FIVE, Cast
from tests.maps.route_ids import WIDE_NEAR
from tests.maps.route_table import API, TO_SIGN_IN, Row, everybody, only, several, signed_in
from tests.town import DISTRICT, NEAR

KEEP = {"dora", "paula"}
ONE = "<uuid:identity>"
NOBODYS = ["00000000-0000-7000-8000-000000000001"]


def add_measure(cast: Cast) -> None:
    """Make a measure that no report has yet."""
    measure = Measure.objects.create(
        district=DISTRICT,
        region_code=f"{NEAR}001",
        title="mark-measure",
        made_by=cast.town.paula,
        made_at=timezone.now(),
    )
    cast.addresses["measure"] = str(measure.pk)
    cast.readers["mark-measure"] = WIDE_NEAR
    cast.sets["measure"] = ["mark-measure"]


def _pages() -> list[Row]:
    keeps = several(TO_SIGN_IN, 404, (SEE_FIVE, 403), (KEEP, 302))
    chosen = {"report": "{five}"}
    return [
        Row("measures/", "/measures/", signed_in(200, visitor=TO_SIGN_IN), shows=("measure",)),
        Row("measures/new/", "/measures/new/?report={five}", signed_in(200, visitor=TO_SIGN_IN)),
        Row("measures/new/", "/measures/new/", keeps, method="POST", body={**chosen, "title": "x", "save": "1"}),
        Row("measures/none/", "/measures/none/", keeps, method="POST", body={**chosen, "reason": "x"}),
        Row("measures/none/", "/measures/none/", everybody(405)),
        Row(f"measures/{ONE}/", "/measures/{measure}/", only(WIDE_NEAR, 200, visitor=TO_SIGN_IN), shows=("measure",)),
        Row(
            f"measures/{ONE}/",
            "/measures/{measure}/",
            several(TO_SIGN_IN, 404, (WIDE_NEAR, 403), (KEEP, 302)),
            method="POST",
            body={"state": "done"},
        ),
    ]


def _api() -> list[Row]:
    base, one, address = "api/v1/measures", f"api/v1/measures/{ONE}", "/api/v1/measures/{measure}"
    nobody = only((), 200, visitor=401)
    links = several(401, 404, (WIDE_NEAR, 403), (KEEP, 404))
    moves = several(401, 404, (WIDE_NEAR, 403), (KEEP, 200))
    return [
        Row(base, "/api/v1/measures", signed_in(200, visitor=401), API, shows=("measure",)),
        Row(base, "/api/v1/measures", nobody, API, "POST", {"title": "x", "reports": NOBODYS}),
        Row(f"{base}/none", "/api/v1/measures/none", nobody, API, "POST", {"reason": "x", "reports": NOBODYS}),
        Row(one, address, only(WIDE_NEAR, 200, visitor=401), API, shows=("measure",)),
        Row(f"{one}/reports", f"{address}/reports", links, API, "POST", {"reports": NOBODYS}),
        Row(f"{one}/unlink", f"{address}/unlink", links, API, "POST", {"reports": NOBODYS, "reason": "x"}),
        Row(one, address, moves, API, "PATCH", {"description": "x"}),
        Row(f"{one}/state", f"{address}/state", moves, API, "POST", {"state": "done"}),
    ]


MEASURES = (*_pages(), *_api())
