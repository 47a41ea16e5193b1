/** A field that finds a category while one types: a combobox (ARIA 1.2), Enter or Tab takes the one that is marked. */

import { findCategories } from "../lib/category-choice.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { announce } from "./announce.js";
import { element } from "./element.js";

/**
 * @param {HTMLInputElement} input
 * @param {HTMLElement} list
 * @param {object[]} categories
 * @param {(category: object|null) => void} onChoose
 * @returns {{clear(): void}}
 */
export function categoryField(input, list, categories, onChoose) {
  let rows = [];
  let active = 0;

  function show(found) {
    rows = found;
    list.hidden = rows.length === 0;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    list.replaceChildren(
      ...rows.map((row, index) =>
        element(
          "li",
          { id: `category-${index}`, role: "option", onmousedown: (event) => take(row, event) },
          element("span.glyph-sign", { "aria-hidden": "true" }, row.glyph),
          element(
            "span",
            {},
            element("b", {}, row.name),
            element("span.soft", {}, ` ${row.code} · ${row.acts}`),
          ),
        ),
      ),
    );
    mark(0);
  }

  function mark(index) {
    active = index;
    for (const [place, node] of [...list.children].entries())
      node.setAttribute("aria-selected", String(place === active));
    if (rows[active]) input.setAttribute("aria-activedescendant", `category-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function take(row, event) {
    event?.preventDefault();
    input.value = row.name;
    show([]);
    onChoose(row);
    announce(interpolate(gettext("%(name)s chosen"), { name: row.name }));
  }

  input.addEventListener("input", () => {
    onChoose(null);
    show(findCategories(categories, input.value));
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !rows.length) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      mark((active + step + rows.length) % rows.length);
    } else if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      take(rows[active]);
    } else if (event.key === "Tab") take(rows[active]);
    else if (event.key === "Escape") show([]);
  });
  input.addEventListener("blur", () => show([]));
  return {
    clear() {
      input.value = "";
      show([]);
    },
  };
}
