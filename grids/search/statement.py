"""The one statement of a search: four looks for candidates, each cut off, so that its cost stays where it is.

1. *around*: the names nearest to where the search starts, by the index of points; each is looked at. What is called
   like a thousand others (北, 3号楼) is meant nearby, and is found here.
2. *starts*: names that begin with the query, by the indexes of keys, sounds and initials: what is meant exactly,
   anywhere.
3. *holds*: names that hold it somewhere, by the index of neighbouring characters, syllables and initials. Only if 1 and
   2 did not find enough: what is frequent enough to be too much here has been found nearby.
4. *loose*: with one slip. Only if hardly anything was found so far.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, pairwise, product
from typing import Any

from grids.scope import Scope
from grids.search.query import Query, Row, Unit, Way
from grids.search.ranking import CLOSE, COVERED, NEAR_METRES, WEIGHT
from grids.search.spelling import initial

AROUND = 1_200
BEGINNING = 1_200
STARTS = 200
HOLDS = 1_500
LOOSE = 1_000
RANKED = 80
MOST_COMBINATIONS = 6
FEW = 5
MOST_PAIRS = 48
MOST_WORDS = 24
TIMEOUT_MS = 1_500
METRES_A_DEGREE = 100_000  # about, between the two directions at our latitudes

_NUMBER = re.compile(r"[0-9]+(?=[^0-9])")
# Neighbours that every fifth name has: not worth looking up beside others.
COMMON = frozenset({"号楼", "小区", "单元", "花园", "hao nou", "xiao qu", "dan yuan", "hua yuan"})

# To compile, or to start helpers for looks that mostly never run, takes longer than the search; a look at every row is
# never what is wanted.
PREAMBLE = (
    "select set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true),"
    f" set_config('statement_timeout', '{TIMEOUT_MS}', true);"
)
_RESULT = """n.source, n.source_key, n.kind, n.region_code, n.name, n.name_en, n.text, n.key, n.pinyin, n.sounds,
    n.weight, ST_X(n.point), ST_Y(n.point), n.box, ST_X(here.point), ST_Y(here.point)"""


@dataclass(slots=True)
class Values:
    """The values of a statement, each under a name of its own."""

    bound: dict[str, Any] = field(default_factory=dict)

    def add(self, value: Any) -> str:
        """Return the placeholder for a value."""
        name = f"v{len(self.bound)}"
        self.bound[name] = value
        return f"%({name})s"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a search starts (longitude and latitude in degrees) and what it may find."""

    scope: Scope
    today: date
    near: tuple[float, float] | None = None
    kinds: tuple[str, ...] = ()


def statement(query: Query, reach: Reach, limit: int, values: Values) -> str:
    """Return the statement for a query's candidates, at most `RANKED`, the likely ones first."""
    wanted = _wanted(reach, values)
    enough = f"(select places from found_first) < {values.add(limit)}"  # noqa: S608 - bound
    few = f"(select places from found_then) < {FEW}"  # noqa: S608 - a constant
    strict, loose = _strict(query, values), _loose(query, values)
    starts = " union all ".join(_starting(query, f"{strict} and {wanted}", values))
    holds = _holding(_strict_neighbours(query, values), HOLDS, enough, reach, values)
    slips = _holding(_loose_neighbours(query, values), LOOSE, few, reach, values)
    around = AROUND if _knows_where(reach) else 0
    return f"""
    with here as materialized (select ({_here(reach, values)}) as point),
    own as materialized (select array({_own(reach, values)}) as ids),
    around as materialized (
        select n.* from (
            select * from grids_searchname order by point <-> (select point from here) limit {around}
        ) n where {wanted}
    ),
    first as materialized (select n.* from around n where {strict} union all {starts}),
    found_first as materialized (select count(distinct (source, source_key)) as places from first),
    strict as materialized (
        select * from first union all select n.* from ({holds}) n where {strict} and {wanted}
    ),
    found_then as materialized (select count(distinct (source, source_key)) as places from strict),
    last as materialized (
        select *, 0 as looseness from strict
        union all select n.*, 1 from around n where {few} and {loose}
        union all select n.*, 1 from ({slips}) n where {loose} and {wanted}
    ),
    candidates as (select distinct on (id) * from last n order by id, looseness)
    select {_RESULT} from candidates n cross join here
    order by looseness, {_class(query, values)}, {_promise(query)} desc, n.id limit {RANKED}
    """  # noqa: S608 - values are bound, the rest is made here


def _here(reach: Reach, values: Values) -> str:
    """Return the point where a search starts: the given one, else the middle of one's grids, else of one's regions."""
    if reach.near:
        lon, lat = map(values.add, reach.near)
        return f"ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326)"
    middle = "select ST_Centroid(ST_SetSRID(ST_Extent(geom)::geometry, 4326)) from"
    if reach.scope.grids:
        return f"{middle} grids_grid where id = any({values.add(sorted(reach.scope.grids))})"
    if reach.scope.wide:
        codes, today = values.add(list(reach.scope.wide)), values.add(reach.today)
        return f"{middle} grids_region where code = any({codes}) and period @> {today}::date"
    return "null::geometry"


def _knows_where(reach: Reach) -> bool:
    return bool(reach.near or reach.scope.grids or reach.scope.wide)


def _wanted(reach: Reach, values: Values) -> str:
    """Return the condition that a name is of a wanted kind and of nothing hidden: checkpoints are not everybody's."""
    seen = ["n.source <> 'checkpoint'", "n.source_key = any((select ids from own)::bigint[])"]
    if reach.scope.wide:
        seen.append(f"n.region_code like any({values.add([f'{code}%' for code in reach.scope.wide])})")
    kinds = f" and n.kind = any({values.add(list(reach.kinds))})" if reach.kinds else ""
    return f"({' or '.join(seen)}){kinds}"


def _own(reach: Reach, values: Values) -> str:
    """Return the statement for the checkpoints in a person's grids and those they answer for."""
    grids, person = values.add(sorted(reach.scope.grids)), values.add(reach.scope.person_id)
    return f"""
        select c.id from grids_checkpoint c join grids_grid g on ST_Intersects(g.geom, c.geom)
        where g.id = any({grids}::bigint[])
        union select checkpoint_id from grids_assignment
        where person_id = {person} and checkpoint_id is not null and period @> {values.add(reach.today)}::date
    """  # noqa: S608 - values are bound


def _strict(query: Query, values: Values) -> str:
    """Return the condition that a name fits all parts of a query."""
    return _all(_fits(part.ways, values) for part in query.parts)


def _loose(query: Query, values: Values) -> str:
    """Return the condition that a name fits with one slip, or without one of several parts."""
    strict = [_fits(part.ways, values) for part in query.parts]
    return _any(
        _all([*strict[:place], *(() if query.may_lose(place) else (_fits(part.slips, values),)), *strict[place + 1 :]])
        for place, part in enumerate(query.parts)
        if part.slips or query.may_lose(place)
    )


def _fits(ways: Sequence[Way], values: Values) -> str:
    """Return the condition that a name fits one of the ways: all rows of sounds make one regular expression."""
    rows = [way.words for way in ways if way.row]
    keys = [
        f"n.key ~ {values.add(way.pattern)}" if way.key[0].isdigit() else f"strpos(n.key, {values.add(way.key)}) > 0"
        for way in ways
        if way.key
    ]
    if rows:
        keys.append(f"n.sounds ~ {values.add(f'(?:^| )(?:{chr(124).join(rows)})(?: |$)')}")
    return _any(keys)


def _class(query: Query, values: Values) -> str:
    """Return a rough rank: the whole name, its beginning, the rest."""
    key = values.add(query.key)
    whole, begins = [f"n.key = {key}"], [f"starts_with(n.key, {key})"]
    rows = [way.words for way in query.parts[0].ways if way.row] if len(query.parts) == 1 else []
    if rows:
        joined = "|".join(rows)
        whole.append(f"n.sounds ~ {values.add(f'^(?:{joined})$')}")
        begins.append(f"n.sounds ~ {values.add(f'^(?:{joined})(?: |$)')}")
    return f"case when {_any(whole)} then 0 when {_any(begins)} then 1 else 2 end"


def _promise(query: Query) -> str:
    """Return roughly what `grids.search.ranking` adds to the quality of names of one rank, here in degrees."""
    size = sum(part.size for part in query.parts)
    close = f"coalesce({CLOSE} / (1 + (n.point <-> here.point) * {METRES_A_DEGREE / NEAR_METRES}), 0)"
    return f"({close} + {WEIGHT / 100} * n.weight + {COVERED} * least(1, {size}.0 / length(n.key)))"


def _starting(query: Query, also: str, values: Values) -> Iterator[str]:
    """Yield a look for names that begin with the query, for each way to read it in one part."""
    beginnings = {("key", query.key)}
    if len(query.parts) == 1:
        beginnings |= {_beginning(way.row) for way in query.parts[0].ways if way.row}
    for column, text in sorted(beginnings):
        if text:
            yield f"""
            (select n.* from (
                select * from grids_searchname where {column} like {values.add(f"{text}%")}
                order by {column} limit {BEGINNING}
             ) n where {also} limit {STARTS})"""  # noqa: S608 - values are bound


def _beginning(row: Row) -> tuple[str, str]:
    """Return the column and the text that all names have which begin with a row: its sounds, or its initials."""
    units = [unit for unit in row if unit]
    shared = [_shared(unit.options) for unit in units]
    certain = next((place for place, unit in enumerate(units) if len(unit.options) > 1), len(units))
    if certain or len(units) == 1:
        return "sounds", " ".join(shared[: certain + 1]).rstrip()
    letters = "".join(initial(text) for text in shared[: shared.index("") if "" in shared else None])
    return "initials", letters


def _holding(neighbours: Iterable[str], most: int, when: str, reach: Reach, values: Values) -> str:
    """Return a look by the index of neighbours, by one condition or another; cut off before it is looked closer."""
    conditions = list(dict.fromkeys(neighbours))
    if not conditions:
        return "select * from grids_searchname limit 0"
    kinds = f"(array[n.kind::text]) && {values.add(list(reach.kinds))}::text[] and " if reach.kinds else ""
    return f"select n.* from grids_searchname n where {kinds}{_any(conditions)} and {when} limit {most}"  # noqa: S608


def _strict_neighbours(query: Query, values: Values) -> Iterator[str]:
    """Yield for each combination of the parts' ways what a name meets that fits so."""
    for ways in islice(product(*(part.ways for part in query.parts)), MOST_COMBINATIONS):
        yield from _together(ways, values)


def _loose_neighbours(query: Query, values: Values) -> Iterator[str]:
    """Yield the same for one part with a slip, or left out."""
    for place, part in sorted(enumerate(query.parts), key=lambda entry: -entry[1].size):
        others = [other.ways[0] for other in (*query.parts[:place], *query.parts[place + 1 :])]
        # What lacks a syllable is found with what has another one in its place.
        for way in (way for way in part.slips if way.lost or None not in way.row):
            yield from _together([*others, way], values)
        if query.may_lose(place):
            yield from _together(others, values)


def _together(ways: Iterable[Way], values: Values) -> Iterator[str]:
    """Yield the condition for several ways at once; none if no index serves it."""
    needs = list(dict.fromkeys(need for way in ways for need in _needs(way)))
    telling = [need for need in needs if not COMMON.issuperset(need.texts)] or needs
    every: dict[tuple[str, str], list[str]] = {}
    conditions = []
    for need in telling:
        if len(need.texts) == 1:
            every.setdefault((need.function, need.column), []).extend(need.texts)
        else:
            conditions.append(f"{need.function}(n.{need.column}) && {values.add(list(need.texts))}::text[]")
    for (function, column), texts in every.items():
        conditions.append(f"{function}(n.{column}) @> {values.add(texts)}::text[]")
    if conditions:
        yield _all(conditions)


@dataclass(frozen=True, slots=True)
class _Need:
    """Neighbours of which a name has at least one."""

    function: str
    column: str
    texts: tuple[str, ...]


def _needs(way: Way) -> Iterator[_Need]:
    """Yield the neighbours that a name has which fits a way."""
    if way.key:
        yield from _needs_of_key(way.key)
    for run in _runs(way.row):
        words = [sorted(unit.options) for unit in run]
        paired = 0
        for one, other in pairwise(words):
            if len(one) * len(other) <= MOST_PAIRS:
                paired += 1
                yield _Need("search_sounds", "sounds", tuple(" ".join(pair) for pair in product(one, other)))
        if len(run) == 1 and len(words[0]) <= MOST_WORDS:
            paired = 1
            yield _Need("search_sounds", "sounds", tuple(words[0]))
        letters = _letters(run)
        if paired < max(1, len(run) - 1) and len(letters) > 1:
            for text in _windows(letters):
                yield _Need("search_initials", "initials", (text,))


def _needs_of_key(key: str) -> Iterator[_Need]:
    """Yield the neighbours of a key; a number that goes on is looked up whole, as it stands among the sounds."""
    whole = [number[0] for number in _NUMBER.finditer(key)]
    for number in whole:
        yield _Need("search_sounds", "sounds", (number,))
    pairs = [one + other for one, other in pairwise(key)]
    if whole:
        pairs = [pair for pair in pairs if not (pair[0].isdigit() or pair[1].isdigit())]
    for pair in pairs or ([] if whole else [key]):
        yield _Need("search_grams", "key", (pair,))


def _runs(row: Row) -> Iterator[list[Unit]]:
    """Yield the units between gaps."""
    run: list[Unit] = []
    for unit in row:
        if unit is not None:
            run.append(unit)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _letters(run: Iterable[Unit]) -> str:
    """Return the initials that are certain from the run's beginning on."""
    letters = ""
    for unit in run:
        found = {initial(option) for option in unit.options}
        if len(found) > 1:
            break
        letters += found.pop()
    return letters


def _shared(words: frozenset[str]) -> str:
    """Return the letters with which all words begin."""
    first, last = min(words), max(words)
    same = (place for place, letter in enumerate(first) if last[place : place + 1] != letter)
    return first[: next(same, len(first))]


def _windows(letters: str) -> list[str]:
    """Return all neighbours in threes, or the two there are."""
    return [letters[at : at + 3] for at in range(len(letters) - 2)] or [letters]


def _any(conditions: Iterable[str]) -> str:
    listed = list(conditions)
    return f"({' or '.join(listed)})" if listed else "false"


def _all(conditions: Iterable[str]) -> str:
    listed = list(conditions)
    return f"({' and '.join(listed)})" if listed else "true"
