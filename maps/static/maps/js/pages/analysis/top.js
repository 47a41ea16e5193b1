/** The places with most reports, as a list: the map seen twice. */

import { figure } from "../../lib/heat-classes.js";
import { changeClass, changeMark } from "../../lib/heat-compare.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { element } from "../../ui/element.js";

/** What two periods differ by, in words that need no colour. */
export function changeWords(n, was, share) {
  const words = {
    "more-2": gettext("clearly more"),
    "more-1": gettext("somewhat more"),
    same: gettext("about the same"),
    "less-1": gettext("somewhat fewer"),
    "less-2": gettext("clearly fewer"),
  };
  return words[changeClass(n, was, share)];
}

export const countWords = (n) =>
  interpolate(ngettext("%(count)s report", "%(count)s reports", n), { count: n });

export const densityWords = (density) =>
  interpolate(gettext("%(density)s per hectare"), { density: figure(density) });

/** The list of what cells hold. */
export class Top {
  #list;
  #cells = [];
  #chosen = "";

  /**
   * @param {HTMLElement} list
   * @param {{onChoose: (cell: object) => void, onHover: (id: string|null) => void}} options
   */
  constructor(list, { onChoose, onHover }) {
    this.#list = list;
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[data-cell]");
      if (row) onChoose(this.#cells.find(({ id }) => id === row.dataset.cell));
    });
    list.addEventListener("pointerover", (event) =>
      onHover(event.target.closest("[data-cell]")?.dataset.cell ?? null),
    );
    list.addEventListener("pointerleave", () => onHover(null));
    list.addEventListener("keydown", (event) => {
      const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const rows = [...list.querySelectorAll("button")];
      const next = rows[rows.indexOf(document.activeElement) + way];
      if (!way || !next) return;
      event.preventDefault();
      next.focus();
      next.click();
    });
  }

  /**
   * @param {object[]} cells by rank
   * @param {{share: number|null, empty: string}} options `share` where two periods are compared; `empty` is what to do
   */
  show(cells, { share, empty }) {
    this.#cells = cells;
    const focused = this.#list.contains(document.activeElement)
      ? document.activeElement.closest("[data-cell]")?.dataset.cell
      : null;
    const most = Math.max(1, ...cells.map(({ n }) => n));
    this.#list.replaceChildren(
      ...(cells.length
        ? cells.map((cell) => this.#row(cell, most, share))
        : [element("li.empty", {}, element("p", {}, empty))]),
    );
    this.#list.setAttribute("aria-busy", "false");
    this.choose(this.#chosen);
    if (focused) this.#list.querySelector(`[data-cell="${focused}"] button`)?.focus({ preventScroll: true });
  }

  fail(sentence, retry) {
    const button = element("button", { type: "button", onclick: retry }, gettext("Try again"));
    this.#list.replaceChildren(element("li.notice.bad", {}, sentence, " ", button));
    this.#list.setAttribute("aria-busy", "false");
  }

  busy() {
    this.#list.setAttribute("aria-busy", "true");
  }

  choose(id) {
    this.#chosen = id;
    for (const row of this.#list.querySelectorAll("[data-cell]")) {
      const chosen = row.dataset.cell === id;
      row.toggleAttribute("data-selected", chosen);
      row.querySelector("button").setAttribute("aria-pressed", String(chosen));
      if (chosen) row.scrollIntoView({ block: "nearest" });
    }
  }

  #row(cell, most, share) {
    const { id, n, was, density, name } = cell;
    const compared =
      share === null
        ? null
        : element(
            "span.analysis-change",
            {},
            `${changeMark(changeClass(n, was, share))} `,
            interpolate(gettext("was %(was)s, %(change)s"), { was, change: changeWords(n, was, share) }),
          );
    const bar = element("span.analysis-bar", { "aria-hidden": "true" });
    bar.style.width = `${Math.round((100 * n) / most)}%`;
    return element(
      "li",
      { dataset: { cell: id } },
      element(
        "button",
        { type: "button", "aria-pressed": "false" },
        element("b", {}, name || gettext("a place without a name")),
        element("span.analysis-figures", {}, countWords(n), " · ", densityWords(density)),
        compared,
        bar,
      ),
    );
  }
}
