/** What may be the same report, in words, and the entry that says so instead of filing another. */

import { enumerated, metres } from "./format.js";
import { gettext, interpolate, ngettext } from "./i18n.js";

/**
 * @typedef {{handle: string, category: object, state: string, state_label: string, age_days: number, distance: string,
 *   mine: boolean, report: {id: string, number: string, place: string, description: string, metres: number,
 *   reports: number}|null}} Similar
 */

/** The address of the look-up for what is about to be filed. @param {object} body as the API takes it */
export function similarAddress({ category, lon, lat, stairwell }) {
  const query = new URLSearchParams({ category, lon: lon.toFixed(7), lat: lat.toFixed(7) });
  if (stairwell) query.set("stairwell", String(stairwell));
  return `/api/v1/reports/similar?${query}`;
}

/** How far it is: in metres for who may know. @param {Similar} one */
export function distanceWords({ distance, report }) {
  if (distance === "stairwell") return gettext("in the same stairwell");
  if (report) return interpolate(gettext("%(metres)s away"), { metres: metres(report.metres) });
  return distance === "here" ? gettext("within 10 m") : gettext("close by");
}

/** How old it is. @param {number} days */
export function ageWords(days) {
  if (days === 0) return gettext("today");
  return interpolate(ngettext("%(days)s day ago", "%(days)s days ago", days), { days });
}

/** How many reported it. @param {number} count */
export const reportedBy = (count) =>
  interpolate(ngettext("%(count)s person reported it", "%(count)s people reported it", count), { count });

/** Which time a problem is there. @param {number} times */
export const timesWords = (times) => interpolate(gettext("%(times)s times at this place"), { times });

/** It in a line: how far, how old, how it stands, how often it was reported. @param {Similar} one */
export function similarWords(one) {
  const often = one.report && one.report.reports > 1 && reportedBy(one.report.reports);
  return [distanceWords(one), ageWords(one.age_days), one.state_label, often].filter(Boolean).join(" · ");
}

/** What one is called: its own place where that may be known. @param {Similar} one */
export const similarName = ({ category, report }) => enumerated(category.name, report?.place);

/** An entry of the outbox that follows a report instead of filing one, its photos apart. */
export function followEntry({ body, name, handle }) {
  return { kind: "follow", url: "/api/v1/reports/follow", body: { ...body, handle }, name };
}

/** What became of such an entry, in words. @param {{following: object|null, report: object|null}} answer */
export function followedWords({ following }, name) {
  if (!following) return interpolate(gettext("That one is over by now: filed anew: %(name)s"), { name });
  return `${interpolate(gettext("Added to the report: %(name)s"), { name })} · ${reportedBy(following.reports)}`;
}
