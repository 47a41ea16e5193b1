import assert from "node:assert/strict";
import { test } from "node:test";
import { quantise, share, wedgePath } from "../../maps/static/maps/js/lib/wedge.js";

test("the share of time left falls from one to nothing and stays there", () => {
  assert.equal(share(1000, 2000, 1000), 1);
  assert.equal(share(1000, 2000, 1750), 0.25);
  assert.equal(share(1000, 2000, 2000), 0);
  assert.equal(share(1000, 2000, 9000), 0);
  assert.equal(share(1000, 2000, 0), 1);
});

test("no due time, no clock", () => assert.equal(share(1000, undefined, 1500), null));

test("without a start the last day before the due time counts", () => {
  assert.equal(share(undefined, 86400, 43200), 0.5);
  assert.equal(share(90000, 86400, 43200), 0.5);
});

test("time that is left is never drawn as none", () => {
  assert.equal(quantise(0.0001), 1 / 48);
  assert.equal(quantise(0), 0);
  assert.equal(quantise(1), 1);
});

test("a quarter goes from twelve to three o'clock, clockwise", () => {
  assert.equal(wedgePath(0.25, 10), "M0 0V-10A10 10 0 0 1 10 0Z");
});

test("a ring piece has both radii and the large flag above a half", () => {
  assert.equal(wedgePath(0.75, 10, 6), "M0 -10A10 10 0 1 1 -10 0L-6 0A6 6 0 1 0 0 -6Z");
});

test("a full wedge closes, an empty one is nothing", () => {
  assert.match(wedgePath(1, 10, 6), /^M0 -10A.*Z.*Z$/);
  assert.equal(wedgePath(0, 10, 6), "");
  assert.equal(wedgePath(Number.NaN, 10), "");
});
