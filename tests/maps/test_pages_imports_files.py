"""Files as offices really send them: each becomes a list, or is refused in one sentence with nothing kept.

In tests/grids/samples: `excel-97.xls`, a workbook in the format of Excel 97 (BIFF8): title, merged headings, a day
as a date and one as text; `encrypted.xlsx`, a workbook that was saved with a password (ECMA-376, agile encryption).
"""

import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from grids.models import ListImport
from grids.models.lists import RowState
from tests.grids import import_files
from tests.grids.list_files import shapefile, workbook
from tests.grids.list_town import rows_of, spot
from tests.town import DISTRICT, Town

SAMPLES = Path(__file__).parents[1] / "grids" / "samples"
WRITE_ACCESS, FILE_PASS = b"\x5c\x00\x70\x00", b"\x2f\x00\x70\x00"  # records of BIFF8: their number and their length
Upload = Callable[..., Any]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def upload(town: Town, as_person: Callable[[str], Client]) -> Upload:
    client = as_person("paula")
    client.cookies["django_language"] = "en"

    def send(data: bytes, name: str) -> Any:
        form = {"kind": "checkpoints", "region": DISTRICT, "file": SimpleUploadedFile(name, data)}
        return client.post("/imports/", form)

    return send


def taken(answer: Any) -> ListImport:
    """Return the list that a file became."""
    assert answer.status_code == 302, answer.context["problem"]
    return ListImport.objects.get()


def refused(answer: Any) -> str:
    """Return the one sentence of a refusal, after which nothing is kept."""
    assert answer.status_code == 422
    assert not ListImport.objects.exists()
    sentence = str(answer.context["problem"])
    assert sentence.count("\n") == 0
    return sentence


def test_a_workbook_of_excel_97_is_read_with_merged_headings_and_both_kinds_of_days(upload: Upload, town: Town) -> None:
    listed = taken(upload((SAMPLES / "excel-97.xls").read_bytes(), "台账.xls"))
    assert listed.headings == ["点位名称", "点位类型", "坐标 / 经度", "坐标 / 纬度", "责任人", "启用日期"]
    first, second = rows_of(listed)
    assert (first.values["name"], first.values["since"]) == ("西口", "2026-03-01")
    assert (second.values["name"], second.values["since"]) == ("东口", "2026-03-05")
    assert [row.state for row in (first, second)] == [RowState.READY] * 2
    assert first.geom is not None
    assert (first.geom.x, first.geom.y) == pytest.approx((111.671, 40.821))


def test_a_workbook_with_a_password_says_so(upload: Upload) -> None:
    assert "password" in refused(upload((SAMPLES / "encrypted.xlsx").read_bytes(), "台账.xlsx"))


def test_an_old_workbook_with_a_password_says_so(upload: Upload) -> None:
    data = (SAMPLES / "excel-97.xls").read_bytes()
    assert data.count(WRITE_ACCESS) == 1
    assert "password" in refused(upload(data.replace(WRITE_ACCESS, FILE_PASS), "台账.xls"))


def test_an_old_workbook_that_was_cut_short_is_damaged(upload: Upload) -> None:
    data = (SAMPLES / "excel-97.xls").read_bytes()
    assert "damaged" in refused(upload(data[:3000], "台账.xls"))


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_a_geopackage_is_read_in_whatever_system_it_says(upload: Upload, tmp_path: Path, crs: str) -> None:
    point = {"type": "Point", "coordinates": list(spot(1.5, 1.5))}
    named = {"点位名称": "西口", "点位类型": "农贸市场", "责任人": "柳芸"}
    source = import_files.geojson(tmp_path / "a.geojson", {"type": "Feature", "properties": named, "geometry": point})
    package = import_files.convert(source, tmp_path / "a.gpkg", "GPKG", "-t_srs", crs)
    listed = taken(upload(package.read_bytes(), "点位.gpkg"))
    (row,) = rows_of(listed)
    assert (row.state, row.values["name"], row.values["owner"]) == (RowState.READY, "西口", "柳芸")
    assert row.geom is not None
    assert (row.geom.x, row.geom.y) == pytest.approx(spot(1.5, 1.5), abs=1e-6)


def test_a_database_that_holds_no_map_data_is_refused(upload: Upload, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "chat.db") as link:
        link.execute("create table message (body text)")
    assert refused(upload((tmp_path / "chat.db").read_bytes(), "点位.gpkg"))


def test_a_damaged_geopackage_is_refused(upload: Upload, tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": list(spot(1.5, 1.5))}
    source = import_files.geojson(tmp_path / "a.geojson", {"type": "Feature", "properties": {}, "geometry": point})
    data = import_files.convert(source, tmp_path / "a.gpkg", "GPKG").read_bytes()
    assert refused(upload(data[: len(data) // 3], "点位.gpkg"))


def test_days_as_text_below_merged_headings_are_read_or_said_at_their_cell(upload: Upload, town: Town) -> None:
    spots = [*map(str, spot(1.5, 1.5))]
    rows: list[list[Any]] = [
        ["点位", None, "坐标", None, "启用日期"],
        ["点位名称", "点位类型", "经度", "纬度", None],
        ["甲", "农贸市场", *spots, "2026年3月1日"],
        ["乙", "农贸市场", *spots, "2026.3.5"],
        ["丙", "农贸市场", *spots, "三月底"],
    ]
    areas = [("A1:B1", "点位"), ("C1:D1", "坐标"), ("E1:E2", "启用日期")]
    listed = taken(upload(workbook(rows, merged=areas), "台账.xlsx"))
    one, two, three = rows_of(listed)
    assert [one.values["since"], two.values["since"]] == ["2026-03-01", "2026-03-05"]
    assert [one.state, two.state, three.state] == [RowState.READY, RowState.READY, RowState.PROBLEM]
    (problem,) = three.problems
    assert listed.headings[problem["column"]] == "启用日期"


def test_a_shapefile_in_gbk_without_cpg_is_read(upload: Upload, town: Town) -> None:
    names = ["学府路农贸市场", "红旗街公共厕所", "居民小区出入口"]
    data = shapefile([(name, *spot(0.5 + index, 1.5)) for index, name in enumerate(names)], "gbk")
    listed = taken(upload(data, "点位.zip"))
    assert [row.values["name"] for row in rows_of(listed)] == names
    assert all(row.geom is not None for row in rows_of(listed))


def test_a_workbook_that_unpacks_to_a_hundred_times_its_size_and_more_is_not_opened(upload: Upload) -> None:
    plain, bomb = zipfile.ZipFile(BytesIO(workbook([["点位名称"], ["甲"]]))), BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for entry in plain.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                archive.writestr(entry.filename, plain.read(entry))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            for _ in range(60):
                sheet.write(b"<row><c><v>1</v></c></row>" * 40_000)
            sheet.write(b"</sheetData></worksheet>")
    assert len(bomb.getvalue()) < 1 << 20
    assert "too large" in refused(upload(bomb.getvalue(), "台账.xlsx"))
