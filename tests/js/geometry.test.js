import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clipLine,
  innermostPoint,
  lengthsOf,
  lineDistance,
  middleOf,
  nearestAlong,
  polygonContains,
  polygonsOf,
  ringArea,
} from "../../maps/static/maps/js/lib/geometry.js";

const SQUARE = [0, 0, 10, 0, 10, 10, 0, 10];
const HOLE = [3, 3, 3, 7, 7, 7, 7, 3];

test("distance to a line is to its nearest segment, and to its ends beyond them", () => {
  assert.equal(lineDistance(5, 3, [0, 0, 10, 0, 10, 10]), 3);
  assert.equal(lineDistance(-3, 4, [0, 0, 10, 0]), 5);
  assert.equal(lineDistance(3, 4, [0, 0]), 5);
});

test("a ring's closing edge counts only when asked for", () => {
  assert.equal(lineDistance(1, 5, SQUARE, true), 1);
  assert.ok(lineDistance(1, 5, SQUARE) > 4);
});

test("a hole is outside", () => {
  assert.equal(polygonContains(1, 1, [SQUARE, HOLE]), true);
  assert.equal(polygonContains(5, 5, [SQUARE, HOLE]), false);
  assert.equal(polygonContains(11, 5, [SQUARE, HOLE]), false);
});

test("rings of a multipolygon go to their own shells", () => {
  const far = SQUARE.map((value) => value + 100);
  assert.deepEqual(polygonsOf([SQUARE, HOLE, far]), [[SQUARE, HOLE], [far]]);
});

test("a ring without area is dropped", () => {
  assert.deepEqual(polygonsOf([[0, 0, 5, 5, 0, 0], SQUARE]), [[SQUARE]]);
});

test("area is signed by winding", () => {
  assert.equal(ringArea(SQUARE), 100);
  assert.equal(ringArea(HOLE), -16);
});

test("the label of a square stands in its middle", () => {
  const { x, y, radius } = innermostPoint([SQUARE]);
  assert.deepEqual([x, y, radius], [5, 5, 5]);
});

/*
 *  ████            The box centre of an L lies outside of it;
 *  ████            the label goes into the thick arm.
 *  ██████████
 */
test("the label of an L stands inside it, in the thick arm", () => {
  const shape = [[0, 0, 6, 0, 6, 16, 20, 16, 20, 18, 0, 18]];
  const { x, y, radius } = innermostPoint(shape);
  assert.equal(polygonContains(x, y, shape), true);
  assert.ok(x < 6 && radius > 2.8, `${x} ${y} ${radius}`);
});

test("the middle of a line is the middle of its length", () => {
  assert.deepEqual(middleOf([0, 0, 10, 0, 10, 2]), { x: 6, y: 0 });
});

test("a line is cut to the box and comes back in pieces", () => {
  const line = [-5, 5, 5, 5, 5, 20, 8, 20, 8, 5];
  assert.deepEqual(clipLine(line, [0, 0, 10, 10]), [
    [0, 5, 5, 5, 5, 10],
    [8, 10, 8, 5],
  ]);
});

test("a line outside leaves nothing", () => assert.deepEqual(clipLine([20, 20, 30, 30], [0, 0, 10, 10]), []));

test("a bay at one end does not pull a long building's label aside", () => {
  const { x } = innermostPoint([[0, 0, 20, 0, 20, 1, 60, 1, 60, 12, 0, 12]]);
  assert.ok(Math.abs(x - 30) < 4, `${x}`);
});

test("the nearest place along a line is told by its length", () => {
  const line = [0, 0, 10, 0, 10, 10];
  assert.deepEqual(nearestAlong(line, lengthsOf(line), 12, 4), { along: 14, away: 2 });
  assert.deepEqual(nearestAlong(line, lengthsOf(line), -3, -4), { along: 0, away: 5 });
});
