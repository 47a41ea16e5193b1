/**
 * Plane geometry on flat coordinate arrays `[x0, y0, x1, y1, …]`, in whatever unit the caller uses.
 * A polygon is a list of rings: the first the shell, the rest holes; rings need not be closed.
 */

/** @returns {[number, number, number, number]} left, top, right, bottom over several coordinate arrays */
export function bboxOf(parts) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const part of parts)
    for (let i = 0; i < part.length; i += 2) {
      box[0] = Math.min(box[0], part[i]);
      box[1] = Math.min(box[1], part[i + 1]);
      box[2] = Math.max(box[2], part[i]);
      box[3] = Math.max(box[3], part[i + 1]);
    }
  return box;
}

/** Squared distance from a point to a segment. */
export function segmentDistanceSquared(px, py, ax, ay, bx, by) {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length)) : 0;
  return (px - ax - t * dx) ** 2 + (py - ay - t * dy) ** 2;
}

/** Distance from a point to a polyline; `closed` adds the last edge of a ring. */
export function lineDistance(px, py, line, closed = false) {
  let best = Infinity;
  const end = line.length;
  if (end === 2) return Math.hypot(px - line[0], py - line[1]);
  for (let i = 0; i + 3 < end; i += 2)
    best = Math.min(best, segmentDistanceSquared(px, py, line[i], line[i + 1], line[i + 2], line[i + 3]));
  if (closed && end > 4)
    best = Math.min(best, segmentDistanceSquared(px, py, line[end - 2], line[end - 1], line[0], line[1]));
  return Math.sqrt(best);
}

/** Even-odd containment over all rings, so that holes count as outside. */
export function polygonContains(px, py, rings) {
  let inside = false;
  for (const ring of rings)
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const crosses = ring[i + 1] > py !== ring[j + 1] > py;
      if (crosses && px < ((ring[j] - ring[i]) * (py - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i])
        inside = !inside;
    }
  return inside;
}

/** Signed area of a ring (shoelace); positive is clockwise with y downwards. */
export function ringArea(ring) {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2)
    sum += ring[j] * ring[i + 1] - ring[i] * ring[j + 1];
  return sum / 2;
}

/** Splits rings of a multipolygon, as a vector tile lists them, into polygons: the winding of the first is the shell's. */
export function polygonsOf(rings) {
  const polygons = [];
  let shellSign = 0;
  for (const ring of rings) {
    const sign = Math.sign(ringArea(ring));
    if (!sign) continue;
    shellSign ||= sign;
    if (sign === shellSign) polygons.push([ring]);
    else polygons.at(-1).push(ring);
  }
  return polygons;
}

/** Distance to the nearest edge, negative outside. */
function depth(x, y, rings) {
  let best = Infinity;
  for (const ring of rings) best = Math.min(best, lineDistance(x, y, ring, true));
  return polygonContains(x, y, rings) ? best : -best;
}

/** What a px of distance from the middle must bring in free space: bumps of an outline do not pull a label aside. */
const PULL = 0.12;

/**
 * Where a label sits best: about the point of a polygon farthest from its edges, drawn towards the middle of its
 * box. A 7 × 7 grid is probed and narrowed four times around its best point.
 *
 * @returns {{x: number, y: number, radius: number}} radius = free distance around it
 */
export function innermostPoint(rings) {
  const [x0, y0, x1, y1] = bboxOf([rings[0]]);
  const middle = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
  const probe = (x, y) => {
    const radius = depth(x, y, rings);
    return { x, y, radius, worth: radius - PULL * Math.hypot(x - middle.x, y - middle.y) };
  };
  let best = probe(middle.x, middle.y);
  let width = x1 - x0;
  let height = y1 - y0;
  for (let round = 0; round < 4; round += 1) {
    const { x, y } = best;
    for (let row = 0; row <= 6; row += 1)
      for (let column = 0; column <= 6; column += 1) {
        const found = probe(x + width * (column / 6 - 0.5), y + height * (row / 6 - 0.5));
        if (found.worth > best.worth + 1e-9) best = found;
      }
    width /= 3;
    height /= 3;
  }
  return { x: best.x, y: best.y, radius: best.radius };
}

/** Cumulative lengths along a polyline, starting with 0. */
export function lengthsOf(line) {
  const lengths = [0];
  for (let i = 2; i < line.length; i += 2)
    lengths.push(lengths.at(-1) + Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]));
  return lengths;
}

/** @returns {{x: number, y: number}} the position `distance` along a polyline, clamped to its ends */
export function pointAlong(line, lengths, distance) {
  let low = 0;
  let high = lengths.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lengths[middle] <= distance) low = middle;
    else high = middle;
  }
  const span = lengths[high] - lengths[low];
  const t = span ? Math.max(0, Math.min(1, (distance - lengths[low]) / span)) : 0;
  const at = (index, axis) => line[index * 2 + axis];
  return {
    x: at(low, 0) + t * (at(high, 0) - at(low, 0)),
    y: at(low, 1) + t * (at(high, 1) - at(low, 1)),
  };
}

/** @returns {{along: number, away: number}} how far along a polyline its point nearest to x, y lies, and how far from it */
export function nearestAlong(line, lengths, x, y) {
  let best = { along: 0, away: Infinity };
  for (let i = 0; i + 3 < line.length; i += 2) {
    const dx = line[i + 2] - line[i];
    const dy = line[i + 3] - line[i + 1];
    const span = dx * dx + dy * dy;
    const t = span ? Math.max(0, Math.min(1, ((x - line[i]) * dx + (y - line[i + 1]) * dy) / span)) : 0;
    const away = Math.hypot(line[i] + t * dx - x, line[i + 1] + t * dy - y);
    if (away < best.away) best = { along: lengths[i / 2] + t * Math.sqrt(span), away };
  }
  return best;
}

/** Position in the middle of a polyline's length. */
export function middleOf(line) {
  const lengths = lengthsOf(line);
  return pointAlong(line, lengths, lengths.at(-1) / 2);
}

/**
 * Cuts a polyline to a box (Liang–Barsky by segment).
 *
 * @returns {number[][]} the pieces inside
 */
export function clipLine(line, [x0, y0, x1, y1]) {
  const pieces = [];
  let piece = null;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const ax = line[i];
    const ay = line[i + 1];
    const dx = line[i + 2] - ax;
    const dy = line[i + 3] - ay;
    let enter = 0;
    let leave = 1;
    for (const [p, q] of [
      [-dx, ax - x0],
      [dx, x1 - ax],
      [-dy, ay - y0],
      [dy, y1 - ay],
    ]) {
      if (p === 0) {
        if (q < 0) leave = -1;
      } else if (p < 0) enter = Math.max(enter, q / p);
      else leave = Math.min(leave, q / p);
    }
    if (enter > leave) {
      piece = null;
      continue;
    }
    if (!piece || enter > 0) {
      piece = [ax + enter * dx, ay + enter * dy];
      pieces.push(piece);
    }
    piece.push(ax + leave * dx, ay + leave * dy);
    if (leave < 1) piece = null;
  }
  return pieces.filter((part) => part.length >= 4);
}
