"""Patrols, trackers and what they send: Bob's are nobody else's, and a tracker is no account."""

from tests.maps.route_cast import SEE_FIVE, WIDE_NEAR
from tests.maps.route_table import API, Row, everybody, only, several, signed_in
from tests.town import NEAR

V, INT, UUID = "/api/v1", "<int:identity>", "<uuid:identity>"
PATROL = f"api/v1/patrols/{UUID}"
ADDRESS = f"{V}/patrols/{{patrol-bob}}"
BOB = only({"bob"}, 200, visitor=401)
GRID_FIVE = f"{NEAR}001005"
HERE = {"lon": 111.6718, "lat": 40.8214}
SEE_A_REGION = WIDE_NEAR | {"olaf", "petra"}
CONSENTED = {"alice", "bob"}
TRACKERS = {"osmand": 400, "traccar": 400, "owntracks": 401, "gpslogger": 401, "overland": 401}

PATROLS = (
    Row("api/v1/patrols", f"{V}/patrols", signed_in(200, visitor=401), API, shows=("patrol-bob",)),
    Row("api/v1/patrols", f"{V}/patrols", several(401, 403, ({"alice"}, 201), ({"bob"}, 409)), API, "POST", {}),
    Row(PATROL, ADDRESS, BOB, API),
    # It is not measured yet.
    Row(f"{PATROL}/track", f"{ADDRESS}/track", only((), 200, visitor=401), API),
    Row(f"{PATROL}/end", f"{ADDRESS}/end", BOB, API, "POST", {}),
    Row(
        f"{PATROL}/ticks", f"{ADDRESS}/ticks", only((), 200, visitor=401), API, "POST", {"thing": "street", "key": "1"}
    ),
    Row(f"{PATROL}/nothing", f"{ADDRESS}/nothing", BOB, API, "POST", {}),
    Row(f"{PATROL}/fixes", f"{ADDRESS}/fixes", BOB, API, "POST", {"fixes": []}),
    Row(f"{PATROL}/gpx", f"{ADDRESS}/gpx", only({"bob"}, 415, visitor=401, others=404), API, "POST", {}),
    Row("api/v1/coverage", f"{V}/coverage", signed_in(200, visitor=401), API),
    Row(
        "api/v1/coverage/evenness", f"{V}/coverage/evenness", only(WIDE_NEAR | {"olaf", "petra"}, 200, visitor=401), API
    ),
    Row("api/v1/coverage/<slug:code>", f"{V}/coverage/{GRID_FIVE}", only(SEE_FIVE, 200, visitor=401), API),
    Row("api/v1/me/consent", f"{V}/me/consent", signed_in(200, visitor=401), API),
    Row("api/v1/me/consent", f"{V}/me/consent", several(401, 200, ({"norah"}, 403)), API, "POST", {}),
    Row("api/v1/me/consent", f"{V}/me/consent", signed_in(204, visitor=401), API, "DELETE"),
    Row("api/v1/me/private-places", f"{V}/me/private-places", signed_in(200, visitor=401), API),
    Row("api/v1/me/private-places", f"{V}/me/private-places", signed_in(201, visitor=401), API, "POST", HERE),
    Row(
        f"api/v1/me/private-places/{INT}",
        f"{V}/me/private-places/{{private-bob}}",
        only({"bob"}, 204, visitor=401),
        API,
        "DELETE",
    ),
    Row("api/v1/devices", f"{V}/devices", signed_in(200, visitor=401), API, shows=("device-bob",)),
    Row(
        "api/v1/devices",
        f"{V}/devices",
        several(401, 403, (CONSENTED, 201)),
        API,
        "POST",
        {"name": "x", "protocol": "osmand"},
    ),
    Row(f"api/v1/devices/{INT}", f"{V}/devices/{{device-bob}}", only({"bob"}, 204, visitor=401), API, "DELETE"),
    *(Row(f"ingest/{name}", f"/ingest/{name}", everybody(status), API, "POST") for name, status in TRACKERS.items()),
)
