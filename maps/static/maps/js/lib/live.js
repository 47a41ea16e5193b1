/**
 * Features added in the page (GeoJSON, degrees) before the tiles know them, served in the shape of tile features.
 */

import { bboxOf } from "./geometry.js";
import { EXTENT, project, tileKey } from "./tilemath.js";

/** Coordinate arrays of a GeoJSON geometry as `{type, parts}` in world units. @throws {TypeError} unknown type */
export function worldParts(geometry) {
  const flat = (positions) => Float64Array.from(positions.flatMap(([lon, lat]) => project(lon, lat)));
  switch (geometry?.type) {
    case "Point":
      return { type: 1, parts: [flat([geometry.coordinates])] };
    case "MultiPoint":
      return { type: 1, parts: geometry.coordinates.map((position) => flat([position])) };
    case "LineString":
      return { type: 2, parts: [flat(geometry.coordinates)] };
    case "MultiLineString":
      return { type: 2, parts: geometry.coordinates.map(flat) };
    case "Polygon":
      return { type: 3, parts: geometry.coordinates.map(flat) };
    case "MultiPolygon":
      return { type: 3, parts: geometry.coordinates.flat().map(flat) };
    default:
      throw new TypeError(`No geometry to draw: ${geometry?.type}`);
  }
}

/** The live features of one layer. */
export class LiveLayer {
  #features = new Map();
  #tiles = new Map();

  get size() {
    return this.#features.size;
  }

  has(id) {
    return this.#features.has(String(id));
  }

  put(feature) {
    const id = String(feature.id ?? feature.properties?.id);
    const { type, parts } = worldParts(feature.geometry);
    this.#features.set(id, {
      id,
      type,
      parts,
      box: bboxOf(parts),
      properties: { ...feature.properties, id },
    });
    this.#tiles.clear();
    return id;
  }

  remove(id) {
    const known = this.#features.delete(String(id));
    if (known) this.#tiles.clear();
    return known;
  }

  clear() {
    this.#features.clear();
    this.#tiles.clear();
  }

  /** Features that touch a tile (with a margin of an eighth), in its 4096 units. */
  tile(z, x, y) {
    const key = tileKey(z, x, y);
    let features = this.#tiles.get(key);
    if (features) return features;
    features = [];
    const count = 2 ** z;
    for (const feature of this.#features.values()) {
      const [left, top, right, bottom] = feature.box;
      const margin = 0.125;
      if (right * count < x - margin || left * count > x + 1 + margin) continue;
      if (bottom * count < y - margin || top * count > y + 1 + margin) continue;
      const parts = feature.parts.map((part) =>
        part.map((value, index) => (value * count - (index % 2 ? y : x)) * EXTENT),
      );
      features.push({ ...feature, parts, box: bboxOf(parts) });
    }
    if (this.#tiles.size > 256) this.#tiles.clear();
    this.#tiles.set(key, features);
    return features;
  }
}
