"""The one statement of a search: four looks for candidates, each cut off, so that its cost stays where it is.

1. *around*: the names nearest to where the search starts, by the index of points; each is looked at. What is called
   like a thousand others (北, 3号楼) is meant nearby, and is found here.
2. *starts*: names that begin with the query, by the indexes of keys, sounds and initials: what is meant exactly,
   anywhere.
3. *holds*: names that hold it somewhere, by the index of neighbouring characters, syllables and initials. Only if 1 and
   2 did not find enough: what is frequent enough to be too much here has been found nearby.
4. *loose*: with one slip. Only if hardly anything was found so far.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise, product
from typing import Any

from grids.scope import Scope
from grids.search.query import Query, Row, Unit, Variant, Way
from grids.search.spelling import initial

AROUND = 3_000
BEGINNING = 1_200
STARTS = 200
HOLDS = 1_500
LOOSE = 500
RANKED = 160
FEW = 5
MOST_PAIRS = 48
MOST_WORDS = 24
TIMEOUT_MS = 1_500

# Compiling would take longer than running; a look at every row is never what is wanted here.
PREAMBLE = (
    "select set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),"
    f" set_config('statement_timeout', '{TIMEOUT_MS}', true);"
)
_COLUMNS = "n.*"
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
    strict = _any(_fits(variant, values) for variant in query.variants)
    loose = _any(_fits(variant, values) for variant in query.loose)
    starts = _union(_starting(query, wanted, values))
    holds = _union(_holding(query.variants, HOLDS, f"{wanted} and {enough}", reach, values))
    slips = _union(_holding(query.loose, LOOSE, f"{wanted} and {few}", reach, values))
    around = AROUND if _knows_where(reach) else 0
    return f"""
    with here as materialized (select ({_here(reach, values)}) as point),
    own as materialized (select array({_own(reach, values)}) as ids),
    around as materialized (
        select {_COLUMNS} from (
            select * from grids_searchname order by point <-> (select point from here) limit {around}
        ) n where {wanted}
    ),
    first as materialized (select {_COLUMNS} from around n where {strict} union all {starts}),
    found_first as materialized (select count(distinct (source, source_key)) as places from first),
    strict as materialized (select * from first union all {holds}),
    found_then as materialized (select count(distinct (source, source_key)) as places from strict),
    last as materialized (
        select *, 0 as looseness from strict
        union all select n.*, 1 from around n where {few} and {loose}
        union all select n.*, 1 from ({slips}) n
    ),
    candidates as (select distinct on (id) * from last n order by id, looseness)
    select {_RESULT} from candidates n cross join here
    order by looseness, {_class(query, values)}, n.point <-> here.point, n.weight desc, n.id limit {RANKED}
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


def _fits(variant: Variant, values: Values) -> str:
    """Return the condition that a name fits a variant, a little too wide at most."""
    return " and ".join(_fits_way(way, values) for way in variant if way)


def _fits_way(way: Way, values: Values) -> str:
    if way.key and not way.key[0].isdigit():
        return f"strpos(n.key, {values.add(way.key)}) > 0"
    return f"n.{'key' if way.key else 'sounds'} ~ {values.add(way.pattern)}"


def _class(query: Query, values: Values) -> str:
    """Return a rough rank: the whole name, its beginning, the rest."""
    key = values.add(query.key)
    whole, begins = [f"n.key = {key}"], [f"starts_with(n.key, {key})"]
    for way in query.parts[0].ways if len(query.parts) == 1 else ():
        if way.row:
            whole.append(f"n.sounds ~ {values.add(f'^{way.words}$')}")
            begins.append(f"n.sounds ~ {values.add(f'^{way.words}(?: |$)')}")
    return f"case when {_any(whole)} then 0 when {_any(begins)} then 1 else 2 end"


def _starting(query: Query, wanted: str, values: Values) -> Iterator[str]:
    """Yield a look for names that begin with the query, for each way to read it in one piece."""
    beginnings = {("key", query.key)}
    if len(query.parts) == 1:
        beginnings |= {_beginning(way.row) for way in query.parts[0].ways if way.row}
    fits = _any(_fits(variant, values) for variant in query.variants)
    for column, text in sorted(beginnings):
        if text:
            yield f"""
            (select {_COLUMNS} from (
                select * from grids_searchname where {column} like {values.add(f"{text}%")}
                order by {column} limit {BEGINNING}
             ) n where ({fits}) and {wanted} limit {STARTS})"""  # noqa: S608 - values are bound


def _beginning(row: Row) -> tuple[str, str]:
    """Return the column and the text that all names have which begin with a row: its sounds, or its initials."""
    units = [unit for unit in row if unit]
    shared = [_shared(unit.options) for unit in units]
    certain = next((place for place, unit in enumerate(units) if len(unit.options) > 1), len(units))
    if certain or len(units) == 1:
        return "sounds", " ".join(shared[: certain + 1]).rstrip()
    letters = "".join(initial(text) for text in shared[: shared.index("") if "" in shared else None])
    return "initials", letters


def _holding(variants: Sequence[Variant], most: int, also: str, reach: Reach, values: Values) -> Iterator[str]:
    """Yield a look by the index of neighbours for each variant that it can serve."""
    kinds = f"(array[n.kind::text]) && {values.add(list(reach.kinds))}::text[] and " if reach.kinds else ""
    for variant in variants:
        conditions = [condition for way in variant if way for condition in _neighbours(way, values)]
        if conditions:
            yield f"""
            (select {_COLUMNS} from grids_searchname n
             where {kinds}{" and ".join(conditions)} and {_fits(variant, values)} and {also} limit {most})"""  # noqa: S608 - values are bound


def _neighbours(way: Way, values: Values) -> Iterator[str]:
    """Yield the conditions on neighbours that a name meets which fits a way."""
    if way.key:
        yield f"search_grams(n.key) @> {values.add(_pairs(way.key))}::text[]"
        return
    for run in _runs(way.row):
        letters = _letters(run)
        words = [sorted(unit.options) for unit in run]
        pairs = [
            [f"{one} {other}" for one, other in product(*couple)]
            for couple in pairwise(words)
            if len(couple[0]) * len(couple[1]) <= MOST_PAIRS
        ]
        if len(run) == 1 and len(words[0]) <= MOST_WORDS:
            pairs = [words[0]]
        certain = [pair for [pair] in (found for found in pairs if len(found) == 1)]
        if certain:
            yield f"search_sounds(n.sounds) @> {values.add(certain)}::text[]"
        for several in pairs:
            if len(several) > 1:
                yield f"search_sounds(n.sounds) && {values.add(several)}::text[]"
        if len(pairs) < max(1, len(run) - 1) and len(letters) > 1:
            yield f"search_grams(n.initials) @> {values.add(_pairs(letters))}::text[]"


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


def _pairs(text: str) -> list[str]:
    return sorted({one + other for one, other in pairwise(text)}) or [text]


def _any(conditions: Iterable[str]) -> str:
    listed = list(conditions)
    return f"({' or '.join(listed)})" if listed else "false"


def _union(looks: Iterable[str]) -> str:
    listed = list(looks)
    return " union all ".join(listed) if listed else "(select * from grids_searchname limit 0)"
