/**
 * The map's layers by name: the tile source each comes from, what the page added live, what is hidden or selected.
 * Knows nothing of drawing; whoever draws asks it for features.
 */

import { decodeTile } from "../lib/decode.js";
import { LiveLayer } from "../lib/live.js";
import { TileSource } from "../lib/source.js";
import { sourceZoom, tilesIn } from "../lib/tilemath.js";

/** Layers without tiles: the page puts their features. */
const INTERACTIVE = new Set([
  "grids",
  "regions",
  "checkpoints",
  "posts",
  "reports",
  "coverage",
  "heat",
  "problems",
]);

/**
 * @typedef {{name: string, source: TileSource|null, live: LiveLayer, visible: boolean, interactive: boolean,
 *   hidden: Set<string>, alpha: number}} Layer `alpha` is that of its symbols
 * @typedef {import("../lib/decode.js").TileFeature} TileFeature
 */
export class LayerStack {
  /** @type {Map<string, Layer>} */
  #layers = new Map();
  /** @type {TileSource[]} */
  sources = [];
  /** Called with the name of the layer or source whose content or look changed. */
  onChange = () => {};

  /** @param {object[]} configs the `layers` of createMap; live features can be put at once, tiles come with `open` */
  constructor(configs) {
    for (const config of configs)
      for (const name of config.contents ?? [config.name]) this.#declare(name, config);
  }

  #declare(name, { visible = true, interactive = INTERACTIVE.has(name) }) {
    const layer = {
      name,
      source: null,
      live: new LiveLayer(),
      visible,
      interactive,
      hidden: new Set(),
      alpha: 1,
    };
    this.#layers.set(name, layer);
  }

  /** @param {object} config one entry of `layers`, now with its zoom range; `prefix` = the tiles' address */
  open(config, prefix) {
    const source = new TileSource({
      ...config,
      url: config.url ?? `${prefix}/${config.name}/{z}/{x}/{y}.mvt`,
      decode: decodeTile,
      onChange: () => this.onChange(config.name),
    });
    this.sources.push(source);
    for (const name of source.contents) this.get(name).source = source;
  }

  /** @throws {RangeError} when the map has no such layer */
  get(name) {
    const layer = this.#layers.get(name);
    if (!layer) throw new RangeError(`The map has no layer called ${name}`);
    return layer;
  }

  has(name) {
    return this.#layers.has(name);
  }

  /** Visible layers that answer to a finger. */
  get touchable() {
    return [...this.#layers.values()].filter(({ visible, interactive }) => visible && interactive);
  }

  /** The source of a layer, by the layer's or the source's name; null while its zoom range is being asked for. */
  sourceOf(name) {
    return this.sources.find((source) => source.name === name) ?? this.get(name).source;
  }

  /** A layer's features in a tile of its source, without those hidden or replaced by live ones. */
  content(layer, entry) {
    const features = entry?.features?.get(layer.name);
    if (!features) return [];
    if (!layer.hidden.size && !layer.live.size) return features;
    return features.filter(({ id }) => !layer.hidden.has(id) && !layer.live.has(id));
  }

  /**
   * Everything known of a layer inside a world box at a map zoom, tile by tile.
   * Tiles on their way are stood in for by what is known above or below them.
   *
   * @returns {Generator<{z: number, x: number, y: number, features: TileFeature[]}>}
   */
  *tilesOf(layer, box, z) {
    const { source } = layer;
    const zoom = source ? sourceZoom(z, source) : Math.max(0, Math.floor(z) - 1);
    if (zoom === null) {
      yield* this.#liveTiles(layer, box, Math.max(0, Math.floor(z) - 1));
      return;
    }
    const seen = new Set();
    for (const tile of tilesIn(box, zoom)) {
      const best = source?.best(tile.z, tile.x, tile.y);
      const entries = best ? [best] : (source?.below(tile.z, tile.x, tile.y) ?? []);
      for (const entry of entries)
        if (!seen.has(entry)) {
          seen.add(entry);
          yield { z: entry.z, x: entry.x, y: entry.y, features: this.content(layer, entry) };
        }
    }
    yield* this.#liveTiles(layer, box, zoom);
  }

  *#liveTiles(layer, box, zoom) {
    if (!layer.live.size) return;
    for (const tile of tilesIn(box, zoom)) {
      const features = layer.live.tile(tile.z, tile.x, tile.y).filter(({ id }) => !layer.hidden.has(id));
      yield { ...tile, features };
    }
  }

  destroy() {
    for (const source of this.sources) source.destroy();
  }
}
