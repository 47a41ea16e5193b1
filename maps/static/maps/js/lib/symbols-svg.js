/**
 * The map's symbols as inline SVG, so that lists and legends show the very same picture. Colours come from classes
 * in components/map.css; there is no style attribute, as the content security policy asks.
 */

import { checkpointShape, reportShape } from "./symbols.js";

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (value) => String(value).replace(/[&<>"']/g, (char) => ENTITIES[char]);

function paint(shape) {
  const classes = [shape.fill ? `f-${shape.fill}` : "f-none"];
  let attributes = "";
  if (shape.stroke) {
    classes.push(`s-${shape.stroke}`);
    attributes += ` stroke-width="${shape.width ?? 1}" stroke-linecap="${shape.dash ? "butt" : "round"}" stroke-linejoin="round"`;
    if (shape.dash) attributes += ` stroke-dasharray="${shape.dash.join(" ")}"`;
  }
  return ` class="${classes.join(" ")}"${attributes}`;
}

function element(shape) {
  if (shape.kind === "circle")
    return `<circle cx="${shape.x}" cy="${shape.y}" r="${shape.r}"${paint(shape)}/>`;
  if (shape.kind === "path") return shape.d ? `<path d="${shape.d}"${paint(shape)}/>` : "";
  return (
    `<text x="${shape.x}" y="${shape.y + shape.size * 0.36}" font-size="${shape.size}" font-weight="600" ` +
    `text-anchor="middle" class="f-${shape.fill}">${escapeHtml(shape.text)}</text>`
  );
}

/**
 * @param {import("./symbols.js").Shape[]} shapes
 * @param {{size: number, reach?: number, title?: string}} options edge in px, half the drawn square, accessible name
 */
export function svgOf(shapes, { size, reach = 22, title = "" }) {
  const role = title ? `role="img" aria-label="${escapeHtml(title)}"` : 'aria-hidden="true"';
  return (
    `<svg class="gw-symbol" width="${size}" height="${size}" viewBox="${-reach} ${-reach} ${reach * 2} ${reach * 2}" ` +
    `focusable="false" ${role}>${shapes.map(element).join("")}</svg>`
  );
}

/**
 * @param {object} report the tile's properties (glyph, state, late, due, dispatched, hazard)
 * @param {{size?: number, now?: number, title?: string}} options `now` in epoch seconds
 */
export function reportSvg(report, { size = 40, now = Date.now() / 1000, title } = {}) {
  return svgOf(reportShape(report, now), { size, title });
}

/** @param {object} checkpoint the tile's properties (status, zero, points) */
export function checkpointSvg(checkpoint, { size = 36, title } = {}) {
  return svgOf(checkpointShape(checkpoint), { size, reach: 19, title });
}

const bar = (style) => [{ kind: "path", d: "M-15 0H15", ...style }];
const box = "M-14 -10H14V10H-14Z";

/** Line and area samples of the legend; the keys are the names `legendSvg` knows. */
const LEGEND = {
  "grid-mine": [{ kind: "path", d: box, stroke: "map-mine", width: 4 }],
  "grid-neighbour": [{ kind: "path", d: box, stroke: "map-edge", width: 1.2 }],
  "grid-without-owner": [
    {
      kind: "path",
      d: "M-14 -4L-8 -10M-14 4L0 -10M-14 10L6 -10M-8 10L12 -10M0 10L14 -4M8 10L14 4",
      stroke: "map-edge",
      width: 1.2,
    },
    { kind: "path", d: box, stroke: "map-edge", width: 1.2 },
  ],
  region: [{ kind: "path", d: "M-16 0H16", stroke: "map-edge", width: 2, dash: [9, 3, 2, 3] }],
  "street-walked": bar({ stroke: "accent", width: 5 }),
  "street-due": bar({ stroke: "accent", width: 2 }),
  "street-overdue": [
    ...bar({ stroke: "warn", width: 7 }),
    { kind: "path", d: "M-18 0H18", stroke: "card", width: 2.4 },
  ],
  "street-never": bar({ stroke: "soft", width: 3, dash: [3, 5] }),
  "street-unknown": bar({ stroke: "soft", width: 8, dash: [1.6, 4.4] }),
};

/**
 * @param {string} name one of grid-mine, grid-neighbour, grid-without-owner, region, street-walked, street-due,
 *   street-overdue, street-never, street-unknown
 * @throws {RangeError} for another name
 */
export function legendSvg(name, { size = 32, title } = {}) {
  const shapes = LEGEND[name];
  if (!shapes) throw new RangeError(`No legend sample is called ${name}`);
  return svgOf(shapes, { size, reach: 18, title });
}
