"""Where a row without a place may be: searched by its address and its name, near the community or grid it names."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import Point

from grids.lists.crossings import crossing
from grids.lists.kinds import HOUSED
from grids.models import Grid, ListImport, ListRow, Region
from grids.models.places import PlaceKind
from grids.models.search import SearchSource
from grids.scope import Scope
from grids.search.finding import Found, TooSlow, find
from grids.search.query import Query, read_query
from grids.search.ranking import distance

MOST = 6
# What follows the name of a place in an address and is none itself: 北侧50米, 大门口, 中段, 交叉口.
_BESIDE = re.compile(
    r"(?:[东西南北中正后大侧]{0,2}(?:侧|边|面|门口?|口|角|段|头)|对面|附近|旁边?|入口|出口|交叉路?口|路口|交汇处)"
    r"(?:\d+米)?处?$"
)
_UP_TO_NUMBER = re.compile(r"(.+?(?:路|街|巷|道|胡同))\d+号?.*")
BUILDING_KINDS = ("building",)
CROSSING = "crossing"
# A region, a grid or a jurisdiction is too wide to be where a thing stands.
POINT_KINDS = (
    *PlaceKind.values,
    SearchSource.BUILDING,
    SearchSource.STAIRWELL,
    SearchSource.STREET,
    SearchSource.CHECKPOINT,
    SearchSource.SERVICE_POINT,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a row may be at; `share` is how well its name fits, 0 to 1; `metres` from where it was expected."""

    name: str
    kind: str
    region: str
    lon: float
    lat: float
    share: float
    metres: float | None
    by: str
    building: int | None


def candidates(listed: ListImport, row: ListRow, scope: Scope) -> list[Candidate]:
    """Return the best places for a row, the best first; nothing outside the list's region.

    A search that takes too long twice leaves the word to the others; raises TooSlow if none of them found anything.
    """
    regions = dict(_inside(listed).values_list("code", "name"))
    near = expected(listed, row)
    kinds = BUILDING_KINDS if listed.kind in HOUSED else POINT_KINDS
    best: dict[tuple[str, int], tuple[Found, str]] = {}
    outside: set[tuple[str, int]] = set()
    area = listed.region.geom.prepared
    seen: set[str] = set()
    slow: TooSlow | None = None
    for by, texts in _words(row.values, listed.kind, regions.values()):
        for query in filter(None, map(read_query, _unseen(texts, seen))):
            try:
                answer = _search(query, scope, near, kinds)
            except TooSlow as fault:
                slow = fault
                continue
            for found in answer:
                key = (found.source, found.id)
                if key in outside or not area.covers(Point(found.lon, found.lat, srid=4326)):
                    outside.add(key)
                elif key not in best or found.score > best[key][0].score:
                    best[key] = (found, by)
        if len(best) >= MOST:
            break
    ranked = sorted(best.values(), key=lambda pair: -pair[0].score)[:MOST]
    offered = [_candidate(found, by, regions) for found, by in ranked]
    # Where two streets meet is surer than any name that is like the address.
    met = None if listed.kind in HOUSED else crossing(_address(row.values, regions.values()), listed.region)
    if met:
        name, lon, lat = met
        metres = round(distance(*near, lon, lat))
        offered.insert(0, Candidate(name, CROSSING, "", lon, lat, 1.0, metres, "address", None))
    if slow and not offered:
        raise slow
    return offered[:MOST]


def _search(query: Query, scope: Scope, near: tuple[float, float], kinds: tuple[str, ...]) -> list[Found]:
    """Search, and once more if it took too long: what it reads is at hand by then."""
    try:
        return find(query, scope, near, kinds, MOST * 2)
    except TooSlow:
        return find(query, scope, near, kinds, MOST * 2)


def expected(listed: ListImport, row: ListRow) -> tuple[float, float]:
    """Return the middle of the grid or community that a row names, else of the list's region."""
    code = str(row.values.get("grid") or "")
    grid = (
        Grid.objects.current().filter(code=code, region__code__startswith=listed.region.code).first() if code else None
    )
    if grid is not None:
        return _middle(grid.geom)
    word = str(row.values.get("community") or "")
    if word:
        stem = word.removesuffix("社区")
        rows = list(_inside(listed).filter(name__in={word, f"{stem}社区", stem})[:2]) or list(
            _inside(listed).filter(code=word)
        )
        if len(rows) == 1:
            return _middle(rows[0].geom)
    return _middle(listed.region.geom)


def _middle(geom: Any) -> tuple[float, float]:
    point = geom.point_on_surface
    return point.x, point.y


def _inside(listed: ListImport) -> Any:
    return Region.objects.current().filter(code__startswith=listed.region.code)


def _words(values: dict[str, Any], kind: str, regions: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what to search for, the most telling first; each step only if those before it found too little."""
    if kind in HOUSED:
        yield "name", (f"{values.get('estate') or ''}{values.get('building') or ''}",)
    address = _address(values, regions)
    # 北侧 belongs to no name, or to the name of a gate: with it many fit a little, without it the one that is meant.
    shorter = _BESIDE.sub("", address)
    yield "address", (shorter, address)
    yield "name", (str(values.get("name") or ""),)
    street = _UP_TO_NUMBER.fullmatch(shorter)
    if street:
        yield "address", (street[1],)
    yield "name", (str(values.get("estate") or ""),)


def _address(values: dict[str, Any], regions: Iterable[str]) -> str:
    """Return the address without the regions it names."""
    address = str(values.get("address") or "")
    for region in sorted(regions, key=len, reverse=True):
        address = address.replace(region, "", 1)
    return address


def _unseen(texts: Iterable[str], seen: set[str]) -> Iterator[str]:
    """Yield each text once that says something."""
    for text in texts:
        if len(text) > 1 and text not in seen:
            seen.add(text)
            yield text


def _candidate(found: Found, by: str, regions: dict[str, str]) -> Candidate:
    return Candidate(
        name=found.name,
        kind=found.kind,
        region=regions.get(found.region_code, ""),
        lon=found.lon,
        lat=found.lat,
        share=round(min(1.0, max(0.0, found.match.quality)), 2),
        metres=round(found.metres) if found.metres is not None else None,
        by=by,
        building=found.id if found.source == "building" else None,
    )
