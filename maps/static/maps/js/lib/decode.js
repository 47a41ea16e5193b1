/**
 * Vector tile (MVT 2) bytes to plain features. Coordinates are scaled to an extent of 4096 and kept in flat arrays.
 *
 * @typedef {{id: string, type: 1|2|3, properties: Record<string, string|number|boolean>,
 *   parts: Int32Array[], box: number[]}} TileFeature type 1 = points, 2 = lines, 3 = polygon rings
 */

import { VectorTile } from "@mapbox/vector-tile";
import Pbf from "pbf";
import { bboxOf } from "./geometry.js";
import { EXTENT } from "./tilemath.js";

function flatten(lines, scale) {
  return lines.map((line) => {
    const part = new Int32Array(line.length * 2);
    line.forEach((point, index) => {
      part[index * 2] = Math.round(point.x * scale);
      part[index * 2 + 1] = Math.round(point.y * scale);
    });
    return part;
  });
}

/**
 * @param {ArrayBuffer|Uint8Array} bytes
 * @returns {Map<string, TileFeature[]>} by the name of the layer inside the tile
 * @throws {Error} when the bytes are no vector tile
 */
export function decodeTile(bytes) {
  const tile = new VectorTile(new Pbf(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)));
  const layers = new Map();
  for (const [name, layer] of Object.entries(tile.layers)) {
    const features = [];
    for (let index = 0; index < layer.length; index += 1) {
      const feature = layer.feature(index);
      if (!(feature.type >= 1 && feature.type <= 3)) continue;
      const parts = flatten(feature.loadGeometry(), EXTENT / layer.extent);
      const id = feature.properties.id ?? feature.id ?? index;
      features.push({
        id: String(id),
        type: feature.type,
        properties: feature.properties,
        parts,
        box: bboxOf(parts),
      });
    }
    layers.set(name, features);
  }
  return layers;
}
