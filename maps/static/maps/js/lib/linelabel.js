/**
 * Where a street's name goes along its line. Coordinates are screen px, y downwards.
 *
 * Chinese names follow the line where it runs flat; on steep lines the characters stay upright and read
 * downwards, as on printed city maps. Other scripts turn with the line and are never upside down.
 */

import { lengthsOf, pointAlong } from "./geometry.js";

const STEEP = (58 * Math.PI) / 180;
const MAX_TURN = (32 * Math.PI) / 180;
const MAX_BEND = (65 * Math.PI) / 180;
const STRAIGHT = (9 * Math.PI) / 180;
const HAN = /^[\p{Script=Han}\p{Nd}·（）()]+$/u;

/** May the characters of this text stand upright below each other? */
export const standsUpright = (text) => HAN.test(text) && /\p{Script=Han}/u.test(text);

const JOINED = /[\p{Nd}A-Za-z]/u;

/**
 * A long Chinese name stands better in two lines, cut near its middle, before an ordinal and never inside a number;
 * names in other scripts are cut between words.
 *
 * @returns {string[]} one or two lines
 */
export function breakName(text) {
  if (!standsUpright(text)) {
    const words = text.split(" ");
    if (text.length <= 16 || words.length < 2) return [text];
    const half = Math.ceil(words.length / 2);
    return [words.slice(0, half).join(" "), words.slice(half).join(" ")];
  }
  const chars = [...text];
  if (chars.length <= 7) return [text];
  let best = { cost: Infinity, at: 0 };
  for (let at = 2; at <= chars.length - 2; at += 1) {
    if (JOINED.test(chars[at - 1]) && JOINED.test(chars[at])) continue;
    const cost = Math.abs(at - chars.length / 2) - (chars[at] === "第" ? 2.5 : 0);
    if (cost < best.cost) best = { cost, at };
  }
  return best.at ? [chars.slice(0, best.at).join(""), chars.slice(best.at).join("")] : [text];
}

const endpoints = (line) => ({
  start: [line[0], line[1]],
  end: [line.at(-2), line.at(-1)],
});

function reversed(line) {
  const result = [];
  for (let i = line.length - 2; i >= 0; i -= 2) result.push(line[i], line[i + 1]);
  return result;
}

function turn(line, next) {
  const n = line.length;
  const before = Math.atan2(line[n - 1] - line[n - 3], line[n - 2] - line[n - 4]);
  const after = Math.atan2(next[3] - next[1], next[2] - next[0]);
  return Math.abs(normalise(after - before));
}

/** An angle in -π…π. */
function normalise(angle) {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}

/**
 * Joins pieces of one street (cut at junctions and tile edges) into runs as long and straight as they go.
 *
 * @param {number[][]} lines
 * @param {number} tolerance px between ends that count as one
 */
export function joinLines(lines, tolerance = 1.5) {
  const rest = lines.filter((line) => line.length >= 4);
  rest.sort((a, b) => lengthsOf(b).at(-1) - lengthsOf(a).at(-1));
  const runs = [];
  const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) <= tolerance;
  const extend = (run) => {
    let best = null;
    rest.forEach((line, index) => {
      const { start, end } = endpoints(line);
      for (const candidate of [
        near(start, endpoints(run).end) && line,
        near(end, endpoints(run).end) && reversed(line),
      ]) {
        if (!candidate) continue;
        const angle = turn(run, candidate);
        if (angle < Math.PI / 3 && (!best || angle < best.angle)) best = { index, angle, candidate };
      }
    });
    if (!best) return null;
    rest.splice(best.index, 1);
    return run.concat(best.candidate.slice(2));
  };
  while (rest.length) {
    let run = rest.shift();
    for (let pass = 0; pass < 2; pass += 1) {
      for (let longer = extend(run); longer; longer = extend(run)) run = longer;
      run = reversed(run);
    }
    runs.push(run);
  }
  return runs;
}

/**
 * Stretches of a line on which a text of `width` px fits without sharp bends, best first.
 *
 * @returns {{middle: number, bend: number}[]} distance along the line of the text's middle, total bend in radians
 */
export function stretches(line, lengths, width) {
  const total = lengths.at(-1);
  if (total < width) return [];
  const found = [];
  const step = Math.max(6, width / 4);
  const count = Math.max(1, Math.floor((total - width) / step));
  for (let i = 0; i <= count; i += 1) {
    const middle = width / 2 + (count ? ((total - width) * i) / count : (total - width) / 2);
    const bend = bendWithin(line, lengths, middle - width / 2, middle + width / 2);
    if (bend <= MAX_BEND) found.push({ middle, bend });
  }
  const centre = total / 2;
  const cost = (s) => s.bend + (Math.abs(s.middle - centre) / total) * 0.8;
  return found.sort((a, b) => cost(a) - cost(b));
}

function bendWithin(line, lengths, from, to) {
  let bend = 0;
  let previous = null;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const index = i / 2;
    if (lengths[index + 1] <= from || lengths[index] >= to || lengths[index + 1] === lengths[index]) continue;
    const angle = Math.atan2(line[i + 3] - line[i + 1], line[i + 2] - line[i]);
    if (previous !== null) {
      const change = Math.abs(normalise(angle - previous));
      if (change > MAX_TURN) return Infinity;
      bend += change;
    }
    previous = angle;
  }
  return bend;
}

/**
 * Sets a text along a line.
 *
 * @param {{text: string, advances: number[], size: number}} label `advances` = px per character
 * @param {number} middle distance along the line of the text's middle
 * @returns {{straight: {x: number, y: number, angle: number}|null,
 *   glyphs: {char: string, x: number, y: number, angle: number}[], boxes: number[][]}}
 *   `straight` when the whole string can be drawn at once; boxes for the collision test
 */
export function setAlong(line, lengths, label, middle) {
  const chars = [...label.text];
  const width = label.advances.reduce((sum, advance) => sum + advance, 0);
  const from = pointAlong(line, lengths, middle - width / 2);
  const to = pointAlong(line, lengths, middle + width / 2);
  const slope = Math.atan2(to.y - from.y, to.x - from.x);
  const upright = standsUpright(label.text) && Math.abs(Math.abs(slope) - Math.PI / 2) < Math.PI / 2 - STEEP;
  const backwards = upright ? to.y < from.y : Math.abs(slope) > Math.PI / 2 || slope === Math.PI / -2;
  const direction = backwards ? -1 : 1;
  let along = -width / 2;
  const glyphs = chars.map((char, index) => {
    const advance = label.advances[index];
    const here = middle + direction * (along + advance / 2);
    along += advance;
    const a = pointAlong(line, lengths, here - (direction * advance) / 2);
    const b = pointAlong(line, lengths, here + (direction * advance) / 2);
    return {
      char,
      x: (a.x + b.x) / 2,
      y: (a.y + b.y) / 2,
      angle: upright ? 0 : Math.atan2(b.y - a.y, b.x - a.x),
    };
  });
  const half = label.size * 0.62;
  const boxes = glyphs.map(({ x, y }) => [x - half, y - half, x + half, y + half]);
  const spread = Math.max(...glyphs.map((glyph) => Math.abs(normalise(glyph.angle - glyphs[0].angle))));
  const straight =
    !upright && spread < STRAIGHT
      ? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, angle: slope + (backwards ? Math.PI : 0) }
      : null;
  return { straight, glyphs, boxes };
}
