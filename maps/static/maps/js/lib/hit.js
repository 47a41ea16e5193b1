/**
 * What lies under a finger. Points first (nearest first), then lines, then polygons (inside ones before those only
 * touched, smaller before larger). Distances in px.
 *
 * @typedef {{layer: string, id: string, kind: "point"|"line"|"polygon", distance: number, area?: number}} Hit
 */

import { lineDistance, polygonContains, polygonsOf, ringArea } from "./geometry.js";

export const TOLERANCE = 22;
const RANK = { point: 0, line: 1, polygon: 2 };

/**
 * Distance from a position to a decoded tile feature, in the feature's own units.
 *
 * @param {{type: 1|2|3, parts: ArrayLike<number>[]}} feature
 * @returns {{distance: number, area: number}} area is 0 except for polygons
 */
export function featureDistance(feature, x, y) {
  let distance = Infinity;
  if (feature.type === 3) {
    let area = 0;
    for (const polygon of polygonsOf(feature.parts)) {
      if (polygonContains(x, y, polygon)) distance = 0;
      else for (const ring of polygon) distance = Math.min(distance, lineDistance(x, y, ring, true));
      area += Math.abs(ringArea(polygon[0]));
    }
    return { distance, area };
  }
  for (const part of feature.parts)
    if (feature.type === 2) distance = Math.min(distance, lineDistance(x, y, part));
    else
      for (let i = 0; i < part.length; i += 2)
        distance = Math.min(distance, Math.hypot(x - part[i], y - part[i + 1]));
  return { distance, area: 0 };
}

/**
 * Orders hits and keeps the nearest of each feature (it may lie in several tiles).
 *
 * @param {Hit[]} hits
 * @returns {Hit[]}
 */
export function orderHits(hits) {
  const nearest = new Map();
  for (const hit of hits) {
    const key = `${hit.layer}/${hit.id}`;
    const known = nearest.get(key);
    if (!known || hit.distance < known.distance) nearest.set(key, hit);
  }
  return [...nearest.values()].sort(
    (a, b) => RANK[a.kind] - RANK[b.kind] || a.distance - b.distance || (a.area ?? 0) - (b.area ?? 0),
  );
}
