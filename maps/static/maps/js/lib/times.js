/**
 * Moments in the words that people use, as maps/pages/wording.py writes them on the server: the two must agree, since
 * a page that came from there goes on here.
 */

import { timeLeft } from "./format.js";
import { gettext, interpolate, pgettext } from "./i18n.js";

const DAY = 24 * 60 * 60 * 1000;
let zone;

/** The time zone of the site, which pages from the server speak in; without it the browser's. @param {string} name IANA */
export function useZone(name) {
  zone = name || undefined;
}

const NUMBERS = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };

/** What calendar and clock show at a moment: numbers as in `Date.UTC`, but the month from 1. @param {Date} date */
function read(date) {
  const format = new Intl.DateTimeFormat("en-US", { ...NUMBERS, hourCycle: "h23", timeZone: zone });
  const parts = format.formatToParts(date).map(({ type, value }) => [type, Number(value)]);
  const { year, month, day, hour, minute } = Object.fromEntries(parts);
  return { year, month, day, hour, minute, midnight: Date.UTC(year, month - 1, day) };
}

const two = (number) => String(number).padStart(2, "0");
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

function dayWords({ year, month, day }, thisYear) {
  const words = { day, month: months()[month - 1], year };
  return year === thisYear
    ? interpolate(pgettext("date without year", "%(day)s %(month)s"), words)
    : interpolate(pgettext("date with year", "%(day)s %(month)s %(year)s"), words);
}

/** A moment in the reader's habit. @param {string|number|Date} when @param {number} now epoch seconds */
export function moment(when, now = Date.now() / 1000) {
  const then = read(new Date(when));
  const today = read(new Date(now * 1000));
  const clock = `${two(then.hour)}:${two(then.minute)}`;
  const ago = Math.round((today.midnight - then.midnight) / DAY);
  if (ago === 0) return interpolate(gettext("today %(clock)s"), { clock });
  if (ago === 1) return interpolate(gettext("yesterday %(clock)s"), { clock });
  const weekday = weekdays()[new Date(then.midnight).getUTCDay()];
  if (ago > 1 && ago < 7) return interpolate(gettext("%(weekday)s %(clock)s"), { weekday, clock });
  return dayWords(then, today.year);
}

/**
 * The clock of a report in words.
 *
 * @param {{hold_until: string|null, clock: {started: number|null, due: number|null}}} report
 * @param {number} now epoch seconds
 * @returns {{text: string, tone: ""|"warn"|"bad"}|null} null when no clock runs
 */
export function pillOf(report, now) {
  if (report.hold_until) {
    const [year, month, day] = report.hold_until.split("-").map(Number);
    const until = dayWords({ year, month, day }, read(new Date(now * 1000)).year);
    return { text: interpolate(gettext("until %(day)s"), { day: until }), tone: "" };
  }
  return report.clock.due ? timeLeft(report.clock, now) : null;
}
