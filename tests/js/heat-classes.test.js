import assert from "node:assert/strict";
import test from "node:test";
import {
  classOf,
  figure,
  legendOf,
  shadeOf,
  thresholds,
} from "../../maps/static/maps/js/lib/heat-classes.js";

test("classes rise from one report to near the most, without repeating", () => {
  assert.deepEqual(thresholds(0), [1]);
  assert.deepEqual(thresholds(1), [1]);
  assert.deepEqual(thresholds(2), [1, 2]);
  assert.deepEqual(thresholds(4), [1, 2, 3]);
  const many = thresholds(1000);
  assert.equal(many.length, 6);
  assert.equal(many[0], 1);
  assert.equal(many[5], 750);
  for (const top of [3, 7, 12, 40, 99, 5000]) {
    const found = thresholds(top);
    assert.ok(found.every((least, index) => !index || least > found[index - 1]));
    assert.ok(found.at(-1) <= top, "the strongest class has a member");
    assert.ok(found.length <= 6);
  }
});

test("a count belongs to the last class that it reaches", () => {
  const least = [1, 3, 10];
  assert.deepEqual(
    [0, 1, 2, 3, 9, 10, 999].map((count) => classOf(count, least)),
    [-1, 0, 0, 1, 1, 2, 2],
  );
});

test("the strongest colour stands for the most, however few classes there are", () => {
  assert.equal(shadeOf(0, 1), 5);
  assert.deepEqual(
    [0, 1].map((index) => shadeOf(index, 2)),
    [0, 5],
  );
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((index) => shadeOf(index, 6)),
    [0, 1, 2, 3, 4, 5],
  );
});

test("figures have two digits that count", () => {
  assert.deepEqual([0, 9.97, 0.0666, 0.6666, 0.1, 1, 6.66, 66.6, 666, 1000].map(figure), [
    "0",
    "10",
    "0.067",
    "0.67",
    "0.10",
    "1.0",
    "6.7",
    "67",
    "670",
    "1000",
  ]);
});

test("the legend tells reports per hectare, and the same counts are fewer per hectare in larger cells", () => {
  const small = legendOf([1, 4], 0.2);
  assert.deepEqual(small, [
    { shade: 0, from: "5.0", to: "20", least: 1, most: 3 },
    { shade: 5, from: "20", to: null, least: 4, most: null },
  ]);
  assert.equal(legendOf([1, 4], 10)[0].from, "0.10");
});
