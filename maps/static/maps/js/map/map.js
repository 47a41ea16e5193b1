/**
 * The map of every page: `createMap(element, options)`. The only door to js/map for pages.
 *
 * The page gives the words, the layers and the view; the map tells what was touched. It does not know the address bar:
 * `onView` gets the fragment to write, `parseView` (lib/view.js) reads it.
 */

import { Emitter } from "../lib/emitter.js";
import { formatView } from "../lib/view.js";
import { addControls, plain } from "./controls.js";
import { Fetching } from "./fetching.js";
import { LayerStack } from "./layers.js";
import { startPicker } from "./picker.js";
import { watchPointing } from "./pointing.js";
import { Scene } from "./scene.js";
import { readTheme, watchTheme } from "./theme.js";
import { loadSources } from "./tilejson.js";
import { VectorTileLayer } from "./vector-layer.js";
import { debounce, listen, watchRatio } from "./watch.js";

const TEXT = {
  map: "Map",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  locate: "Show my position",
  fit: "Show my patch",
  tilesFailed: "Parts of the map could not be loaded",
  retry: "Try again",
  picker: "Chosen place; arrow keys move it",
  approval: "Map approval no.",
};
const LAYERS = ["regions", "places", "buildings", "streets", "grids", "checkpoints", "reports"];
const DEFAULTS = {
  tiles: "/tiles",
  layers: LAYERS,
  language: "zh-Hans",
  dim: true,
  minZoom: 9,
  maxZoom: 20,
  now: () => Date.now() / 1000,
};
const CHINA = [73.5, 18, 135, 53.6];

/**
 * @typedef {{layer: string, id: string, properties: Record<string, string|number|boolean>,
 *   kind: "point"|"line"|"polygon", lat: number, lon: number, distance: number, stacked: number}} Hit
 *   `distance` in px; `stacked` = how many symbols lie in the same stack
 * @typedef {{z: number, lat: number, lon: number}} View
 */

/**
 * Makes a map in an element.
 *
 * @param {HTMLElement} element gets the class gw-map; its size is the page's
 * @param {object} options
 * @param {(string|object)[]} [options.layers] layer names, or `{name, minzoom, maxzoom, bounds, params, version, visible,
 *   interactive, contents, url, live}`; with minzoom and maxzoom given no TileJSON is fetched; `contents` names the layers
 *   inside a tile that holds several; a `live` one has no tiles, only what the page puts there
 * @param {string} [options.tiles] address prefix of tiles and TileJSON, default "/tiles"
 * @param {View|null} [options.view] first view; else `bounds`, else `patch`
 * @param {number[]|null} [options.bounds] west, south, east, north in degrees
 * @param {number[]|null} [options.patch] extent of the fit button, which is shown only then
 * @param {string[]} [options.mine] ids of the grids drawn as mine
 * @param {boolean} [options.dim] dim what is outside mine, default true
 * @param {object|null} [options.base] raster base map, see base.js; ours is drawn without ground and streets then
 * @param {string} [options.attribution] source of our own map data (text)
 * @param {object} [options.text] translated words: map, zoomIn, zoomOut, locate, fit, tilesFailed, retry, picker, approval
 * @param {string} [options.language] "zh-Hans" or "en": which names are shown
 * @param {object} [options.controls] zoom, locate, fit, scale: false leaves one out
 * @param {number} [options.minZoom] default 9
 * @param {number} [options.maxZoom] default 20
 * @param {(view: View & {hash: string}) => void} [options.onView] after every move
 * @param {() => number} [options.now] epoch seconds for the clock wedges; give the server's time
 * @returns {GridMap}
 */
export function createMap(element, options = {}) {
  return new GridMap(element, options);
}

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Events (`on` returns the function that takes the handler off again): `feature:click` {features: Hit[],
 * latlng: {lat, lon}, point: {x, y}, keyboard} (no features: nothing was there) · `feature:hover` {features} (mouse,
 * when it changes) · `view` {z, lat, lon, hash} · `tiles` {state: loading|ready|failed, failed} · `locate`
 * {lat, lon, accuracy} · `locate:error` {code, message} · `select` {layer, id}|null · `content` {name} (tiles came)
 */
export class GridMap extends Emitter {
  #element;
  #options;
  #configs;
  #look;
  #controls;
  #tiles = null;
  #picker = null;
  #kept = new Map();
  #stops = [];
  #inset = { top: 0, right: 0, bottom: 0, left: 0 };
  #corner = null;
  #fetching;
  #unseen = false;
  #dead = false;

  /** Use createMap. */
  constructor(element, options) {
    super();
    this.#element = element;
    this.#options = { ...DEFAULTS, ...options, text: { ...TEXT, ...options.text } };
    this.#configs = this.#options.layers.map((layer) =>
      typeof layer === "string" ? { name: layer } : { ...layer },
    );
    /** Layers, symbols and names, like the Leaflet map only for files under js/map/. */
    this.stack = new LayerStack(this.#configs);
    element.classList.add("gw-map");
    this.#look = {
      theme: readTheme(element),
      mine: new Set((options.mine ?? []).map(String)),
      dim: this.#options.dim,
      raster: Boolean(options.base),
      selected: null,
      shades: null,
    };
    /** The Leaflet map; only files under js/map/ may use it. */
    this.leaflet = this.#makeLeaflet();
    this.#controls = addControls(this.leaflet, {
      text: this.#options.text,
      controls: { zoom: true, locate: true, fit: true, scale: true, ...options.controls },
      hasPatch: Boolean(options.patch),
      run: { locate: () => this.locate(), fit: () => this.fitPatch(), retry: () => this.#fetching.retry() },
    });
    this.#fetching = new Fetching(this.stack, {
      onFailed: (some) => this.#controls.notice.show(some),
      onState: (told) => this.emit("tiles", told),
    });
    this.scene = new Scene(this.stack, this.#look, {
      language: this.#options.language,
      now: this.#options.now,
      obstacles: () => this.#cornerBoxes(),
    });
    this.#firstView();
    this.scene.overlay.addTo(this.leaflet);
    this.#listen();
    this.#start();
  }

  #makeLeaflet() {
    const still = reducedMotion();
    const { minZoom, maxZoom, text } = this.#options;
    const map = new L.Map(this.#element, {
      attributionControl: false,
      zoomControl: false,
      minZoom,
      maxZoom,
      zoomAnimation: !still,
      fadeAnimation: false,
      markerZoomAnimation: !still,
      inertia: !still,
      keyboardPanDelta: 100,
      // A patch fills the view: whole zooms would leave it as small as half of it.
      zoomSnap: 0.25,
      wheelPxPerZoomLevel: 90,
    });
    this.#element.setAttribute("role", "application");
    this.#element.setAttribute("aria-label", text.map);
    map.createPane("gw-base").style.zIndex = "190";
    const pane = map.createPane("gw-overlay");
    pane.style.zIndex = "450";
    pane.style.pointerEvents = "none";
    return map;
  }

  #firstView() {
    const { view, bounds, patch } = this.#options;
    // In an element that is not shown yet nothing can be fitted: again when it has a size.
    this.#unseen = !this.#element.clientWidth || !this.#element.clientHeight;
    if (view) this.leaflet.setView([view.lat, view.lon], view.z, { animate: false });
    else this.fitBounds(bounds ?? patch ?? CHINA, { animate: false });
  }

  async #start() {
    const { attribution, base, text, tiles } = this.#options;
    // Most installations have no raster base map: its code comes only when asked for.
    const [configs, raster] = await Promise.all([
      loadSources(this.#configs, tiles),
      base && import("./base.js"),
    ]);
    if (this.#dead) return;
    if (raster) raster.baseLayer(base, text).addTo(this.leaflet);
    for (const config of configs) this.stack.open({ ...config, ...this.#kept.get(config.name) }, tiles);
    this.stack.onChange = (name) => this.#contentChanged(name);
    this.#tiles = new VectorTileLayer({
      stack: this.stack,
      look: this.#look,
      maxZoom: 22,
      attribution: attribution && plain(attribution),
    });
    this.#tiles.addTo(this.leaflet);
    this.#corner = null;
    this.scene.overlay.redraw();
    this.#fetching.report();
  }

  #listen() {
    const { leaflet } = this;
    const moved = debounce(() => {
      if (this.#dead) return;
      const view = this.getView();
      this.#fetching.report();
      this.#options.onView?.(view);
      this.emit("view", view);
    }, 150);
    leaflet.on("moveend", moved);
    const resizer = new ResizeObserver(() => this.resize());
    resizer.observe(this.#element);
    const minute = setInterval(() => this.scene.overlay.redraw(), 60000);
    this.#stops.push(
      watchPointing(leaflet, {
        hits: (latlng, point) => this.scene.hits(leaflet, latlng, point),
        centre: () => this.#freeCentre(),
        silent: () => this.#dead || this.#picker !== null,
        emit: (type, detail) => this.emit(type, detail),
      }),
      watchTheme(() => this.refreshTheme()),
      watchRatio(() => this.refreshTheme()),
      listen(window, ["online"], () => this.#fetching.retry()),
      () => resizer.disconnect(),
      () => clearInterval(minute),
    );
  }

  // --- view ---------------------------------------------------------------------------------------------------

  /** @returns {View & {hash: string}} the middle of the view */
  getView() {
    const { lat, lng } = this.leaflet.getCenter();
    const view = { z: this.leaflet.getZoom(), lat, lon: lng };
    return { ...view, hash: formatView(view) };
  }

  setView({ z, lat, lon }, { animate = true } = {}) {
    this.leaflet.setView([lat, lon], z ?? this.leaflet.getZoom(), { animate: animate && !reducedMotion() });
  }

  /** Shows `[west, south, east, north]` in the free part of the view. */
  fitBounds([west, south, east, north], { maxZoom = 18, animate = true } = {}) {
    const { top, right, bottom, left } = this.#inset;
    this.leaflet.fitBounds(
      [
        [south, west],
        [north, east],
      ],
      {
        paddingTopLeft: [left + 16, top + 16],
        paddingBottomRight: [right + 16, bottom + 16],
        maxZoom,
        animate: animate && !reducedMotion(),
      },
    );
  }

  fitPatch() {
    if (this.#options.patch) this.fitBounds(this.#options.patch);
  }

  /** The extent of the fit button; null hides it. */
  setPatch(bbox) {
    this.#options.patch = bbox;
    this.#controls.showFit(Boolean(bbox));
  }

  /** How many px of the map lie under sheets and bars. */
  setInset(inset) {
    Object.assign(this.#inset, inset);
    for (const [side, value] of Object.entries(this.#inset))
      this.#element.style.setProperty(`--inset-${side}`, `${value}px`);
    this.#corner = null;
  }

  /** Its element has another size; `pan` keeps what is in the middle there, without fetching anything anew. */
  resize({ pan = false } = {}) {
    this.#corner = null;
    this.leaflet.invalidateSize({ animate: false, pan });
    if (this.#unseen && this.#element.clientHeight) this.#firstView();
    this.scene.overlay.redraw();
  }

  #freeCentre() {
    const size = this.leaflet.getSize();
    const { top, right, bottom, left } = this.#inset;
    return L.point((size.x + left - right) / 2, (size.y + top - bottom) / 2);
  }

  /** Asks the device for its position, shows it and goes there. */
  locate() {
    if (!navigator.geolocation) {
      this.emit("locate:error", { code: 2, message: "" });
      return;
    }
    this.#controls.setBusy(true);
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude: lat, longitude: lon, accuracy } }) => {
        this.#controls.setBusy(false);
        if (this.#dead) return;
        this.showPosition({ lat, lon, accuracy });
        this.#bring({ lat, lon }, Math.max(this.leaflet.getZoom(), 17), true);
        this.emit("locate", { lat, lon, accuracy });
      },
      ({ code, message }) => {
        this.#controls.setBusy(false);
        this.emit("locate:error", { code, message });
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
    );
  }

  /** Shows (or with null takes away) the device's position; accuracy in metres. Does not move the map. */
  showPosition(position) {
    this.scene.position = position;
    this.scene.overlay.redraw();
  }

  // --- layers -------------------------------------------------------------------------------------------------

  /** Ids of the grids drawn as mine. */
  setMine(ids) {
    this.#look.mine = new Set(ids.map(String));
    this.#redraw("grids");
  }

  /** Shade grids: pairs of an id and a step from 0 to 4, or null for what is not known; no pairs: no shades. */
  setShades(pairs) {
    this.#look.shades = pairs && new Map(pairs.map(([id, step]) => [String(id), step]));
    this.#redraw("grids");
  }

  setVisible(name, visible) {
    this.stack.get(name).visible = visible;
    this.#redraw();
  }

  /** Filters of a tile layer, as query parameters; the old content stays until the new one is there. */
  setParams(name, params) {
    this.#reload(name, { params });
  }

  /** A version in the address of a layer's tiles, for caches that may keep them for long. */
  setVersion(name, version) {
    if (this.stack.sourceOf(name)?.version !== version) this.#reload(name, { version });
  }

  /** Fetch a layer's tiles again (all layers without a name); unchanged ones cost a 304. */
  refresh(name = null) {
    const sources = name ? [this.stack.sourceOf(name)] : this.stack.sources;
    for (const source of sources) source?.refresh();
    this.#fetching.report();
  }

  #reload(name, change) {
    const source = this.stack.sourceOf(name);
    // The zoom range is still being asked for: remember until the source is opened.
    if (!source) this.#kept.set(name, { ...this.#kept.get(name), ...change });
    else {
      Object.assign(source, change);
      source.refresh();
      this.#fetching.report();
    }
  }

  /** Do not draw these features until the tiles no longer have them. An empty list shows all again. */
  hide(name, ids) {
    this.stack.get(name).hidden = new Set(ids.map(String));
    this.#redraw(name);
  }

  /** Replace what was added live to a layer. @param {object} features a FeatureCollection or an array of Features */
  setLive(name, features) {
    const { live } = this.stack.get(name);
    live.clear();
    for (const feature of features.features ?? features) live.put(feature);
    this.#redraw(name);
  }

  /** Add or replace one GeoJSON feature (degrees); its id is `feature.id` or `properties.id`. */
  putLive(name, feature) {
    const id = this.stack.get(name).live.put(feature);
    this.#redraw(name);
    return id;
  }

  removeLive(name, id) {
    if (this.stack.get(name).live.remove(id)) this.#redraw(name);
  }

  clearLive(name) {
    this.stack.get(name).live.clear();
    this.#redraw(name);
  }

  // --- selection and picking ----------------------------------------------------------------------------------

  /** Rings a symbol or outlines an area or line, with those of `also`; `select(null)` takes it away. */
  select(layer, id = null, also = []) {
    const selected = layer === null ? null : { layer, id: String(id), also: new Set(also.map(String)) };
    if (`${selected?.layer}/${selected?.id}` === `${this.#look.selected?.layer}/${this.#look.selected?.id}`)
      return;
    this.#look.selected = selected;
    this.#redraw();
    this.emit("select", selected);
  }

  /** Selects a feature and brings its place into the free part of the view. */
  focusFeature(layer, id, at, { zoom, animate = true } = {}) {
    this.select(layer, id);
    const [lat, lon] = Array.isArray(at) ? at : [at.lat, at.lon];
    this.#bring({ lat, lon }, zoom ?? Math.max(this.leaflet.getZoom(), 16), animate);
  }

  #bring({ lat, lon }, zoom, animate) {
    const size = this.leaflet.getSize();
    const shift = this.#freeCentre().subtract(size.divideBy(2));
    const centre = this.leaflet.unproject(this.leaflet.project([lat, lon], zoom).subtract(shift), zoom);
    this.leaflet.setView(centre, zoom, { animate: animate && !reducedMotion() });
  }

  /**
   * Lets the user choose a place: tap, drag, arrow keys (shift: larger steps). `feature:click` is silent meanwhile.
   *
   * @param {{lat: number, lon: number}|null} at null starts in the middle of the free view
   * @param {{onChange?: (at: {lat: number, lon: number}) => void, label?: string}} options
   * @returns {{get(): object, set(at: object): void, focus(): void, stop(): void}}
   */
  startPicker(at = null, { onChange, label = this.#options.text.picker } = {}) {
    this.#picker?.stop();
    const centre = () => this.leaflet.containerPointToLatLng(this.#freeCentre());
    const picker = startPicker(this.leaflet, at, { onChange, label, centre });
    const stop = () => {
      picker.stop();
      if (this.#picker === handle) this.#picker = null;
    };
    const handle = { ...picker, stop };
    this.#picker = handle;
    return handle;
  }

  // --- drawing --------------------------------------------------------------------------------------------------
  /** Read the tokens again, e.g. after the page changed them. */
  refreshTheme() {
    this.#look.theme = readTheme(this.#element);
    this.scene.clear();
    this.#redraw();
  }

  #redraw(name = null) {
    this.#tiles?.repaint(name && this.stack.get(name).source?.name);
    this.scene.overlay.redraw();
  }

  #contentChanged(name) {
    this.#tiles.repaint(name);
    this.scene.overlay.redraw(60);
    this.emit("content", { name });
    this.#fetching.report();
  }

  /** Names keep clear of buttons, credits and scale. Measured when the layout changes, not with every drawing. */
  #cornerBoxes() {
    if (!this.#corner) {
      const home = this.#element.getBoundingClientRect();
      const parts = this.#element.querySelectorAll(".leaflet-bottom > *");
      this.#corner = [...parts].map((part) => {
        const { left, top, right, bottom } = part.getBoundingClientRect();
        return [left - home.left, top - home.top, right - home.left, bottom - home.top];
      });
    }
    return this.#corner;
  }

  /** Resolves when what is in view is there, or after a while. */
  settled() {
    return this.#fetching.settled();
  }

  /** Aborts what is under way and takes the map out of its element. */
  destroy() {
    this.#dead = true;
    for (const stop of this.#stops) stop();
    this.#picker?.stop();
    this.leaflet.remove();
    this.stack.destroy();
    this.silence();
  }
}
