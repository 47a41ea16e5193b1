"""Routing rules: read by who dispatches or plans, written by who plans."""

from tests.maps.route_rule_rows import READ_FAR, READ_NEAR
from tests.maps.route_table import API, TO_SIGN_IN, Row, only, several, signed_in
from tests.town import FAR, NEAR

KEEP_NEAR = {"paula", "adam"}
READERS = READ_NEAR | READ_FAR
V, INT, KEY = "/api/v1", "<int:identity>", "planner/rules/<uuid:key>/"
NEW = f"/planner/rules/new/?region={NEAR}"
READS = only(READERS, 200, visitor=TO_SIGN_IN)
WRITES = several(TO_SIGN_IN, 404, (READ_NEAR, 403), (KEEP_NEAR, 200))


def _writes(status: int) -> dict[str, int]:
    return several(TO_SIGN_IN, 404, (READ_NEAR, 403), (KEEP_NEAR, status))


SHOWN = ("rule-near", "rule-far")
RULES = (
    Row(
        "api/v1/routing-rules", f"{V}/routing-rules", signed_in(200, visitor=401), API, shows=("rule-near", "rule-far")
    ),
    Row(f"api/v1/routing-rules/{INT}", f"{V}/routing-rules/{{rule-near}}", only(READ_NEAR, 200, visitor=401), API),
    Row("planner/rules/", "/planner/rules/", READS),
    Row("planner/rules/", f"/planner/rules/?region={NEAR}", only(READ_NEAR, 200, visitor=TO_SIGN_IN)),
    Row("planner/rules/", f"/planner/rules/?region={NEAR}", only(READ_NEAR, 422, visitor=TO_SIGN_IN), method="POST"),
    Row("planner/rules/holes/", f"/planner/rules/holes/?region={FAR}", only(READ_FAR, 200, visitor=TO_SIGN_IN)),
    Row("planner/rules/trials/<uuid:identity>/", "/planner/rules/trials/{rule-near-key}/", only((), 200, visitor=302)),
    Row("planner/rules/new/", NEW, WRITES),
    Row("planner/rules/new/", NEW, _writes(422), method="POST"),
    Row(KEY, f"/planner/rules/{{rule-near-key}}/?region={NEAR}", WRITES),
    Row(KEY, f"/planner/rules/{{rule-near-key}}/?region={NEAR}", _writes(422), method="POST"),
)
