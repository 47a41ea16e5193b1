/**
 * Moments and spans of time as people say them: 今天 14:05, 周三 09:10, 11月3日; 剩 1 小时, 超期 40 分.
 * The same rules as maps/pages/wording.py, for what changes while a page is open.
 */

import { gettext, interpolate, ngettext } from "./i18n.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span's largest unit, rounded down, what fits into a pill; less than a minute is one minute. */
export function span(seconds) {
  const length = Math.max(MINUTE, Math.floor(Math.abs(seconds)));
  if (length < HOUR)
    return counted(ngettext("%(count)s min", "%(count)s min", unit(length, MINUTE)), length, MINUTE);
  if (length < 2 * DAY)
    return counted(ngettext("%(count)s hour", "%(count)s hours", unit(length, HOUR)), length, HOUR);
  return counted(ngettext("%(count)s day", "%(count)s days", unit(length, DAY)), length, DAY);
}

const unit = (length, of) => Math.floor(length / of);
const counted = (text, length, of) => interpolate(text, { count: unit(length, of) });

/**
 * A clock in words.
 * @param {{due: number, risk?: number|null}} clock epoch seconds; from `risk` on a quarter of the limit or less is left
 * @param {number} now epoch seconds
 * @returns {{text: string, tone: ""|"warn"|"bad"}}
 */
export function timeLeft({ due, risk }, now) {
  const left = due - now;
  if (left < 0) return { text: interpolate(gettext("%(span)s late"), { span: span(left) }), tone: "bad" };
  const tone = risk && now >= risk ? "warn" : "";
  return { text: interpolate(gettext("%(span)s left"), { span: span(left) }), tone };
}

/** Hours and minutes of the reader's clock, 24 hours. */
export function clockTime(date) {
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** A length in metres, in whole metres below 100 and in tens above; from 10 km on in kilometres. */
export function metres(length) {
  if (length >= 10_000)
    return interpolate(gettext("%(kilometres)s km"), { kilometres: Math.round(length / 1000) });
  const rounded = length < 100 ? Math.max(1, Math.round(length)) : Math.round(length / 10) * 10;
  return interpolate(gettext("%(metres)s m"), { metres: rounded });
}

/** What something is called before what it is about, in the marks of the language. */
export const labelled = (label, text) => interpolate(gettext("%(label)s: %(text)s"), { label, text });

/** What there is, one after the other, in the marks of the language; nothing for what is empty. */
export const enumerated = (...parts) => parts.filter(Boolean).join(gettext(", "));
