/** Hotspots in words: classes from cold to hot, how they came and went, and how much was walked. No DOM. */

import { enumerated } from "./format.js";
import { gettext, interpolate, ngettext, pgettext } from "./i18n.js";

/** From hot to cold, as a legend has them; 0 is drawn as nothing. */
export const CLASSES = [3, 2, 1, 0, -1, -2, -3];
/** What may be wrong with a class: so many in a hundred. */
const WRONG = { 1: 10, 2: 5, 3: 1 };

/** A mark that says a class without its colour. */
export const classMark = (level) => (level > 0 ? "+".repeat(level) : "−".repeat(-level));

/** What a class means. */
export function classWords(level) {
  if (!level) return gettext("not more than chance would explain");
  const values = { wrong: WRONG[Math.abs(level)] };
  return level > 0
    ? interpolate(gettext("many problems, %(wrong)s in 100 false alarms"), values)
    : interpolate(gettext("few problems, %(wrong)s in 100 false alarms"), values);
}

/** How a place came and went over the weeks; empty where nothing is to be said. */
export function emergingWords(name) {
  const words = {
    new: () => pgettext("hotspot", "new"),
    consecutive: () => pgettext("hotspot", "consecutive"),
    intensifying: () => pgettext("hotspot", "intensifying"),
    persistent: () => pgettext("hotspot", "persistent"),
    diminishing: () => pgettext("hotspot", "diminishing"),
    sporadic: () => pgettext("hotspot", "sporadic"),
    historical: () => pgettext("hotspot", "historical"),
  };
  return words[name]?.() ?? "";
}

/** How many were found, and the rate where there is one, with what it is a rate of. */
export function foundWords({ count, rate, effort, walked_km: walked, households }) {
  const found = interpolate(ngettext("%(count)s found", "%(count)s found", count), { count });
  if (effort === "unknown") return enumerated(found, gettext("walked too little to compare"));
  if (rate === null) return found;
  const values = { rate: Number(rate).toPrecision(2), km: walked?.toFixed(1), households };
  return walked === null
    ? enumerated(found, interpolate(gettext("%(rate)s per 1,000 households (%(households)s)"), values))
    : enumerated(found, interpolate(gettext("%(rate)s per km walked (%(km)s km)"), values));
}

/**
 * The reason of a place as somebody in the street reads it: what was found, without statistics.
 *
 * It goes into the address of a form, where a Chinese character is nine, beside up to 300 cells.
 */
export function whyOf({ reasons }, most = 240) {
  const plain = reasons.slice(1).filter((text) => !text.startsWith("Gi*"));
  let said = "";
  for (const text of plain) {
    const next = said ? `${said} ${text}` : text;
    if (next.length > most) break;
    said = next;
  }
  return said;
}

/** Whether two ids of hexagons (H3) are of one size: its size stands in the second digit. */
export const sameSize = (one, other) => one[1] === other[1];
