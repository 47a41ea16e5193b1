/** Collects the symbols of a view, sets apart those that lie on each other, and draws them. */

import { innermostPoint, lengthsOf, middleOf, polygonsOf, ringArea } from "../lib/geometry.js";
import { groupNear, layOut } from "../lib/stack.js";
import {
  CHECKPOINT_RADIUS,
  checkpointKey,
  checkpointShape,
  countShape,
  POST_RADIUS,
  PROBLEM_RADIUS,
  postKey,
  postShape,
  problemKey,
  problemShape,
  REPORT_RADIUS,
  reportKey,
  reportShape,
  stackShape,
} from "../lib/symbols.js";
import { EXTENT } from "../lib/tilemath.js";

const anchors = new WeakMap();

/** Where the symbol or name of a tile feature stands, in tile units, and how much of the feature is there. */
export function anchorOf(feature) {
  let anchor = anchors.get(feature);
  if (anchor) return anchor;
  if (feature.type === 1) anchor = { x: feature.parts[0][0], y: feature.parts[0][1], weight: 1, radius: 0 };
  else if (feature.type === 2) {
    const length = (line) => lengthsOf(line).at(-1);
    const longest = [...feature.parts].sort((a, b) => length(b) - length(a))[0];
    anchor = { ...middleOf(longest), weight: length(longest), radius: 0 };
  } else {
    const area = (polygon) => Math.abs(ringArea(polygon[0]));
    const largest = polygonsOf(feature.parts).sort((a, b) => area(b) - area(a))[0];
    anchor = largest
      ? { ...innermostPoint(largest), weight: area(largest) }
      : { x: feature.parts[0][0], y: feature.parts[0][1], weight: 0, radius: 0 };
  }
  anchors.set(feature, anchor);
  return anchor;
}

/** Late and dangerous first, the closed last. */
function reportOrder({ properties: { late, hazard, state } }) {
  const done = ["closed", "rejected", "duplicate", "withdrawn"].includes(state);
  return 100 + (late ? 40 : 0) + (hazard ? 20 : 0) - (done ? 60 : 0) + (state === "in_progress" ? 1 : 0);
}

const CHECKPOINT_ORDER = { deducted: 70, at_risk: 60, unknown: 50, expired: 45 };

const KINDS = {
  reports: {
    radius: REPORT_RADIUS,
    order: reportOrder,
    key: (feature, now) => reportKey(feature.properties, now),
    shapes: (feature, now) => reportShape(feature.properties, now),
  },
  checkpoints: {
    radius: CHECKPOINT_RADIUS,
    order: ({ properties }) => (CHECKPOINT_ORDER[properties.status] ?? 40) + (properties.zero ? 5 : 0),
    key: (feature) => checkpointKey(feature.properties),
    shapes: (feature) => checkpointShape(feature.properties),
  },
  posts: {
    radius: POST_RADIUS,
    order: ({ properties }) => (properties.state === "vacant" ? 90 : 65),
    key: (feature) => postKey(feature.properties),
    shapes: (feature) => postShape(feature.properties),
  },
  // Counts of cells: as large from afar as from near, and never in a stack.
  problems: {
    radius: PROBLEM_RADIUS,
    fixed: true,
    order: ({ properties }) => properties.open + properties.closed / 1e4,
    key: (feature) => problemKey(feature.properties),
    shapes: (feature) => problemShape(feature.properties),
  },
};

/**
 * The symbols in a view.
 *
 * @param {import("./layers.js").LayerStack} stack
 * @param {object} frame of the overlay
 * @returns {{layer: string, id: string, feature: object, x: number, y: number, order: number, kind: object}[]}
 */
export function collectSymbols(stack, frame) {
  const found = new Map();
  for (const name of Object.keys(KINDS)) {
    if (!stack.has(name) || !stack.get(name).visible) continue;
    const kind = KINDS[name];
    for (const tile of stack.tilesOf(stack.get(name), frame.box, frame.zoom)) {
      const count = 2 ** tile.z;
      for (const feature of tile.features) {
        const anchor = anchorOf(feature);
        const inTile = anchor.x >= 0 && anchor.x < EXTENT && anchor.y >= 0 && anchor.y < EXTENT;
        const key = `${name}/${feature.id}`;
        const weight = anchor.weight / count ** 2 + (inTile ? 1e-9 : 0);
        if ((found.get(key)?.weight ?? -1) >= weight) continue;
        const [x, y] = frame.toScreen(
          (tile.x + anchor.x / EXTENT) / count,
          (tile.y + anchor.y / EXTENT) / count,
        );
        if (x < -30 || y < -30 || x > frame.width + 30 || y > frame.height + 30) continue;
        found.set(key, {
          layer: name,
          id: feature.id,
          feature,
          x,
          y,
          weight,
          order: kind.order(feature),
          kind,
          alpha: stack.get(name).alpha,
        });
      }
    }
  }
  return [...found.values()];
}

/** Symbols shrink when one looks at a whole district. */
export const symbolScale = (zoom) =>
  zoom >= 16 ? 1 : zoom === 15 ? 0.9 : zoom === 14 ? 0.75 : zoom === 13 ? 0.6 : 0.45;

/**
 * Sets apart or stacks what lies on each other; what still overlaps when set apart becomes a stack after all.
 *
 * @returns {{x: number, y: number, offset: number, items: object[], radius: number}[]} least urgent first, as drawn
 */
export function arrange(symbols, zoom, selected) {
  const scale = symbolScale(zoom);
  const spread = zoom >= 18 ? 9 : zoom === 17 ? 4 : zoom === 16 ? 2 : 1;
  const radius = (REPORT_RADIUS + 1) * scale;
  const isSelected = (item) => selected?.layer === item.layer && selected.id === item.id;
  const [fixed, free] = [symbols.filter(({ kind }) => kind.fixed), symbols.filter(({ kind }) => !kind.fixed)];
  const alone = fixed.map((item) => ({ ...item, offset: 0, items: [item], radius: item.kind.radius }));
  const apart = groupNear(free, (zoom >= 16 ? 24 : 30) * scale)
    .flatMap((group) => layOut(group, { spread, radius }))
    .map((place) => ({ ...place, order: place.items[0].order + (place.items.some(isSelected) ? 1000 : 0) }));
  const places = groupNear(apart, 20 * scale).map(([top, ...rest]) => {
    const items = [...top.items, ...rest.flatMap((place) => place.items)];
    items.sort((a, b) => isSelected(b) - isSelected(a) || b.order - a.order);
    return { ...top, items, radius: Math.max(...items.map(({ kind }) => kind.radius)) * scale };
  });
  return [...alone, ...places].sort((a, b) => a.order - b.order);
}

/** Draws arranged symbols; the selected one has a ring. */
export function drawSymbols(context, places, { sheet, theme, ratio, zoom, now, selected }) {
  const scale = symbolScale(zoom);
  for (const place of places) {
    // A thread to the true place, unless the symbol still touches it.
    if (place.offset <= place.radius + 3) continue;
    const [item] = place.items;
    context.strokeStyle = theme.colour.soft;
    context.lineWidth = 1.2;
    context.beginPath();
    context.moveTo(place.x, place.y);
    context.lineTo(item.x, item.y);
    context.stroke();
    context.fillStyle = theme.colour.ink;
    context.beginPath();
    context.arc(item.x, item.y, 2.4, 0, 2 * Math.PI);
    context.fill();
  }
  for (const place of places) {
    const [item] = place.items;
    const { x, y } = place;
    context.globalAlpha = item.alpha;
    const common = { x, y, scale: item.kind.fixed ? 1 : scale, ratio, theme };
    if (place.items.length > 1)
      sheet.draw(context, {
        ...common,
        key: `stack|${item.kind.radius}`,
        shapes: () => stackShape(item.kind.radius),
      });
    sheet.draw(context, {
      ...common,
      key: item.kind.key(item.feature, now),
      shapes: () => item.kind.shapes(item.feature, now),
    });
    if (selected?.layer === item.layer && selected.id === item.id) ring(context, place, theme);
  }
  // Counts come last, so that no neighbour covers them.
  for (const { x, y, items } of places) {
    context.globalAlpha = items[0].alpha;
    if (items.length > 1)
      sheet.draw(context, {
        x,
        y,
        ratio,
        theme,
        scale: Math.max(0.8, scale),
        key: `count|${items.length}`,
        shapes: () => countShape(items.length),
      });
  }
  context.globalAlpha = 1;
}

function ring(context, { x, y, radius }, theme) {
  for (const [colour, width] of [
    ["map-halo", 6],
    ["ink", 3],
  ]) {
    context.strokeStyle = theme.colour[colour];
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, radius + 8, 0, 2 * Math.PI);
    context.stroke();
  }
}
