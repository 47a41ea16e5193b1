"""One's own data: a measured patrol of Bob's with its way, and who is answered what about it: nobody else anything."""

from datetime import timedelta

from django.contrib.gis.geos import LineString, MultiLineString
from django.utils import timezone

from grids.looks import note
from grids.models import Job, LookLog
from patrols.models import Patrol, Track
from tests.maps.route_cast import DISPATCHERS, Cast
from tests.maps.route_table import API, TO_SIGN_IN, Row, only, several, signed_in
from tests.town import DISTRICT, at

UUID, INT = "<uuid:identity>", "<int:identity>"
BOB, NOBODY = only({"bob"}, 200, visitor=TO_SIGN_IN), only((), 200, visitor=TO_SIGN_IN)
MOVED = only({"bob"}, 302, visitor=TO_SIGN_IN)
PAGE, ALL_MOVED = signed_in(200, visitor=TO_SIGN_IN), signed_in(302, visitor=TO_SIGN_IN)
HERE = {"lon": "111.6718", "lat": "40.8214", "radius": "150", "name": "x"}
CONSENTED = {"alice", "bob"}


def add_way(cast: Cast) -> None:
    """Keep a way of Bob's, let Dora have looked, and let a job have made his file."""
    bob, now = cast.people["bob"], timezone.now()
    way = Patrol.objects.create(
        person=bob,
        district=DISTRICT,
        grid=cast.town.grids[5],
        state="measured",
        started_at=now - timedelta(hours=3),
        ended_at=now - timedelta(hours=2),
    )
    line = MultiLineString(LineString(at(1, 1).coords, at(2, 2).coords), srid=4326)
    Track.objects.create(patrol=way, district=DISTRICT, geom=line, measured_at=now)
    note(cast.people["dora"].pk, "dispatcher", LookLog.What.POSITION, [(bob.pk, way.pk)], now)
    job = Job.objects.create(kind="my-export", person=bob, state="done")
    cast.addresses |= {"way": str(way.pk), "own-export": str(job.pk)}
    cast.sets["way"] = [str(way.pk)]
    cast.readers[str(way.pk)] = {"bob"}
    cast.readers[str(job.pk)] = {"bob"}


def _post(route: str, address: str, expect: dict[str, int], **body: str) -> Row:
    return Row(route, address, expect, method="POST", body=body)


ME_PAGES = (
    Row("dispatch/patrols.json", "/dispatch/patrols.json", only(DISPATCHERS, 200, visitor=401), API),
    Row("me/", "/me/", PAGE),
    _post("me/consent/", "/me/consent/", several(TO_SIGN_IN, 302, ({"norah"}, 403)), do="give"),
    _post("me/consent/", "/me/consent/", ALL_MOVED, do="withdraw"),
    _post("me/forget/", "/me/forget/", several(TO_SIGN_IN, 302, ({"bob"}, 409))),
    Row("me/looks/", "/me/looks/", PAGE, shows=("way",)),
    Row("me/looks/", "/me/looks/?before=x", NOBODY),
    Row("me/patrols/", "/me/patrols/", PAGE, shows=("way",)),
    Row("me/reported/", "/me/reported/", PAGE),
    Row("me/patrols/", "/me/patrols/?before={way}", BOB),
    Row("me/patrols/", "/me/patrols/?before=x", NOBODY),
    Row(f"me/patrols/{UUID}/", "/me/patrols/{way}/", BOB, shows=("way",)),
    Row(f"me/patrols/{UUID}/way.gpx", "/me/patrols/{way}/way.gpx", BOB),
    Row(f"me/patrols/{UUID}/way.gpx", "/me/patrols/{patrol-bob}/way.gpx", NOBODY),
    _post(f"me/patrols/{UUID}/forget/", "/me/patrols/{way}/forget/", MOVED),
    Row("me/devices/", "/me/devices/", PAGE, shows=("device-bob",)),
    _post(
        "me/devices/",
        "/me/devices/",
        several(TO_SIGN_IN, 403, (CONSENTED, 200)),
        protocol="overland",
    ),
    Row(f"me/devices/{INT}/heard.json", "/me/devices/{device-bob}/heard.json", BOB),
    _post(f"me/devices/{INT}/rename/", "/me/devices/{device-bob}/rename/", MOVED, name="x"),
    _post(f"me/devices/{INT}/revoke/", "/me/devices/{device-bob}/revoke/", MOVED),
    Row("me/places/", "/me/places/", PAGE),
    Row("me/places/", "/me/places/", ALL_MOVED, method="POST", body=dict(HERE)),
    _post("me/places/", "/me/places/", signed_in(422, visitor=TO_SIGN_IN), lon="x"),
    _post(f"me/places/{INT}/forget/", "/me/places/{private-bob}/forget/", MOVED),
    Row("me/record/", "/me/record/", PAGE),
    Row("me/record/", "/me/record/?year=1999", NOBODY),
    Row("me/record.csv", "/me/record.csv", PAGE),
    Row("me/export/", "/me/export/", PAGE),
    # They are asked again who they are.
    _post("me/export/", "/me/export/", ALL_MOVED),
    # Its file is gone.
    Row(f"me/export/{UUID}/", "/me/export/{own-export}/", NOBODY),
    Row("api/v1/me/export", "/api/v1/me/export", signed_in(201, visitor=401), API, "POST", {}),
    Row(
        f"api/v1/patrols/{UUID}/track",
        "/api/v1/patrols/{way}/track",
        only({"bob"}, 200, visitor=401),
        API,
    ),
    Row(
        f"api/v1/patrols/{UUID}/track",
        "/api/v1/patrols/{way}/track",
        only({"bob"}, 204, visitor=401),
        API,
        "DELETE",
    ),
    Row(f"api/v1/devices/{INT}", "/api/v1/devices/{device-bob}", only({"bob"}, 400, visitor=401), API, "PATCH"),
    Row(f"api/v1/patrols/{UUID}/gpx", "/api/v1/patrols/{way}/gpx", only({"bob"}, 200, visitor=401), API),
)
