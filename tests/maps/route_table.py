"""The table of all routes: who gets which status.

A row names a route as the resolver spells it, an address with names of `route_cast.Cast.addresses` in braces, and a
status for each account. A route without a row fails the test; so does a row without a route.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.maps.route_cast import (
    DISPATCHERS,
    EVERYBODY,
    PEOPLE,
    SEE_FAR,
    SEE_FIVE,
    SEE_ONE,
    SEE_SQUAD,
    VISITOR,
)

Statuses = dict[str, int]
API, PAGE, TILE = "api", "page", "tile"
TO_SIGN_IN = 302


@dataclass(frozen=True)
class Row:
    """One request to a route, and what everybody is answered.

    `shows` names sets of texts that everybody who is answered with 200 and may read them must find in the answer;
    `public` says that anybody may cache it.
    """

    route: str
    address: str
    expect: Statuses
    kind: str = PAGE
    method: str = "GET"
    body: dict[str, Any] | None = None
    shows: tuple[str, ...] = ()
    public: bool = False

    @property
    def label(self) -> str:
        """What the test is called."""
        return f"{self.method} {self.address}"


def everybody(status: int) -> Statuses:
    """The same for all."""
    return dict.fromkeys(EVERYBODY, status)


def signed_in(status: int, *, visitor: int) -> Statuses:
    """The same for all who signed in."""
    return {VISITOR: visitor, **dict.fromkeys(PEOPLE, status)}


def only(people: Iterable[str], status: int, *, visitor: int, others: int = 404) -> Statuses:
    """One status for some, another for the others who signed in, a third for visitors."""
    chosen = set(people)
    return {VISITOR: visitor, **{name: status if name in chosen else others for name in PEOPLE}}


def several(visitor: int, others: int, *groups: tuple[set[str], int]) -> Statuses:
    """Statuses for groups; a later group overrides an earlier one."""
    statuses = signed_in(others, visitor=visitor)
    for people, status in groups:
        statuses.update(dict.fromkeys(people, status))
    return statuses


R = "api/v1/reports/<uuid:identity>"
REPORT_SETS = ("five", "one", "squad", "far")
LISTED = tuple(f"{name}-listed" for name in REPORT_SETS)
CHECKPOINT_SETS = ("checkpoint-five", "checkpoint-one", "checkpoint-far")
SEEN = {"five": SEE_FIVE, "one": SEE_ONE, "squad": SEE_SQUAD, "far": SEE_FAR}
FILED = {"category": "06010", "lon": 111.6718, "lat": 40.8214}
NEARBY = "category=06010&lon=111.67177&lat=40.82135"
U, NO_NOTE = "<uuid:identity>", "01890000-0000-7000-8000-000000000000"
PUBLIC_LAYERS = ("regions", "grids", "streets", "buildings", "places", "problems")
PRIVATE_LAYERS = ("checkpoints", "reports", "coverage", "heat")
PLANNERS = {"paula", "petra", "adam"}
NO_MEMBERSHIP = ("norah", "squad_member")


def _health() -> list[Row]:
    # No worker and no clock run beside the tests, and it says so.
    return [Row("healthz", "/healthz", everybody(200)), Row("readyz", "/readyz", everybody(503))]


def _api() -> list[Row]:
    rows = [
        Row("api/v1/places/near", "/api/v1/places/near?lon=111.6718&lat=40.8214", signed_in(200, visitor=401), API),
        Row("api/v1/places/search", "/api/v1/places/search?q=market", signed_in(200, visitor=401), API),
        Row("api/v1/categories", "/api/v1/categories", signed_in(200, visitor=401), API),
        Row("api/v1/reports", "/api/v1/reports", signed_in(200, visitor=401), API, shows=REPORT_SETS),
        Row("api/v1/reports", "/api/v1/reports?state=open", signed_in(200, visitor=401), API, shows=REPORT_SETS),
        Row("api/v1/reports", "/api/v1/reports?q=mark", signed_in(200, visitor=401), API, shows=REPORT_SETS),
        Row("api/v1/reports", "/api/v1/reports", several(401, 201, ({"norah"}, 403)), API, "POST", FILED),
        Row("api/v1/reports/similar", f"/api/v1/reports/similar?{NEARBY}", several(401, 200, ({"norah"}, 403)), API),
        # A handle is one person's, and nobody here has one.
        Row(
            "api/v1/reports/follow",
            "/api/v1/reports/follow",
            several(401, 422, ({"norah"}, 403)),
            API,
            "POST",
            {**FILED, "handle": "of-nobody"},
        ),
    ]
    for name, people in SEEN.items():
        seen = only(people, 200, visitor=401)
        address = f"/api/v1/reports/{{{name}}}"
        rows.append(Row(R, address, seen, API, shows=(name,)))
        # Who could go is the dispatchers' business, even of a report that others see.
        chooses = several(401, 404, (people, 403), (people & DISPATCHERS, 200))
        rows.append(Row(f"{R}/candidates", f"{address}/candidates", chooses, API))
        rows.append(Row(f"{R}/similar", f"{address}/similar", chooses, API))
        verb = {"verb": "accept", "reason": "x"}
        accepts = several(401, 404, (people, 403), (people & DISPATCHERS, 200))
        if name == "squad":  # not in a state from which it could be accepted
            accepts = several(401, 404, (people, 409))
        rows.append(Row(f"{R}/transitions", f"{address}/transitions", accepts, API, "POST", verb))
        rows.append(Row(f"{R}/transitions", f"{address}/transitions", signed_in(405, visitor=401), API))
    return rows


def _tiles() -> list[Row]:
    tile, described = "tiles/<slug:name>/<int:z>/<int:x>/<int:y>.mvt", "tiles/<slug:name>.json"
    rows = []
    for name in PUBLIC_LAYERS:
        empty = name in {"streets", "buildings", "places", "problems"}  # the town has none
        address = f"/tiles/{name}/{{deep}}.mvt"
        rows.append(Row(tile, address, everybody(204 if empty else 200), TILE, public=True))
    for name in PUBLIC_LAYERS + PRIVATE_LAYERS:
        # What a layer is called and which fields it has says nothing about anybody.
        rows.append(Row(described, f"/tiles/{name}.json", everybody(200), TILE, public=name in PUBLIC_LAYERS))
    reports = several(401, 200, (set(NO_MEMBERSHIP), 204), ({"squad_member"}, 200))
    shown = tuple(f"{name}-id" for name in REPORT_SETS)
    rows += [
        Row(tile, "/tiles/reports/{tile}.mvt", reports, TILE, shows=shown),
        Row(tile, "/tiles/reports/{tile}.mvt?state=open&late=1", several(401, 204), TILE),
        Row(
            tile,
            "/tiles/checkpoints/{tile}.mvt",
            several(401, 200, (set(NO_MEMBERSHIP), 204)),
            TILE,
            shows=CHECKPOINT_SETS,
        ),
        # Nothing is counted there; who would see which is tested with the tiles.
        Row(tile, "/tiles/heat/{tile}.mvt", several(401, 204), TILE),
        # The town has no streets; who would see which is tested with the tiles.
        Row(tile, "/tiles/coverage/{deep}.mvt", several(401, 204), TILE),
        Row(tile, "/tiles/grids/{tile}.mvt?owners=1", several(401, 200, (set(NO_MEMBERSHIP), 204)), TILE),
        Row(described, "/tiles/grids.json?owners=1", everybody(200), TILE),
        Row(tile, "/tiles/nothing/{tile}.mvt", everybody(404), TILE),
        Row(tile, "/tiles/regions/3/9/9.mvt", everybody(404), TILE),
        Row(tile, "/tiles/reports/3/9/9.mvt", everybody(404), TILE),
        Row(described, "/tiles/nothing.json", everybody(404), TILE),
    ]
    return rows


NONE_TAKEN = only((), 302, visitor=TO_SIGN_IN)


def _pages() -> list[Row]:
    page = signed_in(200, visitor=TO_SIGN_IN)
    near_grid, far_grid = "150199001001005", "150199002001001"
    rows = [
        Row("", "/", signed_in(302, visitor=TO_SIGN_IN)),
        Row("my-grid/", "/my-grid/", page),
        Row("my-grid/", f"/my-grid/?grid={near_grid}", only(SEE_FIVE, 200, visitor=TO_SIGN_IN), shows=("five",)),
        Row("my-grid/", f"/my-grid/?grid={far_grid}", only(SEE_FAR, 200, visitor=TO_SIGN_IN), shows=("far",)),
        Row("my-grid/", "/my-grid/?grid=unknown", only((), 200, visitor=TO_SIGN_IN)),
        Row("patrol/", "/patrol/", page),
        Row("patrol/", f"/patrol/?grid={near_grid}", only({"alice", "bob"}, 200, visitor=TO_SIGN_IN)),
        Row("patrol/", f"/patrol/?grid={far_grid}", only({"charlie"}, 200, visitor=TO_SIGN_IN)),
        Row(
            "patrol/bundle.json",
            "/patrol/bundle.json",
            signed_in(200, visitor=401),
            API,
            shows=("patrol-bob",),
        ),
        Row("patrol/bundle.json", f"/patrol/bundle.json?grid={far_grid}", only({"charlie"}, 200, visitor=401), API),
        Row("reports/", "/reports/", page, shows=LISTED),
        Row("reports/", "/reports/?state=open&q=mark", page, shows=LISTED),
        Row("dispatch/", "/dispatch/", only(DISPATCHERS, 200, visitor=TO_SIGN_IN), shows=("five", "one", "far")),
        Row("dispatch/", "/dispatch/?tab=handling", only(DISPATCHERS, 200, visitor=TO_SIGN_IN), shows=("squad",)),
        Row(
            "dispatch/queue.json",
            "/dispatch/queue.json",
            only(DISPATCHERS, 200, visitor=401),
            API,
            shows=REPORT_SETS,
        ),
        Row("dispatch/notes/", "/dispatch/notes/", only(DISPATCHERS, 200, visitor=TO_SIGN_IN)),
        Row("dispatch/notes/", "/dispatch/notes/", only(DISPATCHERS, 302, visitor=TO_SIGN_IN), method="POST"),
        Row(f"dispatch/notes/{U}/", f"/dispatch/notes/{NO_NOTE}/", only((), 200, visitor=TO_SIGN_IN)),
        Row(f"dispatch/notes/{U}/take/", f"/dispatch/notes/{NO_NOTE}/take/", NONE_TAKEN, method="POST"),
        Row("dispatch/new/", "/dispatch/new/", only(DISPATCHERS, 200, visitor=TO_SIGN_IN)),
        Row("dispatch/queue.json", "/dispatch/queue.json?since=x", only(DISPATCHERS, 400, visitor=401), API),
        Row("planner/", "/planner/", only(PLANNERS, 200, visitor=TO_SIGN_IN)),
        *(
            Row(way, f"/{way}?{name}={code[:12]}", only(those, 200, visitor=TO_SIGN_IN))
            for way, name in (("planner/", "region"), ("planner/split/", "community"))
            for code, those in ((near_grid, PLANNERS - {"petra"}), (far_grid, PLANNERS))
        ),
        Row(
            "planner/load.csv",
            f"/planner/load.csv?community={near_grid[:12]}",
            only(PLANNERS - {"petra"}, 200, visitor=TO_SIGN_IN),
        ),
        Row(
            "planner/shades.json",
            f"/planner/shades.json?by=load&region={near_grid[:12]}",
            only(PLANNERS - {"petra"}, 200, visitor=TO_SIGN_IN),
        ),
        Row("planner/coverage/", "/planner/coverage/", only(PLANNERS, 200, visitor=TO_SIGN_IN)),
        *(
            Row(
                f"planner/coverage{form}",
                f"/planner/coverage{form}?region={near_grid[:12]}",
                only(PLANNERS - {"petra"}, 200, visitor=TO_SIGN_IN),
            )
            for form in ("/", ".csv", ".xlsx")
        ),
        Row(
            "planner/files/",
            "/planner/files/",
            only(PLANNERS, 422, visitor=TO_SIGN_IN),
            method="POST",
            body={"community": far_grid[:12]},
        ),
        Row("planner/files/", "/planner/files/", everybody(405)),
        Row("calendar/", "/calendar/", page),
        Row("calendar/", "/calendar/?year=1999", only((), 404, visitor=TO_SIGN_IN)),
        Row(
            "calendar/",
            "/calendar/",
            several(TO_SIGN_IN, 403, ({"paula", "adam"}, 400)),
            method="POST",
            body={"day": "", "reason": "x"},
        ),
        Row("inbox/", "/inbox/", page, shows=tuple(f"message-{name}" for name in PEOPLE)),
        Row("inbox/read/", "/inbox/read/", signed_in(302, visitor=TO_SIGN_IN), method="POST", body={"shown": "999999"}),
        Row("inbox/read/", "/inbox/read/", everybody(405)),
    ]
    for name in PEOPLE:
        own = only((name,), 302, visitor=TO_SIGN_IN)
        rows.append(Row("inbox/<int:identity>/", f"/inbox/{{message-{name}}}/", own))
    for name, people in SEEN.items():
        seen = only(people, 200, visitor=TO_SIGN_IN)
        rows.append(Row("reports/<uuid:identity>/", f"/reports/{{{name}}}/", seen, shows=(name,)))
    return rows


def _jobs() -> list[Row]:
    sets = tuple(f"job-{name}" for name in PEOPLE)
    api, one = "api/v1/jobs", "api/v1/jobs/<uuid:identity>"
    rows = [
        Row("jobs/", "/jobs/", signed_in(200, visitor=TO_SIGN_IN), shows=sets),
        Row("jobs/", "/jobs/?before=x", only((), 200, visitor=TO_SIGN_IN)),
        Row(api, "/api/v1/jobs", signed_in(200, visitor=401), API, shows=sets),
    ]
    for name in PEOPLE:
        address, page = f"/api/v1/jobs/{{job-{name}}}", f"/jobs/{{job-{name}}}/cancel/"
        rows += [
            Row(one, address, only((name,), 200, visitor=401), API, shows=(f"job-{name}",)),
            # It is over, so who may stop it is told so.
            Row(f"{one}/cancel", f"{address}/cancel", only((name,), 409, visitor=401), API, "POST"),
            Row("jobs/<uuid:identity>/cancel/", page, only((name,), 302, visitor=TO_SIGN_IN), method="POST"),
        ]
    return rows


def _plain() -> list[Row]:
    return [
        Row("favicon.ico", "/favicon.ico", everybody(302)),
        Row("manifest.webmanifest", "/manifest.webmanifest", everybody(200)),
        Row("sw.js", "/sw.js", everybody(200)),
        Row("jsi18n/", "/jsi18n/", everybody(200)),
        Row("jsi18n/<slug:page>/", "/jsi18n/dispatch/", everybody(200)),
        Row("language/", "/language/", everybody(302)),
        Row("language/", "/language/", everybody(302), method="POST", body={"language": "en"}),
    ]


def _accounts() -> list[Row]:
    signs_in = several(200, 302)
    own = signed_in(200, visitor=TO_SIGN_IN)
    wrong = {"login": "alice", "password": "wrong"}

    def both(route: str, expect: Statuses, post: Statuses | None = None, body: dict[str, Any] | None = None) -> None:
        rows.append(Row(f"accounts/{route}", f"/accounts/{route}", expect))
        if post:
            rows.append(Row(f"accounts/{route}", f"/accounts/{route}", post, method="POST", body=body or {}))

    rows: list[Row] = []
    both("login/", signs_in, signs_in, wrong)
    both("logout/", signed_in(200, visitor=302), everybody(302))
    both("inactive/", everybody(200))
    both("signup/", signs_in, signs_in, {"username": "mallory", "password1": "a-long-password-of-hers"})
    both("reauthenticate/", own, own, {"password": "wrong"})
    both("password/change/", own, own, {"oldpassword": "wrong"})
    both("password/set/", signed_in(302, visitor=TO_SIGN_IN), signed_in(302, visitor=TO_SIGN_IN))
    both("password/forgotten/", everybody(200))
    return rows


TABLE = (*_health(), *_api(), *_tiles(), *_pages(), *_jobs(), *_plain(), *_accounts())
