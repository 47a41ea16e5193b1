/** What the patrol page says: the sentence on top, how recording goes, how streets and checkpoints stand. No DOM. */

import { enumerated, metres, span } from "./format.js";
import { gettext, interpolate, ngettext, pgettext } from "./i18n.js";
import { daysBetween, lastSeen } from "./next-stop.js";

/** A fix older than this, in ms, is said to be missing. */
export const STALE = 30_000;

const dot = (...parts) => parts.filter(Boolean).join(" · ");
/** A share in per cent as it is written. */
export const share = (percent) => `${percent} %`;
const counted = (text, count) => interpolate(text, { count });

/** What a street or checkpoint is called. */
export const streetName = ({ name, kind }) =>
  name || interpolate(pgettext("street", "%(kind)s without a name"), { kind });

/**
 * The sentence on top while a patrol is under way.
 *
 * @param {{percent: number, next: string|null}} how
 */
export const patrolSentence = ({ percent, next }) =>
  dot(
    gettext("On patrol"),
    interpolate(gettext("%(share)s covered"), { share: share(percent) }),
    next ? interpolate(gettext("next: %(name)s"), { name: next }) : gettext("nothing is due any more"),
  );

/**
 * The sentence on top before a patrol: what is due, or that nothing is.
 *
 * @param {{streets: number, checkpoints: number, percent: number, known: boolean}} due `known` = whether there is a
 *   street at all
 */
export function idleSentence({ streets, checkpoints, percent, known }) {
  const parts = [
    streets && counted(ngettext("%(count)s street to walk", "%(count)s streets to walk", streets), streets),
    checkpoints &&
      counted(
        ngettext("%(count)s checkpoint to look at", "%(count)s checkpoints to look at", checkpoints),
        checkpoints,
      ),
  ].filter(Boolean);
  if (parts.length) return enumerated(...parts);
  if (!known) return gettext("No street is known in this grid.");
  return interpolate(gettext("Nothing is due here: %(share)s covered."), { share: share(percent) });
}

/** How a street stands, for its pill. @returns {{text: string, tone: ""|"warn"}} */
export function streetPill({ state, walked_on: walkedOn }, { state: now, turned }, today) {
  if (turned) return { text: gettext("walked just now"), tone: "ok" };
  const days = walkedOn ? daysBetween(walkedOn, today) : null;
  if (now === "never") return { text: pgettext("street", "never walked"), tone: "warn" };
  if (now === "unknown") return { text: pgettext("street", "unknown"), tone: "" };
  const ago = days === null ? "" : daysAgo(days);
  if (state === "overdue") return { text: interpolate(gettext("overdue, %(ago)s"), { ago }), tone: "warn" };
  if (state === "due") return { text: dot(gettext("due"), ago), tone: "" };
  return { text: dot(gettext("walked"), ago), tone: "" };
}

/** How long ago a day was. */
export function daysAgo(days) {
  if (days <= 0) return gettext("today");
  return counted(ngettext("%(count)s day ago", "%(count)s days ago", days), days);
}

/** When a place was seen last. */
export function placeSeen(place, today) {
  const last = lastSeen(place);
  if (!last) return gettext("not seen yet");
  const ago = daysAgo(daysBetween(last, today));
  return place.told_on === last && place.seen_on !== last
    ? interpolate(gettext("told by hand %(ago)s"), { ago })
    : interpolate(gettext("seen %(ago)s"), { ago });
}

/** How long in words: seconds below a minute, then minutes, then hours. @param {number} ms */
export function lasting(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return counted(ngettext("%(count)s second", "%(count)s seconds", seconds), seconds);
  return span(seconds);
}

const WHY = {
  hidden: () => gettext("the page was not in sight"),
  signal: () => gettext("no signal"),
  closed: () => gettext("the page was closed"),
  refused: () => gettext("no permission"),
};

/** A gap in a line. */
export const gapWords = ({ from, to, why }, now) =>
  interpolate(gettext("Signal lost for %(span)s: %(why)s"), {
    span: lasting((to ?? now) - from),
    why: WHY[why](),
  });

/**
 * Whether it is recording, always in sight.
 *
 * @param {import("./recording.js").Recording} recording
 * @param {{now: number, trouble: string|null}} state `trouble` = why there is no position: refused, none, signal, other
 * @returns {{state: string, fix: string, tone: "ok"|"warn"|"bad"}}
 */
export function recordingWords({ last, gap }, { now, trouble }) {
  if (trouble === "other") return { state: gettext("Recorded in another window"), fix: "", tone: "warn" };
  if (trouble === "refused" || trouble === "none")
    return { state: gettext("No position: tick by hand"), fix: "", tone: "bad" };
  if (!last) return { state: gettext("Waiting for a position"), fix: "", tone: "warn" };
  const age = now - last.time;
  const accuracy = last.accuracy === null ? "" : `±${metres(last.accuracy)}`;
  const ago = interpolate(gettext("%(span)s ago"), { span: lasting(age) });
  if (gap || age > STALE) return { state: gettext("Signal lost"), fix: dot(ago, accuracy), tone: "bad" };
  return {
    state: gettext("Recording"),
    fix: dot(age < 2000 ? gettext("just now") : ago, accuracy),
    tone: "ok",
  };
}

/** How many positions are not at the server. */
export const unsentWords = (count) =>
  count ? counted(ngettext("%(count)s position not sent", "%(count)s positions not sent", count), count) : "";
