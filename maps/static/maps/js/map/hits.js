/** What the finger touches: symbols as they are drawn, then lines and areas of the layers below. */

import { featureDistance, orderHits, TOLERANCE } from "../lib/hit.js";
import { EXTENT, unproject } from "../lib/tilemath.js";

const KIND = { 1: "point", 2: "line", 3: "polygon" };

function describe(layer, feature, kind, distance, [x, y], extra = {}) {
  const [lon, lat] = unproject(x, y);
  return {
    layer,
    id: feature.id,
    properties: feature.properties,
    kind,
    distance,
    lat,
    lon,
    stacked: 1,
    ...extra,
  };
}

/** Hits of drawn symbols; every member of a touched stack counts. */
function symbolHits(places, point, world) {
  const hits = [];
  for (const place of places) {
    const distance = Math.max(0, Math.hypot(place.x - point.x, place.y - point.y) - place.radius);
    if (distance > TOLERANCE - Math.min(place.radius, TOLERANCE - 8)) continue;
    place.items.forEach((item, index) => {
      hits.push(
        describe(item.layer, item.feature, "point", distance + index * 1e-3, world(item), {
          stacked: place.items.length,
        }),
      );
    });
  }
  return hits;
}

function areaHits(stack, at, zoom) {
  const hits = [];
  const world = 256 * 2 ** zoom;
  const reach = TOLERANCE / world;
  const box = [at.x - reach, at.y - reach, at.x + reach, at.y + reach];
  for (const layer of stack.touchable) {
    for (const tile of stack.tilesOf(layer, box, Math.round(zoom))) {
      const count = 2 ** tile.z;
      const unit = world / count / EXTENT;
      const x = (at.x * count - tile.x) * EXTENT;
      const y = (at.y * count - tile.y) * EXTENT;
      const tolerance = TOLERANCE / unit;
      for (const feature of tile.features) {
        const [left, top, right, bottom] = feature.box;
        if (x < left - tolerance || x > right + tolerance || y < top - tolerance || y > bottom + tolerance)
          continue;
        if (feature.type === 1) continue;
        const { distance, area } = featureDistance(feature, x, y);
        // An area is what it contains; only its edge line gives a finger some room.
        if (distance > (feature.type === 2 ? tolerance : 0)) continue;
        hits.push(
          describe(layer.name, feature, KIND[feature.type], distance * unit, [at.x, at.y], {
            area: area * unit * unit,
          }),
        );
      }
    }
  }
  return hits;
}

/**
 * @param {import("./layers.js").LayerStack} stack
 * @param {{places: object[], point: {x: number, y: number}, at: {x: number, y: number}, zoom: number,
 *   world: (item: object) => [number, number]}} where `places` as arranged on the overlay, `point` on its canvas,
 *   `at` in world units
 * @returns {object[]} points first, then lines, then areas
 */
export function hitsAt(stack, { places, point, at, zoom, world }) {
  return orderHits([...symbolHits(places, point, world), ...areaHits(stack, at, zoom)]);
}
