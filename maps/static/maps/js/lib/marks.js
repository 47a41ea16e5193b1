/** What stands out about a report beside its state and its clock; maps/pages/marks.py says the same on the server. */

import { gettext, interpolate } from "./i18n.js";
import { clockOf, dayOf } from "./times.js";

const counted = (word, count) =>
  count === 1 ? word : interpolate(gettext("%(word)s ×%(count)s"), { word, count });

/** What is asked for and until when. @param {{kind: string, until: string}} ask @param {number} now epoch seconds */
export function askWords({ kind, until }, now) {
  const words =
    kind === "deferral" ? gettext("asks to defer until %(day)s") : gettext("asks for time until %(day)s");
  return interpolate(words, { day: dayOf(until, now) });
}

const settleWords = (at) => interpolate(gettext("closes by itself at %(clock)s"), { clock: clockOf(at) });

/** @returns {{kind: string, text: string}[]} what is pressing first */
export function marksOf(report, now) {
  const marks = [];
  if (report.supervised)
    marks.push({ kind: "supervised", text: counted(gettext("supervised"), report.supervised) });
  if (report.urged) marks.push({ kind: "urged", text: counted(gettext("urged"), report.urged) });
  if (report.ask) marks.push({ kind: "ask", text: askWords(report.ask, now) });
  // Once, and now: its state says so.
  if (report.rework > (report.state === "returned" ? 1 : 0))
    marks.push({ kind: "rework", text: counted(gettext("rework"), report.rework) });
  if (report.settles_at) marks.push({ kind: "settles", text: settleWords(report.settles_at) });
  return marks;
}
