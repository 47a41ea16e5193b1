import assert from "node:assert/strict";
import { test } from "node:test";
import { between, LEAST, moved, resized, within } from "../../maps/static/maps/js/lib/boxes.js";

const size = { width: 400, height: 300 };

test("a box is drawn from either corner", () => {
  const wanted = [10, 20, 50, 60];
  assert.deepEqual(between({ x: 10, y: 20 }, { x: 60, y: 80 }, size), wanted);
  assert.deepEqual(between({ x: 60, y: 80 }, { x: 10, y: 20 }, size), wanted);
});

test("what is drawn over the edge ends there", () => {
  assert.deepEqual(between({ x: 380, y: 290 }, { x: 900, y: 900 }, size), [380, 290, 20, 10]);
  assert.deepEqual(between({ x: -50, y: -50 }, { x: 20, y: 30 }, size), [0, 0, 20, 30]);
});

test("a slip of the hand is no box", () => {
  assert.equal(between({ x: 10, y: 10 }, { x: 10 + LEAST - 1, y: 200 }, size), null);
});

test("a moved box keeps its size and stays within the picture", () => {
  assert.deepEqual(moved([350, 100, 40, 40], 100, 3.4, size), [360, 103, 40, 40]);
  assert.deepEqual(moved([5, 5, 40, 40], -100, -100, size), [0, 0, 40, 40]);
});

test("a resized box keeps its upper left corner", () => {
  assert.deepEqual(resized([100, 100, 40, 40], 10.2, -5, size), [100, 100, 50, 35]);
  assert.deepEqual(resized([100, 100, 40, 40], 900, -900, size), [100, 100, 300, LEAST]);
});

test("whatever comes is whole and within", () => {
  assert.deepEqual(within([-3.5, 9.6, 1000, 0.2], size), [0, 10, 400, 1]);
});
