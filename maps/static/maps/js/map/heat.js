/** The layer of heat of a map: what is drawn of its tiles, how, and what of it is in view. */

import { sourceZoom } from "../lib/tilemath.js";
import { Overlay } from "./overlay.js";
import { cellsOf, countBoxes, paintHeat } from "./paint-heat.js";
import { readTheme, watchTheme } from "./theme.js";

const FADE_MS = 180;
const FAINT = 0.3;
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * @typedef {{zoom: number, count: number, cells: import("./paint-heat.js").HeatCell[], whole: boolean}} Seen `zoom` is
 *   that of the tiles, `count` the reports of the cells whose middle is in view, `whole` whether all tiles are there
 * @param {import("./map.js").GridMap} map with the layer "heat"
 * @param {{onSeen: (seen: Seen) => void}} options called after what is in view was drawn
 */
export function heatLayer(map, { onSeen }) {
  const { leaflet, stack } = map;
  const look = {
    theme: readTheme(leaflet.getContainer()),
    smooth: false,
    least: [1],
    hectares: 1,
    share: null,
    counts: true,
    selected: null,
    hovered: null,
  };
  let shown = true;
  let faint = false;
  const pane = leaflet.createPane("gw-heat");
  pane.style.zIndex = "440";
  pane.style.pointerEvents = "none";
  pane.style.transition = still() ? "none" : `opacity ${FADE_MS}ms`;

  const draw = (context, frame) => {
    if (!shown) return;
    const layer = stack.get("heat");
    const tiles = [...stack.tilesOf(layer, frame.box, frame.zoom)].sort((a, b) => a.z - b.z);
    const cells = cellsOf(tiles);
    paintHeat(context, frame, tiles, cells, { ...look, counts: look.counts && !faint });
    if (!layer.source) return;
    const { pad, width, height } = frame;
    const { loading, failed } = layer.source.pending;
    const inView = cells.filter(({ x, y }) => {
      const [left, top] = frame.toScreen(x, y);
      return left >= pad.x && top >= pad.y && left <= width - pad.x && top <= height - pad.y;
    });
    onSeen({
      zoom: sourceZoom(frame.zoom, layer.source) ?? frame.zoom,
      count: inView.reduce((sum, { n }) => sum + n, 0),
      cells: inView,
      whole: tiles.length > 0 && !loading && !failed,
    });
  };
  map.scene.keepClear = (frame) =>
    shown && !faint && !(look.smooth && look.share === null)
      ? countBoxes(frame, cellsOf(stack.tilesOf(stack.get("heat"), frame.box, frame.zoom)))
      : [];
  const overlay = new Overlay({ pane: "gw-heat", draw }).addTo(leaflet);
  map.on("content", ({ name }) => name === "heat" && overlay.redraw(60));
  watchTheme(() => {
    look.theme = readTheme(leaflet.getContainer());
    overlay.redraw();
  });

  const settle = () => {
    pane.style.opacity = shown ? (faint ? FAINT : 1) : 0;
    overlay.redraw();
  };
  return {
    /** @param {{smooth?: boolean, least?: number[], hectares?: number, share?: number|null}} change */
    set(change) {
      Object.assign(look, change);
      overlay.redraw();
    },
    show(wanted) {
      shown = wanted;
      map.setVisible("heat", wanted);
      settle();
    },
    /** Steps back behind the points that it is made of. */
    setFaint(wanted) {
      if (faint === wanted) return;
      faint = wanted;
      settle();
    },
    select(id) {
      look.selected = id;
      overlay.redraw();
    },
    hover(id) {
      if (look.hovered === id) return;
      look.hovered = id;
      overlay.redraw();
    },
    /** What is in view: west, south, east, north in degrees; null while the map is not shown. */
    bounds() {
      if (!leaflet.getContainer().clientWidth) return null;
      const box = leaflet.getBounds();
      return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    },
    /** Ask for tiles with other filters beforehand. */
    prefetch: (params) => stack.sourceOf("heat")?.prefetch(params),
    /** Resolves when what was asked for last can be seen, or after a while. */
    settled(patience = 4000) {
      const source = stack.sourceOf("heat");
      const end = performance.now() + patience;
      return new Promise((resolve) => {
        const look = () => {
          if (!source?.pending.loading || performance.now() > end) resolve();
          else setTimeout(look, 50);
        };
        look();
      });
    },
  };
}

/** Lets the symbols of a layer come or go without a jump. */
export function fadeLayer(map, name, wanted) {
  const layer = map.stack.get(name);
  if (layer.wanted === wanted) return;
  layer.wanted = wanted;
  if (wanted) map.setVisible(name, true);
  const begin = performance.now();
  const from = wanted ? 0 : layer.alpha;
  const step = (now) => {
    if (layer.wanted !== wanted) return;
    const part = still() ? 1 : Math.min(1, (now - begin) / FADE_MS);
    layer.alpha = from + ((wanted ? 1 : 0) - from) * Math.max(0, part);
    map.scene.overlay.redrawNow();
    if (part < 1) requestAnimationFrame(step);
    else if (!wanted) map.setVisible(name, false);
  };
  requestAnimationFrame(step);
}
