"""What a file is, told by its content and never by its name, and whether it is safe to open at all.

Everything that people send when they are asked for a list, and that is none, ends in one sentence here.
"""

import io
import struct
import zipfile
from typing import Literal, NoReturn

from django.utils.translation import gettext as _

from grids.lists import encodings
from grids.problems import BadInput

Format = Literal["workbook", "text", "shapefile", "geojson", "geopackage"]

MOST_BYTES = 20 << 20
MOST_ENTRIES = 2_000
MOST_DIRECTORY_BYTES = 1 << 20
MOST_UNPACKED_BYTES = 400 << 20
MOST_TIMES_LARGER = 200  # honest sheets shrink to a tenth, bombs to a thousandth
SMALL_UNPACKED_BYTES = 50 << 20
_ENCRYPTED = 1
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def recognise(data: bytes) -> Format:
    """Return what a file is; raise one sentence if it is nothing that holds a list."""
    if not data.strip(b"\0 \t\r\n"):
        raise BadInput(_("The file is empty."))
    if data.startswith(b"PK"):
        return _packed(data)
    if data.startswith(OLE):
        return _old_office(data)
    if data.startswith(b"SQLite format 3\0"):
        return "geopackage"
    return _plain(data)


def _plain(data: bytes) -> Format:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for start, sentence in (
        (b"%pdf", _("This is a PDF. Ask for the table it was printed from, as Excel or CSV.")),
        (b"\x89png", _("This is a picture. A list must be a table: Excel, CSV or map data.")),
        (b"\xff\xd8\xff", _("This is a picture. A list must be a table: Excel, CSV or map data.")),
        (b"rar!", _("This is a RAR archive. Unpack it and send the file inside.")),
        (b"7z\xbc\xaf", _("This is a 7z archive. Unpack it and send the file inside.")),
    ):
        if data[:8].lower().startswith(start):
            raise BadInput(sentence)
    if head.startswith(b"<"):
        _markup(head)
    if head.startswith(b"{") and b'"type"' in head:
        return "geojson"
    # Text in UTF-16 is half zeros; in other encodings a zero byte means that it is no text.
    sample = data[:65536]
    if b"\0" in sample and data[:2] not in {b"\xff\xfe", b"\xfe\xff"} and not encodings.looks_like_utf16(sample):
        raise BadInput(_("This file is neither a table nor map data: send Excel, CSV, Shapefile (zipped) or GeoJSON."))
    return "text"


def _markup(head: bytes) -> NoReturn:
    if b"<html" in head or b"<table" in head or b"<!doctype html" in head or b"<meta" in head:
        raise BadInput(
            _("This is a web page that was saved under the name of a table: open it in Excel and save it as .xlsx.")
        )
    raise BadInput(
        _("This is an XML file, not a table: open it in the program that it came from and save it as .xlsx or CSV.")
    )


def _old_office(data: bytes) -> Format:
    if _lacks_directory(data):
        raise BadInput(_("The file is damaged and cannot be opened."))

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise BadInput(_("The workbook is protected by a password: open it, take the password off and save it again."))
    if holds("Workbook") or holds("Book"):
        return "workbook"
    raise BadInput(_("This is an old Office document without a table: send the list as Excel or CSV."))


def _lacks_directory(data: bytes) -> bool:
    """Whether an OLE file ends before the directory that its head speaks of ([MS-CFB] 2.2)."""
    if len(data) < 512:
        return True
    shift: int = struct.unpack_from("<H", data, 30)[0]
    sector: int = struct.unpack_from("<I", data, 48)[0]
    return shift > 12 or (sector + 1) << shift >= len(data)


def _packed(data: bytes) -> Format:
    entries = directory(data)
    names = [entry.filename for entry in entries]
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise BadInput(_("The file is protected by a password: take it off and send the file again."))
    lowered = [name.lower() for name in names]
    if "xl/workbook.xml" in lowered or "xl/workbook.bin" in lowered or "content.xml" in lowered:
        return "workbook"
    if any(name.startswith("word/") for name in lowered):
        raise BadInput(_("This is a Word document: copy its table into Excel and send that."))
    if any(name.endswith(".shp") for name in lowered):
        _complete(lowered)
        return "shapefile"
    raise BadInput(
        _("The archive holds no Shapefile: put .shp, .shx, .dbf and .prj into it, or send the table itself.")
    )


def _complete(names: list[str]) -> None:
    shapes = [name for name in names if name.endswith(".shp") and not name.startswith("__macosx/")]
    if len(shapes) > 1:
        raise BadInput(_("The archive holds %(count)s Shapefiles: send one at a time.") % {"count": len(shapes)})
    missing = [end for end in (".shx", ".dbf") if shapes and f"{shapes[0][:-4]}{end}" not in names]
    if missing:
        raise BadInput(
            _("The archive lacks %(missing)s: keep .shp, .shx, .dbf and .prj together.")
            % {"missing": ", ".join(missing)}
        )


def directory(data: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip archive after its caps were checked, unpacking nothing."""
    _cap_directory(data)
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise BadInput(_("The file is damaged and cannot be opened.")) from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_ENTRIES:
        raise _too_large()
    if unpacked > MOST_UNPACKED_BYTES:
        raise _too_large()
    if unpacked > SMALL_UNPACKED_BYTES and unpacked / min(packed, len(data)) > MOST_TIMES_LARGER:
        raise _too_large()
    return entries


def _too_large() -> BadInput:
    return BadInput(_("Unpacked, the file would be far too large for a list; nothing of it was opened."))


def _cap_directory(data: bytes) -> None:
    """Refuse a directory that would be costly to read, before anything reads it."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        raise BadInput(_("The file is damaged and cannot be opened."))
    count, size = struct.unpack_from("<HL", data, at + 10)
    if count > MOST_ENTRIES or size > MOST_DIRECTORY_BYTES or data[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise _too_large()
