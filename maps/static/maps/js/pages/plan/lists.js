/** The lists of the plan page: by volunteer, by report, and what has nobody. */

import { enumerated, metres } from "../../lib/format.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { byPerson, leftRows } from "../../lib/plan.js";
import { element } from "../../ui/element.js";
import { lackingOf, wayOf } from "./words.js";

const DRAGGED = "text/x-report";
const SENT = new Set(["dispatched", "offered"]);
/** Whoever is chosen, these do not go out to a volunteer from here. */
const FIXED = new Set(["body", "approval", "asked"]);

/** What came of a row, and where its report stands now when that is somewhere else. */
function outcomeOf({ outcome, outcome_label: label, said, report }) {
  if (said) return `${label}: ${said}`;
  return outcome === report.state ? label : enumerated(label, report.state_label);
}

/**
 * @param {HTMLElement} box
 * @param {{give(report: string, person: number|null): void, leave(report: string, out: boolean): void, offer(report: string, ask: boolean): void,
 *   choices(report: string): Promise<object[]>, choose(reports: string[]): void}} acts
 */
export function planLists(box, acts) {
  let plan = null;
  let open = null; // the report whose choices are open
  const proposed = () => plan.state === "proposed";

  function show(latest, view) {
    plan = latest;
    const parts = { people, reports, left }[view]();
    box.replaceChildren(...parts);
  }

  function people() {
    const groups = byPerson(plan);
    if (!groups.length) return [empty(gettext("Nobody is sent anywhere in this plan."))];
    return groups.map(({ person, rows, metres: way }) => {
      const head = element(
        "header.plan-person",
        {},
        element("h2", {}, person.name),
        element(
          "p.soft",
          {},
          [
            person.grid || "",
            interpolate(ngettext("%(count)s report", "%(count)s reports", rows.length), {
              count: rows.length,
            }),
            metres(way),
            person.capacity !== undefined && rows.length > person.capacity
              ? gettext("more than the cap")
              : "",
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      );
      const group = element(
        "section.plan-group",
        { dataset: { person: person.id }, "aria-label": person.name },
        head,
        element("ol.plan-rows", {}, ...rows.map(item)),
      );
      if (proposed()) receives(group, person.id);
      return group;
    });
  }

  const reports = () =>
    plan.rows.length
      ? [element("ol.plan-rows", {}, ...plan.rows.map(item))]
      : [empty(gettext("No accepted report waits for dispatch."))];

  function left() {
    const rows = leftRows(plan);
    return rows.length
      ? [element("ol.plan-rows", {}, ...rows.map(item))]
      : [empty(gettext("Every report of this plan has somebody."))];
  }

  const empty = (words) => element("p.empty", {}, words);

  function receives(group, person) {
    group.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      group.classList.add("over");
    });
    group.addEventListener("dragleave", () => group.classList.remove("over"));
    group.addEventListener("drop", (event) => {
      event.preventDefault();
      group.classList.remove("over");
      const report = event.dataTransfer.getData(DRAGGED);
      const row = plan.rows.find((one) => one.report.id === report);
      if (row && row.person?.id !== person) acts.give(report, person);
    });
  }

  function item(row) {
    const { report } = row;
    const movable = proposed() && !FIXED.has(row.lacking);
    const who = row.person && !row.left_out ? row.person.name : "";
    const line = element(
      "li.plan-row",
      { dataset: { report: report.id }, draggable: movable ? "true" : null },
      element("span.plan-glyph", { "aria-hidden": "true" }, report.category.glyph),
      element(
        "span.plan-text",
        {},
        element(
          "a.plan-title",
          { href: `/reports/${report.id}/` },
          `${report.category.name} · ${report.place || report.number}`,
        ),
        element(
          "span.soft",
          {},
          row.person && !row.left_out ? `${who} · ${wayOf(row)}` : lackingOf(row),
          row.weight > 1 ? ` · ${interpolate(gettext("urgency %(weight)s"), { weight: row.weight })}` : "",
          row.stop ? ` · ${interpolate(gettext("stop %(number)s"), { number: row.stop })}` : "",
          row.as_offer ? ` · ${gettext("is asked first")}` : "",
          row.by_hand ? ` · ${gettext("changed by hand")}` : "",
        ),
        row.outcome
          ? element(`span.plan-outcome${SENT.has(row.outcome) ? "" : ".bad"}`, {}, outcomeOf(row))
          : null,
      ),
    );
    line.addEventListener("mouseenter", () => acts.choose([report.id]));
    line.addEventListener("focusin", () => acts.choose([report.id]));
    if (!movable) return line;
    line.addEventListener("dragstart", (event) => event.dataTransfer.setData(DRAGGED, report.id));
    const change = element(
      "button",
      {
        type: "button",
        "aria-expanded": String(open === report.id),
        "aria-label": interpolate(gettext("Change who goes to %(report)s"), {
          report: `${report.category.name} ${report.place || report.number}`,
        }),
        onclick: () => toggle(line, row, change),
      },
      gettext("Change"),
    );
    line.append(change);
    return line;
  }

  async function toggle(line, row, button) {
    const there = line.querySelector(".plan-choices");
    if (there) {
      there.remove();
      open = null;
      button.setAttribute("aria-expanded", "false");
      return;
    }
    for (const other of box.querySelectorAll(".plan-choices")) other.remove();
    for (const other of box.querySelectorAll("[aria-expanded=true]"))
      other.setAttribute("aria-expanded", "false");
    open = row.report.id;
    button.setAttribute("aria-expanded", "true");
    const list = element("ul.plan-choices", {}, element("li.soft", {}, gettext("Looking who is near…")));
    line.append(list);
    const found = await acts.choices(row.report.id);
    const choice = (words, more, act, current = false) =>
      element(
        "li",
        {},
        element(
          "button",
          { type: "button", "aria-current": current ? "true" : null, onclick: act },
          element("b", {}, words),
          more,
        ),
      );
    list.replaceChildren(
      ...found.map((one) =>
        choice(
          one.name,
          ` ${[
            metres(one.metres),
            one.origin_label,
            interpolate(ngettext("%(count)s in hand", "%(count)s in hand", one.in_hand), {
              count: one.in_hand,
            }),
            one.available ? "" : gettext("not to be asked now"),
          ]
            .filter(Boolean)
            .join(" · ")}`,
          () => acts.give(row.report.id, one.id),
          row.person?.id === one.id && !row.left_out,
        ),
      ),
    );
    if (!found.length)
      list.replaceChildren(element("li.soft", {}, gettext("Nobody of this subdistrict can be measured.")));
    if (row.person && !row.left_out)
      list.append(choice(gettext("Leave it out"), "", () => acts.leave(row.report.id, true)));
    if (row.person && row.left_out)
      list.append(choice(gettext("Send it after all"), "", () => acts.leave(row.report.id, false)));
    if (row.person && !row.left_out)
      list.append(
        row.as_offer
          ? choice(gettext("Send them without asking"), "", () => acts.offer(row.report.id, false))
          : choice(gettext("Ask them first"), "", () => acts.offer(row.report.id, true)),
      );
    if (row.person) list.append(choice(gettext("Nobody"), "", () => acts.give(row.report.id, null)));
    list.querySelector("button")?.focus();
  }

  return {
    show,
    /** The keyboard stays on what was changed. */
    focus(report) {
      open = null;
      box.querySelector(`[data-report="${report}"] button`)?.focus();
    },
  };
}
