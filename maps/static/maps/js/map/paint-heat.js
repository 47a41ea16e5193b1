/** Heat on a canvas over the whole view: hexagons by class, or a smooth surface; counts, marks and what is chosen. */

import { classOf, shadeOf } from "../lib/heat-classes.js";
import { changeClass, changeMark } from "../lib/heat-compare.js";
import { channels, spread, tint } from "../lib/heat-kernel.js";
import { EXTENT, unproject } from "../lib/tilemath.js";
import { outlineOf, pathsBy } from "./paths.js";

/** What lies below can still be read. */
const ALPHA = { hexagons: 0.78, smooth: 0.72 };
/** CSS px of the view for one px of the surface. */
const COARSE = 4;
/** How far a cell is spread, in widths of a cell. */
const REACH = 1.1;
const ROOM_FOR_COUNT = 30;
const EQUATOR = 40_075_016.686;

/**
 * @typedef {{id: string, n: number, was: number|undefined, ha: number, x: number, y: number,
 *   size: number}} HeatCell
 *   `x`, `y` = the middle in world units, `size` = its width in world units
 */

/**
 * The cells of a view, each once: tiles cut them at their edges, and together they have the whole of each.
 *
 * @returns {HeatCell[]}
 */
export function cellsOf(tiles) {
  const found = new Map();
  for (const { z, x, y, features } of tiles) {
    const unit = 1 / 2 ** z / EXTENT;
    for (const { id, properties, box } of features) {
      const [left, top, right, bottom] = [
        (x * EXTENT + box[0]) * unit,
        (y * EXTENT + box[1]) * unit,
        (x * EXTENT + box[2]) * unit,
        (y * EXTENT + box[3]) * unit,
      ];
      const known = found.get(id);
      if (known) {
        known.box = [
          Math.min(known.box[0], left),
          Math.min(known.box[1], top),
          Math.max(known.box[2], right),
          Math.max(known.box[3], bottom),
        ];
      } else found.set(id, { id, properties, box: [left, top, right, bottom] });
    }
  }
  return [...found.values()].map(({ id, properties: { n, was, ha }, box: [left, top, right, bottom] }) => {
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    return { id, n, was, ha, x, y, size: right - left };
  });
}

/** Draws within each tile's own square: at its edges another tile knows more, and cut edges are no edges. */
function inTiles(context, frame, tiles, draw) {
  for (const tile of tiles) {
    const side = frame.scale / 2 ** tile.z;
    const left = tile.x * side - frame.corner.x;
    const top = tile.y * side - frame.corner.y;
    context.save();
    context.beginPath();
    context.rect(left - 0.75, top - 0.75, side + 1.5, side + 1.5);
    context.clip();
    context.translate(left, top);
    context.scale(side / EXTENT, side / EXTENT);
    draw(tile, EXTENT / side);
    context.restore();
  }
}

/** The colour's name of a feature: of the ramp, or of a change where two periods are compared. */
function toneOf({ n, was }, { least, share }) {
  if (share !== null) return changeClass(n, was ?? 0, share);
  const index = classOf(n, least);
  return index < 0 ? null : `heat-${shadeOf(index, least.length)}`;
}

function paintHexagons(context, frame, tiles, look) {
  const key = `heat ${look.share ?? look.least.join()}`;
  inTiles(context, frame, tiles, ({ features }, unit) => {
    const paths = pathsBy(features, key, ({ properties }) => toneOf(properties, look));
    context.lineWidth = unit * 0.8;
    context.lineJoin = "round";
    for (const [tone, path] of paths) {
      context.fillStyle = look.theme.colour[tone];
      context.fill(path);
      context.strokeStyle = look.theme.colour["map-halo"];
      context.stroke(path);
    }
  });
}

function paintSurface(context, frame, cells, look) {
  if (!cells.length) return;
  const width = Math.ceil(frame.width / COARSE);
  const height = Math.ceil(frame.height / COARSE);
  const size = Math.max(...cells.map((cell) => cell.size)) * frame.scale;
  const placed = cells.map(({ x, y, n }) => {
    const [left, top] = frame.toScreen(x, y);
    return { x: left / COARSE, y: top / COARSE, n };
  });
  const surface = spread(placed, width, height, Math.max(3, (size * REACH) / COARSE));
  const [, lat] = unproject(0.5, (frame.box[1] + frame.box[3]) / 2);
  const metres = ((EQUATOR * Math.cos((lat * Math.PI) / 180)) / frame.scale) * COARSE;
  const hectares = (metres * metres) / 10_000;
  const limits = look.least.map((count) => (count / look.hectares) * hectares);
  const colours = look.least.map((_, index) =>
    channels(look.theme.colour[`heat-${shadeOf(index, look.least.length)}`]),
  );
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(new ImageData(tint(surface, limits, colours), width), 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, width * COARSE, height * COARSE);
}

/** Everything drawn so far lets the ground shine through; what comes later does not. */
function thin(context, frame, alpha) {
  context.globalCompositeOperation = "destination-in";
  context.fillStyle = `rgb(0 0 0 / ${alpha})`;
  context.fillRect(0, 0, frame.width, frame.height);
  context.globalCompositeOperation = "source-over";
}

/** Where counts stand, for whoever else writes on the map. */
export function* countBoxes(frame, cells) {
  for (const { x, y, n, size } of cells) {
    if (size * frame.scale < ROOM_FOR_COUNT) continue;
    const [left, top] = frame.toScreen(x, y);
    const half = 4 + 4 * String(n).length;
    yield [left - half, top - 9, left + half, top + 9];
  }
}

function writeCounts(context, frame, cells, look) {
  const { theme } = look;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { x, y, n, was, size } of cells) {
    if (size * frame.scale < ROOM_FOR_COUNT) continue;
    const [left, top] = frame.toScreen(x, y);
    const mark = look.share === null ? "" : changeMark(changeClass(n, was ?? 0, look.share));
    const text = `${mark}${n}`;
    context.font = `600 ${text.length > 4 ? 11 : 13}px ${theme.font}`;
    context.strokeStyle = theme.colour["map-halo"];
    context.lineWidth = 3;
    context.strokeText(text, left, top);
    context.fillStyle = theme.colour.ink;
    context.fillText(text, left, top);
  }
}

function outline(context, frame, tiles, id, { theme }, width) {
  inTiles(context, frame, tiles, ({ features }, unit) => {
    for (const feature of features) {
      if (feature.id !== id) continue;
      for (const [colour, wide] of [
        ["map-halo", width + 3],
        ["ink", width],
      ]) {
        context.strokeStyle = theme.colour[colour];
        context.lineWidth = wide * unit;
        context.lineJoin = "round";
        context.stroke(outlineOf(feature));
      }
    }
  });
}

/**
 * @param {CanvasRenderingContext2D} context of the overlay
 * @param {object} frame of the overlay
 * @param {{z: number, x: number, y: number, features: object[]}[]} tiles the finest last
 * @param {HeatCell[]} cells the same, each once
 * @param {{theme: object, smooth: boolean, least: number[], hectares: number, share: number|null, counts: boolean,
 *   selected: string|null, hovered: string|null}} look `share` = length of the period by that of the compared one
 */
export function paintHeat(context, frame, tiles, cells, look) {
  const smooth = look.smooth && look.share === null;
  if (smooth) paintSurface(context, frame, cells, look);
  else paintHexagons(context, frame, tiles, look);
  thin(context, frame, smooth ? ALPHA.smooth : ALPHA.hexagons);
  if (look.counts && !smooth) writeCounts(context, frame, cells, look);
  if (look.hovered && look.hovered !== look.selected) outline(context, frame, tiles, look.hovered, look, 1.5);
  if (look.selected) outline(context, frame, tiles, look.selected, look, 3);
}
