"""How people are told: their own settings, the robots of planners' regions, the log of administrators."""

from grids.models import GroupRobot, Region
from grids.sealed import seal
from tests.maps.route_cast import Cast
from tests.maps.route_table import PLANNERS, SEEN, TO_SIGN_IN, Row, only, signed_in
from tests.town import NEAR

OWN = "me/notifications/<slug:channel>/"
ROBOT = "robots/<uuid:identity>/"
NEAR_PLANNERS = {"paula", "adam"}
ADMINS = {"adam"}


def add_robot(cast: Cast) -> None:
    """Set up a robot in the near region."""
    robot = GroupRobot.objects.create(
        name="mark-robot",
        kind="wecom",
        region=Region.objects.get(code=NEAR),
        sealed=seal({"kind": "wecom", "url": "", "secret": ""}),
        hint="…aaaa",
        verbs=["file"],
        made_by=cast.town.paula,
    )
    cast.addresses["robot"] = str(robot.pk)
    cast.readers["mark-robot"] = NEAR_PLANNERS
    cast.sets["robot"] = ["mark-robot"]


def _own() -> list[Row]:
    # Nothing is set up here, so there is no channel to give an address for.
    none = only((), 200, visitor=TO_SIGN_IN)
    return [
        Row("me/notifications/", "/me/notifications/", signed_in(200, visitor=TO_SIGN_IN)),
        Row("me/notifications/", "/me/notifications/", signed_in(422, visitor=TO_SIGN_IN), method="POST"),
        *(
            Row(f"{OWN}{verb}/", f"/me/notifications/email/{verb}/", none, method="POST")
            for verb in ("address", "confirm", "test")
        ),
        Row(
            f"{OWN}forget/",
            "/me/notifications/email/forget/",
            signed_in(302, visitor=TO_SIGN_IN),
            method="POST",
        ),
    ]


def _browsers() -> list[Row]:
    # Without a key of the site's there is nothing to turn on, and nobody has a browser.
    none = only((), 200, visitor=TO_SIGN_IN)
    one = "me/browsers/<int:identity>/"
    return [
        Row("me/browsers/", "/me/browsers/", none, method="POST"),
        Row("me/browsers/key.json", "/me/browsers/key.json", none),
        *(Row(f"{one}{verb}/", f"/me/browsers/1/{verb}/", none, method="POST") for verb in ("test", "remove")),
    ]


def _robots() -> list[Row]:
    near = only(NEAR_PLANNERS, 302, visitor=TO_SIGN_IN)
    return [
        Row("robots/", "/robots/", only(PLANNERS, 200, visitor=TO_SIGN_IN), shows=("robot",)),
        Row("robots/", "/robots/", only(PLANNERS, 403, visitor=TO_SIGN_IN), method="POST"),
        Row(f"{ROBOT}change/", "/robots/{robot}/change/", near, method="POST", body={"verb": "close"}),
        Row(f"{ROBOT}test/", "/robots/{robot}/test/", near, method="POST"),
        Row(f"{ROBOT}end/", "/robots/{robot}/end/", near, method="POST"),
        Row("deliveries/", "/deliveries/", only(ADMINS, 200, visitor=TO_SIGN_IN)),
    ]


SHARED = tuple(
    Row(
        "reports/<uuid:identity>/share.json",
        f"/reports/{{{name}}}/share.json",
        only(people, 200, visitor=TO_SIGN_IN),
    )
    for name, people in SEEN.items()
)
TOLD_PAGES = (*_own(), *_browsers(), *_robots(), *SHARED)
