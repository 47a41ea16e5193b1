"""What is searched: for every table with places the statement that says what its rows are called and where they are."""

from typing import Final, LiteralString

from grids.models.search import SearchSource
from grids.search.readings import EDITION

# What is typed alike is more often meant as one than as another. From 0 to 100; it only settles what is left equal.
WEIGHTS: Final = {
    "district": 100, "subdistrict": 95, "community": 90, "estate": 85, "hospital": 80, "market": 80, "school": 75,
    "park": 70, "square": 70, "station": 75, "street": 65, "office": 65, "shop": 60, "water": 55, "organisation": 55,
    "service_point": 50, "grid": 50, "checkpoint": 45, "other": 45, "building": 40, "toilet": 35, "stairwell": 20,
}  # fmt: skip

# Each gives id, kind, name, name_en, names (all spellings, the place's own first), region_code and geom; `{}` is where
# a condition on the source's id goes. Times are those of %(today)s.
_REGIONS = """
    select s.id, s.level as kind, s.name, s.name_en, array[s.name, s.name_en, s.code] as names,
           s.code as region_code, s.geom
    from grids_region s where s.period @> %(today)s::date {}"""
_PLACES = """
    select s.id, s.kind, s.name, s.name_en, array[s.name, s.name_en]::text[] || s.aliases::text[] as names,
           '' as region_code, s.geom
    from grids_place s where s.name <> '' {}"""
_STREETS = """
    select s.id, 'street' as kind, s.name, s.name_en, array[s.name, s.name_en] as names, '' as region_code, s.geom
    from grids_street s where s.name <> '' {}"""
_BUILDING_NAME = "case when starts_with(b.name, b.estate) then b.name else b.estate || b.name end"
_BUILDINGS = f"""
    select b.id, 'building' as kind, {_BUILDING_NAME} as name, b.name_en,
           array[{_BUILDING_NAME}, b.name_en]::text[] as names, coalesce(r.code, '') as region_code, b.geom
    from grids_building b left join grids_region r on r.id = b.region_id
    where b.name <> '' and b.kind <> 'gate' {{}}"""  # noqa: S608 - nothing comes from outside
_STAIRWELLS = f"""
    select s.id, 'stairwell' as kind, {_BUILDING_NAME} || s.label as name, '' as name_en,
           array[{_BUILDING_NAME} || s.label]::text[] as names, coalesce(r.code, '') as region_code, s.geom
    from grids_stairwell s join grids_building b on b.id = s.building_id
         left join grids_region r on r.id = b.region_id
    where b.name <> '' {{}}"""  # noqa: S608 - nothing comes from outside
_GRIDS = """
    select s.id, 'grid' as kind, s.name, named.en as name_en, array[s.name, named.en, s.code]::text[] as names,
           r.code as region_code, s.geom
    from grids_grid s join grids_region r on r.id = s.region_id
    cross join lateral (select right(s.code, 3)::int as number) as counted
    cross join lateral (
        select case when right(s.name, length('第网格' || counted.number)) = '第' || counted.number || '网格'
               then 'Grid ' || counted.number else '' end as en
    ) as named
    where s.kind = 'service' and s.period @> %(today)s::date {}"""
_CHECKPOINTS = """
    select s.id, 'checkpoint' as kind, s.name, s.name_en, array[s.name, s.name_en] as names, r.code as region_code,
           s.geom
    from grids_checkpoint s join grids_region r on r.id = s.region_id
    where s.name <> '' and s.period @> %(today)s::date {}"""
_SERVICE_POINTS = """
    select s.id, 'service_point' as kind, s.name, s.name_en, array[s.name, s.name_en] as names, r.code as region_code,
           s.geom
    from grids_servicepoint s join grids_region r on r.id = s.region_id
    where s.name <> '' and s.period @> %(today)s::date {}"""
_ORGANISATIONS = """
    select s.id, 'organisation' as kind, s.name, s.name_en, array[s.name, s.name_en] as names, r.code as region_code,
           s.jurisdiction as geom
    from grids_organisation s join grids_region r on r.id = s.region_id
    where s.name <> '' and s.period @> %(today)s::date {}"""

_SOURCES: Final[dict[str, tuple[LiteralString, LiteralString]]] = {
    SearchSource.REGION: (_REGIONS, "s.id"),
    SearchSource.PLACE: (_PLACES, "s.id"),
    SearchSource.STREET: (_STREETS, "s.id"),
    SearchSource.BUILDING: (_BUILDINGS, "b.id"),
    SearchSource.STAIRWELL: (_STAIRWELLS, "s.id"),
    SearchSource.GRID: (_GRIDS, "s.id"),
    SearchSource.CHECKPOINT: (_CHECKPOINTS, "s.id"),
    SearchSource.SERVICE_POINT: (_SERVICE_POINTS, "s.id"),
    SearchSource.ORGANISATION: (_ORGANISATIONS, "s.id"),
}
ALL: Final = tuple(_SOURCES)

_SAID = f"{EDITION}, kind, name, name_en, names::text, region_code, md5(ST_AsBinary(geom))"
_STAMP = f"md5(concat_ws('|', {_SAID}))::uuid"


def stamped(source: str, *, chosen: bool) -> str:
    """Return the statement for id and stamp of a source's rows; `chosen` limits it to the ids %(ids)s."""
    return f"select id, {_STAMP} as stamp from ({_rows(source, chosen)}) as rows"  # noqa: S608 - constants only


def described(source: str) -> str:
    """Return the statement for all that is kept of the rows with the ids %(ids)s."""
    return f"""
        select id, {_STAMP} as stamp, kind, name, name_en, names, region_code, ST_X(point), ST_Y(point),
               array[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)]
        from ({_rows(source, True)}) as rows, lateral (select ST_PointOnSurface(geom) as point) as placed
        order by id"""  # noqa: S608 - constants only


def _rows(source: str, chosen: bool) -> str:
    statement, identity = _SOURCES[source]
    return statement.format(f"and {identity} = any(%(ids)s)" if chosen else "")
