/** The grids of a proposal as a list: number, households, how far from the target; chosen here or on the map. */

import { gettext, interpolate } from "../../lib/i18n.js";
import { deviation } from "../../lib/splits.js";
import { element } from "../../ui/element.js";
import { gridName, targetOf, unitName } from "./words.js";

/** The grids of a kind; without one the service grids, or the unit grids of a proposal without any. */
export function leaves(split, kind = null) {
  const wanted =
    kind ?? (split.grids.some(({ properties }) => properties.kind === "service") ? "service" : "unit");
  return split.grids.filter(({ properties }) => properties.kind === wanted);
}

/**
 * The grids of the kind that is not shown, for the map: unit grids inside of service grids, or these around them.
 *
 * @returns {[object[], "within"|"around"]}
 */
export function otherLevel(split, features) {
  const shown = features[0]?.properties.kind;
  const others = split.grids.filter(({ properties }) => properties.kind !== shown);
  return [others, shown === "unit" ? "around" : "within"];
}

export class GridTable {
  box = element("div");
  chosen = null;
  #onChoose;

  /** @param {{onChoose: (key: any) => void}} options called with null when nothing is chosen any more */
  constructor({ onChoose }) {
    this.#onChoose = onChoose;
  }

  /** @param {object} split @param {string} title @param {object[]} [features] */
  show(split, title, features = leaves(split)) {
    const target = targetOf(split, features);
    const parents = new Map(split.grids.map(({ id, properties }) => [id, properties.number]));
    const unit = features.some(({ properties }) => parents.has(properties.parent));
    const head = element(
      "tr",
      {},
      element("th", { scope: "col" }, unit ? gettext("Unit grid") : gettext("Grid")),
      element("th.number", { scope: "col" }, gettext("Households")),
      element("th.number", { scope: "col" }, unit ? gettext("Area, m²") : gettext("From the target")),
    );
    this.box.replaceChildren(
      element("h3", {}, title),
      element(
        "div.planner-scroll",
        { tabindex: "0", role: "region", "aria-label": title },
        element(
          "table.figures",
          {},
          element("caption.visually-hidden", {}, title),
          element("thead", {}, head),
          element(
            "tbody",
            {},
            features.map((feature) => this.#row(feature, target, unit ? parents : null)),
          ),
        ),
      ),
    );
    const still = features.some(({ id }) => id === this.chosen);
    this.choose(still ? this.chosen : null);
  }

  /** With `parents`, the numbers of the service grids by key, it is a unit grid: it aims at an area. */
  #row({ id, properties }, target, parents) {
    const { text, mark } = deviation(properties.households, target);
    const above = parents?.get(properties.parent);
    return element(
      mark ? "tr.much" : "tr",
      { dataset: { key: id } },
      element(
        "th",
        { scope: "row" },
        element(
          "button.figures-choose",
          { type: "button", onclick: () => this.choose(this.chosen === id ? null : id) },
          mark && element("span.mark", { "aria-hidden": "true" }, mark),
          element("span", {}, parents ? unitName(properties.number) : gridName(properties.number)),
        ),
        above !== undefined &&
          element("span.soft", {}, interpolate(gettext("in grid %(number)s"), { number: above })),
        properties.name && element("span.soft", {}, properties.name),
      ),
      element("td.number", {}, String(properties.households)),
      element(
        "td.number",
        {},
        parents ? String(properties.area_m2) : text,
        mark && element("span.visually-hidden", {}, ` (${gettext("far from the target")})`),
      ),
    );
  }

  choose(key, { scroll = false } = {}) {
    this.chosen = key;
    for (const row of this.box.querySelectorAll("[data-key]")) {
      const here = row.dataset.key === String(key);
      row.toggleAttribute("data-selected", here);
      row.querySelector("button").setAttribute("aria-pressed", String(here));
      if (here && scroll) row.scrollIntoView({ block: "nearest" });
    }
    this.#onChoose(key);
  }
}
