/**
 * One canvas over the whole view for what must not be cut at tile edges: symbols and names. It moves and scales with
 * the map and is redrawn in the same frame it is put back in place, so that nothing blinks.
 */

const PADDING = 0.15;
// What is drawn while a page is laid out for paper is printed as shapes, and there a cleared rectangle would take away
// what lies beneath too.
let onPaper = false;
addEventListener("beforeprint", () => {
  onPaper = true;
});
addEventListener("afterprint", () => {
  onPaper = false;
});

export class Overlay extends L.Layer {
  #canvas = null;
  #frame = 0;
  #timer = 0;
  #origin = null;
  #drawn = { centre: null, zoom: 0, size: null };

  /**
   * @param {{draw: (context: CanvasRenderingContext2D, frame: object) => void}} options `draw` gets the canvas in CSS px
   *   and `{zoom, scale, ratio, width, height, pad, corner, box, toScreen(worldX, worldY)}`; `zoom` is whole, `scale` = px of
   *   the whole world, `corner` = the canvas' corner in world px, `box` = its world box
   */
  constructor(options) {
    super();
    L.Util.setOptions(this, { pane: "gw-overlay", ...options });
  }

  /** @override */
  getEvents() {
    return {
      moveend: this.redrawNow,
      zoom: this.#pinched,
      zoomanim: (event) => this.#follow(event.center, event.zoom),
      move: this.#strayed,
    };
  }

  /** @override */
  onAdd() {
    this.#canvas ??= L.DomUtil.create("canvas", "gw-overlay leaflet-zoom-animated");
    this.#canvas.setAttribute("aria-hidden", "true");
    this.getPane().appendChild(this.#canvas);
    this.redrawNow();
  }

  /** @override */
  onRemove() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    this.#canvas.remove();
  }

  /** Redraw soon; `wait` ms gather what comes in bursts (tiles). */
  redraw(wait = 0) {
    if (wait) {
      this.#timer ||= setTimeout(() => {
        this.#timer = 0;
        this.redraw();
      }, wait);
      return;
    }
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.redrawNow();
    });
  }

  /** Keep the canvas under the map while it is zoomed. */
  #follow(centre, zoom) {
    const { _map: map } = this;
    const drawn = this.#drawn;
    if (!drawn.centre) return;
    const scale = map.getZoomScale(zoom, drawn.zoom);
    const corner = drawn.size
      .multiplyBy(-(0.5 + PADDING) * scale)
      .add(map.project(drawn.centre, zoom))
      .subtract(map._getNewPixelOrigin(centre, zoom));
    L.DomUtil.setTransform(this.#canvas, corner, scale);
  }

  /** Two fingers: scale what is drawn, and draw afresh before it gets too large or too small to read. */
  #pinched() {
    const { _map: map } = this;
    this.#follow(map.getCenter(), map.getZoom());
    if (!map._animatingZoom && Math.abs(map.getZoom() - this.#drawn.zoom) > 0.3) this.redraw();
  }

  /** A long drag would leave the drawn margin: draw again on the way. */
  #strayed() {
    if (!this.#origin || this._map._animatingZoom || this._map.getZoom() !== this.#drawn.zoom) return;
    const size = this._map.getSize();
    const away = this._map
      .containerPointToLayerPoint([0, 0])
      .subtract(this.#origin)
      .subtract(size.multiplyBy(PADDING));
    if (Math.abs(away.x) > size.x * PADDING * 0.9 || Math.abs(away.y) > size.y * PADDING * 0.9) this.redraw();
  }

  redrawNow() {
    const { _map: map } = this;
    if (!map || map._animatingZoom) return;
    const size = map.getSize();
    if (!size.x || !size.y) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    const pad = size.multiplyBy(PADDING).round();
    const width = size.x + 2 * pad.x;
    const height = size.y + 2 * pad.y;
    const canvas = this.#canvas;
    const zoom = map.getZoom();
    this.#origin = map.containerPointToLayerPoint([0, 0]).subtract(pad).round();
    this.#drawn = { centre: map.getCenter(), zoom, size };
    L.DomUtil.setTransform(canvas, this.#origin, 1);
    if (
      onPaper ||
      canvas.width !== Math.round(width * ratio) ||
      canvas.height !== Math.round(height * ratio)
    ) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext("2d");
    context.resetTransform();
    if (!onPaper) context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const corner = map.getPixelOrigin().add(this.#origin);
    const scale = 256 * 2 ** zoom;
    this.options.draw(context, {
      zoom: Math.round(zoom),
      scale,
      ratio,
      width,
      height,
      pad,
      corner,
      box: [corner.x / scale, corner.y / scale, (corner.x + width) / scale, (corner.y + height) / scale],
      toScreen: (x, y) => [x * scale - corner.x, y * scale - corner.y],
    });
  }

  /** Position on the canvas of a position in the map's container (both CSS px). */
  fromContainer(point) {
    return this._map.containerPointToLayerPoint(point).subtract(this.#origin ?? L.point(0, 0));
  }
}
