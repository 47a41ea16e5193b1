/** Hotspots of one run: seven classes from cold to hot, each with a mark, and lines where too little was walked. */

import { classMark } from "../lib/hotspots.js";
import { EXTENT } from "../lib/tilemath.js";
import { Overlay } from "./overlay.js";
import { outlineOf, pathOf } from "./paths.js";
import { readTheme, watchTheme } from "./theme.js";

const NAMES = { 3: "hot-3", 2: "hot-2", 1: "hot-1", "-1": "cold-1", "-2": "cold-2", "-3": "cold-3" };
const ROOM_FOR_MARK = 26;

/** Diagonal lines in CSS px. */
function lines(context, colour) {
  const tile = document.createElement("canvas");
  tile.width = 8;
  tile.height = 8;
  const brush = tile.getContext("2d");
  brush.strokeStyle = colour;
  brush.lineWidth = 1.2;
  brush.beginPath();
  for (const shift of [-8, 0, 8]) {
    brush.moveTo(shift - 1, 9);
    brush.lineTo(shift + 9, -1);
  }
  brush.stroke();
  return context.createPattern(tile, "repeat");
}

/** Where features lie on the canvas by their ids: what tiles cut is put together again. */
function boxesOf(frame, tiles) {
  const boxes = new Map();
  for (const tile of tiles) {
    const side = frame.scale / 2 ** tile.z;
    const scale = side / EXTENT;
    const [left, top] = [tile.x * side - frame.corner.x, tile.y * side - frame.corner.y];
    for (const { id, box, properties } of tile.features) {
      const known = boxes.get(id) ?? { level: properties.class, box: [1e9, 1e9, -1e9, -1e9] };
      const [west, north, east, south] = known.box;
      known.box = [
        Math.min(west, left + box[0] * scale),
        Math.min(north, top + box[1] * scale),
        Math.max(east, left + box[2] * scale),
        Math.max(south, top + box[3] * scale),
      ];
      boxes.set(id, known);
    }
  }
  return boxes;
}

function paintTile(context, frame, tile, look) {
  const side = frame.scale / 2 ** tile.z;
  context.save();
  context.beginPath();
  const [left, top] = [tile.x * side - frame.corner.x, tile.y * side - frame.corner.y];
  context.rect(left - 0.75, top - 0.75, side + 1.5, side + 1.5);
  context.clip();
  const place = new DOMMatrix([side / EXTENT, 0, 0, side / EXTENT, left, top]);
  const isChosen = ({ id }) => look.chosen.has(String(id));
  // The outline of what is chosen lies over its neighbours.
  for (const feature of [...tile.features].sort((one, other) => isChosen(one) - isChosen(other))) {
    const { class: level, effort } = feature.properties;
    const unknown = effort === "unknown";
    const chosen = isChosen(feature);
    if (!level && !unknown && !chosen) continue;
    const shape = new Path2D();
    shape.addPath(pathOf(feature), place);
    const edge = new Path2D();
    edge.addPath(outlineOf(feature), place);
    if (unknown) {
      context.fillStyle = look.lines;
      context.fill(shape);
    } else if (level) {
      context.globalAlpha = 0.78;
      context.fillStyle = look.colours[NAMES[level]];
      context.fill(shape);
      context.globalAlpha = 1;
    }
    context.strokeStyle = chosen ? look.colours.ink : look.colours.halo;
    context.lineWidth = chosen ? 3 : 1;
    context.stroke(edge);
  }
  context.restore();
}

function paintMarks(context, frame, tiles, look) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `600 13px ${look.font}`;
  context.lineWidth = 3;
  context.lineJoin = "round";
  for (const { level, box } of boxesOf(frame, tiles).values()) {
    const [west, north, east, south] = box;
    if (!level || east - west < ROOM_FOR_MARK) continue;
    const at = [(west + east) / 2, (north + south) / 2];
    context.strokeStyle = look.colours.halo;
    context.strokeText(classMark(level), ...at);
    context.fillStyle = look.colours.ink;
    context.fillText(classMark(level), ...at);
  }
}

/**
 * The layer of hotspots of a map.
 *
 * @param {import("./map.js").GridMap} map with the layer "hotspots"
 * @returns {{show(run: string|null): void, choose(ids: (string|number)[]): void}} `show` draws a run, or none
 */
export function hotspotLayer(map) {
  const { leaflet, stack } = map;
  const look = { run: null, chosen: new Set(), colours: {}, lines: null, font: "sans-serif" };
  const pane = leaflet.createPane("gw-hotspots");
  pane.style.zIndex = "442";
  pane.style.pointerEvents = "none";

  const read = () => {
    const style = getComputedStyle(leaflet.getContainer());
    const { colour, font } = readTheme(leaflet.getContainer());
    for (const name of Object.values(NAMES)) look.colours[name] = style.getPropertyValue(`--${name}`).trim();
    Object.assign(look.colours, { ink: colour.ink, halo: colour["map-halo"], edge: colour["map-edge"] });
    look.font = font;
    look.lines = null;
  };
  read();
  const overlay = new Overlay({
    pane: "gw-hotspots",
    draw(context, frame) {
      if (!look.run) return;
      look.lines ??= lines(context, look.colours.edge);
      const layer = stack.get("hotspots");
      const tiles = [...stack.tilesOf(layer, frame.box, frame.zoom)].sort((a, b) => a.z - b.z);
      for (const tile of tiles) paintTile(context, frame, tile, look);
      paintMarks(context, frame, tiles, look);
    },
  }).addTo(leaflet);
  map.on("content", ({ name }) => name === "hotspots" && overlay.redraw(60));
  watchTheme(() => {
    read();
    overlay.redraw();
  });
  return {
    show(run) {
      look.run = run;
      look.chosen.clear();
      if (run) map.setParams("hotspots", { run });
      map.setVisible("hotspots", Boolean(run));
      overlay.redraw();
    },
    choose(ids) {
      look.chosen = new Set(ids.map(String));
      overlay.redraw();
    },
  };
}
