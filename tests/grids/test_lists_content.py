"""Files that are no lists, and files that mean harm: each ends in a sentence, and nothing is opened."""

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from grids.lists import content, workbooks
from grids.lists.reading import Choices, read
from grids.lists.tables import Grid, tabulate
from grids.problems import BadInput
from tests.grids.list_files import HEADINGS, bomb, csv_of, geojson, protected, shapefile, workbook, zipped

HTML = b"<html xmlns:o='urn:schemas-microsoft-com:office:office'><table><tr><td>1</td></tr></table></html>"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \r\n\0", "empty"),
        (HTML, "web page"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"Rar!\x1a\x07", "RAR"),
        (protected(), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "WordDocument".encode("utf-16-le"), "Office"),
        (zipped({"word/document.xml": b"<w/>"}), "Word"),
        (zipped({"readme.txt": b"x"}), "no Shapefile"),
        (zipped({"a.shp": b"x", "a.dbf": b"x"}), "shx"),
        (zipped({"a.shp": b"", "a.shx": b"", "a.dbf": b"", "b.shp": b""}), "2 Shapefiles"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (b"\x7fELF\0\0\0\1binary", "neither"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_list_is_told_what_it_is(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        content.recognise(data)


def test_a_zip_bomb_is_refused_by_its_directory_at_once() -> None:
    data = bomb(450)
    assert len(data) < content.MOST_BYTES
    started = time.monotonic()
    with pytest.raises(BadInput, match="far too large"):
        content.recognise(data)
    assert time.monotonic() - started < 1


def test_a_bomb_below_the_cap_is_known_by_its_ratio() -> None:
    with pytest.raises(BadInput, match="far too large"):
        content.recognise(bomb(60))


def test_a_directory_that_lies_meets_the_limits_of_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caps believe the directory; what is unpacked in spite of it is unpacked where it harms nobody."""
    monkeypatch.setattr(content, "MOST_UNPACKED_BYTES", 1 << 40)
    monkeypatch.setattr(content, "MOST_TIMES_LARGER", 1 << 40)
    data = bomb(300)
    assert content.recognise(data) == "workbook"
    with pytest.raises(BadInput, match="damaged"):
        workbooks.read(data)


def test_thousands_of_entries_are_not_even_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped({f"{number}.txt": b"" for number in range(content.MOST_ENTRIES + 1)})

    def never(*_arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr(zipfile, "ZipFile", never)
    with pytest.raises(BadInput, match="far too large"):
        content.directory(data)


def test_an_encrypted_archive_is_said_to_be_one() -> None:
    data = bytearray(zipped({"a.shp": b"x"}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(BadInput, match="password"):
        content.recognise(bytes(data))


def test_a_broken_workbook_is_damaged() -> None:
    data = zipped({"xl/workbook.xml": b"<workbook><sheets>", "[Content_Types].xml": b"<Types/>"})
    with pytest.raises(BadInput, match="damaged"):
        read(data)


def test_a_child_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(workbooks, "CHILD", slow)
    monkeypatch.setattr(workbooks, "PATIENCE_SECONDS", 0.5)
    with pytest.raises(BadInput, match="too long"):
        workbooks.read(workbook([HEADINGS]))


def test_headings_alone_are_no_list() -> None:
    with pytest.raises(BadInput, match="no row"):
        read(workbook([HEADINGS]))


def test_an_empty_sheet_is_named() -> None:
    with pytest.raises(BadInput, match="empty"):
        read(workbook([]))


def test_too_many_rows_are_too_many_for_the_browser() -> None:
    rows = [("点位名称", "类型"), *(("甲", "公园") for _ in range(22_100))]
    for data in (csv_of(rows), workbook(rows)):
        with pytest.raises(BadInput, match="import_places"):
            read(data)


def test_an_open_quotation_mark_is_said_with_its_line() -> None:
    with pytest.raises(BadInput, match="quotation"):
        read('名称,类型\n"甲,公园\n'.encode() + b"x" * 200_000)


def test_numbers_in_metres_are_no_degrees_and_say_so() -> None:
    shape = geojson([({"a": 1}, {"type": "Point", "coordinates": [500000, 4500000]})])
    found = read(shape)
    assert found.table.shapes == {}
    assert "shapes cannot be used" in found.table.notes[0]["say"]


def test_an_archive_with_broken_content_is_damaged() -> None:
    data = shapefile([("菜市场", 111.67, 40.82)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = next(entry for entry in archive.infolist() if entry.filename.endswith(".dbf"))
        start = entry.header_offset + 30 + len(entry.filename.encode())
    broken = data[:start] + b"\xff" * entry.compress_size + data[start + entry.compress_size :]
    with pytest.raises(BadInput, match="damaged"):
        read(broken)


@pytest.mark.parametrize("word", ["UTF\0-8", "UTF-8\nx", "--config", "\0"])
def test_an_encoding_that_no_program_can_be_given_is_refused(word: str) -> None:
    data = shapefile([("菜市场", 111.67, 40.82)])
    with pytest.raises(BadInput, match="no encoding"):
        read(data, Choices(encoding=word))
    with pytest.raises(BadInput, match="no encoding"):
        read(shapefile([("菜市场", 111.67, 40.82)], cpg=word))


@pytest.mark.parametrize("codec", ["utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined"])
def test_a_codec_in_which_no_table_is_written_is_refused(codec: str) -> None:
    with pytest.raises(BadInput, match="no encoding"):
        read(b"name,type\r\n+2AA-,\\ud800\r\n", Choices(encoding=codec))


def test_characters_that_cannot_be_kept_are_replaced() -> None:
    table = tabulate(Grid([(1, ["名称", "类型"]), (2, ["a\0b", "\ud800"])]), lambda _heading: True)
    assert table.rows == [(2, ["a\ufffdb", "\ufffd"])]
