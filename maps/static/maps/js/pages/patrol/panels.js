/** The four lists below the map: what to go to next, streets, checkpoints and buildings, open reports. */

import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { isDue } from "../../lib/next-stop.js";
import { gapWords } from "../../lib/patrol-words.js";
import { element } from "../../ui/element.js";
import {
  buildingRows,
  checkpointRow,
  empty,
  offerRow,
  planRow,
  reportRow,
  shiftRow,
  streetRow,
} from "./rows.js";

const NEAREST = 12;
/** The worst first; within one state the order of names. */
const RANKS = ["never", "overdue", "unknown", "due", "walked"];

const rows = (list) => element("ul.rows", {}, list);
const head = (text) => element("h3.rows-head", {}, text);

export class Panels {
  /** @param {HTMLElement} root the page @param {{now: () => number}} options epoch seconds */
  constructor(root, { now }) {
    Object.assign(this, { root, now });
  }

  /**
   * Draw all lists anew, keeping what is chosen and what has the focus.
   *
   * @param {import("../../lib/patrol-progress.js").Progress} progress
   * @param {{active: boolean, gaps: object[], trouble: string|null, shifts: object[], offers: object[]}} state
   */
  draw(progress, state) {
    const { grid } = progress;
    const stops = progress.stops;
    this.#fill("next", stops.length, () => this.#next(progress, stops, state));
    this.#fill("streets", grid.streets.length, () => this.#streets(progress, state));
    this.#fill("checkpoints", grid.checkpoints.length, () => this.#checkpoints(progress, state));
    this.#fill("reports", grid.reports.length, () => this.#reports(grid));
  }

  /** There is no network and nothing was kept: say so, and what works all the same. */
  nothing() {
    for (const panel of this.root.querySelectorAll("[data-panel]"))
      panel.replaceChildren(
        empty(
          gettext("Nothing is known of the grid on this device yet."),
          gettext("Open this page once with a connection. You can start a patrol and report all the same."),
        ),
      );
  }

  #fill(name, count, content) {
    this.root.querySelector(`.tabs a[data-tab=${name}] .count`).textContent = String(count);
    const panel = this.root.querySelector(`[data-panel=${name}]`);
    const label = this.root.querySelector(`.tabs a[data-tab=${name}]`).firstChild.textContent.trim();
    const { activeElement } = document;
    const held = panel.contains(activeElement) ? identity(activeElement) : null;
    const chosen = panel.querySelector(".row[data-selected]");
    panel.replaceChildren(element("h2.visually-hidden", {}, label), ...content().filter(Boolean));
    if (chosen) {
      const { layer, id } = chosen.dataset;
      const same = panel.querySelector(`.row[data-layer="${layer}"][data-id="${CSS.escape(id)}"]`);
      if (same) same.dataset.selected = "";
    }
    if (held) panel.querySelector(held)?.focus({ preventScroll: true });
  }

  #next(progress, stops, { active, gaps, trouble, shifts, offers }) {
    const { grid } = progress;
    const now = this.now();
    const asked = offers.filter(
      ({ state, expires_at }) => state !== "offered" || Date.parse(expires_at) / 1000 > now,
    );
    const turns = shifts.filter(({ ends_at }) => Date.parse(ends_at) / 1000 > now);
    const shown = stops.slice(0, NEAREST).map(({ kind, id, away }) => {
      const options = { tab: "next", active, distance: away };
      return kind === "street"
        ? streetRow(
            grid.streets.find((one) => one.id === id),
            progress,
            options,
          )
        : checkpointRow(
            grid.checkpoints.find((one) => one.id === id),
            progress,
            options,
          );
    });
    const more = stops.length - shown.length;
    return [
      TROUBLES[trouble] && element("p.notice.warn", {}, TROUBLES[trouble]()),
      ...gaps.slice(-3).map((gap) => element("p.gap", {}, gapWords(gap, Date.now()))),
      asked.length > 0 && rows(asked.map((offer) => offerRow(offer, now))),
      progress.plans.length > 0 && rows(progress.plans.map(planRow)),
      turns.length > 0 && rows(turns.map((turn) => shiftRow(turn, now))),
      shown.length
        ? rows(shown)
        : empty(
            gettext("Nothing is due in this grid."),
            gettext("Whatever you see on the way can still be reported."),
          ),
      more > 0 &&
        element(
          "p.rows-more.soft",
          {},
          interpolate(ngettext("%(count)s more is due.", "%(count)s more are due.", more), { count: more }),
        ),
    ];
  }

  #streets(progress, { active }) {
    const { streets } = progress.grid;
    if (!streets.length)
      return [
        empty(
          gettext("No street is known in this grid."),
          gettext("Streets come from the city's street file."),
        ),
      ];
    // As they stood before the patrol: a row that was just tapped stays where it is.
    const rank = ({ state }) => RANKS.indexOf(state);
    const sorted = [...streets].sort((one, other) => rank(one) - rank(other));
    const note = active
      ? gettext("What turns to walked while you go is provisional: the server measures after the patrol.")
      : gettext("Walked: at least 60 % of it within seven days, or told by hand.");
    return [
      element("p.rows-note.soft", {}, note),
      rows(sorted.map((one) => streetRow(one, progress, { tab: "streets", active }))),
    ];
  }

  #checkpoints(progress, { active }) {
    const { checkpoints, buildings } = progress.grid;
    const due = (one) => isDue(one, progress.today);
    const sorted = [...checkpoints].sort((one, other) => due(other) - due(one));
    const wells = buildings.flatMap((building) => buildingRows(building, progress, { active }));
    return [
      sorted.length
        ? rows(sorted.map((one) => checkpointRow(one, progress, { tab: "checkpoints", active })))
        : empty(
            gettext("There is no checkpoint in this grid."),
            gettext("Checkpoints are set up by the planner."),
          ),
      wells.length > 0 && head(gettext("Buildings and stairwells")),
      wells.length > 0 && rows(wells),
    ];
  }

  #reports({ reports }) {
    if (!reports.length)
      return [empty(gettext("Nothing is open in this grid."), gettext("If you see something, report it."))];
    return [rows(reports.map((report) => reportRow(report, this.now())))];
  }
}

/** Why there is no position, and what to do. */
const TROUBLES = {
  refused: () =>
    gettext(
      "This site may not use your position: allow it in the browser's settings. Until then tick by hand what you looked at.",
    ),
  none: () => gettext("This browser gives no position. Tick by hand what you looked at."),
  signal: () =>
    gettext("No position was found yet: go out under the open sky. You can tick by hand meanwhile."),
  other: () => gettext("This patrol is recorded in another window of this browser."),
};

/** A selector for the same control after the list was drawn anew. */
function identity(control) {
  const { thing, key } = control.dataset;
  if (thing) return `button[data-thing="${thing}"][data-key="${key}"]`;
  const row = control.closest(".row");
  return row?.dataset.id
    ? `.row[data-layer="${row.dataset.layer}"][data-id="${CSS.escape(row.dataset.id)}"] ${control.localName}`
    : null;
}
