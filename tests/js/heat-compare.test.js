import assert from "node:assert/strict";
import test from "node:test";
import { CHANGES, change, changeClass, changeMark } from "../../maps/static/maps/js/lib/heat-compare.js";

test("a difference is measured by what chance makes", () => {
  assert.equal(change(0, 0), 0);
  assert.equal(change(9, 16), -7 / 5);
  assert.equal(change(16, 9), 7 / 5);
});

test("what chance explains is the same, and a few more are not clearly more", () => {
  assert.equal(changeClass(1, 0), "same");
  assert.equal(changeClass(3, 1), "same");
  assert.equal(changeClass(3, 0), "more-1");
  assert.equal(changeClass(0, 3), "less-1");
  assert.equal(changeClass(30, 10), "more-2");
  assert.equal(changeClass(10, 30), "less-2");
  for (const [now, was] of [
    [0, 0],
    [5, 0],
    [2, 90],
  ])
    assert.ok(CHANGES.includes(changeClass(now, was)));
});

test("periods of unlike length are compared by what would be expected", () => {
  assert.equal(changeClass(10, 40, 0.25), "same");
  assert.equal(changeClass(40, 10, 4), "same");
  assert.equal(changeClass(40, 40, 0.25), "more-2");
});

test("a mark tells what the colour does", () => {
  assert.deepEqual(CHANGES.map(changeMark), ["▼", "▼", "", "▲", "▲"]);
});
