"""What a stored JPEG may consist of (ITU-T T.81 annex B): tables, frames and scans, nothing that could say anything."""

import re

# SOI, JFIF header, quantisation and Huffman tables, baseline and progressive frames, scans, restart interval, EOI.
SOI, EOI, SOS, APP0 = 0xD8, 0xD9, 0xDA, 0xE0
ALLOWED = frozenset({APP0, 0xDB, 0xC0, 0xC2, 0xC4, SOS, 0xDD})
JFIF_HEADER = 16
# Within a scan 0xFF stands before a stuffed zero or a restart marker; anything else ends the scan.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def is_bare(data: bytes) -> bool:
    """Whether a JPEG holds its picture and nothing else: no EXIF, XMP, ICC profile, comment, thumbnail or tail."""
    if data[:2] != b"\xff\xd8":
        return False
    place = 2
    while place + 4 <= len(data):
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if data[place] != 0xFF or marker not in ALLOWED:
            return False
        if marker == APP0 and (length != JFIF_HEADER or data[place + 4 : place + 9] != b"JFIF\0"):
            return False
        place += 2 + length
        if marker == SOS:
            found = _AFTER_SCAN.search(data, place)
            if found is None:
                return False
            place = found.start()
            if data[place + 1] == EOI:
                return place + 2 == len(data)
    return False
