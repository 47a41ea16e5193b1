/**
 * Boxes on a picture, in its own pixels: [left, top, width, height], always whole and within it.
 *
 * @typedef {[number, number, number, number]} Box
 */

/** Smaller boxes are slips of the hand. */
export const LEAST = 8;

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** A box within the picture. @param {Box} box @returns {Box} */
export function within([left, top, width, height], size) {
  const wide = clamp(Math.round(width), 1, size.width);
  const high = clamp(Math.round(height), 1, size.height);
  return [
    clamp(Math.round(left), 0, size.width - wide),
    clamp(Math.round(top), 0, size.height - high),
    wide,
    high,
  ];
}

/** The box between two corners, whichever was first; null for a slip. */
export function between(from, to, size) {
  const [x1, x2] = [from.x, to.x].map((x) => clamp(x, 0, size.width)).sort((a, b) => a - b);
  const [y1, y2] = [from.y, to.y].map((y) => clamp(y, 0, size.height)).sort((a, b) => a - b);
  if (x2 - x1 < LEAST || y2 - y1 < LEAST) return null;
  return within([x1, y1, x2 - x1, y2 - y1], size);
}

export const moved = ([left, top, width, height], dx, dy, size) =>
  within([left + dx, top + dy, width, height], size);

/** Resized at its lower right corner, the upper left one stays. */
export function resized([left, top, width, height], dx, dy, size) {
  return [
    left,
    top,
    clamp(Math.round(width + dx), LEAST, size.width - left),
    clamp(Math.round(height + dy), LEAST, size.height - top),
  ];
}
