/** Up to three proposals side by side: which is better in what, small pictures, their figures, all or one of them on maps. */

import { extentOf, picture } from "../../lib/coverage.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { brief, letter, table, verdict } from "../../lib/splits.js";
import { announce } from "../../ui/announce.js";
import { element } from "../../ui/element.js";
import { redraw } from "../../ui/redrawing.js";
import { GridTable, leaves, otherLevel } from "./grid-table.js";
import { origin, tagOf, targetOf, when } from "./words.js";

const MOST = 3;
const [WIDTH, HEIGHT] = [132, 110];
const SVG = "http://www.w3.org/2000/svg";

export class Comparing {
  #box;
  #options;
  #splits = [];
  #alone = null; // id of the one that has the whole map
  #active = null; // the one whose grids are listed
  #units = true; // whether unit grids are drawn inside of service grids
  #grids = null;

  /**
   * @param {HTMLElement} box
   * @param {{shelf: object, panes: object, open: (id: number) => void, compare: (ids: number[]) => void,
   *   discard: (split: object) => void, onDrawn: () => void}} options
   */
  constructor(box, options) {
    this.#box = box;
    this.#options = options;
  }

  /** The grids on the maps. */
  get features() {
    return this.#onMaps().flatMap((split) => leaves(split));
  }

  /** The proposals on the maps: all that are compared, or the one that was chosen. */
  #onMaps() {
    const alone = this.#splits.find(({ id }) => id === this.#alone);
    return alone ? [alone] : this.#splits;
  }

  /** Shows the proposals with these ids, or the latest three. */
  async show(wanted) {
    const { shelf } = this.#options;
    this.#box.setAttribute("aria-busy", "true");
    const known = new Set(shelf.rows.map(({ id }) => id));
    const chosen = wanted.filter((id) => known.has(id));
    const ids = chosen.length ? chosen : shelf.rows.slice(0, MOST).map(({ id }) => id);
    this.#splits = await Promise.all(ids.map((id) => shelf.get(id)));
    this.#box.removeAttribute("aria-busy");
    if (!this.#splits.length) this.#empty();
    else this.#draw();
  }

  #empty() {
    if (
      document.querySelector("[data-panel=proposals] > .job:is([data-state=waiting], [data-state=running])")
    ) {
      this.#box.replaceChildren(); // the first one is on its way
      return;
    }
    this.#box.replaceChildren(
      element(
        "div.empty",
        {},
        element("b", {}, gettext("There is no proposal yet")),
        element(
          "p",
          {},
          gettext("Let one be computed, or two with different settings: then they can be compared here."),
        ),
      ),
      element(
        "p.planner-actions",
        {},
        element("a.button.primary", { href: "?view=new", dataset: { view: "new" } }, gettext("New proposal")),
      ),
    );
  }

  #name(index) {
    return interpolate(gettext("Proposal %(letter)s"), { letter: letter(index) });
  }

  #draw() {
    redraw(this.#box, () => this.#fill(), "h2.verdict");
  }

  #fill() {
    const named = this.#splits.map((split, index) => ({ name: this.#name(index), quality: split.quality }));
    this.#grids = new GridTable({ onChoose: (key) => this.#chosen(key) });
    const pictures = element("ol.proposal-cards");
    const box = extentOf(this.#splits.flatMap((split) => leaves(split)));
    this.#splits.forEach((split, index) => {
      pictures.append(this.#card(split, index, box));
    });
    this.#box.replaceChildren(
      element("h2.verdict", { tabindex: "-1" }, verdict(named)),
      pictures,
      this.#switches(),
      this.#figures(named),
      this.#grids.box,
      this.#others(),
    );
    if (!this.#splits.some(({ id }) => id === this.#alone)) this.#alone = null;
    this.#put({ quietly: true });
  }

  /** What the maps show: all proposals, and unit grids where there are some. */
  #switches() {
    const together =
      this.#splits.length > 1 &&
      element(
        "button.proposal-together",
        { type: "button", "aria-pressed": "true", onclick: () => this.#choose(null) },
        gettext("All on maps side by side"),
      );
    const units =
      this.#splits.some((split) => within(split).length) &&
      element(
        "button.proposal-units",
        { type: "button", "aria-pressed": String(this.#units), onclick: () => this.#switchUnits() },
        gettext("Unit grids as thin lines"),
      );
    return together || units ? element("div.proposal-switches", {}, together, units) : "";
  }

  #switchUnits() {
    this.#units = !this.#units;
    this.#box.querySelector(".proposal-units").setAttribute("aria-pressed", String(this.#units));
    this.#put({ quietly: true });
    announce(this.#units ? gettext("The maps show unit grids") : gettext("The maps show no unit grids"));
  }

  /** Gives one the whole map, or with null each its own. */
  #choose(split) {
    this.#alone = split?.id ?? null;
    this.#put();
  }

  #card(split, index, box) {
    const name = this.#name(index);
    const accepted = split.state === "accepted";
    return element(
      "li.proposal-card",
      { dataset: { id: split.id } },
      element(
        "button.proposal-picture",
        { type: "button", "aria-pressed": "false", onclick: () => this.#choose(split) },
        drawn(split, box),
        element("span", {}, element("b", {}, letter(index)), ` ${gettext("on the map")}`),
      ),
      element("p", {}, element("b", {}, name), accepted && element("span.pill.ok", {}, gettext("accepted"))),
      element("p.soft", {}, `${origin(split)} · ${when(split)}`),
      element(
        "button.proposal-open",
        { type: "button", onclick: () => this.#options.open(split.id) },
        gettext("Open"),
        element("span.visually-hidden", {}, ` · ${name}`),
      ),
    );
  }

  #figures(named) {
    const head = named.map((_one, index) =>
      element("th.number", { scope: "col" }, element("abbr", { title: this.#name(index) }, letter(index))),
    );
    const rows = table(named.map(({ quality }) => quality)).map(({ label, cells }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, label),
        cells.map(({ text, best }) =>
          element(
            best ? "td.number.best" : "td.number",
            {},
            best && element("span.mark", { "aria-hidden": "true" }, "✓ "),
            text,
            best && element("span.visually-hidden", {}, ` (${gettext("best")})`),
          ),
        ),
      ),
    );
    return element(
      "div.planner-scroll",
      { tabindex: "0", role: "region", "aria-label": gettext("Figures of the proposals") },
      element(
        "table.figures",
        {},
        element("caption.visually-hidden", {}, gettext("Figures of the proposals")),
        element("thead", {}, element("tr", {}, element("td"), head)),
        element("tbody", {}, rows),
      ),
    );
  }

  /** All proposals of the community, to choose which are compared. */
  #others() {
    const { shelf, compare, discard } = this.#options;
    const shown = this.#splits.map(({ id }) => id);
    const rows = shelf.rows.map((row) => {
      const checked = shown.includes(row.id);
      const full = !checked && shown.length >= MOST;
      const change = () => compare(checked ? shown.filter((id) => id !== row.id) : [...shown, row.id]);
      return element(
        "li",
        {},
        element(
          "label.choice",
          {},
          element("input", {
            type: "checkbox",
            checked,
            disabled: full || (checked && shown.length === 1),
            onchange: change,
          }),
          element("span", {}, `${origin(row)} · ${when(row)}`),
        ),
        row.state === "proposed" &&
          element(
            "button.quiet",
            { type: "button", onclick: () => discard(row) },
            gettext("Delete"),
            element("span.visually-hidden", {}, ` · ${origin(row)} · ${when(row)}`),
          ),
      );
    });
    return element(
      "details.planner-more",
      { open: shelf.rows.length > shown.length },
      element("summary", {}, interpolate(gettext("All proposals: %(count)s"), { count: shelf.rows.length })),
      element(
        "p.soft",
        {},
        gettext("Three can be compared. What nobody accepts or changes for 30 days is deleted."),
      ),
      element("ul.proposal-list", {}, rows),
    );
  }

  /** Puts what was chosen on the maps and the grids of one into the list. */
  #put({ quietly = false } = {}) {
    const shown = this.#onMaps();
    for (const card of this.#box.querySelectorAll(".proposal-card"))
      card
        .querySelector(".proposal-picture")
        .setAttribute("aria-pressed", String(shown.length === 1 && card.dataset.id === String(shown[0].id)));
    this.#box.querySelector(".proposal-together")?.setAttribute("aria-pressed", String(shown.length > 1));
    this.#options.panes.show(shown.map((split) => this.#pane(split)));
    this.#list(shown.find((split) => split === this.#active) ?? shown[0]);
    this.#options.onDrawn();
    if (quietly) return;
    const one = interpolate(gettext("The map shows proposal %(letter)s"), { letter: this.#letter(shown[0]) });
    announce(shown.length === 1 ? one : gettext("The proposals are on maps side by side"));
  }

  #letter = (split) => letter(this.#splits.indexOf(split));

  #pane(split) {
    const features = leaves(split);
    return {
      name: interpolate(gettext("Proposal %(letter)s"), { letter: this.#letter(split) }),
      figures: brief(split.quality),
      features,
      within: this.#units ? within(split) : [],
      tag: (feature) => tagOf(feature, targetOf(split, features)),
      open: () => this.#options.open(split.id),
    };
  }

  /** The grids of one proposal as a list; with several on maps it says which, and another can be chosen. */
  #list(split) {
    this.#active = split;
    this.#grids.choose(null);
    const title = interpolate(gettext("Grids of proposal %(letter)s"), { letter: this.#letter(split) });
    this.#grids.show(split, title);
    const shown = this.#onMaps();
    if (shown.length < 2) return;
    const buttons = shown.map((one) =>
      element(
        "button",
        { type: "button", "aria-pressed": String(one === split), onclick: () => this.#list(one) },
        this.#letter(one),
      ),
    );
    const group = { role: "group", "aria-label": gettext("Whose grids are listed") };
    this.#grids.box.prepend(element("div.level-switch", group, buttons));
  }

  #chosen(key) {
    this.#options.panes.mark(this.#onMaps().indexOf(this.#active), key);
  }

  onArea(kind, key, pane = 0) {
    if (kind !== "grid") return;
    const split = this.#onMaps()[pane];
    if (split && split !== this.#active) this.#list(split);
    this.#grids?.choose(key, { scroll: true });
  }
}

/** The unit grids inside of the service grids of a proposal. */
const within = (split) => {
  const [others, side] = otherLevel(split, leaves(split));
  return side === "within" ? others : [];
};

function drawn(split, box) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("aria-hidden", "true");
  for (const { d } of picture(leaves(split), { width: WIDTH, height: HEIGHT, box })) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
