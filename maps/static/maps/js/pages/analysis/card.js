/** What is known of one cell: how many, per hectare, when; and the way to its reports. */

import { changeClass, changeMark } from "../../lib/heat-compare.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { element } from "../../ui/element.js";
import { changeWords, countWords, densityWords } from "./top.js";

const MOST_LINKS = 6;

/**
 * @param {HTMLElement} box
 * @param {{onClose: () => void, onNearer: (cell: object) => void}} options
 */
export function cellCard(box, { onClose, onNearer }) {
  return {
    /**
     * @param {{id: string, n: number, was?: number, density: number, name?: string, bounds?: number[]}} cell
     * @param {{when: string, before: string, share: number|null, chosen: boolean, reports: string}} about
     */
    show(cell, { when, before, share, chosen, reports }) {
      const compared =
        share === null
          ? null
          : element(
              "p",
              {},
              `${changeMark(changeClass(cell.n, cell.was, share))} `,
              interpolate(gettext("%(before)s: %(was)s, %(change)s"), {
                before,
                was: cell.was,
                change: changeWords(cell.n, cell.was, share),
              }),
            );
      const close = element(
        "button.quiet",
        { type: "button", onclick: onClose, "aria-label": gettext("Close") },
        "×",
      );
      box.replaceChildren(
        element(
          "p.analysis-card-head",
          {},
          element("b", {}, cell.name || countWords(cell.n)),
          chosen && close,
        ),
        element(
          "p",
          {},
          cell.name ? `${countWords(cell.n)} · ` : "",
          densityWords(cell.density),
          element("span.soft", {}, ` · ${when}`),
        ),
        ...[compared].filter(Boolean),
        ...(chosen
          ? [
              element(
                "p.analysis-card-acts",
                {},
                reports && element("a.button", { href: reports }, gettext("Its reports")),
                cell.bounds &&
                  element("button", { type: "button", onclick: () => onNearer(cell) }, gettext("Zoom in")),
              ),
            ]
          : []),
      );
      box.toggleAttribute("data-chosen", chosen);
      box.hidden = false;
    },
    /** The reports under a finger. @param {{id: string, properties: object}[]} hits */
    showReports(hits, { reports, names }) {
      const link = ({ id, properties: { category, state, late } }) =>
        element(
          "li",
          {},
          element("a", { href: `${reports}${id}/` }, names.categories[category] ?? category),
          element("span.soft", {}, ` · ${names.states[state] ?? state}`),
          late && element("b.bad", {}, ` · ${gettext("late")}`),
        );
      const more = hits.length - MOST_LINKS;
      box.replaceChildren(
        element(
          "p.analysis-card-head",
          {},
          element("b", {}, countWords(hits.length)),
          element("button.quiet", { type: "button", onclick: onClose, "aria-label": gettext("Close") }, "×"),
        ),
        element("ul", {}, ...hits.slice(0, MOST_LINKS).map(link)),
        ...(more > 0
          ? [element("p.soft", {}, interpolate(gettext("and %(count)s more"), { count: more }))]
          : []),
      );
      box.toggleAttribute("data-chosen", true);
      box.hidden = false;
    },
    hide() {
      box.hidden = true;
    },
  };
}
