/** The chosen report beside the map: what it is, who goes, what can be done, what happened. */

import { gettext, interpolate } from "../lib/i18n.js";
import { symbolOf } from "../lib/queue.js";
import { reportSvg } from "../lib/symbols-svg.js";
import { moment, pillOf } from "../lib/times.js";
import { candidateList } from "./candidates.js";
import { element, symbol } from "./element.js";
import { gallery, photoAdding } from "./gallery.js";
import { askNote, staysLine, whyNote } from "./loop.js";
import { hazardWords, markPills } from "./queue-list.js";

const HISTORY_SHOWN = 3;

/** Verbs that may be the one thing to do next, the most likely first; the others stay side by side below. */
const NEXT = [
  "approve_extension",
  "approve_deferral",
  "accept",
  "dispatch",
  "approve",
  "close",
  "resume",
  "request_approval",
];
const NEEDS_CANDIDATES = new Set(["accept", "dispatch", "request_approval"]);

/**
 * What the big button does: `accept` and `dispatch` go with the chosen candidate, in one go.
 *
 * @returns {{verb: string, withHolder: boolean, offered: object}|null}
 */
export function nextStep(report) {
  for (const verb of NEXT) {
    const offered = report.verbs.find((row) => row.verb === verb);
    if (offered) return { verb, withHolder: NEEDS_CANDIDATES.has(verb), offered };
  }
  return null;
}

/** What a chat group is told is made when somebody asks for it. */
async function tellGroup(id) {
  const { openSharing } = await import("./sharing.js");
  await openSharing(id);
}

/**
 * @param {HTMLElement} root
 * @param {{onNext: (step: object, holder: object|null) => void, onVerb: (offered: object) => void, onClose: () => void,
 *   now: () => number, outbox: import("../lib/outbox.js").Outbox, onPhotos: (id: string) => void}} handlers
 */
export class ReportPanel {
  #root;
  #handlers;
  #report = null;
  #candidates = null;
  #calls = null;
  #aside = null;
  #button = null;
  #busy = false;
  /** Whether the report on show was in the queue when it was read. */
  wasQueued = false;

  constructor(root, handlers) {
    this.#root = root;
    this.#handlers = handlers;
    this.empty();
  }

  get report() {
    return this.#report;
  }

  get candidates() {
    return this.#candidates;
  }

  empty() {
    this.#report = this.#candidates = this.#button = null;
    this.#root.replaceChildren(
      element(
        "div.empty",
        {},
        element("b", {}, gettext("No report chosen")),
        gettext("Choose one in the queue or on the map to see who could go."),
      ),
    );
  }

  /** The row's words at once, the shape of the rest until it comes. */
  loading(report) {
    this.#report = this.#candidates = this.#button = null;
    const shape = [70, 45, 90, 60].map(() => element("div.skeleton.line", { "aria-hidden": "true" }));
    this.#root.replaceChildren(
      element("div.panel-scroll", { "aria-busy": "true" }, report ? this.#head(report) : null, ...shape),
    );
  }

  fail(text, onRetry) {
    this.#report = this.#candidates = this.#button = null;
    this.#root.replaceChildren(
      this.#back(),
      element(
        "div.empty",
        { role: "alert" },
        element("b", {}, text),
        element("button.panel-retry", { type: "button", onclick: onRetry }, gettext("Try again")),
      ),
    );
  }

  /** @param {object} report as /api/v1/reports/{id} gives it @param {{notice?: string}} options said above everything */
  show(report, { notice = "" } = {}) {
    const before = this.#report;
    const held = before?.id === report.id && this.#root.contains(document.activeElement);
    const top = before?.id === report.id ? this.#root.querySelector(".panel-scroll")?.scrollTop : 0;
    this.#report = report;
    if (before?.id !== report.id || !this.#calls) this.#calls = element("div.panel-call");
    this.#aside = element("div.panel-aside");
    const step = nextStep(report);
    const keep = before?.id === report.id && step?.withHolder ? this.#candidates : null;
    this.#candidates = step?.withHolder ? (keep ?? this.#newCandidates()) : null;
    this.#root.replaceChildren(
      element(
        "div.panel-scroll",
        {},
        this.#head(report),
        notice && element("p.notice.warn", { role: "status" }, notice),
        element("p.notice.panel-others", { role: "status", hidden: true }),
        notice ? null : whyNote(report),
        askNote(report, this.#handlers.now()),
        this.#facts(report),
        this.#aside,
        gallery(report, {
          when: (taken) => moment(taken, this.#handlers.now()),
          onChange: () => this.#handlers.onPhotos(report.id),
        }),
        this.#calls,
        this.#candidates?.node,
        photoAdding(report, this.#handlers.outbox),
        element(
          "p.share-offer",
          {},
          element("button", { type: "button", onclick: () => tellGroup(report.id) }, gettext("Tell a group")),
        ),
        history(report, this.#handlers.now()),
      ),
      this.#actions(report, step),
    );
    this.#root.querySelector(".panel-scroll").scrollTop = top ?? 0;
    if (held) (this.#button ?? this.#root.querySelector("h2")).focus({ preventScroll: true });
    return keep === null && this.#candidates !== null;
  }

  /** Where it is shown who is asked to go. */
  get calls() {
    return this.#calls;
  }

  /** Where what requests and tasks have beside other reports is shown. */
  get aside() {
    return this.#aside;
  }

  /** Say who else has it open; nothing for nobody. @param {string} words */
  tellOf(words) {
    const line = this.#root.querySelector(".panel-others");
    if (!line || line.textContent === words) return;
    line.textContent = words;
    line.hidden = !words;
  }

  focus() {
    this.#root.querySelector("h2")?.focus();
  }

  /** While a verb is on its way its buttons do nothing. */
  busy(on) {
    this.#busy = on;
    for (const button of this.#root.querySelectorAll(".panel-actions button")) {
      if (on) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  }

  get isBusy() {
    return this.#busy;
  }

  /** What the big button does, if it can. */
  next() {
    if (!this.#button || this.#button.getAttribute("aria-disabled") === "true") return;
    this.#button.click();
  }

  #newCandidates() {
    const name = "panel-holder";
    return candidateList({ name, legend: gettext("Who goes?"), onChange: () => this.#label() });
  }

  #back() {
    const back = element("button.panel-back.quiet", {
      type: "button",
      onclick: () => this.#handlers.onClose(),
    });
    back.append(element("span", { "aria-hidden": "true" }, "←"), gettext("Queue"));
    return back;
  }

  /** Time has passed: say again how much is left. */
  tick() {
    if (this.#report) this.#root.querySelector(".panel-pills")?.replaceWith(this.#pills(this.#report));
  }

  #pills(report) {
    const pill = pillOf(report, this.#handlers.now());
    return element(
      "div.panel-pills",
      {},
      element("span.pill", {}, report.state_label),
      pill && element("span.pill", { className: pill.tone }, pill.text),
      ...markPills(report, this.#handlers.now()),
    );
  }

  #head(report) {
    const now = this.#handlers.now();
    return element(
      "header.panel-head",
      {},
      this.#back(),
      element(
        "div.panel-title",
        {},
        symbol(reportSvg(symbolOf(report), { size: 44, now })),
        element(
          "div",
          {},
          element("h2", { tabindex: -1 }, report.category.name, hazardWords(report.category)),
          element("a.soft", { href: `/reports/${report.id}/` }, report.number),
        ),
        this.#pills(report),
      ),
    );
  }

  #facts(report) {
    const now = this.#handlers.now();
    const facts = [
      [gettext("Place"), [report.place, report.grid?.name].filter(Boolean).join(" · ") || "—"],
      [gettext("Holder"), report.lead?.name],
      [gettext("Reported"), reportedBy(report, now)],
      [gettext("Who had it"), staysLine(report)],
    ];
    return element(
      "div.panel-facts",
      {},
      report.description && element("p.panel-description", {}, report.description),
      element(
        "dl",
        {},
        ...facts
          .filter(([, value]) => value)
          .map(([name, value]) => element("div.fact", {}, element("dt", {}, name), element("dd", {}, value))),
      ),
    );
  }

  #actions(report, step) {
    this.#button = step
      ? element("button.primary", { type: "button", onclick: () => this.#go(step) }, element("span.label"))
      : null;
    this.#button?.append(element("kbd", { "aria-hidden": "true" }, "O"));
    const others = report.verbs.filter((row) => row !== step?.offered || step.verb === "accept");
    const bar = element(
      "div.panel-actions",
      {},
      this.#button,
      element(
        "div.panel-verbs",
        {},
        ...others.map((row) =>
          element(
            "button",
            { type: "button", dataset: { verb: row.verb }, onclick: () => this.#handlers.onVerb(row) },
            row.label,
          ),
        ),
      ),
    );
    this.#label(step);
    return this.#button || others.length ? bar : "";
  }

  #label(step = this.#report && nextStep(this.#report)) {
    if (!this.#button || !step) return;
    const holder = this.#candidates?.chosen;
    const text = step.withHolder
      ? dispatchLabel(step, holder, this.#candidates?.approval)
      : step.offered.label;
    this.#button.querySelector(".label").textContent = text;
    this.#button.setAttribute("aria-disabled", String(step.withHolder && !holder));
  }

  #go(step) {
    if (this.isBusy || this.#button.getAttribute("aria-disabled") === "true") return;
    this.#handlers.onNext(step, this.#candidates?.chosen ?? null);
  }
}

function dispatchLabel(step, holder, approval) {
  if (approval) return approvalLabel(step, holder);
  if (!holder) return step.verb === "accept" ? gettext("Accept and dispatch") : gettext("Dispatch");
  const text =
    step.verb === "accept" ? gettext("Accept and dispatch to %(name)s") : gettext("Dispatch to %(name)s");
  return interpolate(text, { name: holder.name });
}

/** A rule wants it discussed before it goes out: somebody else approves what is proposed here. */
function approvalLabel(step, holder) {
  if (!holder)
    return step.verb === "accept" ? gettext("Accept and ask for approval") : gettext("Ask for approval");
  const text =
    step.verb === "accept"
      ? gettext("Accept and ask for approval: %(name)s")
      : gettext("Ask for approval: %(name)s");
  return interpolate(text, { name: holder.name });
}

function reportedBy(report, now) {
  return [moment(report.recorded_at, now), report.reporter?.name, report.source_label]
    .filter(Boolean)
    .join(" · ");
}

function history(report, now) {
  const latest = report.events.slice(-HISTORY_SHOWN).reverse();
  return element(
    "section.panel-history",
    {},
    element("h3", {}, gettext("History")),
    element(
      "ol",
      {},
      ...latest.map((event) =>
        element(
          "li",
          {},
          element(
            "span",
            {},
            [event.label, event.holder && `→ ${event.holder.name}`].filter(Boolean).join(" "),
          ),
          element(
            "span.soft",
            {},
            [moment(event.recorded_at, now), event.actor?.name].filter(Boolean).join(" · "),
          ),
          event.reason && element("span.panel-reason", {}, event.reason),
        ),
      ),
    ),
    element("a", { href: `/reports/${report.id}/` }, gettext("Everything about this report")),
  );
}
