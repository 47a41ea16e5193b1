"""Naming a page's whole module graph in its head, so that a phone fetches it at once instead of level by level."""

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# The same names as in the import map of maps/base.html.
BARE = {
    "pbf": "vendor/pbf/index.js",
    "@mapbox/vector-tile": "vendor/vector-tile/index.js",
    "@mapbox/point-geometry": "vendor/point-geometry/index.js",
}
IMPORT = re.compile(r"""^\s*(?:import\s+|(?:import|export)\b[^;"'(]*?\bfrom\s+)["']([^"']+)["']""", re.MULTILINE)


@lru_cache
def graph(entry: str) -> tuple[str, ...]:
    """Return the static paths of everything a module imports, nearest first, itself excluded.

    Raises FileNotFoundError when a module is not among the static files.
    """
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        here = waiting.pop(0)
        for name in IMPORT.findall(_source(here)):
            path = BARE.get(name) or posixpath.normpath(posixpath.join(posixpath.dirname(here), name))
            if path not in found and path != entry:
                found[path] = None
                waiting.append(path)
    return tuple(found)


def _source(path: str) -> str:
    file = finders.find(path)
    if not isinstance(file, str):
        raise FileNotFoundError(path)
    return Path(file).read_text(encoding="utf-8")


@register.simple_tag
def modulepreload(entry: str) -> SafeString:
    """Write a link for every module that a page's entry module imports."""
    links = ((static(path),) for path in graph(entry))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)
