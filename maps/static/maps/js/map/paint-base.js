/** The quiet base map: land, places, water, buildings, streets with casing. */

import { pathsBy } from "./paths.js";

/** Width in CSS px at zoom 16, colour tokens, smallest zoom; drawn from the last to the first. */
const STREETS = {
  trunk: { width: 11, fill: "map-street-major", casing: "map-casing-major", from: 8 },
  primary: { width: 9.5, fill: "map-street-major", casing: "map-casing-major", from: 10 },
  secondary: { width: 8, fill: "map-street-major", casing: "map-casing-major", from: 11 },
  tertiary: { width: 6.5, fill: "map-street", casing: "map-casing", from: 12 },
  residential: { width: 5, fill: "map-street", casing: "map-casing", from: 13 },
  alley: { width: 3.2, fill: "map-street", casing: "map-casing", from: 14 },
};
const ORDER = Object.keys(STREETS).reverse();
const GROWTH = 1.55;

const PLACES = {
  park: "map-park",
  garden: "map-park",
  green: "map-park",
  water: "map-water",
  river: "map-water",
  school: "map-school",
  kindergarten: "map-school",
  hospital: "map-school",
  estate: "map-estate",
  market: "map-market",
  mall: "map-market",
};

/** Width of a street on the map in CSS px. */
export function streetWidth(kind, z) {
  const style = STREETS[kind] ?? STREETS.residential;
  return Math.max(z < 14 ? 1 : 1.4, style.width * GROWTH ** (z - 16));
}

/** Names of streets show main ones first; paths, rails and water come last. */
export const streetRank = (kind) => (kind in STREETS ? ORDER.indexOf(kind) + 1 : 0);

const LINES = new Set(["path", "rail", "subway", "water", "stream"]);
const streetClass = ({ properties: { kind } }) => (kind in STREETS || LINES.has(kind) ? kind : "residential");

/**
 * @param {CanvasRenderingContext2D} context transformed to tile units
 * @param {import("../lib/decode.js").TileFeature[]} features
 * @param {{z: number, unit: number, theme: import("./theme.js").Theme}} view `unit` = tile units per CSS px
 */
export function paintPlaces(context, features, { theme, unit, z }) {
  const paths = pathsBy(features, "places", ({ type, properties: { kind } }) =>
    type === 3 ? (PLACES[kind] ?? "map-place") : null,
  );
  // Large grounds below what lies inside them.
  for (const token of ["map-estate", "map-place", "map-market", "map-school", "map-park", "map-water"]) {
    const path = paths.get(token);
    if (!path) continue;
    context.fillStyle = theme.colour[token];
    context.fill(path);
    if (token === "map-estate" && z >= 15) {
      context.strokeStyle = theme.colour["map-building-edge"];
      context.lineWidth = 0.8 * unit;
      context.stroke(path);
    }
  }
}

export function paintBuildings(context, features, { theme, unit, z }) {
  const path = pathsBy(features, "buildings", () => "all").get("all");
  if (!path) return;
  context.fillStyle = theme.colour["map-building"];
  context.fill(path);
  if (z < 16) return;
  context.strokeStyle = theme.colour["map-building-edge"];
  context.lineWidth = 1 * unit;
  context.lineJoin = "miter";
  context.stroke(path);
}

export function paintStreets(context, features, { theme, unit, z }) {
  const paths = pathsBy(features, "streets", streetClass);
  const stroke = (path, token, width, dash = []) => {
    context.strokeStyle = theme.colour[token];
    context.lineWidth = width * unit;
    context.setLineDash(dash.map((length) => length * unit));
    context.stroke(path);
  };
  context.lineJoin = "round";
  context.lineCap = "round";
  if (paths.has("water")) stroke(paths.get("water"), "map-water", Math.max(1.5, 7 * GROWTH ** (z - 16)));
  if (paths.has("stream") && z >= 14)
    stroke(paths.get("stream"), "map-water", Math.max(1, 2.5 * GROWTH ** (z - 16)));
  context.lineCap = "butt";
  if (paths.has("path") && z >= 16) stroke(paths.get("path"), "map-path", 1.2 * 1.25 ** (z - 16), [3.5, 3]);
  context.lineCap = "round";
  const shown = ORDER.filter((kind) => paths.has(kind) && z >= STREETS[kind].from);
  const edge = z < 15 ? 1 : 1.6;
  for (const kind of shown)
    stroke(paths.get(kind), STREETS[kind].casing, streetWidth(kind, z) + (z < 14 ? 0 : edge));
  if (z >= 14) for (const kind of shown) stroke(paths.get(kind), STREETS[kind].fill, streetWidth(kind, z));
  context.lineCap = "butt";
  if (paths.has("rail") && z >= 12) {
    stroke(paths.get("rail"), "map-rail", 3);
    stroke(paths.get("rail"), "map-land", 1.6, [7, 7]);
  }
  if (paths.has("subway") && z >= 14) stroke(paths.get("subway"), "map-rail", 1.5, [7, 5]);
  context.setLineDash([]);
}
