/** Who could be sent: the candidates of the API as a list to choose from, best first, each with the reason. */

import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { element } from "./element.js";

const KINDS = { person: () => "", team: () => gettext("team"), organisation: () => gettext("body") };

/**
 * @param {{name: string, legend: string, onChange?: (candidate: object|null) => void}} options `name` of the radio group
 */
export function candidateList({ name, legend, onChange = () => {} }) {
  const rows = element("div.candidates");
  const node = element("fieldset.candidate-set", {}, element("legend", {}, legend), rows);
  let results = [];
  let approval = false;
  const waiting = () =>
    rows.replaceChildren(
      ...[1, 2, 3].map(() => element("div.candidate.skeleton", { "aria-hidden": "true" })),
    );

  const list = {
    node,
    /** The candidate chosen now, or null. */
    get chosen() {
      const index = rows.querySelector("input:checked")?.value;
      return index === undefined ? null : results[index];
    },
    /** Whether a rule wants it discussed before it goes out. */
    get approval() {
      return approval;
    },
    /** The volunteers among them. */
    get people() {
      return results.filter(({ kind }) => kind === "person");
    },
    get size() {
      return results.length;
    },
    /** @param {{results: object[], excluded: object[], approval: boolean}} answer; the first that fits is chosen, or who was before */
    show(answer) {
      const before = list.chosen;
      results = answer.results;
      approval = Boolean(answer.approval);
      const same = (one) => before && one.kind === before.kind && one.id === before.id;
      const kept = results.findIndex(same);
      const chosen = kept >= 0 ? kept : results.findIndex(({ fits }) => fits);
      rows.replaceChildren(
        ...results.map((candidate, index) => option(candidate, index, index === chosen)),
        ...answer.excluded.map(leftOut),
      );
      if (!results.length)
        rows.prepend(
          element("p.soft.candidate-none", {}, gettext("Nobody answers for this place and kind of problem.")),
        );
      onChange(list.chosen);
    },
    fail(text) {
      results = [];
      rows.replaceChildren(element("p.bad.candidate-none", { role: "alert" }, text));
      onChange(null);
    },
    /** Chooses by place in the list, from 0. */
    choose(index) {
      const input = rows.querySelectorAll("input")[index];
      if (!input) return;
      input.checked = true;
      input.focus();
      onChange(list.chosen);
    },
    waiting,
  };

  function option(candidate, index, checked) {
    const kind = KINDS[candidate.kind]?.() ?? "";
    return element(
      "label.candidate",
      { className: candidate.fits ? "" : "unfit" },
      element("input", { type: "radio", name, value: index, checked }),
      element("span.candidate-rank", { "aria-hidden": "true" }, String(index + 1)),
      element(
        "span.candidate-text",
        {},
        element("b", {}, candidate.name, kind && element("span.pill", {}, kind)),
        element("span.soft", {}, candidate.why),
      ),
    );
  }

  rows.addEventListener("change", () => onChange(list.chosen));
  waiting();
  return list;
}

function leftOut({ count, why }) {
  const title = interpolate(ngettext("%(count)s more not listed", "%(count)s more not listed", count), {
    count,
  });
  return element(
    "div.candidate.left-out",
    {},
    element("span.candidate-rank", { "aria-hidden": "true" }, "—"),
    element("span.candidate-text", {}, element("span.soft", {}, title), element("span.soft", {}, why)),
  );
}
