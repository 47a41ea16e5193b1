/** Vector tiles on canvas: one canvas per 256 px tile at the device's pixel ratio, repainted in place when content comes. */

import { underlay } from "../lib/tilemath.js";
import { paintBuildings, paintPlaces, paintStreets } from "./paint-base.js";
import { paintCoverage } from "./paint-coverage.js";
import {
  paintCheckpoints,
  paintGrids,
  paintMine,
  paintRegions,
  paintReports,
  paintSelection,
} from "./paint-data.js";
import { paintWay } from "./paint-way.js";

/** A tile shows what it has after this long, even if a source is still on its way. */
const PATIENCE_MS = 1500;
/** CSS px of a canvas: one more than a tile, so that no seam shows when tiles are stretched. */
const SIDE = 257;

/** From the ground up. Grids come twice: my own line lies over the lines of regions and checkpoints. */
const STEPS = [
  ["places", paintPlaces],
  ["buildings", paintBuildings],
  ["streets", paintStreets],
  ["grids", paintGrids],
  ["coverage", paintCoverage],
  ["way", paintWay],
  ["regions", paintRegions],
  ["checkpoints", paintCheckpoints],
  ["grids", paintMine],
  ["reports", paintReports],
];
const GROUND = new Set(["places", "buildings", "streets"]);

/**
 * @typedef {{theme: import("./theme.js").Theme, mine: Set<string>, dim: boolean, raster: boolean,
 *   shades: Map<string, number|null>|null, selected: {layer: string, id: string, also: Set<string>}|null}} Look what every tile is drawn with; shared with the map
 */
export class VectorTileLayer extends L.GridLayer {
  #records = new Map();
  #dirty = new Set();
  #frame = 0;
  #stretch = 1;

  /** @param {{stack: import("./layers.js").LayerStack, look: Look} & object} options and those of L.GridLayer */
  constructor(options) {
    super({ tileSize: 256, keepBuffer: 1, updateWhenIdle: false, noWrap: true, ...options });
    this.on("tileunload", ({ tile }) => this.#unload(tile));
    this.on("add", () => this._map.on("zoomend", this.#sharpen, this));
    this.on("remove", () => this._map?.off("zoomend", this.#sharpen, this));
  }

  /** @override called by Leaflet for every tile that comes into view */
  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    const record = { canvas, coords, holds: [], done, timer: 0 };
    this.#hold(record);
    record.timer = setTimeout(() => this.#finish(record), PATIENCE_MS);
    this.#records.set(canvas, record);
    this.#dirty.add(record);
    this.#schedule();
    return canvas;
  }

  /** Take hold of what a tile shows. What is hidden is fetched when it is shown for the first time. */
  #hold({ coords, holds }) {
    const { stack } = this.options;
    for (const source of stack.sources) {
      if (holds.some((hold) => hold.source === source)) continue;
      if (!source.contents.some((name) => stack.get(name).visible)) continue;
      const under = underlay(coords.x, coords.y, coords.z, source);
      if (under) holds.push({ source, under, entry: source.retain(under.z, under.x, under.y) });
    }
  }

  /** Repaint the tiles a source (or everything, without a name) takes part in. */
  repaint(name = null) {
    for (const record of this.#records.values())
      if (!name || record.holds.some(({ source }) => source.name === name)) this.#dirty.add(record);
    this.#schedule();
  }

  /** Between two zooms Leaflet stretches tiles: paint them as fine as they are shown. */
  #sharpen() {
    const stretch = this.#stretchOf(this._tileZoom);
    if (Math.abs(stretch - this.#stretch) > 0.05) this.repaint();
    this.#stretch = stretch;
  }

  #stretchOf(level) {
    return Math.max(1, Math.min(1.5, 2 ** (this._map.getZoom() - level)));
  }

  #schedule() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const dirty = [...this.#dirty];
      this.#dirty.clear();
      for (const record of dirty) {
        if (!this.#records.has(record.canvas)) continue;
        this.#hold(record);
        const waiting = record.holds.some(({ entry }) => entry.state === "loading");
        if (!record.done) this.#paint(record);
        else if (!waiting) this.#finish(record);
      }
    });
  }

  #finish(record) {
    clearTimeout(record.timer);
    if (!record.done || !this.#records.has(record.canvas)) return;
    const { done } = record;
    record.done = null;
    this.#paint(record);
    done(null, record.canvas);
  }

  #unload(canvas) {
    const record = this.#records.get(canvas);
    if (!record) return;
    clearTimeout(record.timer);
    this.#records.delete(canvas);
    for (const { source, entry } of record.holds) source.release(entry);
    // Phones count a canvas until it is collected: give its memory back now.
    canvas.width = 0;
    canvas.height = 0;
  }

  #paint({ canvas, coords, holds }) {
    const { stack, look } = this.options;
    const density = window.devicePixelRatio || 1;
    const ratio = Math.min(density < 2 ? density * this.#stretchOf(coords.z) : density, 3);
    const side = Math.round(SIDE * ratio);
    if (canvas.width !== side) {
      canvas.width = side;
      canvas.height = side;
      canvas.style.width = `${SIDE}px`;
      canvas.style.height = `${SIDE}px`;
    }
    const context = canvas.getContext("2d");
    context.resetTransform();
    if (look.raster) context.clearRect(0, 0, side, side);
    else {
      context.fillStyle = look.theme.colour["map-land"];
      context.fillRect(0, 0, side, side);
    }
    const selected = [];
    for (const [name, paint] of STEPS) {
      const layer = stack.has(name) ? stack.get(name) : null;
      if (!layer?.visible || (look.raster && GROUND.has(name))) continue;
      for (const { under, features } of this.#contents(layer, coords, holds)) {
        paint(context, features, this.#enter(context, coords, under, ratio));
        if (look.selected?.layer !== name) continue;
        for (const feature of features)
          if (feature.id === look.selected.id || look.selected.also.has(feature.id))
            selected.push({ under, feature });
      }
    }
    for (const { under, feature } of selected)
      paintSelection(context, feature, this.#enter(context, coords, under, ratio));
  }

  /** Puts a context into the units of the tile below and says how large they are. */
  #enter(context, { x, y, z }, under, ratio) {
    const scale = under.scale * ratio;
    context.setTransform(scale, 0, 0, scale, -under.left * ratio, -under.top * ratio);
    const { theme, mine, dim, shades } = this.options.look;
    return {
      z,
      unit: 1 / under.scale,
      ratio,
      theme,
      mine,
      dim,
      shades,
      origin: [x * 256 * ratio, y * 256 * ratio],
    };
  }

  /** A layer's tile content below a canvas, then what is live. Ancestors stand in for tiles on their way. */
  #contents(layer, coords, holds) {
    const { stack } = this.options;
    const own = { minzoom: 0, maxzoom: 22 };
    const hold = holds.find(({ source }) => source === layer.source);
    const contents = [];
    if (hold) {
      const { under, source } = hold;
      const entry = hold.entry.features ? hold.entry : source.best(under.z, under.x, under.y);
      if (entry) {
        const range = { minzoom: entry.z, maxzoom: entry.z };
        const features = stack.content(layer, entry);
        // Grids dim what is outside mine, so they count even where a tile has none.
        if (features.length || layer.name === "grids")
          contents.push({ under: underlay(coords.x, coords.y, coords.z, range), features });
      }
    }
    if (layer.live.size) {
      const under = underlay(coords.x, coords.y, coords.z, own);
      const features = layer.live.tile(under.z, under.x, under.y).filter(({ id }) => !layer.hidden.has(id));
      if (features.length || (layer.name === "grids" && !hold)) contents.push({ under, features });
    }
    return contents;
  }
}
