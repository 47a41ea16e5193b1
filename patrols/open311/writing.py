"""An answer as XML or JSON: the same names and the same order in both.

XML has a declaration and no namespace; each list is an element that holds one element for each entry. JSON has no
wrapper around a list. What is unknown is an empty element, or null.
"""

import json
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from django.http import HttpResponse

XML, JSON = "xml", "json"
TYPES = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}
# What the entries of a list are called.
ENTRIES = {
    "endpoints": "endpoint",
    "formats": "format",
    "services": "service",
    "attributes": "attribute",
    "service_requests": "request",
    "errors": "error",
}
# What no document of XML 1.0 may hold, even escaped (its production Char).
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Value = Mapping[str, "Value"] | Sequence["Value"] | str | int | float | bool | None


def answer(form: str, root: str, content: Value, status: int = 200) -> HttpResponse:
    """Return the response for a mapping, or for a list whose entries are named in `ENTRIES` by its root's name."""
    body = _xml(root, content) if form == XML else _json(content)
    response = HttpResponse(body, content_type=TYPES[form], status=status)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _json(content: Value) -> bytes:
    # Half of a surrogate pair, as an address may hold it, cannot be written in any encoding.
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def _xml(root: str, content: Value) -> bytes:
    element = ET.Element(root)
    _fill(element, content)
    text: bytes = ET.tostring(element, encoding="utf-8", short_empty_elements=True)
    return text if text.startswith(b"<?xml") else b'<?xml version="1.0" encoding="utf-8"?>\n' + text


def _fill(element: ET.Element, content: Value) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _fill(ET.SubElement(element, name), value)
    elif isinstance(content, str):
        element.text = _ILLEGAL.sub("\ufffd", content)
    elif isinstance(content, Sequence):
        for value in content:
            _fill(ET.SubElement(element, ENTRIES[element.tag]), value)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif content is not None:
        element.text = str(content)
