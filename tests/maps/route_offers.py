"""Offers: asked for by the region's dispatchers, answered by whoever was asked."""

from tests.maps.route_offer_rows import SEE
from tests.maps.route_table import API, TO_SIGN_IN, Row, only, several, signed_in

V, UUID = "/api/v1", "<uuid:identity>"
BOBS = only({"bob"}, 200, visitor=401)
ASKS = several(401, 404, (SEE, 403), ({"dora"}, 200))
OFFERS, OFFER = f"api/v1/reports/{UUID}/offers", f"api/v1/offers/{UUID}"


def _verb(name: str, which: str, expect: dict[str, int]) -> Row:
    return Row(f"{OFFER}/{name}", f"{V}/offers/{{offer-{which}}}/{name}", expect, API, "POST")


OFFER_ROWS = (
    Row("offers/", "/offers/", signed_in(200, visitor=TO_SIGN_IN)),
    Row("offers/offers.json", "/offers/offers.json", signed_in(200, visitor=401), API),
    Row(OFFERS, f"{V}/reports/{{five}}/offers", ASKS, API),
    Row(OFFERS, f"{V}/reports/{{report-asked}}/offers", ASKS, API),
    Row(
        OFFERS,
        f"{V}/reports/{{five}}/offers",
        several(401, 404, (SEE, 403), ({"dora"}, 201)),
        API,
        "POST",
        {"waves": [1]},
    ),
    Row(f"{OFFERS}/withdraw", f"{V}/reports/{{report-asked}}/offers/withdraw", ASKS, API, "POST"),
    Row("api/v1/offers", f"{V}/offers", signed_in(200, visitor=401), API),
    _verb("seen", "asked", BOBS),
    _verb("accept", "asked", BOBS),
    _verb("decline", "asked", BOBS),
    _verb("arrive", "taken", BOBS),
    _verb("done", "taken", BOBS),
    _verb("release", "taken", BOBS),
    _verb("withdraw", "asked", ASKS),
)
