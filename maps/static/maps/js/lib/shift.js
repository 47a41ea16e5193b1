/**
 * Coordinate shifts between WGS-84, GCJ-02 (Amap, Tencent) and BD-09 (Baidu), in degrees.
 *
 * Forward formulas: the published polynomial of the Chinese "GCJ-02" obfuscation on the Krassowsky
 * ellipsoid and Baidu's polar offset on top of it. Inverses are fixed-point iterations; three steps
 * leave less than a millimetre.
 *
 * @typedef {"wgs84"|"gcj02"|"bd09"} Crs
 */

import { project, unproject } from "./tilemath.js";

const SEMI_MAJOR = 6378245;
const ECCENTRICITY_SQUARED = 0.006693421622965943;
const BAIDU_FACTOR = (Math.PI * 3000) / 180;
const EARTH_RADIUS = 6371008.8;

const sin = (turns) => Math.sin(turns * Math.PI);

/** The shift is defined for this box only; elsewhere the systems are the same. */
function insideShiftedArea(lon, lat) {
  return lon > 72.004 && lon < 137.8347 && lat > 0.8293 && lat < 55.8271;
}

function gcjOffset(lon, lat) {
  if (!insideShiftedArea(lon, lat)) return [0, 0];
  const x = lon - 105;
  const y = lat - 35;
  const ripple = (20 * sin(6 * x) + 20 * sin(2 * x)) * (2 / 3);
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    ripple +
    (20 * sin(x) + 40 * sin(x / 3) + 150 * sin(x / 12) + 300 * sin(x / 30)) * (2 / 3);
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    ripple +
    (20 * sin(y) + 40 * sin(y / 3) + 160 * sin(y / 12) + 320 * sin(y / 30)) * (2 / 3);
  const phi = (lat / 180) * Math.PI;
  const magic = 1 - ECCENTRICITY_SQUARED * Math.sin(phi) ** 2;
  const root = Math.sqrt(magic);
  const metresPerRadianNorth = (SEMI_MAJOR * (1 - ECCENTRICITY_SQUARED)) / (magic * root);
  const metresPerRadianEast = (SEMI_MAJOR / root) * Math.cos(phi);
  return [(east * 180) / (metresPerRadianEast * Math.PI), (north * 180) / (metresPerRadianNorth * Math.PI)];
}

function wgsToGcj(lon, lat) {
  const [east, north] = gcjOffset(lon, lat);
  return [lon + east, lat + north];
}

function gcjToBd(lon, lat) {
  const radius = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * BAIDU_FACTOR);
  const angle = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * BAIDU_FACTOR);
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006];
}

const FORWARD = {
  wgs84: (lon, lat) => [lon, lat],
  gcj02: wgsToGcj,
  bd09: (lon, lat) => gcjToBd(...wgsToGcj(lon, lat)),
};

/**
 * @param {number} lon WGS-84 degrees
 * @param {number} lat WGS-84 degrees
 * @param {Crs} crs the system wanted
 * @returns {[number, number]} longitude, latitude in that system
 * @throws {RangeError} for an unknown system
 */
export function fromWgs84(lon, lat, crs) {
  const forward = FORWARD[crs];
  if (!forward) throw new RangeError(`Unknown coordinate system: ${crs}`);
  return forward(lon, lat);
}

/**
 * @param {number} lon degrees in `crs`
 * @param {number} lat degrees in `crs`
 * @param {Crs} crs the system the coordinates are in
 * @returns {[number, number]} WGS-84 longitude, latitude
 * @throws {RangeError} for an unknown system
 */
export function toWgs84(lon, lat, crs) {
  let guess = [lon, lat];
  if (crs === "wgs84") return guess;
  for (let step = 0; step < 4; step += 1) {
    const there = fromWgs84(guess[0], guess[1], crs);
    guess = [guess[0] + lon - there[0], guess[1] + lat - there[1]];
  }
  return guess;
}

/** Great-circle distance in metres (haversine, mean earth radius). */
export function metres(lon1, lat1, lon2, lat2) {
  const rad = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(a)));
}

/**
 * Where the north-west corner of a base map tile lies on the WGS-84 map: every tile is set down by its
 * own corners, so the fit is right at any place and neighbours share an edge.
 *
 * @returns {[number, number]} Web Mercator pixels at zoom z (tiles of `size` px)
 */
export function tileCornerOnWgs84(x, y, z, crs, size = 256) {
  const tiles = 2 ** z;
  const [lon, lat] = unproject(x / tiles, y / tiles);
  const [u, v] = project(...toWgs84(lon, lat, crs));
  return [u * tiles * size, v * tiles * size];
}

/**
 * How far the base map's picture of a place lies from the place itself.
 *
 * @returns {[number, number]} Web Mercator pixels at zoom z
 */
export function pixelShift(lon, lat, z, crs, size = 256) {
  const scale = 2 ** z * size;
  const [u0, v0] = project(lon, lat);
  const [u1, v1] = project(...fromWgs84(lon, lat, crs));
  return [(u1 - u0) * scale, (v1 - v0) * scale];
}
