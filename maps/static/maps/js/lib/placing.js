/**
 * The queue of rows that lack a place, as data: which comes next, how many are settled.
 *
 * @typedef {{number: number, name: string, done: boolean, skipped: boolean, label: string}} Waiting
 */

/** How many of the queue are settled. @param {Waiting[]} queue */
export const settled = (queue) => queue.filter((row) => row.done).length;

/**
 * The place in the queue to go to: the next row that is not settled, from the one after `from`, round once.
 *
 * @param {Waiting[]} queue
 * @param {number} from place in the queue, -1 to begin with the first
 * @returns {number} -1 when all are settled
 */
export function nextOpen(queue, from = -1) {
  for (let step = 1; step <= queue.length; step++) {
    const at = (from + step + queue.length) % queue.length;
    if (!queue[at].done) return at;
  }
  return -1;
}

/** The neighbour in the queue, settled or not, round at the ends. */
export const neighbour = (queue, from, step) => (from + step + queue.length) % queue.length;

/** What is sent to accept a candidate or a point of the map. */
export function chosen(place) {
  const { lon, lat, name = "", building = null } = place;
  return { lon, lat, label: name, building };
}

/** The bounds of points with some room, or null: west, south, east, north in degrees. */
export function boundsOf(points, room = 0.0012) {
  if (!points.length) return null;
  const lons = points.map(({ lon }) => lon);
  const lats = points.map(({ lat }) => lat);
  return [
    Math.min(...lons) - room,
    Math.min(...lats) - room,
    Math.max(...lons) + room,
    Math.max(...lats) + room,
  ];
}

/** A row as the map draws a checkpoint that nobody inspected yet. */
export const pointFeature = ({ id, name, lon, lat }) => ({
  type: "Feature",
  id: String(id),
  geometry: { type: "Point", coordinates: [lon, lat] },
  properties: { id: String(id), glyph: "·", status: "unknown", name },
});

/** A candidate as a ring with its number from 1, drawn like a report that nobody handles yet. */
export const candidateFeature = (index, { lon, lat }) => ({
  type: "Feature",
  id: String(index),
  geometry: { type: "Point", coordinates: [lon, lat] },
  properties: { id: String(index), glyph: String(index + 1), state: "accepted", hazard: false, late: false },
});

/** A post as the map draws it. @param {{id: string, name: string, lon: number, lat: number, state: string}} post */
export const postFeature = ({ lon, lat, ...properties }) => ({
  type: "Feature",
  id: String(properties.id),
  geometry: { type: "Point", coordinates: [lon, lat] },
  properties,
});
