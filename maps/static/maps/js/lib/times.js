/**
 * Moments and spans in the words that people use, as maps/pages/wording.py writes them on the server: the two must
 * agree, since a page that came from there goes on here.
 */

import { gettext, interpolate, ngettext, pgettext } from "./i18n.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const count = (one, many, number) => interpolate(ngettext(one, many, number), { count: number });
const minutes = (number) => count("%(count)s min", "%(count)s min", number);
const hours = (number) => count("%(count)s hour", "%(count)s hours", number);
const days = (number) => count("%(count)s day", "%(count)s days", number);

/** A span's largest unit, rounded down; less than a minute is one minute. @param {number} seconds */
export function span(seconds) {
  const length = Math.max(MINUTE, Math.floor(Math.abs(seconds)));
  if (length < HOUR) return minutes(Math.floor(length / MINUTE));
  if (length < 2 * DAY) return hours(Math.floor(length / HOUR));
  return days(Math.floor(length / DAY));
}

const two = (number) => String(number).padStart(2, "0");
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const weekdays = () => [
  gettext("Sun"),
  gettext("Mon"),
  gettext("Tue"),
  gettext("Wed"),
  gettext("Thu"),
  gettext("Fri"),
  gettext("Sat"),
];
const months = () => [
  gettext("Jan"),
  gettext("Feb"),
  gettext("Mar"),
  gettext("Apr"),
  gettext("May"),
  gettext("Jun"),
  gettext("Jul"),
  gettext("Aug"),
  gettext("Sep"),
  gettext("Oct"),
  gettext("Nov"),
  gettext("Dec"),
];

/** A day without its time. @param {Date} date @param {number} year of the present */
export function day(date, year) {
  const words = { day: date.getDate(), month: months()[date.getMonth()], year: date.getFullYear() };
  return date.getFullYear() === year
    ? interpolate(pgettext("date without year", "%(day)s %(month)s"), words)
    : interpolate(pgettext("date with year", "%(day)s %(month)s %(year)s"), words);
}

/** A moment in the reader's habit. @param {string|number|Date} when @param {number} now epoch seconds */
export function moment(when, now = Date.now() / 1000) {
  const date = new Date(when);
  const today = new Date(now * 1000);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const ago = Math.round((midnight(today) - midnight(date)) / (DAY * 1000));
  if (ago === 0) return interpolate(gettext("today %(clock)s"), { clock });
  if (ago === 1) return interpolate(gettext("yesterday %(clock)s"), { clock });
  if (ago > 1 && ago < 7)
    return interpolate(gettext("%(weekday)s %(clock)s"), { weekday: weekdays()[date.getDay()], clock });
  return day(date, today.getFullYear());
}

/** The share of its time left at which a clock turns to "soon". */
const SOON = 0.25;

/**
 * The clock of a report in words.
 *
 * @param {{hold_until: string|null, clock: {started: number|null, due: number|null}}} report
 * @param {number} now epoch seconds
 * @returns {{text: string, tone: ""|"warn"|"bad"}|null} null when no clock runs
 */
export function pillOf(report, now) {
  if (report.hold_until) {
    const [year, month, date] = report.hold_until.split("-").map(Number);
    const until = day(new Date(year, month - 1, date), new Date(now * 1000).getFullYear());
    return { text: interpolate(gettext("until %(day)s"), { day: until }), tone: "" };
  }
  const { started, due } = report.clock;
  if (!due) return null;
  const left = due - now;
  if (left < 0) return { text: interpolate(gettext("%(span)s late"), { span: span(left) }), tone: "bad" };
  const whole = due - (started ?? due);
  return { text: span(left), tone: whole > 0 && left / whole <= SOON ? "warn" : "" };
}
