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

/** The moment at which the site's clocks show what an input of type datetime-local says. @param {string} text */
export function momentOf(text) {
  const wanted = Date.parse(`${text}Z`);
  // How much the site's clocks are ahead at a moment; near a change of clocks the first guess may be an hour off.
  const ahead = (at) => {
    const { midnight, hour, minute } = read(new Date(at));
    return midnight + (hour * 60 + minute) * 60_000 - Math.floor(at / 60_000) * 60_000;
  };
  return new Date(wanted - ahead(wanted - ahead(wanted)));
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

/** From when until when something is that comes today or later. @param {number} now epoch seconds */
export function coming(from, until, now = Date.now() / 1000) {
  const [first, last, today] = [new Date(from), new Date(until), new Date(now * 1000)].map(read);
  const clock = `${two(first.hour)}:${two(first.minute)}–${two(last.hour)}:${two(last.minute)}`;
  const days = Math.round((first.midnight - today.midnight) / DAY);
  if (days === 0) return interpolate(gettext("today %(clock)s"), { clock });
  if (days === 1) return interpolate(gettext("tomorrow %(clock)s"), { clock });
  return `${dayWords(first, today.year)} ${clock}`;
}

/** What the clock shows at a moment. @param {string|number|Date} when */
export function clockOf(when) {
  const { hour, minute } = read(new Date(when));
  return `${two(hour)}:${two(minute)}`;
}

/** A day such as 2026-12-03 in the reader's habit. @param {number} now epoch seconds */
export function dayOf(text, now) {
  const [year, month, day] = text.split("-").map(Number);
  return dayWords({ year, month, day }, read(new Date(now * 1000)).year);
}

/**
 * The clock of a report in words.
 *
 * @param {{hold_until: string|null, clock: {risk: number|null, due: number|null}}} report
 * @param {number} now epoch seconds
 * @returns {{text: string, tone: ""|"warn"|"bad"}|null} null when no clock runs
 */
export function pillOf(report, now) {
  if (report.hold_until) {
    return { text: interpolate(gettext("until %(day)s"), { day: dayOf(report.hold_until, now) }), tone: "" };
  }
  return report.clock.due ? timeLeft(report.clock, now) : null;
}
