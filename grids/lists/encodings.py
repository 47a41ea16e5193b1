"""In which encoding a text is written: found from its bytes, to be shown and overruled by whoever knows better."""

import codecs
from collections.abc import Sequence
from typing import Final

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from grids.problems import BadInput

# Offered to choose from; others may be found but are rare in lists.
OFFERED: Final = ("utf-8", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be", "shift_jis", "windows-1252")
# Text codecs of Python that nobody writes a table in: some take time without end, some make halves of characters.
_NEVER: Final = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
_SAMPLE = 1 << 18
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def guess(data: bytes) -> str:
    """Return the encoding of a text: by its mark, else the first that fits among those of Chinese lists."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if looks_like_utf16(sample):
        return "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be"
    return guess_parts([_whole_lines(sample, data)])


def looks_like_utf16(sample: bytes) -> bool:
    """Whether a text without a mark is written in UTF-16: one byte in five is zero, nearly all on the same side."""
    zeros = sample.count(0)
    sides = (sample[0::2].count(0), sample[1::2].count(0))
    return zeros > len(sample) // 5 and max(sides) > 0.9 * zeros


def guess_parts(parts: Sequence[bytes]) -> str:
    """Return the encoding of several pieces of text written alike; the last character of each may be cut off."""
    if all(part.isascii() for part in parts) or all(_reads(part, "utf-8") for part in parts):
        return "utf-8"
    joined = b"\n".join(parts)
    scores = {name: _commonness(parts, name) for name in ("gb18030", "big5")}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= 0.6:
        return best
    found = from_bytes(joined[:65536]).best()
    if found is not None and _codec(found.encoding):
        return found.encoding.replace("_", "-")
    return best if scores[best] > 0 else "windows-1252"


def decode(data: bytes, encoding: str) -> str:
    """Return a text in a known encoding; one sentence if it is not written in it."""
    codec = _codec(encoding)
    if codec is None:
        raise BadInput(_("There is no encoding “%(encoding)s”.") % {"encoding": encoding[:40]})
    try:
        return data.decode(codec).removeprefix("\ufeff")
    except UnicodeError as error:
        raise BadInput(
            _("The file is not written in %(encoding)s: choose another encoding.") % {"encoding": encoding}
        ) from error


def _codec(encoding: str) -> str | None:
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError):
        return None
    plain = getattr(info, "_is_text_encoding", True) and info.name.replace("_", "-") not in _NEVER
    return info.name if plain else None


def _whole_lines(sample: bytes, data: bytes) -> bytes:
    return sample if len(sample) == len(data) else sample[: sample.rfind(b"\n") + 1] or sample[:-4]


def _reads(part: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(part)  # not final: a character cut off at the end is no fault
    except UnicodeError:
        return False
    return True


def _commonness(parts: Sequence[bytes], encoding: str) -> float:
    """Return the share of characters beyond ASCII that are in common use where the encoding is; 0 if it cannot be."""
    common = others = 0
    for part in parts:
        if not _reads(part, encoding):
            return 0.0
        for character in part.decode(encoding, "ignore"):
            if character >= "\x80":
                if _common(character, encoding):
                    common += 1
                else:
                    others += 1
    return common / (common + others) if common else 0.0


def _common(character: str, encoding: str) -> bool:
    """Both standards put the characters in daily use first: level 1 of GB 2312, level 1 of Big5, and punctuation."""
    try:
        code = character.encode("gb2312" if encoding == "gb18030" else "big5")
    except UnicodeError:
        return False
    low, high = (0xB0, 0xD7) if encoding == "gb18030" else (0xA4, 0xC6)
    return len(code) == 2 and (low <= code[0] <= high or code[0] in {0xA1, 0xA3})
