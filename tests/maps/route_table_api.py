"""The table of all routes with those of the lists of the API: places, people and what they answer for."""

from django.utils import timezone

from tests.maps.route_cast import PEOPLE, SEE_FIVE
from tests.maps.route_ids import WIDE_NEAR
from tests.maps.route_photos import PHOTOS
from tests.maps.route_post_pages import POST_PAGES
from tests.maps.route_posts import POSTS
from tests.maps.route_rules import RULES
from tests.maps.route_table import (
    API,
    CHECKPOINT_SETS,
    SEEN,
    Row,
    everybody,
    only,
    several,
    signed_in,
)
from tests.maps.route_table import (
    TABLE as PAGES_AND_REPORTS,
)
from tests.town import NEAR, at

V = "/api/v1"
INT = "<int:identity>"
KEEPERS = {"paula", "adam"}  # plan or administer the near community
LOOK_AFTER = KEEPERS | {"petra"}  # plan or administer something
OPEN = ("regions", "grids", "streets", "buildings", "stairwells", "organisations", "checkpoint-types")
SCOPED = ("people", "memberships", "assignments", "me", "notifications")
ANYBODY = signed_in(200, visitor=401)
TODAY = timezone.localdate().isoformat()
POINT = {"type": "Point", "coordinates": [at(1.5, 1.5).x, at(1.5, 1.5).y]}


def _places() -> list[Row]:
    rows = [Row(f"api/v1/{name}", f"{V}/{name}", ANYBODY, API) for name in (*OPEN, *SCOPED)]
    rows += [
        Row(f"api/v1/regions/{INT}", f"{V}/regions/{{region-near}}", ANYBODY, API),
        Row(f"api/v1/grids/{INT}", f"{V}/grids/{{grid-five}}", ANYBODY, API),
        Row(f"api/v1/organisations/{INT}", f"{V}/organisations/{{squad-body}}", ANYBODY, API),
        Row("api/v1/categories/<slug:code>", f"{V}/categories/06010", ANYBODY, API),
        Row("api/v1/categories/<slug:code>", f"{V}/categories/00000", signed_in(404, visitor=401), API),
        Row("api/v1/docs/", f"{V}/docs/", signed_in(200, visitor=302)),
        Row("api/v1/schema/", f"{V}/schema/", everybody(200), API),
        Row(r"api/v1/^(?P<rest>[\s\S]*)$", f"{V}/nothing/here", signed_in(404, visitor=401), API),
    ]
    # The town has none of these.
    for name in ("streets", "buildings", "stairwells"):
        rows.append(Row(f"api/v1/{name}/{INT}", f"{V}/{name}/1", signed_in(404, visitor=401), API))
    return rows


def _checkpoints() -> list[Row]:
    one, address = f"api/v1/checkpoints/{INT}", f"{V}/checkpoints/{{checkpoint-five}}"
    keep = several(401, 404, (SEE_FIVE, 403), (KEEPERS, 200))
    enter = several(401, 403, (KEEPERS, 201))
    body = {"name": "新点位", "type": "market", "geometry": POINT}
    return [
        Row("api/v1/checkpoints", f"{V}/checkpoints", ANYBODY, API, shows=CHECKPOINT_SETS),
        Row("api/v1/checkpoints", f"{V}/checkpoints", enter, API, "POST", body),
        Row(one, address, only(SEE_FIVE, 200, visitor=401), API),
        Row(one, address, keep, API, "PATCH"),
        Row(f"{one}/end", f"{address}/end", keep, API, "POST", {"last_day": TODAY}),
    ]


def _zones() -> list[Row]:
    return [
        Row("api/v1/zones", f"{V}/zones", ANYBODY, API, shows=("zone-five", "zone-far")),
        Row(f"api/v1/zones/{INT}", f"{V}/zones/{{zone-five}}", only(SEE_FIVE, 200, visitor=401), API),
    ]


def _teams() -> list[Row]:
    one, address = f"api/v1/teams/{INT}", f"{V}/teams/{{team-near}}"
    body = {"code": "new", "name": "新队", "region": NEAR}
    return [
        Row("api/v1/teams", f"{V}/teams", ANYBODY, API, shows=("team",)),
        Row("api/v1/teams", f"{V}/teams", several(401, 403, (KEEPERS, 201)), API, "POST", body),
        Row(one, address, only(WIDE_NEAR, 200, visitor=401), API),
        Row(one, address, several(401, 404, (WIDE_NEAR, 403), (KEEPERS, 200)), API, "PATCH"),
    ]


def _people() -> list[Row]:
    membership, assignment = f"api/v1/memberships/{INT}", f"api/v1/assignments/{INT}"
    role = {"person": "{person-bob}", "role": "steward", "region": f"{NEAR}001"}
    duty = {"person": "{person-bob}", "grid": "{grid-one}"}
    gives = several(401, 404, (KEEPERS, 201))
    assigns = several(401, 403, (LOOK_AFTER, 404), (KEEPERS, 201))
    with_bob = WIDE_NEAR | {"bob"}
    of_five = WIDE_NEAR | {"alice", "bob"}
    ends = several(401, 404, (of_five, 403), (KEEPERS, 200))
    last = {"last_day": TODAY}
    return [
        Row(f"api/v1/people/{INT}", f"{V}/people/{{person-bob}}", only(of_five, 200, visitor=401), API),
        Row("api/v1/memberships", f"{V}/memberships", gives, API, "POST", role),
        Row(membership, f"{V}/memberships/{{membership-bob}}", only(with_bob, 200, visitor=401), API),
        Row(
            f"{membership}/end",
            f"{V}/memberships/{{membership-bob}}/end",
            only(KEEPERS, 200, visitor=401),
            API,
            "POST",
            last,
        ),
        Row("api/v1/assignments", f"{V}/assignments", assigns, API, "POST", duty),
        Row(assignment, f"{V}/assignments/{{assignment-bob}}", only(of_five, 200, visitor=401), API),
        Row(f"{assignment}/end", f"{V}/assignments/{{assignment-bob}}/end", ends, API, "POST", last),
    ]


def _splits() -> list[Row]:
    one, made = f"api/v1/splits/{INT}", f"{V}/splits/{{split-made}}"
    keep = only(KEEPERS, 200, visitor=401)
    region = {"region": f"{NEAR}001"}
    make = several(401, 403, (LOOK_AFTER, 404), (KEEPERS, 201))
    merge = {"version": 1, "verb": "merge", "one": 5, "two": 6}
    return [
        Row("api/v1/splits", f"{V}/splits", ANYBODY, API),
        Row("api/v1/splits", f"{V}/splits", make, API, "POST", {**region, "number": 3}),
        Row("api/v1/splits/from-grids", f"{V}/splits/from-grids", make, API, "POST", region),
        Row(one, made, keep, API),
        Row(f"{one}/blocks", f"{made}/blocks", keep, API),
        Row(f"{one}/preview", f"{made}/preview", keep, API),
        Row(f"{one}/edits", f"{made}/edits", keep, API, "POST", merge),
        Row(f"{one}/undo", f"{V}/splits/{{split-edited}}/undo", keep, API, "POST", {"version": 2}),
        Row(f"{one}/redo", f"{V}/splits/{{split-undone}}/redo", keep, API, "POST", {"version": 3}),
        Row(f"{one}/discard", f"{made}/discard", keep, API, "POST", {"version": 1}),
        Row(f"{one}/accept", f"{made}/accept", only(KEEPERS, 409, visitor=401), API, "POST", {"fingerprint": "x"}),
        Row("api/v1/fair-load/<slug:code>", f"{V}/fair-load/{NEAR}001", keep, API),
    ]


def _messages() -> list[Row]:
    one, rows = f"api/v1/notifications/{INT}", []
    for name in PEOPLE:
        address, own = f"{V}/notifications/{{message-{name}}}", only((name,), 200, visitor=401)
        shows = (f"message-{name}",)
        rows += [
            Row(one, address, own, API, shows=shows),
            Row(f"{one}/read", f"{address}/read", own, API, "POST", shows=shows),
            Row(
                "api/v1/notifications/read",
                f"{V}/notifications/read",
                own,
                API,
                "POST",
                {"up_to": f"{{message-{name}}}"},
            ),
        ]
    return rows


def _events() -> list[Row]:
    route = "api/v1/reports/<uuid:identity>/events"
    return [
        Row(route, f"{V}/reports/{{{name}}}/events", only(people, 200, visitor=401), API)
        for name, people in SEEN.items()
    ]


def _tokens() -> list[Row]:
    own = signed_in(200, visitor=302)
    # Whoever makes one says first that it is still they.
    made = signed_in(302, visitor=302)
    return [
        Row("account/tokens/", "/account/tokens/", own),
        Row("account/tokens/", "/account/tokens/", made, method="POST", body={"name": "x", "days": "30"}),
        Row(
            "account/tokens/<int:identity>/revoke/",
            "/account/tokens/1/revoke/",
            made,
            method="POST",
        ),
    ]


TABLE = (
    *PAGES_AND_REPORTS,
    *_tokens(),
    *_places(),
    *_checkpoints(),
    *_zones(),
    *_teams(),
    *_people(),
    *_splits(),
    *_messages(),
    *_events(),
    *PHOTOS,
    *POSTS,
    *POST_PAGES,
    *RULES,
)
