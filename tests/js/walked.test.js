import assert from "node:assert/strict";
import { test } from "node:test";
import { Walked } from "../../maps/static/maps/js/lib/walked.js";

const RULES = { swath: 15, enough: 0.6 };
const METRE_LAT = 1 / 111_195;
const LAT = 40.82;
const METRE_LON = METRE_LAT / Math.cos((LAT * Math.PI) / 180);
/** A place so many metres east and north of the corner. */
const at = (east, north) => [111.67 + east * METRE_LON, LAT + north * METRE_LAT];
const line = (...ends) => ({ type: "MultiLineString", coordinates: [ends.map(([x, y]) => at(x, y))] });

/**
 * A street of 100 m eastwards and one beside it, 40 m to the north:
 *
 *     n 40  ------------ 2
 *     n  0  ------------ 1
 *           e 0      e 100
 */
const street = (id, north, more = {}) => ({
  id,
  metres: 100,
  told: false,
  state: "never",
  line: line([0, north], [100, north]),
  covered_line: null,
  ...more,
});

/** Positions along a way, `step` metres and `seconds` apart. */
function walk(from, to, { seconds = 5, step = 5, start = 0, accuracy = 5 } = {}) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const count = Math.max(1, Math.round(length / step));
  return Array.from({ length: count + 1 }, (_, turn) => {
    const [lon, lat] = at(
      from[0] + ((to[0] - from[0]) * turn) / count,
      from[1] + ((to[1] - from[1]) * turn) / count,
    );
    return { time: start + turn * seconds * 1000, lon, lat, accuracy };
  });
}

const near = (actual, wanted, slack) =>
  assert.ok(Math.abs(actual - wanted) <= slack, `${actual} is not ${wanted}`);

test("a street is covered as far as the way runs beside it, and its neighbour is not", () => {
  const walked = new Walked([street(1, 0), street(2, 40)], RULES);
  for (const position of walk([0, 8], [40, 8])) walked.pass(position);
  // Fifteen metres around the end of the way reach a little farther along the street.
  near(walked.of(1).mine, 0.4 + Math.sqrt(15 ** 2 - 8 ** 2) / 100, 0.03);
  assert.equal(walked.of(2).mine, 0);
  assert.equal(walked.of(1).state, "never");
});

test("with enough of it covered it turns to walked, and says that it is new", () => {
  const walked = new Walked([street(1, 0)], RULES);
  const turned = walk([0, 0], [70, 0]).map((position) => walked.pass(position) && walked.of(1).turned);
  assert.equal(turned[0], false);
  assert.equal(turned.at(-1), true);
  assert.equal(walked.of(1).state, "walked");
  assert.equal(walked.of(1).before, "never");
});

test("what was covered lately adds up with this walk, and not twice", () => {
  const covered = line([0, 0], [40, 0]);
  const walked = new Walked([street(1, 0, { covered_line: covered, state: "never" })], RULES);
  near(walked.of(1).covered, 0.4, 0.06);
  for (const position of walk([0, 0], [20, 0])) walked.pass(position);
  near(walked.of(1).covered, 0.4, 0.06);
  assert.equal(walked.of(1).state, "never");
  for (const position of walk([60, 0], [100, 0], { start: 600_000 })) walked.pass(position);
  assert.equal(walked.of(1).state, "walked");
});

test("five silent minutes part the way, less does not", () => {
  for (const [seconds, covered] of [
    [299, true],
    [301, false],
  ]) {
    const walked = new Walked([street(1, 0)], RULES);
    const [first, last] = walk([0, 0], [100, 0], { step: 100, seconds });
    walked.pass(first);
    walked.pass(last);
    assert.equal(walked.of(1).state === "walked", covered, `${seconds} s`);
  }
});

test("a vague position and an impossible leap cover nothing", () => {
  const vague = new Walked([street(1, 0)], RULES);
  for (const position of walk([0, 0], [100, 0], { accuracy: 80 })) vague.pass(position);
  assert.equal(vague.of(1).mine, 0);
  const leap = new Walked([street(1, 0)], RULES);
  const [first, last] = walk([0, 200], [100, 0], { step: 300, seconds: 1 });
  leap.pass(first);
  leap.pass(last);
  assert.equal(leap.of(1).mine, 0);
});

test("a bicycle may be as fast as a bicycle", () => {
  const [first, last] = walk([0, 0], [100, 0], { step: 100, seconds: 12 });
  for (const [mode, state] of [
    ["walk", "never"],
    ["bicycle", "walked"],
  ]) {
    const walked = new Walked([street(1, 0)], RULES, mode);
    walked.pass(first);
    walked.pass(last);
    assert.equal(walked.of(1).state, state, mode);
  }
});

test("the same positions again, or older ones, change nothing", () => {
  const walked = new Walked([street(1, 0)], RULES);
  const way = walk([0, 0], [40, 0]);
  for (const position of way) walked.pass(position);
  const before = walked.of(1).mine;
  for (const position of way) assert.equal(walked.pass(position).size, 0);
  assert.equal(walked.of(1).mine, before);
});

test("a tick counts as walked until it is taken back", () => {
  const walked = new Walked([street(1, 0), street(2, 40)], RULES);
  walked.tick(1, true);
  assert.equal(walked.of(1).state, "walked");
  assert.equal(walked.of(1).told, true);
  assert.equal(walked.percent, 50);
  walked.tick(1, false);
  assert.equal(walked.of(1).state, "never");
  assert.equal(walked.percent, 0);
});
