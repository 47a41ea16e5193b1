/** What stands over the ground: symbols, names, the device's position; and what of it a finger touches. */

import { CollisionIndex } from "../lib/collision.js";
import { project } from "../lib/tilemath.js";
import { hitsAt } from "./hits.js";
import { drawNames, NamePlacer } from "./names.js";
import { Overlay } from "./overlay.js";
import { arrange, collectSymbols, drawSymbols } from "./points.js";
import { drawPosition } from "./position.js";
import { SymbolSheet } from "./symbols.js";

export class Scene {
  #stack;
  #look;
  #language;
  #now;
  #obstacles;
  #sheet = new SymbolSheet();
  #names = new NamePlacer();
  #places = [];
  /** Boxes on the canvas where another layer writes. @type {(frame: object) => Iterable<number[]>} */
  keepClear = () => [];
  /** @type {{lat: number, lon: number, accuracy?: number}|null} */
  position = null;

  /**
   * @param {import("./layers.js").LayerStack} stack
   * @param {import("./vector-layer.js").Look} look
   * @param {{language: string, now: () => number, obstacles: () => number[][]}} options `obstacles` = boxes in the
   *   container's px where no name should stand
   */
  constructor(stack, look, { language, now, obstacles }) {
    this.#stack = stack;
    this.#look = look;
    this.#language = language;
    this.#now = now;
    this.#obstacles = obstacles;
    this.overlay = new Overlay({ draw: (context, frame) => this.#draw(context, frame) });
  }

  /** Forget pictures and widths: another theme or pixel ratio. */
  clear() {
    this.#sheet.clear();
    this.#names.clear();
  }

  #draw(context, frame) {
    const { theme, selected, mine, raster } = this.#look;
    this.#places = arrange(collectSymbols(this.#stack, frame), frame.zoom, selected);
    // A raster base map brings its own names.
    if (!raster) {
      const options = { language: this.#language, mine, theme, taken: this.#taken(frame) };
      drawNames(context, this.#names.place(context, this.#stack, frame, options), theme);
    }
    if (this.position) drawPosition(context, frame, this.position, theme);
    const { ratio, zoom } = frame;
    drawSymbols(context, this.#places, {
      sheet: this.#sheet,
      theme,
      ratio,
      zoom,
      now: this.#now(),
      selected,
    });
  }

  #taken(frame) {
    const { pad } = frame;
    const taken = new CollisionIndex();
    for (const box of this.keepClear(frame)) taken.insert(box);
    for (const { x, y, radius } of this.#places)
      taken.insert([x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2]);
    for (const [x0, y0, x1, y1] of this.#obstacles())
      taken.insert([x0 + pad.x, y0 + pad.y, x1 + pad.x, y1 + pad.y]);
    return taken;
  }

  /**
   * @param {L.Map} map
   * @param {L.LatLng} latlng
   * @param {L.Point} point the same place in the container
   * @returns {object[]} hits, see createMap
   */
  hits(map, latlng, point) {
    const [x, y] = project(latlng.lng, latlng.lat);
    const canvas = this.overlay.fromContainer(point);
    const corner = map.project(latlng).subtract(canvas);
    const scale = 256 * 2 ** map.getZoom();
    return hitsAt(this.#stack, {
      places: this.#places,
      point: canvas,
      at: { x, y },
      zoom: map.getZoom(),
      world: (item) => [(item.x + corner.x) / scale, (item.y + corner.y) / scale],
    });
  }
}
