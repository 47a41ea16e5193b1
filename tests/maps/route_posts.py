"""Posts and shifts: seen in the whole subdistrict, planned by its planners, taken by whoever works there."""

from datetime import timedelta

from django.utils import timezone

from tests.maps.route_post_rows import SEE, SEE_FAR
from tests.maps.route_table import API, Row, only, several, signed_in
from tests.town import at

V, INT, UUID = "/api/v1", "<int:identity>", "<uuid:identity>"
KEEP, ASSIGN = {"paula", "adam"}, {"paula", "adam", "dora"}
TODAY = timezone.localdate()
POINT = {"lon": at(1.5, 1.5).x, "lat": at(1.5, 1.5).y}
WEEK = {"weekdays": [1, 2, 3], "starts": "07:30", "ends": "09:00"}
ONCE = {"day": (TODAY + timedelta(days=2)).isoformat(), "starts": "10:00", "ends": "11:00"}
LAST = {"last_day": TODAY.isoformat()}
SEES = only(SEE, 200, visitor=401)
KEEPS = several(401, 404, (SEE, 403), (KEEP, 200))
ASSIGNS = several(401, 404, (SEE, 403), (ASSIGN, 200))
BOBS = only({"bob"}, 200, visitor=401)


def _verb(name: str, which: str, expect: dict[str, int], body: dict[str, str] | None = None) -> Row:
    return Row(f"api/v1/shifts/{UUID}/{name}", f"{V}/shifts/{{{which}}}/{name}", expect, API, "POST", body or {})


POST, SHIFT = f"api/v1/posts/{INT}", f"api/v1/shifts/{UUID}"
NEAR_POST, FREE = f"{V}/posts/{{post-near}}", f"{V}/shifts/{{shift-free}}"
MAKES = several(401, 404, (SEE, 403), (KEEP, 201))
BOB = {"person": "{person-bob}"}
POSTS = (
    Row("api/v1/posts", f"{V}/posts", signed_in(200, visitor=401), API, shows=("post-near", "post-far")),
    Row("api/v1/posts", f"{V}/posts", several(401, 403, (KEEP, 201)), API, "POST", {**POINT, "name": "新岗"}),
    Row(POST, NEAR_POST, SEES, API, shows=("post-near",)),
    Row(POST, f"{V}/posts/{{post-far}}", only(SEE_FAR, 200, visitor=401), API, shows=("post-far",)),
    Row(POST, NEAR_POST, KEEPS, API, "PATCH"),
    Row(f"{POST}/close", f"{NEAR_POST}/close", KEEPS, API, "POST", LAST),
    Row(f"{POST}/patterns", f"{NEAR_POST}/patterns", SEES, API),
    Row(f"{POST}/patterns", f"{NEAR_POST}/patterns", MAKES, API, "POST", WEEK),
    Row(f"{POST}/attendance", f"{NEAR_POST}/attendance", SEES, API),
    Row(f"{POST}/shifts", f"{NEAR_POST}/shifts", MAKES, API, "POST", ONCE),
    Row(f"api/v1/patterns/{INT}/end", f"{V}/patterns/{{pattern-near}}/end", KEEPS, API, "POST", LAST),
    Row("api/v1/shifts", f"{V}/shifts", signed_in(200, visitor=401), API, shows=("post-near", "post-far")),
    Row(SHIFT, FREE, SEES, API, shows=("post-near",)),
    Row(SHIFT, FREE, KEEPS, API, "PATCH", {"wanted": "2"}),
    Row(f"{SHIFT}/turns", f"{V}/shifts/{{shift-bob}}/turns", ASSIGNS, API),
    _verb("take", "shift-free", SEES),
    _verb("release", "shift-bob", BOBS),
    _verb("swap", "shift-bob", BOBS),
    _verb("keep", "shift-swap", BOBS),
    _verb("take-over", "shift-swap", several(401, 404, (SEE, 200), ({"bob"}, 409))),
    _verb("arrive", "shift-now", BOBS),
    _verb("arrive/undo", "shift-now", BOBS),
    _verb("leave", "shift-now", only({"bob"}, 422, visitor=401)),
    _verb("assign", "shift-free", ASSIGNS, BOB),
    _verb("remove", "shift-bob", ASSIGNS, BOB),
    _verb("cancel", "shift-free", KEEPS, {"reason": "下雪"}),
)
