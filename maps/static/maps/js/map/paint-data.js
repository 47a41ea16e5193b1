/** Areas and lines of the data layers: grids, regions, checkpoints and reports. */

import { EXTENT } from "../lib/tilemath.js";
import { outlineOf, pathOf } from "./paths.js";

/** A brush in CSS px on a context in tile units. */
function strokePath(context, view, path, { colour, width, dash = [], cap = "butt", alpha = 1 }) {
  context.globalAlpha = alpha;
  context.strokeStyle = view.theme.colour[colour];
  context.lineWidth = width * view.unit;
  context.lineCap = cap;
  context.lineJoin = "round";
  context.setLineDash(dash.map((length) => length * view.unit));
  context.stroke(path);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

const LEVEL_WIDTH = { district: 3, subdistrict: 2.4, community: 1.8 };

export function paintRegions(context, features, view) {
  for (const feature of features) {
    if (feature.type !== 3) continue;
    const outline = outlineOf(feature);
    const width = LEVEL_WIDTH[feature.properties.level] ?? 1.8;
    strokePath(context, view, outline, { colour: "map-halo", width: width + 2.5, alpha: 0.8 });
    strokePath(context, view, outline, { colour: "map-edge", width, dash: [10, 3, 2, 3] });
  }
}

/** Diagonal lines in device px, so that they fit over tiles. */
function hatching(context, view) {
  const { ratio } = view;
  const step = Math.round(7 * ratio);
  const tile = document.createElement("canvas");
  tile.width = step;
  tile.height = step;
  const brush = tile.getContext("2d");
  brush.strokeStyle = view.theme.colour["map-edge"];
  brush.lineWidth = 1.1 * ratio;
  brush.beginPath();
  for (const shift of [-step, 0, step]) {
    brush.moveTo(shift - step, step * 2);
    brush.lineTo(shift + step * 2, -step);
  }
  brush.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().translate(-view.origin[0] % step, -view.origin[1] % step));
  return pattern;
}

/** A path in device px. */
function placed(context, path) {
  const found = new Path2D();
  found.addPath(path, context.getTransform());
  return found;
}

/** A band of diagonal lines inside the edge: nobody answers for this grid. */
function hatchEdge(context, view, feature) {
  const { ratio } = view;
  const edge = placed(context, outlineOf(feature));
  const inside = placed(context, pathOf(feature));
  context.save();
  context.resetTransform();
  context.clip(inside, "evenodd");
  context.strokeStyle = hatching(context, view);
  context.lineWidth = 2 * (view.z >= 16 ? 9 : 6) * ratio;
  context.lineJoin = "round";
  context.stroke(edge);
  context.restore();
}

/** Shares of the accent from the lightest step; the same as in components/shades.css. */
const SHADES = [0.06, 0.18, 0.32, 0.48, 0.66];

/** A grid by its share, or hatched where nobody knows it. */
function shade(context, view, feature) {
  const step = view.shades.get(feature.id);
  if (step === undefined) return;
  if (step === null) {
    const inside = placed(context, pathOf(feature));
    context.save();
    context.resetTransform();
    context.fillStyle = hatching(context, view);
    context.fill(inside, "evenodd");
    context.restore();
    return;
  }
  context.globalAlpha = SHADES[step];
  context.fillStyle = view.theme.colour.accent;
  context.fill(pathOf(feature), "evenodd");
  context.globalAlpha = 1;
}

/**
 * What is not mine is dimmed; neighbours have a thin line, grids without owner a hatched edge.
 *
 * @param {{mine: Set<string>, dim: boolean, shades: Map<string, number|null>|null, ratio: number, origin: number[]}} view besides the usual; `origin` = the
 *   canvas' corner in device px of the whole map
 */
export function paintGrids(context, features, view) {
  const polygons = features.filter((feature) => feature.type === 3);
  const mine = polygons.filter((feature) => view.mine.has(feature.id));
  if (view.dim && view.mine.size) {
    const outside = new Path2D();
    outside.rect(-EXTENT, -EXTENT, 3 * EXTENT, 3 * EXTENT);
    for (const feature of mine) outside.addPath(pathOf(feature));
    context.fillStyle = view.theme.colour["map-dim"];
    context.fill(outside, "evenodd");
  }
  const thin = view.z < 15 ? 1 : 1.4;
  for (const feature of polygons) {
    if (view.mine.has(feature.id)) continue;
    if (view.shades) shade(context, view, feature);
    else if (feature.properties.owner === false && view.z >= 14) hatchEdge(context, view, feature);
    strokePath(context, view, outlineOf(feature), { colour: "map-edge", width: thin, alpha: 0.75 });
  }
}

export function paintMine(context, features, view) {
  for (const feature of features) {
    if (feature.type !== 3 || !view.mine.has(feature.id)) continue;
    const outline = outlineOf(feature);
    if (feature.properties.owner === false && view.z >= 14) hatchEdge(context, view, feature);
    strokePath(context, view, outline, { colour: "map-halo", width: 8, alpha: 0.85 });
    strokePath(context, view, outline, { colour: "map-mine", width: view.z < 14 ? 2.5 : 4 });
  }
}

/** Line styles tell the status by colour, width and dash together; the fill of an area is a breath of its colour. */
const CHECKPOINT_LINES = {
  clear: { colour: "accent", width: 4 },
  deducted: { colour: "bad", width: 6 },
  at_risk: { colour: "warn", width: 4, dash: [14, 4] },
  expired: { colour: "soft", width: 2.4, dash: [10, 5] },
  unknown: { colour: "soft", width: 2.4, dash: [3, 5] },
};

function paintMarked(context, view, feature, style, fill) {
  const path = feature.type === 3 ? outlineOf(feature) : pathOf(feature);
  if (feature.type === 3 && fill) {
    context.globalAlpha = 0.1;
    context.fillStyle = view.theme.colour[style.colour];
    context.fill(pathOf(feature), "evenodd");
    context.globalAlpha = 1;
  }
  const share = (feature.type === 3 ? 0.6 : 1) * (view.z >= 16 ? 1 : view.z === 15 ? 0.75 : 0.5);
  const width = Math.max(1.5, style.width * share);
  strokePath(context, view, path, { colour: "map-halo", width: width + 3, alpha: 0.9, cap: "round" });
  strokePath(context, view, path, { ...style, width });
}

/** The area of a checkpoint that nobody looked at stays as it is: unknown has no colour. */
const FILLED = new Set(["clear", "deducted", "at_risk"]);

export function paintCheckpoints(context, features, view) {
  for (const feature of features) {
    if (feature.type === 1) continue;
    const { status } = feature.properties;
    const style = CHECKPOINT_LINES[status] ?? CHECKPOINT_LINES.unknown;
    paintMarked(context, view, feature, style, FILLED.has(status));
  }
}

export function paintReports(context, features, view) {
  for (const feature of features) {
    if (feature.type === 1) continue;
    const { late, state } = feature.properties;
    const paused = state === "on_hold" || state === "deferred";
    const style = late
      ? { colour: "bad", width: 5 }
      : { colour: state === "closed" ? "line-strong" : "ink", width: 3, dash: paused ? [8, 5] : [] };
    paintMarked(context, view, feature, style, true);
  }
}

/** The outline of what is selected, over everything. */
export function paintSelection(context, feature, view) {
  if (feature.type === 1) return;
  const path = feature.type === 3 ? outlineOf(feature) : pathOf(feature);
  strokePath(context, view, path, { colour: "map-halo", width: 9, cap: "round" });
  strokePath(context, view, path, { colour: "ink", width: 5, cap: "round" });
  strokePath(context, view, path, { colour: "card", width: 1.6, cap: "round" });
}
