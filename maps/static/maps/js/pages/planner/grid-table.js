/** The grids of a proposal as a list: number, households, how far from the target; chosen here or on the map. */

import { gettext } from "../../lib/i18n.js";
import { deviation } from "../../lib/splits.js";
import { element } from "../../ui/element.js";
import { gridName, targetOf } from "./words.js";

/** The grids of a kind; without one the service grids, or the unit grids of a proposal without any. */
export function leaves(split, kind = null) {
  const wanted =
    kind ?? (split.grids.some(({ properties }) => properties.kind === "service") ? "service" : "unit");
  return split.grids.filter(({ properties }) => properties.kind === wanted);
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
    const head = element(
      "tr",
      {},
      element("th", { scope: "col" }, gettext("Grid")),
      element("th.number", { scope: "col" }, gettext("Households")),
      element("th.number", { scope: "col" }, gettext("From the target")),
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
            features.map((feature) => this.#row(feature, target)),
          ),
        ),
      ),
    );
    const still = features.some(({ id }) => id === this.chosen);
    this.choose(still ? this.chosen : null);
  }

  #row({ id, properties }, target) {
    const { text, mark } = deviation(properties.households, target);
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
          element("span", {}, gridName(properties.number)),
        ),
        properties.name && element("span.soft", {}, properties.name),
      ),
      element("td.number", {}, String(properties.households)),
      element(
        "td.number",
        {},
        text,
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
