/** What a report's panel says of its loop: why it is here again, what is asked for, and who had it for how long. */

import { span } from "../lib/format.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { askWords } from "../lib/marks.js";
import { element } from "./element.js";

const TOLD_WHY = new Set(["sent_back", "returned", "reopened", "rejected", "on_hold", "deferred"]);

/** What is asked for and waits for an answer, with who asked and why. @param {number} now epoch seconds */
export function askNote(report, now) {
  if (!report.ask) return null;
  const asked = report.events.findLast(({ verb }) => verb === `ask_${report.ask.kind}`);
  return element(
    "p.notice.warn.ask-note",
    {},
    element("b", {}, [asked?.actor?.name, askWords(report.ask, now)].filter(Boolean).join(" ")),
    asked && element("span", {}, asked.reason),
  );
}

/** Why it came back, is parked or is not dealt with, and by whom. */
export function whyNote(report) {
  if (!TOLD_WHY.has(report.state)) return null;
  const event = report.events.findLast(({ before, after }) => after === report.state && before !== after);
  if (!event?.reason) return null;
  return element(
    "p.notice.warn.ask-note",
    {},
    element("b", {}, [event.actor?.name, event.label].filter(Boolean).join(" · ")),
    element("span", {}, event.reason),
  );
}

/** Who had it for how long, where it was more than one, or went back; otherwise nothing. */
export function staysLine({ stays }) {
  if (stays.length < 2 && !stays.some(({ ended_by: end }) => end === "send_back")) return "";
  return stays
    .map(({ holder, seconds, ended_label: end }) => {
      const time = { name: holder.name, span: span(seconds) };
      return end
        ? interpolate(gettext("%(name)s %(span)s (%(end)s)"), { ...time, end })
        : interpolate(gettext("%(name)s %(span)s"), time);
    })
    .join(" → ");
}
