/**
 * Web Mercator and tile arithmetic. "World" coordinates run 0…1 from the north-west corner.
 * The map's canvas tiles are 256 CSS px; source tiles are taken one zoom lower where they exist
 * (a quarter of the requests, the same detail) and stretched above their largest zoom.
 */

export const TILE_SIZE = 256;
export const EXTENT = 4096;
const MAX_LATITUDE = 85.0511287798066;

/** @returns {[number, number]} world x, y of a WGS-84 position in degrees */
export function project(lon, lat) {
  const clamped = Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, lat));
  const s = Math.sin((clamped * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)];
}

/** @returns {[number, number]} longitude, latitude in degrees of a world position */
export function unproject(x, y) {
  const lat = (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;
  return [(x - 0.5) * 360, lat];
}

/**
 * The zoom whose tiles of a source serve map zoom `z`, or null when the source starts deeper.
 *
 * @param {{minzoom: number, maxzoom: number}} source
 */
export function sourceZoom(z, source) {
  const wanted = Math.min(source.maxzoom, Math.max(z - 1, source.minzoom));
  return wanted > z ? null : wanted;
}

/**
 * The source tile under a canvas tile and how to draw it there.
 *
 * @returns {{z: number, x: number, y: number, scale: number, left: number, top: number}|null}
 *   `scale` = CSS px per unit of a 4096 extent, `left`/`top` = CSS px of the canvas' corner inside the source tile
 */
export function underlay(x, y, z, source) {
  const zoom = sourceZoom(z, source);
  if (zoom === null) return null;
  const span = 2 ** (z - zoom);
  const sx = Math.floor(x / span);
  const sy = Math.floor(y / span);
  return {
    z: zoom,
    x: sx,
    y: sy,
    scale: (TILE_SIZE * span) / EXTENT,
    left: (x - sx * span) * TILE_SIZE,
    top: (y - sy * span) * TILE_SIZE,
  };
}

/** Tiles of zoom `zoom` that touch a world box `[west, north, east, south]`, row by row. */
export function tilesIn(box, zoom) {
  const count = 2 ** zoom;
  const clamp = (value) => Math.max(0, Math.min(count - 1, Math.floor(value * count)));
  const tiles = [];
  for (let y = clamp(box[1]); y <= clamp(box[3]); y += 1)
    for (let x = clamp(box[0]); x <= clamp(box[2]); x += 1) tiles.push({ z: zoom, x, y });
  return tiles;
}

/** Does a tile touch `[west, south, east, north]` in degrees? No bounds: everything does. */
export function touches(tile, bounds) {
  if (!bounds) return true;
  const count = 2 ** tile.z;
  const [x0, y1] = project(bounds[0], bounds[1]);
  const [x1, y0] = project(bounds[2], bounds[3]);
  return (
    tile.x / count <= x1 && (tile.x + 1) / count >= x0 && tile.y / count <= y1 && (tile.y + 1) / count >= y0
  );
}

/** Key of a tile for maps and caches. */
export const tileKey = (z, x, y) => `${z}/${x}/${y}`;
