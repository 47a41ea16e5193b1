"""The modules that a page names in its head."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from maps.templatetags.modules import BARE, graph
from tests.town import Town

PAGES = ["dispatch", "inbox", "my-grid", "patrol", "report", "reports"]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    graph.cache_clear()
    yield
    graph.cache_clear()


def test_everything_that_a_page_needs_is_named_once() -> None:
    named = graph("maps/js/pages/my-grid.js")
    assert len(named) == len(set(named))
    assert {"maps/js/map/map.js", "maps/js/lib/api.js", "maps/js/ui/filing-place.js"} <= set(named)
    assert set(BARE.values()) <= set(named)
    assert "maps/js/pages/my-grid.js" not in named


@pytest.mark.parametrize("page", PAGES)
def test_every_named_module_is_a_file(page: str) -> None:
    assert all(finders.find(path) for path in graph(f"maps/js/pages/{page}.js"))


def test_a_module_that_is_missing_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        graph("maps/js/pages/nothing.js")


def test_the_import_map_names_the_same_modules(town: Town, as_person: Callable[[str], Client]) -> None:
    html = as_person("alice").get("/my-grid/").content.decode()
    names = re.findall(r'"((?:pbf|@mapbox)[^"]*)": "([^"]+)"', html)
    assert {name for name, _ in names} == set(BARE)
    for _name, address in names:
        assert f'<link rel="modulepreload" href="{address}">' in html
