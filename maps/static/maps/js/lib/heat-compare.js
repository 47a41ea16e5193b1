/**
 * Two periods compared in a cell: what is more, less, or no more different than chance makes it.
 *
 * Counts of independent events vary by their square root. The difference of two of them is measured by its own standard
 * deviation (Poisson; for equal periods z = (n − was) / √(n + was), Krishnamoorthy and Thomson 2004, “C-test” in its normal form).
 */

/** From the strongest decrease to the strongest increase. */
export const CHANGES = ["less-2", "less-1", "same", "more-1", "more-2"];
const CLEAR = 2;
const SLIGHT = 1;

/**
 * @param {number} now reports in the period
 * @param {number} was reports in the compared one
 * @param {number} [share] length of the period by that of the compared one
 * @returns {number} standard deviations above (or below) what would be expected, 0 when nothing was found
 */
export function change(now, was, share = 1) {
  const spread = Math.sqrt(now + was * share * share);
  return spread ? (now - was * share) / spread : 0;
}

/** The class of a change. */
export function changeClass(now, was, share = 1) {
  const z = change(now, was, share);
  const size = Math.abs(z);
  if (size <= SLIGHT) return "same";
  return `${z > 0 ? "more" : "less"}-${size > CLEAR ? 2 : 1}`;
}

/** The mark that tells a change without its colour; nothing for what is the same. */
export const changeMark = (name) => ({ less: "▼", more: "▲" })[name.split("-")[0]] ?? "";
