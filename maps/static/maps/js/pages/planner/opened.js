/** One proposal: what it is, its grids; changing it by hand; accepting it. */

import { extentOf } from "../../lib/coverage.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { table, verdict } from "../../lib/splits.js";
import { element } from "../../ui/element.js";
import { redraw } from "../../ui/redrawing.js";
import { Accepting } from "./accepting.js";
import { Editing } from "./editing.js";
import { GridTable, leaves, otherLevel } from "./grid-table.js";
import { origin, tagOf, targetOf, when } from "./words.js";

/** Where ready-made grids were repaired, as geometries. */
const repairs = ({ remarks = [] }) =>
  remarks.flatMap(({ values }) => (values?.geometry ? [JSON.parse(values.geometry)] : []));

export class Opened {
  #box;
  #options;
  #split = null;
  #task = "";
  #seen = null; // the proposal that the map was last moved to
  #grids = new GridTable({ onChoose: (key) => this.#chosen(key) });
  #editing;
  #accepting;

  /**
   * @param {HTMLElement} box
   * @param {{map: object, layer: object, shelf: object, settings: object, go: (changes: object) => void,
   *   discard: (split: object) => void, onAccepted: () => void}} options
   */
  constructor(box, options) {
    this.#box = box;
    this.#options = options;
    const changed = (split) => this.#changed(split);
    this.#editing = new Editing({ ...options, changed, level: () => this.level });
    this.#accepting = new Accepting(options);
  }

  /** Which kind of grid is worked on: service grids where there are some, until the planner says otherwise. */
  level = null;

  get features() {
    return this.#split ? leaves(this.#split, this.level) : [];
  }

  async show(split, task) {
    if (this.#split?.id !== split.id) this.level = null;
    this.#split = split;
    // Whoever edited was brought close to single grids; what is decided on is the whole.
    if (this.#task === "edit" && task !== "edit") this.#seen = null;
    this.#task = split.state === "proposed" ? task : "";
    this.#box.removeAttribute("aria-busy");
    if (this.#task === "accept") {
      this.#put();
      await this.#accepting.show(this.#box, split);
      return;
    }
    this.#draw();
  }

  /** The page shows something else: nothing of this stays on the map. */
  leave() {
    this.#editing.stop();
  }

  #draw() {
    redraw(this.#box, () => this.#fill(), "h2.verdict");
  }

  #fill() {
    const split = this.#split;
    const editing = this.#task === "edit";
    this.#box.replaceChildren(
      this.#head(split, editing),
      editing ? this.#editing.box : "",
      this.#levels(split),
      this.#figures(split),
      this.#remarks(split),
      this.#grids.box,
    );
    this.#put();
    if (editing) this.#editing.start(split);
  }

  #head(split, editing) {
    const { go, discard } = this.#options;
    const name = gettext("This proposal");
    const own = split.state === "proposed";
    return element(
      "header.opened-head",
      {},
      element(
        "button.quiet.opened-back",
        { type: "button", onclick: () => go(editing ? { task: "" } : { split: null, task: "" }) },
        editing ? gettext("Finish editing") : gettext("All proposals"),
      ),
      element("h2.verdict", { tabindex: "-1" }, verdict([{ name, quality: split.quality }])),
      element(
        "p.soft",
        {},
        `${origin(split)} · ${when(split)}${split.created_by ? ` · ${split.created_by}` : ""}`,
      ),
      !own && element("p.notice", {}, this.#fate(split)),
      own &&
        !editing &&
        element(
          "div.form-actions.no-print",
          {},
          element(
            "button.primary",
            { type: "button", onclick: () => go({ task: "accept" }) },
            gettext("Accept …"),
          ),
          element(
            "button",
            { type: "button", onclick: () => go({ task: "edit" }) },
            gettext("Change by hand"),
          ),
          element("button.quiet", { type: "button", onclick: () => discard(split) }, gettext("Delete")),
        ),
    );
  }

  /** What became of an accepted one: its grids are in force until another is accepted. */
  #fate(split) {
    const later = this.#options.shelf.rows.some(({ accepted_at: at }) => at && at > split.accepted_at);
    return later
      ? gettext("This proposal was accepted; by now other grids are in force.")
      : gettext("This proposal was accepted: its grids are in force.");
  }

  /** Unit grids or the service grids made of them. */
  #levels(split) {
    const kinds = new Set(split.grids.map(({ properties }) => properties.kind));
    if (kinds.size < 2) return "";
    const now = this.level ?? "service";
    const button = (kind, words) =>
      element(
        "button",
        {
          type: "button",
          "aria-pressed": String(now === kind),
          onclick: () => {
            this.level = kind;
            this.#draw();
          },
        },
        words,
      );
    return element(
      "div.level-switch",
      { role: "group", "aria-label": gettext("Kind of grid") },
      button("service", gettext("Service grids")),
      button("unit", gettext("Unit grids")),
    );
  }

  #figures(split) {
    const quality = this.level === "unit" ? split.quality.units : split.quality;
    return element(
      "dl.opened-figures",
      {},
      table([quality]).map(({ label, cells }) =>
        element("div", {}, element("dt", {}, label), element("dd", {}, cells[0].text)),
      ),
    );
  }

  #remarks(split) {
    const { sentences } = split;
    if (!sentences.length) return "";
    return element(
      "section.remarks",
      {},
      element("h3", {}, gettext("Worth knowing")),
      element(
        "ul",
        {},
        sentences.map((sentence) => element("li", {}, sentence)),
      ),
    );
  }

  #put() {
    const { layer, map } = this.#options;
    const { features } = this;
    layer.show(features, (feature) => tagOf(feature, targetOf(this.#split, features)));
    layer.showPlaces(repairs(this.#split));
    layer.showLevel(...otherLevel(this.#split, features));
    const words = this.level === "unit" ? gettext("Unit grids: %(count)s") : gettext("Grids: %(count)s");
    const title = interpolate(words, { count: features.length });
    this.#grids.show(this.#split, title, features);
    if (this.#seen !== this.#split.id) map.fitBounds(extentOf(features));
    this.#seen = this.#split.id;
  }

  /** The server has another version of it by now. */
  #changed(split) {
    this.#split = this.#options.shelf.keep(split);
    const { chosen } = this.#grids;
    this.#draw();
    if (this.features.some(({ id }) => id === chosen)) this.#grids.choose(chosen);
  }

  #chosen(key) {
    this.#options.layer.mark(key === null ? null : `grid/${key}`);
    if (this.#task === "edit") this.#editing.onGrid(key);
  }

  onArea(kind, key) {
    if (this.#task === "edit" && this.#editing.onArea(kind, key)) return;
    if (kind === "grid") this.#grids.choose(key, { scroll: true });
  }
}
