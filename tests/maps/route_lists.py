"""A list that Paula is bringing in, and who is answered what about it: nobody else sees anything."""

from grids.lists import staging
from grids.models import Region
from grids.models.lists import ListKind
from tests.maps.route_cast import Cast
from tests.maps.route_table import API, PAGE, TO_SIGN_IN, Row, Statuses, only
from tests.town import DISTRICT, at

BRINGERS = {"paula", "petra", "adam"}
MARK = "mark-list-row"


def add_list(cast: Cast) -> None:
    """Take in a list of three rows: one ready, one without a place, one with a problem."""
    point = at(1.5, 1.5)
    text = f"点位名称,点位类型,经度,纬度\n{MARK},农贸市场,{point.x},{point.y}\n{MARK}-2,农贸市场,,\n{MARK}-3,?,,\n"
    region = Region.objects.get(code=DISTRICT)
    listed = staging.take_in(cast.people["paula"], region, ListKind.CHECKPOINTS, "list.csv", text.encode())
    cast.addresses["list"] = str(listed.pk)
    cast.readers[MARK] = {"paula"}
    cast.sets["list"] = [MARK]


def _rows() -> list[Row]:
    page, own = "imports/<uuid:identity>/", only({"paula"}, 200, visitor=TO_SIGN_IN)
    moved: Statuses = only({"paula"}, 302, visitor=TO_SIGN_IN)

    def one(name: str, expect: Statuses = own, method: str = "GET", kind: str = PAGE, **more: object) -> Row:
        number = name.replace("<int:number>", "3")
        return Row(f"{page}{name}", f"/imports/{{list}}/{number}", expect, kind, method, **more)  # type: ignore[arg-type]

    bringers = only(BRINGERS, 200, visitor=TO_SIGN_IN)
    nothing = only(BRINGERS, 422, visitor=TO_SIGN_IN)
    return [
        Row("imports/", "/imports/", bringers),
        Row("imports/", "/imports/", nothing, method="POST"),
        Row("imports/template/<slug:kind>.xlsx", "/imports/template/checkpoints.xlsx", bringers),
        Row("imports/template/<slug:kind>.xlsx", "/imports/template/nothing.xlsx", only((), 200, visitor=TO_SIGN_IN)),
        one("", moved),
        one("columns/"),
        one("columns/", only({"paula"}, 422, visitor=TO_SIGN_IN), "POST"),
        one("points.json", shows=("list",)),
        one("rows/", shows=("list",)),
        one("rows/<int:number>/", moved, "POST", body={"do": "leave-out"}),
        one("problems.csv", shows=("list",)),
        one("problems.xlsx"),
        one("places/", shows=("list",)),
        one("places/<int:number>/", shows=("list",)),
        one("places/<int:number>/", own, "POST", API, body={"skip": "x"}),
        one("finish/"),
        one("finish/", only({"paula"}, 422, visitor=TO_SIGN_IN), "POST"),
        one("brought.json"),
        one("undo/", moved, "POST"),
        one("discard/", moved, "POST"),
    ]


LIST_PAGES = tuple(_rows())
