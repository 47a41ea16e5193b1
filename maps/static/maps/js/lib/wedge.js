/**
 * The clock wedge of a report: the share of its time that is left, as a sector from twelve o'clock,
 * clockwise, that shrinks towards nothing.
 */

/**
 * @param {number|undefined} start epoch seconds the clock started (dispatch)
 * @param {number|undefined} due epoch seconds
 * @param {number} now epoch seconds
 * @returns {number|null} 0…1, null when no clock runs. Without a start the last day counts.
 */
export function share(start, due, now) {
  if (!Number.isFinite(due)) return null;
  const from = Number.isFinite(start) && start < due ? start : due - 86400;
  return Math.max(0, Math.min(1, (due - now) / (due - from)));
}

/** Steps of 1/48 (7.5°): nobody reads more from 15 px, and equal wedges share one picture. */
export const quantise = (value) => (value <= 0 ? 0 : Math.max(1, Math.round(value * 48)) / 48);

const trim = (value) => Number(value.toFixed(2));

/**
 * SVG path of the sector around 0,0.
 *
 * @param {number} value 0…1
 * @param {number} outer radius in px
 * @param {number} inner radius in px; 0 makes a full sector
 * @returns {string} "" for an empty wedge
 */
export function wedgePath(value, outer, inner = 0) {
  if (!(value > 0)) return "";
  if (value >= 1) {
    const ring = (r, sweep) => `M0 ${-r}A${r} ${r} 0 1 ${sweep} 0 ${r}A${r} ${r} 0 1 ${sweep} 0 ${-r}Z`;
    return inner > 0 ? ring(outer, 1) + ring(inner, 0) : ring(outer, 1);
  }
  const angle = value * 2 * Math.PI;
  const x = Math.sin(angle);
  const y = -Math.cos(angle);
  const large = value > 0.5 ? 1 : 0;
  const arc = (r, tx, ty, sweep) => `A${r} ${r} 0 ${large} ${sweep} ${trim(tx)} ${trim(ty)}`;
  if (inner <= 0) return `M0 0V${-outer}${arc(outer, outer * x, outer * y, 1)}Z`;
  return (
    `M0 ${-outer}${arc(outer, outer * x, outer * y, 1)}` +
    `L${trim(inner * x)} ${trim(inner * y)}${arc(inner, 0, -inner, 0)}Z`
  );
}
