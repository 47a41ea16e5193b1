"""A sheet of the squad's report among the rows of the routes, and who is answered what about it."""

from uuid import UUID

from django.utils import timezone

from patrols.models import Report, Sheet, SheetItem
from tests.maps.route_cast import SEE_SQUAD, Cast
from tests.maps.route_table import TO_SIGN_IN, Row, only, signed_in
from tests.town import DISTRICT, NEAR

MAKERS = {"dora", "olaf", "paula", "petra", "ines"}
NO_JOB = "00000000-0000-7000-8000-000000000000"


def add_sheet(cast: Cast) -> None:
    """Write a sheet with the report that the squad deals with."""
    sheet = Sheet.objects.create(
        district=DISTRICT,
        region_code=NEAR + "001",
        year=2026,
        serial=1,
        organisation=cast.town.squad,
        note="mark-sheet-note",
        made_by=cast.people["dora"],
        made_at=timezone.now(),
    )
    report = Report.objects.get(pk=UUID(cast.addresses["squad"]))
    SheetItem.objects.create(sheet=sheet, position=1, report=report, state=report.state)
    cast.addresses["sheet"] = str(sheet.pk)
    cast.readers["mark-sheet-note"] = SEE_SQUAD
    cast.readers[str(sheet.pk)] = SEE_SQUAD
    cast.sets["sheet-note"], cast.sets["sheet-id"] = ["mark-sheet-note"], [str(sheet.pk)]


def _rows() -> list[Row]:
    one, seen = "sheets/<uuid:identity>/", only(SEE_SQUAD, 200, visitor=TO_SIGN_IN)
    lacks = only(SEE_SQUAD, 422, visitor=TO_SIGN_IN)
    answers = {**only(SEE_SQUAD, 403, visitor=TO_SIGN_IN), "squad_member": 422}
    return [
        Row("sheets/", "/sheets/", signed_in(200, visitor=TO_SIGN_IN), shows=("sheet-id",)),
        Row("sheets/new/", "/sheets/new/", only(MAKERS, 200, visitor=TO_SIGN_IN)),
        Row("sheets/new/", "/sheets/new/", only(MAKERS, 422, visitor=TO_SIGN_IN), method="POST"),
        Row(one, "/sheets/{sheet}/", seen, shows=("sheet-note",)),
        Row(f"{one}receipt/", "/sheets/{sheet}/receipt/", seen, shows=("sheet-note",)),
        Row(f"{one}<slug:what>.docx", "/sheets/{sheet}/sheet.docx", seen),
        Row(f"{one}<slug:what>.docx", "/sheets/{sheet}/other.docx", lacks),
        Row(f"{one}lines/<int:position>/", "/sheets/{sheet}/lines/1/", answers, method="POST"),
        Row(f"{one}files/", "/sheets/{sheet}/files/", lacks, method="POST"),
        Row(f"{one}files/<uuid:job>/", f"/sheets/{{sheet}}/files/{NO_JOB}/", only((), 200, visitor=TO_SIGN_IN)),
    ]


SHEETS = tuple(_rows())
