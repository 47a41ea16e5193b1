/** Collects and places the names of a view: regions, places, grids, streets along their lines, building numbers. */

import { clipLine, lengthsOf, nearestAlong, pointAlong } from "../lib/geometry.js";
import { breakName, joinLines, setAlong, stretches } from "../lib/linelabel.js";
import { localName } from "../lib/local-name.js";
import { EXTENT } from "../lib/tilemath.js";
import { streetRank, streetWidth } from "./paint-base.js";
import { anchorOf } from "./points.js";

const REPEAT = 560;
const LOOK = {
  region: { size: 14, weight: 600, colour: "map-label" },
  grid: { size: 12.5, weight: 600, colour: "map-label" },
  place: { size: 12.5, weight: 400, colour: "map-label-strong" },
  park: { size: 12.5, weight: 400, colour: "map-label-park" },
  water: { size: 12.5, weight: 400, colour: "map-label-water" },
  street: { size: 12, weight: 400, colour: "map-label" },
  major: { size: 13, weight: 400, colour: "map-label-strong" },
  building: { size: 11, weight: 400, colour: "map-label" },
};
/** Small things wait until one stands before them. */
const PLACE_FROM = { shop: 17, toilet: 18 };
const GREEN = new Set(["park", "garden", "green"]);
const WET = new Set(["water", "river"]);

/** Measures text once per font. */
export class Ruler {
  #widths = new Map();

  clear() {
    this.#widths.clear();
  }

  advances(context, text, font) {
    const key = `${font}|${text}`;
    let advances = this.#widths.get(key);
    if (!advances) {
      if (this.#widths.size > 4000) this.clear();
      context.font = font;
      advances = [...text].map((char) => context.measureText(char).width);
      this.#widths.set(key, advances);
    }
    return advances;
  }
}

const fontOf = (look, theme) => `${look.weight} ${look.size}px ${theme.font}`;

/** Features of an area layer with their screen anchors, one per id: the largest piece in view. */
function areas(stack, name, frame, language) {
  if (!stack.has(name) || !stack.get(name).visible) return [];
  const best = new Map();
  for (const tile of stack.tilesOf(stack.get(name), frame.box, frame.zoom)) {
    const count = 2 ** tile.z;
    const unit = frame.scale / count / EXTENT;
    for (const feature of tile.features) {
      if (feature.type === 2) continue;
      const text = localName(feature.properties, language);
      if (!text) continue;
      const anchor = anchorOf(feature);
      const weight = anchor.weight * unit * unit;
      if ((best.get(feature.id)?.weight ?? -1) >= weight) continue;
      const [x, y] = frame.toScreen(
        (tile.x + anchor.x / EXTENT) / count,
        (tile.y + anchor.y / EXTENT) / count,
      );
      const width = (feature.box[2] - feature.box[0]) * unit;
      best.set(feature.id, {
        id: feature.id,
        text,
        x,
        y,
        weight,
        width,
        radius: anchor.radius * unit,
        feature,
      });
    }
  }
  return [...best.values()].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
}

function* areaLabels(stack, frame, { language, mine }) {
  const { zoom } = frame;
  const level = zoom <= 12 ? "district" : zoom === 13 ? "subdistrict" : "community";
  if (zoom <= 15)
    for (const area of areas(stack, "regions", frame, language))
      if (area.feature.properties.level === level && area.radius > 24)
        yield { ...area, look: LOOK.region, key: `region|${area.id}` };
  for (const area of areas(stack, "places", frame, language)) {
    const { kind } = area.feature.properties;
    const look = GREEN.has(kind) ? LOOK.park : WET.has(kind) ? LOOK.water : LOOK.place;
    const point = area.feature.type === 1;
    if (zoom >= (PLACE_FROM[kind] ?? 13) && (point ? zoom >= 16 : area.width > 40))
      yield { ...area, look, key: `place|${area.text}` };
  }
  if (zoom >= 15 && zoom <= 17)
    for (const area of areas(stack, "grids", frame, language))
      if (!mine.has(area.id) && area.radius > 26) yield { ...area, look: LOOK.grid, key: `grid|${area.id}` };
}

function* buildingLabels(stack, frame, { language }) {
  if (frame.zoom < 17) return;
  for (const area of areas(stack, "buildings", frame, language))
    if (frame.zoom >= 18 || area.width > 16)
      yield { ...area, look: LOOK.building, key: `building|${area.id}`, tight: true };
}

/** Runs of street by name, the main ones first. */
function streetRuns(stack, frame, language) {
  const streets = new Map();
  if (frame.zoom < 13 || !stack.has("streets") || !stack.get("streets").visible) return streets;
  const margin = [-20, -20, frame.width + 20, frame.height + 20];
  for (const tile of stack.tilesOf(stack.get("streets"), frame.box, frame.zoom)) {
    const count = 2 ** tile.z;
    const cut = [0, 0, EXTENT, EXTENT];
    for (const feature of tile.features) {
      const text = localName(feature.properties, language);
      if (!text || feature.type !== 2) continue;
      const { kind } = feature.properties;
      if (frame.zoom < 15 && streetRank(kind) < 3) continue;
      const known = streets.get(text) ?? { text, kind, lines: [] };
      if (streetRank(kind) > streetRank(known.kind)) known.kind = kind;
      for (const part of feature.parts)
        for (const inside of clipLine(part, cut)) {
          const line = [];
          for (let i = 0; i < inside.length; i += 2)
            line.push(
              ...frame.toScreen(
                (tile.x + inside[i] / EXTENT) / count,
                (tile.y + inside[i + 1] / EXTENT) / count,
              ),
            );
          known.lines.push(...clipLine(line, margin));
        }
      streets.set(text, known);
    }
  }
  return new Map(
    [...streets].sort(
      ([, a], [, b]) => streetRank(b.kind) - streetRank(a.kind) || (a.text < b.text ? -1 : 1),
    ),
  );
}

/** Names stay where they were while they fit, so that a pan does not make them jump. */
export class NamePlacer {
  #ruler = new Ruler();
  #former = new Map();
  #scale = 0;

  /** Forget widths and places (another theme or zoom). */
  clear() {
    this.#ruler.clear();
    this.#former.clear();
  }

  /**
   * @param {CanvasRenderingContext2D} context for measuring
   * @param {import("./layers.js").LayerStack} stack
   * @param {object} frame of the overlay
   * @param {{language: string, mine: Set<string>, theme: object, taken: import("../lib/collision.js").CollisionIndex}} options
   * @returns {object[]} placed names for drawNames
   */
  place(context, stack, frame, options) {
    if (this.#scale !== frame.scale) this.#former.clear();
    this.#scale = frame.scale;
    const now = new Map();
    const placed = [
      ...this.#areas(context, areaLabels(stack, frame, options), frame, options, now),
      ...this.#streets(context, stack, frame, options, now),
      ...this.#areas(context, buildingLabels(stack, frame, options), frame, options, now),
    ];
    this.#former = now;
    return placed;
  }

  *#areas(context, labels, frame, { theme, taken }, now) {
    for (const label of labels) {
      const { look, x, y } = label;
      if (now.has(label.key) && !label.tight) continue;
      const font = fontOf(look, theme);
      const lines = label.tight ? [label.text] : breakName(label.text);
      const widths = lines.map((line) => sum(this.#ruler.advances(context, line, font)));
      const width = Math.max(...widths);
      if (label.tight && width > label.width + 10) continue;
      const height = look.size * 1.25 * lines.length;
      const box = [x - width / 2 - 3, y - height / 2 - 1, x + width / 2 + 3, y + height / 2 + 1];
      if (box[2] < 0 || box[3] < 0 || box[0] > frame.width || box[1] > frame.height) continue;
      if (!taken.claim([box])) continue;
      now.set(label.key, { x: x + frame.corner.x, y: y + frame.corner.y });
      yield { lines, x, y, look };
    }
  }

  *#streets(context, stack, frame, { language, theme, taken }, now) {
    for (const street of streetRuns(stack, frame, language).values()) {
      const look = streetRank(street.kind) >= 4 ? LOOK.major : LOOK.street;
      const size = Math.min(look.size, Math.max(11, streetWidth(street.kind, frame.zoom) + 4));
      const sized = { ...look, size };
      const advances = this.#ruler
        .advances(context, street.text, fontOf(sized, theme))
        .map((width) => width + 1);
      const width = sum(advances) + 6;
      const spots = [];
      for (const run of joinLines(street.lines)) {
        const lengths = lengthsOf(run);
        for (const stretch of this.#sorted(street, run, lengths, width, frame)) {
          const set = setAlong(run, lengths, { text: street.text, advances, size }, stretch.middle);
          const middle = pointAlong(run, lengths, stretch.middle);
          if (spots.some((spot) => Math.hypot(spot.x - middle.x, spot.y - middle.y) < REPEAT)) continue;
          if (!taken.claim(set.boxes)) continue;
          spots.push({ x: middle.x, y: middle.y });
          yield { ...set, text: street.text, look: sized };
        }
      }
      if (spots.length)
        now.set(
          `street|${street.text}`,
          spots.map(({ x, y }) => ({ x: x + frame.corner.x, y: y + frame.corner.y })),
        );
    }
  }

  /** Former places first. */
  #sorted(street, run, lengths, width, frame) {
    const found = stretches(run, lengths, width);
    const former = this.#former.get(`street|${street.text}`);
    if (!former?.length) return found;
    const again = [];
    for (const spot of former) {
      const at = [spot.x - frame.corner.x, spot.y - frame.corner.y];
      const { along, away } = nearestAlong(run, lengths, ...at);
      const fits = along >= width / 2 && along <= lengths.at(-1) - width / 2;
      if (fits && away < 2) again.push({ middle: along, bend: 0 });
    }
    return again.concat(found);
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Draws placed names: all halos first, so that no halo covers a neighbour. */
export function drawNames(context, names, theme) {
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.lineJoin = "round";
  for (const halo of [true, false])
    for (const name of names) {
      context.font = fontOf(name.look, theme);
      context.lineWidth = 3.2;
      context.strokeStyle = theme.colour["map-halo"];
      context.fillStyle = theme.colour[name.look.colour];
      const write = (text, x, y) => (halo ? context.strokeText(text, x, y) : context.fillText(text, x, y));
      const drop = name.look.size * 0.36;
      if (name.lines) {
        const height = name.look.size * 1.25;
        name.lines.forEach((line, index) => {
          write(line, name.x, name.y + (index - (name.lines.length - 1) / 2) * height + drop);
        });
        continue;
      }
      for (const glyph of name.straight ? [{ ...name.straight, char: name.text }] : name.glyphs) {
        context.save();
        context.translate(glyph.x, glyph.y);
        context.rotate(glyph.angle);
        write(glyph.char, 0, drop);
        context.restore();
      }
    }
}
