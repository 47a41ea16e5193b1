/** The box that areas take up. No DOM. */

/**
 * Bounds as [west, south, east, north] with some room; null without any area.
 *
 * @param {{coordinates: any[]}[]} geometries polygons or several, of GeoJSON
 * @param {number} room in degrees
 */
export function boxAround(geometries, room = 0.0008) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const take = (part) => {
    if (typeof part[0] !== "number") return part.forEach(take);
    box[0] = Math.min(box[0], part[0] - room);
    box[1] = Math.min(box[1], part[1] - room);
    box[2] = Math.max(box[2], part[0] + room);
    box[3] = Math.max(box[3], part[1] + room);
    return undefined;
  };
  for (const { coordinates } of geometries) take(coordinates);
  return Number.isFinite(box[0]) ? box : null;
}
