"""Reading lists: what files say, whatever they are called and however they are written."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from grids.lists import encodings
from grids.lists.guessing import columns_of, guess, known, private
from grids.lists.reading import Choices, read
from grids.lists.saying import speak
from grids.lists.tables import Grid, Table, tabulate
from grids.models.lists import ListKind
from tests.grids.list_files import HEADINGS, csv_of, geojson, ods, shapefile, workbook

ROW = ("学府路菜市场", "农贸市场", 111.6705, 40.8203, "学府路12号", "站前社区", "王芳", "13912345678")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def mapping(table: Table, kind: str = ListKind.CHECKPOINTS) -> dict[str, str]:
    columns = columns_of(table.headings, [row for _number, row in table.rows])
    hidden = private(columns, kind)
    found = guess(kind, [column for column in columns if column.index not in hidden])
    return {name: table.headings[index] for name, index in found.items()}


def test_a_workbook_is_read_with_the_numbers_of_its_rows() -> None:
    found = read(workbook([HEADINGS, ROW, ROW]))
    assert found.table.headings == list(HEADINGS)
    assert [number for number, _cells in found.table.rows] == [2, 3]
    assert found.table.rows[0][1] == list(ROW)


def test_an_opendocument_sheet_is_read() -> None:
    assert read(ods([HEADINGS, [str(cell) for cell in ROW]])).table.rows[0][1][0] == "学府路菜市场"


def test_merged_headings_over_two_rows_are_joined_and_the_title_is_none() -> None:
    rows: list[list[Any]] = [
        ["新城区点位一览表", *[None] * 4],
        ["序号", "点位名称", "坐标", None, "责任人"],
        [None, None, "经度", "纬度", None],
        [1, "西市场", "111.67", "40.82", "王芳"],
    ]
    areas = [
        ("A1:E1", "新城区点位一览表"),
        ("A2:A3", "序号"),
        ("B2:B3", "点位名称"),
        ("C2:D2", "坐标"),
        ("E2:E3", "责任人"),
    ]
    table = read(workbook(rows, merged=areas)).table
    assert table.headings == ["序号", "点位名称", "坐标 / 经度", "坐标 / 纬度", "责任人"]
    assert table.heading_rows == [2, 3]
    assert mapping(table) == {"name": "点位名称", "lon": "坐标 / 经度", "lat": "坐标 / 纬度", "owner": "责任人"}


def test_a_value_merged_over_several_rows_holds_for_each() -> None:
    rows: list[list[Any]] = [["点位名称", "社区"], ["甲", "东社区"], ["乙", None], ["丙", None]]
    table = read(workbook(rows, merged=[("B2:B4", "东社区")])).table
    assert [cells[1] for _number, cells in table.rows] == ["东社区"] * 3


def test_totals_repeated_headings_and_remarks_are_left_out_with_a_note() -> None:
    rows: list[Any] = [HEADINGS, ROW, HEADINGS, ROW, ["合 计", "2"], ["制表人：李强"]]
    found = read(workbook(rows)).table
    assert [number for number, _cells in found.rows] == [2, 4]
    assert " ".join(speak(note) for note in found.notes).count("：") == 0
    assert sorted(note["with"]["rows"] for note in found.notes) == ["3", "5", "6"]


def test_a_point_that_is_called_total_is_no_total() -> None:
    table = read(workbook([HEADINGS, ("合计路口", *ROW[1:]), ROW])).table
    assert len(table.rows) == 2


def test_the_first_sheet_with_rows_is_taken_and_another_can_be_chosen() -> None:
    data = workbook([], [HEADINGS, ROW], [["名称"], ["另一个"]], names=["说明", "点位", "其他"])
    found = read(data)
    assert found.facts["sheets"] == ["说明", "点位", "其他"]
    assert found.facts["sheet"] == 1
    assert read(data, Choices(sheet=2)).table.rows[0][1] == ["另一个"]


def test_the_heading_row_can_be_said() -> None:
    data = workbook([["a", "b"], ["点位名称", "类型"], ["甲", "公园"], ["乙", "公园"]])
    assert read(data, Choices(heading_row=1)).table.headings == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_of_a_text_is_found(encoding: str) -> None:
    found = read(csv_of([HEADINGS, ROW], encoding))
    assert found.table.headings == list(HEADINGS)
    assert found.facts["encoding"].replace("gbk", "gb18030") == encoding.replace("gbk", "gb18030")


def test_big5_is_not_taken_for_gb18030() -> None:
    text = "點位名稱,類型,負責人\n學府路菜市場,農貿市場,王芳\n".encode("big5")
    assert encodings.guess(text) == "big5"


def test_another_encoding_can_be_chosen_and_must_fit() -> None:
    data = csv_of([HEADINGS, ROW], "gb18030")
    assert read(data, Choices(encoding="gb18030")).table.headings[0] == "点位名称"
    with pytest.raises(Exception, match="utf-8"):
        read(data, Choices(encoding="utf-8"))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    assert read(csv_of([HEADINGS, ROW, ROW], delimiter=delimiter)).table.headings == list(HEADINGS)


def test_a_formula_in_a_text_stays_text() -> None:
    table = read(csv_of([("点位名称", "类型"), ("=cmd|'/c calc'!A1", "公园")])).table
    assert table.rows[0][1][0] == "=cmd|'/c calc'!A1"


def test_a_shapefile_without_cpg_is_read_in_the_encoding_it_looks_like() -> None:
    rows = [("学府路农贸市场", 111.67, 40.82), ("红旗街公共厕所", 111.68, 40.83), ("居民小区出入口", 111.69, 40.84)]
    found = read(shapefile(rows))
    assert found.facts["encoding"] == "gb18030"
    assert [cells[0] for _number, cells in found.table.rows] == [name for name, *_ in rows]
    assert found.table.headings == ["名称"]
    assert found.table.shapes[1].x == pytest.approx(111.67)
    assert "degrees" in found.table.notes[0]["say"]


def test_what_the_cpg_says_goes_before_what_it_looks_like() -> None:
    rows = [("学府路农贸市场", 111.67, 40.82)]
    assert read(shapefile(rows, "utf-8", cpg="UTF-8")).table.rows[0][1] == ["学府路农贸市场"]


def test_geojson_is_read_and_a_broken_shape_costs_only_itself() -> None:
    good = {"type": "Point", "coordinates": [111.67, 40.82]}
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    found = read(geojson([({"名称": "甲"}, good), ({"名称": "乙"}, bow), ({"名称": "丙"}, None)]))
    assert sorted(found.table.shapes) == [1]
    assert len(found.table.rows) == 3
    assert found.table.notes[0]["with"]["count"] == 1


def test_columns_are_found_by_their_headings_in_chinese_and_english() -> None:
    assert mapping(tabulate(Grid([(1, list(HEADINGS)), (2, list(ROW))]), known)) == {
        "name": "点位名称",
        "type": "点位类型",
        "lon": "经度",
        "lat": "纬度",
        "address": "详细地址",
        "community": "所属社区",
        "owner": "责任人",
    }
    english = tabulate(
        Grid([(1, ["Name", "Type", "Longitude", "Latitude", "Owner"]), (2, ["A", "park", 111.6, 40.8, "x"])]), known
    )
    assert set(mapping(english)) == {"name", "type", "lon", "lat", "owner"}


def test_headings_with_brackets_and_stars_are_recognised() -> None:
    table = tabulate(Grid([(1, ["*点位名称（必填）", "点位类型：", "所在社区名称"]), (2, ["甲", "公园", "东"])]), known)
    assert set(mapping(table)) == {"name", "type", "community"}


def test_both_coordinates_in_one_column_are_found_by_their_look() -> None:
    rows: list[list[Any]] = [["点位名称", "高德"], *[["甲", "111.67,40.82"]] * 4]
    table = tabulate(Grid(list(enumerate(rows, 1))), known)
    assert mapping(table)["position"] == "高德"


def test_a_column_that_holds_something_else_is_not_what_it_is_called() -> None:
    table = tabulate(Grid([(1, ["点位名称", "坐标"]), (2, ["甲", "见附图"]), (3, ["乙", "见附图"])]), known)
    assert "position" not in mapping(table)


def test_telephone_and_identity_numbers_are_hidden_by_heading_and_by_look() -> None:
    rows = [[f"人{n}", f"1391234{n:04}", "11010519491231002X"] for n in range(4)]
    columns = columns_of(["户主", "备注一", "备注二"], rows)
    assert private(columns, ListKind.CHECKPOINTS) == [0, 1, 2]
    assert private(columns, ListKind.PEOPLE) == [0, 2]


def test_days_of_a_workbook_are_read_as_days() -> None:
    table = read(workbook([["点位名称", "启用日期"], ["甲", 46082]])).table
    assert table.rows[0][1][1] == 46082
    assert date(1899, 12, 30).toordinal() + 46082 == date(2026, 3, 1).toordinal()
