/** The way that somebody goes: solid where it was recorded, dashed where the signal was lost. */

import { pathsBy } from "./paths.js";

const STYLES = {
  way: { colour: "ink", width: 3, dash: [] },
  gap: { colour: "soft", width: 2, dash: [2, 6] },
};

export function paintWay(context, features, { theme, unit }) {
  const paths = pathsBy(features, "way", ({ type, properties }) =>
    type === 2 ? (properties.gap ? "gap" : "way") : null,
  );
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const [name, path] of paths) {
    const { colour, width, dash } = STYLES[name];
    context.setLineDash(dash.map((length) => length * unit));
    for (const [token, wide] of [
      ["map-halo", width + 3],
      [colour, width],
    ]) {
      context.strokeStyle = theme.colour[token];
      context.lineWidth = wide * unit;
      context.stroke(path);
    }
  }
  context.setLineDash([]);
}
