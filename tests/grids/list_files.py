"""Files as people send them when they are asked for a list."""

import io
import json
import struct
import zipfile
from collections.abc import Sequence
from typing import Any

import xlsxwriter

HEADINGS = ("点位名称", "点位类型", "经度", "纬度", "详细地址", "所属社区", "责任人", "联系电话")


def workbook(
    *sheets: Sequence[Sequence[Any]], merged: Sequence[tuple[str, Any]] = (), names: Sequence[str] = ()
) -> bytes:
    """Return an XLSX with these sheets; `merged` are areas of the first one with their text."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        for index, rows in enumerate(sheets):
            sheet = book.add_worksheet(names[index] if index < len(names) else None)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(number, column, value)
                    elif value is not None:
                        sheet.write(number, column, value)
            if index == 0:
                for area, text in merged:
                    sheet.merge_range(area, text)
    return data.getvalue()


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    """Return an OpenDocument sheet."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{space}:office:1.0" '
        f'xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{space}:manifest:1.0"/>'
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def bomb(megabytes: int) -> bytes:
    """Return a workbook whose sheet is so many megabytes of nothing."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(megabytes):
                sheet.write(b"\0" * (1 << 20))
    return data.getvalue()


def protected() -> bytes:
    """Return the beginning of a workbook as Excel encrypts it: an OLE file with a stream of that name."""
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    return (
        ole + "EncryptionInfo".encode("utf-16-le") + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
    )


def csv_of(rows: Sequence[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Return rows as a text table without quotation marks."""
    return "".join(delimiter.join("" if cell is None else str(cell) for cell in row) + "\r\n" for row in rows).encode(
        encoding
    )


def geojson(features: Sequence[tuple[dict[str, Any], Any]]) -> bytes:
    """Return a feature collection of (properties, geometry)."""
    rows = [{"type": "Feature", "properties": properties, "geometry": shape} for properties, shape in features]
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


def shapefile(rows: Sequence[tuple[str, float, float]], encoding: str = "gb18030", *, cpg: str = "") -> bytes:
    """Return a zipped shapefile of points with one column 名称, its table in an encoding that nothing says."""
    files = {"点位.shp": _shp(rows), "点位.shx": _shx(rows), "点位.dbf": _dbf([name for name, *_ in rows], encoding)}
    if cpg:
        files["点位.cpg"] = cpg.encode()
    return zipped(files)


def _head(words: int, rows: Sequence[tuple[str, float, float]]) -> bytes:
    lons, lats = [lon for _name, lon, _lat in rows], [lat for _name, _lon, lat in rows]
    box = (min(lons), min(lats), max(lons), max(lats), 0, 0, 0, 0)
    return struct.pack(">i20xi", 9994, words) + struct.pack("<2i8d", 1000, 1, *box)


def _shp(rows: Sequence[tuple[str, float, float]]) -> bytes:
    records = b"".join(
        struct.pack(">2i", number, 10) + struct.pack("<i2d", 1, lon, lat)
        for number, (_n, lon, lat) in enumerate(rows, 1)
    )
    return _head(50 + len(records) // 2, rows) + records


def _shx(rows: Sequence[tuple[str, float, float]]) -> bytes:
    records = b"".join(struct.pack(">2i", 50 + 14 * index, 10) for index in range(len(rows)))
    return _head(50 + len(records) // 2, rows) + records


def _dbf(names: Sequence[str], encoding: str) -> bytes:
    size = 40
    column = "名称".encode(encoding)[:10].ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([size, 0]) + b"\0" * 14
    head = struct.pack("<B3BIHH20x", 3, 126, 1, 1, len(names), 32 + 32 + 1, 1 + size)
    rows = b"".join(b" " + name.encode(encoding)[:size].ljust(size) for name in names)
    return head + column + b"\r" + rows + b"\x1a"
