"""The tile of heat (热力): hexagons with how many problems were recorded in each, read from counts.

A tile finds its cells by area and of each a few rows of counts, so that it costs as much as is drawn. Its coordinates
are coarser than other layers': a quarter of a pixel is enough for hexagons, and their outlines stay small.
"""

from grids.composed import Composed
from grids.scope import Scope
from maps.cells.asking import Asked
from maps.cells.reading import RESOLUTION, counted, reach_of, values

EXTENT, BUFFER = 1024, 16
HEAT = """
select ST_AsMVT(tile, 'heat', %(extent)s, 'mvt'), count(*), (select counted_until from maps_cellcursor)
from (
  select ST_AsMVTGeom(
           found.geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(extent)s, %(buffer)s, true
         ) as mvt,
         to_hex(found.cell) as id, found.n, /*shown*/
         round(found.hectares::numeric, 2 - floor(log(found.hectares))::int)::float8 as ha
  from (
    select c.cell, (array_agg(c.geom))[1] as geom, max(c.hectares) as hectares,
           coalesce(sum(now.n), 0)::int as n, /*compared*/
    from maps_cell c
    cross join lateral (/*now*/) now
    /*was*/
    where c.resolution = /*resolution*/
      and c.geom && ST_Expand(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 640000.0 / 2 ^ %(z)s)
    group by c.cell
    having sum(now.n) > 0 /*or*/
    order by n desc, c.cell
    limit %(most)s
  ) found
  order by found.cell
) tile
"""
COMPARED = {
    "/*shown*/": "found.was,",
    "/*compared*/": "coalesce(sum(was.n), 0)::int as was",
    "/*or*/": "or sum(was.n) > 0",
}


def heat_statement(scope: Scope, asked: Asked, most: int) -> Composed | None:
    """Return the statement that writes any tile of what is counted in the regions that somebody sees as a whole.

    None for somebody who sees none. Beside the tile and its number of cells it gives the moment up to which the
    counts know everything.
    """
    reach = reach_of(scope)
    if reach is None:
        return None
    text = HEAT.replace("/*now*/", counted(asked, "now", asked.window)).replace("/*resolution*/", RESOLUTION)
    if asked.versus:
        text = text.replace("/*was*/", f"cross join lateral ({counted(asked, 'was', asked.versus)}) was")
        for place, part in COMPARED.items():
            text = text.replace(place, part)
    else:
        text = text.replace("as n, /*compared*/", "as n")
    given = {**values(asked), "reach": reach, "extent": EXTENT, "buffer": BUFFER, "most": most}
    return Composed.named(text, given)
