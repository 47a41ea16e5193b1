/**
 * The rows of a queue. What a hand or an eye rests on keeps its place when rows come and go: the row under the
 * pointer, the row with the focus, else the chosen one.
 */

import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { marksOf } from "../lib/marks.js";
import { symbolOf } from "../lib/queue.js";
import { reportedBy, timesWords } from "../lib/similar.js";
import { reportSvg } from "../lib/symbols-svg.js";
import { pillOf } from "../lib/times.js";
import { element, symbol } from "./element.js";

const ACTS = {
  body: () => gettext("only a body with powers"),
  guard: () => gettext("volunteers only guard it"),
};

export class QueueList {
  #list;
  #scroller;
  #above;
  #below;
  #rows = new Map();
  #chosen = null;
  #left = new Map();

  /** @param {HTMLElement} list the ol @param {{onChoose: (id: string, event: Event) => void}} handlers */
  constructor(list, { onChoose }) {
    this.#list = list;
    this.#scroller = list.parentElement;
    this.#above = element("div", { "aria-hidden": "true" });
    this.#below = element("div", { "aria-hidden": "true" });
    list.before(this.#above);
    this.#scroller.append(this.#below);
    list.replaceChildren();
    list.addEventListener("click", (event) => {
      const row = event.target.closest("li[data-id]");
      if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      onChoose(row.dataset.id, event);
    });
    this.#scroller.addEventListener("pointerleave", () => this.#settle());
  }

  get ids() {
    return [...this.#list.children].map((row) => row.dataset.id);
  }

  get chosen() {
    return this.#chosen;
  }

  /**
   * Shows these rows in this order. The chosen row stays, marked, when it is no longer among them.
   *
   * @param {object[]} reports @param {number} now epoch seconds @param {Set<string>} fresh ids that have just come
   */
  show(reports, now, fresh = new Set()) {
    const anchor = this.#anchor();
    const before = anchor?.getBoundingClientRect().top;
    const wanted = new Set(reports.map(({ id }) => id));
    const held = anchor && !wanted.has(anchor.dataset.id) ? anchor : null;
    for (const [id, row] of this.#rows)
      if (!wanted.has(id) && row !== held && id !== this.#chosen) this.#drop(id);
    let next = this.#list.firstElementChild;
    for (const report of reports) {
      const row = this.#row(report, now, fresh.has(report.id));
      while (next && !wanted.has(next.dataset.id)) next = next.nextElementSibling;
      if (row === next) next = next.nextElementSibling;
      else this.#list.insertBefore(row, next);
    }
    for (const id of this.#rows.keys()) this.#markLeft(id, !wanted.has(id));
    if (anchor?.isConnected) this.#keep(anchor, before);
  }

  /** Says on a row that is about to leave where it went. */
  say(id, words) {
    this.#left.set(id, words);
    const row = this.#rows.get(id);
    if (row?.classList.contains("left")) this.#markLeft(id, true);
  }

  /** Chooses a row; the mark of the one before goes, and the row too if it has left the queue. */
  choose(id, { focus = false } = {}) {
    const before = this.#chosen;
    this.#chosen = id;
    for (const [key, row] of this.#rows) {
      const link = row.firstElementChild;
      if (key === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (before && before !== id && this.#rows.get(before)?.classList.contains("left")) this.#drop(before);
    const row = this.#rows.get(id);
    if (!row) return;
    if (focus) row.firstElementChild.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  /** The id so many rows below (or above) the chosen one; the first when none is chosen. */
  neighbour(step) {
    const { ids } = this;
    const at = ids.indexOf(this.#chosen);
    if (at < 0) return ids[0] ?? null;
    return ids[Math.max(0, Math.min(ids.length - 1, at + step))];
  }

  clear() {
    for (const id of [...this.#rows.keys()]) this.#drop(id);
    this.#scroller.scrollTop = 0;
    this.#above.style.height = this.#below.style.height = "0";
  }

  /** These have been seen by now. @param {Set<string>} ids */
  unmark(ids) {
    for (const id of ids) this.#rows.get(id)?.classList.remove("fresh");
  }

  /** Rows of reports above the visible part that have just come. */
  get newAbove() {
    const top = this.#scroller.getBoundingClientRect().top;
    return [...this.#list.querySelectorAll("li.fresh")].filter(
      (row) => row.getBoundingClientRect().bottom <= top + 8,
    ).length;
  }

  toTop() {
    this.#scroller.scrollTo({ top: 0, behavior: "smooth" });
  }

  #anchor() {
    const hovered = this.#list.querySelector("li:hover");
    const focused = this.#list.querySelector("li:focus-within");
    if (hovered || focused) return hovered ?? focused;
    const chosen = this.#rows.get(this.#chosen);
    return chosen && this.#scroller.scrollTop > 0 ? chosen : null;
  }

  /** Brings a row back to where it was on the screen: by scrolling, with room above or below where that is not enough. */
  #keep(row, before) {
    const off = row.getBoundingClientRect().top - before;
    if (!off) return;
    const top = this.#scroller.scrollTop + off;
    if (top < 0) this.#above.style.height = `${this.#above.offsetHeight - top}px`;
    this.#fitBelow(Math.max(0, top));
    this.#scroller.scrollTop = Math.max(0, top);
  }

  /** Makes the room below just large enough to be scrolled that far. */
  #fitBelow(top) {
    const frame = this.#scroller.getBoundingClientRect();
    const end = this.#below.getBoundingClientRect().top - frame.top + this.#scroller.scrollTop;
    this.#below.style.height = `${Math.max(0, top + this.#scroller.clientHeight - end)}px`;
  }

  /** Nobody points at a row any more: take away what only kept it in place. */
  #settle() {
    for (const [id, row] of this.#rows)
      if (row.classList.contains("left") && id !== this.#chosen) this.#drop(id);
    this.#above.style.height = "0";
    this.#fitBelow(this.#scroller.scrollTop);
  }

  #drop(id) {
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
    this.#left.delete(id);
  }

  #markLeft(id, left) {
    const row = this.#rows.get(id);
    row.classList.toggle("left", left);
    if (!left) this.#left.delete(id);
    else row.querySelector(".pill.clock")?.replaceChildren(this.#left.get(id) ?? gettext("no longer here"));
  }

  #row(report, now, fresh) {
    const known = this.#rows.get(report.id);
    const row = known ?? element("li.queue-item", { dataset: { id: report.id } }, element("a.queue-row"));
    const look = JSON.stringify([report, Math.floor(now / 30)]);
    if (row.dataset.look !== look) {
      row.dataset.look = look;
      const link = row.firstElementChild;
      link.href = `/reports/${report.id}/`;
      link.replaceChildren(...cells(report, now));
      row.classList.toggle("supervised", report.supervised > 0);
    }
    if (report.id === this.#chosen) row.firstElementChild.setAttribute("aria-current", "true");
    if (fresh) row.classList.add("fresh");
    this.#rows.set(report.id, row);
    return row;
  }
}

/** The triangle on the symbol, in words for who does not see it. */
export const hazardWords = (category) =>
  category.hazard && element("span.visually-hidden", {}, ` ${gettext("hazard")}`);

/** Who is being asked, or that nobody came, as a pill; nothing otherwise. */
function callPill(call) {
  if (!call) return [];
  if (call.state === "unanswered") return [element("span.pill.bad", {}, gettext("Nobody came forward"))];
  const count = call.asked;
  return [
    element("span.pill", {}, interpolate(ngettext("%(count)s asked", "%(count)s asked", count), { count })),
  ];
}

function cells(report, now) {
  const pill = pillOf(report, now);
  const where = [report.place || report.grid?.name || report.number, ACTS[report.category.acts]?.()];
  const marks = [...markPills(report, now), ...callPill(report.call)];
  const often = report.reports > 1 && reportedBy(report.reports);
  const kind = report.kind !== "problem" && report.kind_label;
  const again = report.times > 1 && timesWords(report.times);
  const who = [kind, report.state_label, report.lead?.name, again, often].filter(Boolean);
  return [
    symbol(reportSvg(symbolOf(report), { size: 40, now })),
    element(
      "span.queue-text",
      {},
      element("span.queue-title", {}, report.category.name, hazardWords(report.category)),
      element("span.queue-place", {}, where.filter(Boolean).join(" · ")),
      element("span.queue-place", {}, who.join(" · ")),
      marks.length > 0 && element("span.marks", {}, ...marks),
    ),
    element("span.pill.clock", { className: pill?.tone ?? "soft" }, pill?.text ?? ""),
  ];
}

/** What stands out about a report, as pills. */
export const markPills = (report, now) =>
  marksOf(report, now).map(({ kind, text }) => element(`span.pill.mark.${kind}`, {}, text));
