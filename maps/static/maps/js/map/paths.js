/** Paths of tile features in tile units, built once per decoded tile and reused at any zoom and style. */

import { EXTENT } from "../lib/tilemath.js";

const groups = new WeakMap();
const outlines = new WeakMap();
const shapes = new WeakMap();

function trace(path, part, close) {
  path.moveTo(part[0], part[1]);
  for (let i = 2; i < part.length; i += 2) path.lineTo(part[i], part[i + 1]);
  if (close) path.closePath();
}

function addFeature(path, feature) {
  if (feature.type === 1) return;
  for (const part of feature.parts) trace(path, part, feature.type === 3);
}

/** Path of one feature. */
export function pathOf(feature) {
  let path = shapes.get(feature);
  if (!path) {
    path = new Path2D();
    addFeature(path, feature);
    shapes.set(feature, path);
  }
  return path;
}

/**
 * Paths of all features of a tile layer by class.
 *
 * @param {import("../lib/decode.js").TileFeature[]} features
 * @param {string} name distinguishes several ways to class the same features
 * @param {(feature) => string|null} classify null leaves a feature out
 * @returns {Map<string, Path2D>}
 */
export function pathsBy(features, name, classify) {
  let byName = groups.get(features);
  if (!byName) {
    byName = new Map();
    groups.set(features, byName);
  }
  let paths = byName.get(name);
  if (!paths) {
    paths = new Map();
    for (const feature of features) {
      const key = classify(feature);
      if (key === null || feature.type === 1) continue;
      if (!paths.has(key)) paths.set(key, new Path2D());
      addFeature(paths.get(key), feature);
    }
    byName.set(name, paths);
  }
  return paths;
}

/** A polygon was cut along the tile's buffer: such an edge is no boundary and must not be stroked. */
const isCut = (a, b) => a === b && (a < 0 || a > EXTENT);

/** Boundary of a polygon feature without the edges the tile cut made. */
export function outlineOf(feature) {
  let path = outlines.get(feature);
  if (path) return path;
  path = new Path2D();
  for (const ring of feature.parts) {
    let pen = false;
    const count = ring.length / 2;
    for (let i = 0; i < count; i += 1) {
      const j = (i + 1) % count;
      const [ax, ay, bx, by] = [ring[i * 2], ring[i * 2 + 1], ring[j * 2], ring[j * 2 + 1]];
      if (isCut(ax, bx) || isCut(ay, by)) {
        pen = false;
        continue;
      }
      if (!pen) path.moveTo(ax, ay);
      path.lineTo(bx, by);
      pen = true;
    }
  }
  outlines.set(feature, path);
  return path;
}
