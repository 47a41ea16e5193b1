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
# What a script fetches only when it is wanted.
LATER = re.compile(r"""\bimport\(\s*["'](\.[^"']+)["']\s*\)""")
LITERAL = re.compile(r"""\"((?:[^"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'""")
ESCAPE, ESCAPED = re.compile(r"\\(.)"), {"n": "\n", "t": "\t"}
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


@lru_cache
def whole_graph(entry: str) -> tuple[str, ...]:
    """Return the static paths of a module and of everything it imports, at once or later: what it needs offline.

    Raises FileNotFoundError when a module is not among the static files.
    """
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        here = waiting.pop(0)
        for path in (here, *graph(here)):
            if path not in found:
                found[path] = None
                folder = posixpath.dirname(path)
                waiting += [posixpath.normpath(posixpath.join(folder, name)) for name in LATER.findall(_source(path))]
    return tuple(found)


@lru_cache
def literals(entry: str) -> frozenset[str]:
    """Return every text that stands in quotes in a module or in what it imports, at once or later.

    Raises FileNotFoundError when a module is not among the static files.
    """
    return frozenset(
        _unescaped(double or single)
        for path in whole_graph(entry)
        for double, single in LITERAL.findall(_source(path))
        if double or single
    )


def _unescaped(text: str) -> str:
    return ESCAPE.sub(lambda found: ESCAPED.get(found[1], found[1]), text)


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
