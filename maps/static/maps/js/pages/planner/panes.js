/** Up to three proposals on maps beside each other that are moved as one; a single one has the whole room. */

import { extentOf } from "../../lib/coverage.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { linkMaps } from "../../map/linked.js";
import { createMap } from "../../map/map.js";
import { proposalLayer } from "../../map/proposal.js";
import { element } from "../../ui/element.js";
import { mapOptions } from "../../ui/map-options.js";

export class Panes {
  #box;
  #options;
  #others = []; // {figure, map, layer} beside the page's own map
  #unlink = null;
  #shown = 1;

  /**
   * @param {HTMLElement} box holds the figure of the page's own map
   * @param {{map: object, layer: object, settings: object, onArea: (pane: number, kind: string, key: any) => void}} options
   */
  constructor(box, options) {
    this.#box = box;
    this.#options = options;
  }

  /**
   * @param {{name: string, figures: string, features: object[], within?: object[], tag: (feature: object) => object,
   *   open: () => void}[]} entries `within` are unit grids, drawn as thin lines
   */
  show(entries) {
    const several = entries.length > 1;
    const before = this.#shown;
    this.#shown = entries.length;
    this.#box.parentElement.toggleAttribute("data-several", several);
    this.#box.dataset.panes = entries.length;
    if (before !== entries.length) this.#unlink?.();
    while (this.#others.length > entries.length - 1) this.#take();
    while (this.#others.length < entries.length - 1) this.#add();
    entries.forEach((entry, index) => {
      this.#layer(index).show(entry.features, entry.tag);
      this.#layer(index).showLevel(entry.within ?? [], "within");
      this.#caption(index, several ? entry : null);
    });
    if (before !== entries.length) this.#link(entries);
  }

  /** One map again, with nothing of a comparison on it. */
  leave() {
    if (this.#shown > 1) this.show([{ name: "", figures: "", features: [], tag: () => null }]);
  }

  /** Marks a grid of one pane and takes the marks off the others. */
  mark(pane, key) {
    for (let index = 0; index < this.#shown; index++)
      this.#layer(index).mark(index === pane && key !== null ? `grid/${key}` : null);
  }

  /** Every pane was given another size. */
  fit(box) {
    for (const map of this.#maps) map.resize();
    if (box) this.#options.map.fitBounds(box, { animate: false });
  }

  get #maps() {
    return [this.#options.map, ...this.#others.map(({ map }) => map)];
  }

  #layer(index) {
    return index ? this.#others[index - 1].layer : this.#options.layer;
  }

  #figure(index) {
    return index ? this.#others[index - 1].figure : this.#box.firstElementChild;
  }

  #add() {
    const { map, settings, onArea } = this.#options;
    const home = element("div.gw-map");
    const figure = element("figure.planner-pane", {}, home);
    this.#box.append(figure);
    const other = createMap(home, {
      ...mapOptions(["regions", "ground"]),
      view: map.getView(),
      patch: settings.bounds,
      controls: { locate: false },
    });
    const pane = this.#others.length + 1;
    const layer = proposalLayer(other, { onArea: (kind, key) => onArea(pane, kind, key) });
    this.#others.push({ figure, map: other, layer });
  }

  #take() {
    const { figure, map } = this.#others.pop();
    map.destroy();
    figure.remove();
  }

  #link(entries) {
    this.#unlink = entries.length > 1 ? linkMaps(this.#maps) : null;
    this.fit(extentOf(entries.flatMap(({ features }) => features)));
  }

  /** What stands over a map: which proposal, how good it is, and the way into it. */
  #caption(index, entry) {
    const figure = this.#figure(index);
    figure.querySelector("figcaption")?.remove();
    const home = figure.querySelector(".gw-map");
    const words = entry
      ? interpolate(gettext("Map of %(name)s; all maps move together"), { name: entry.name })
      : gettext("Map");
    home.setAttribute("aria-label", words);
    if (!entry) return;
    figure.prepend(
      element(
        "figcaption",
        {},
        element("span", {}, element("b", {}, entry.name), ` ${entry.figures}`),
        element(
          "button.quiet",
          { type: "button", onclick: entry.open },
          gettext("Open"),
          element("span.visually-hidden", {}, ` · ${entry.name}`),
        ),
      ),
    );
  }
}
