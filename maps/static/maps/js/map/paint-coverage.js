/** How streets stand, told by shape as well as by colour; the samples of the legend are in lib/symbols-svg.js. */

import { pathsBy } from "./paths.js";

/** Strokes one over the other: token of the colour, width in CSS px at zoom 16, dash. Drawn in this order. */
const STYLES = {
  never: [["soft", 3, [3, 5]]],
  unknown: [["soft", 8, [1.6, 4.4]]],
  due: [["accent", 2]],
  walked: [["accent", 5]],
  overdue: [
    ["warn", 7],
    ["card", 2.4],
  ],
};

export function paintCoverage(context, features, { theme, unit, z }) {
  const paths = pathsBy(features, "coverage", ({ type, properties: { state } }) =>
    type === 2 && state in STYLES ? state : null,
  );
  const share = z >= 16 ? 1 : z >= 14 ? 0.8 : 0.6;
  context.lineJoin = "round";
  context.lineCap = "butt";
  for (const [state, strokes] of Object.entries(STYLES)) {
    const path = paths.get(state);
    if (!path) continue;
    const stroke = (token, width, dash = []) => {
      context.strokeStyle = theme.colour[token];
      context.lineWidth = Math.max(1, width * share) * unit;
      context.setLineDash(dash.map((length) => length * unit));
      context.stroke(path);
    };
    stroke("map-halo", strokes[0][1] + 2.5);
    for (const one of strokes) stroke(...one);
  }
  context.setLineDash([]);
}
