/** GeoJSON geometries as text: read, written, put together. No DOM, no map. */

const DECIMALS = 7; // of a degree, about a centimetre
const round = (value) => (Array.isArray(value) ? value.map(round) : Number(value.toFixed(DECIMALS)));

/** @returns {string} the text of a geometry, empty for none */
export const written = (geometry) =>
  geometry ? JSON.stringify({ type: geometry.type, coordinates: round(geometry.coordinates) }) : "";

/**
 * @param {string} text
 * @returns {object|null} the geometry, null for an empty text
 * @throws {SyntaxError|TypeError} when it is none
 */
export function parsed(text) {
  if (!text.trim()) return null;
  const geometry = JSON.parse(text);
  if (!geometry?.type || !Array.isArray(geometry.coordinates)) throw new TypeError("not a geometry");
  bounds(geometry);
  return geometry;
}

/** Puts geometries of one kind together into a single or a multi one; null for none. */
export function joined(geometries) {
  if (geometries.length < 2) return geometries[0] ?? null;
  const parts = geometries.flatMap(({ type, coordinates }) =>
    type.startsWith("Multi") ? coordinates : [coordinates],
  );
  return { type: `Multi${geometries[0].type.replace("Multi", "")}`, coordinates: parts };
}

/** @returns {number[]} west, south, east, north; throws TypeError when a position is not two numbers */
export function bounds({ coordinates }) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (value) => {
    if (Array.isArray(value[0])) return value.forEach(visit);
    const [lon, lat] = value;
    if (!Number.isFinite(lon) || !Number.isFinite(lat)) throw new TypeError("not a position");
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  };
  visit(coordinates);
  return box;
}
