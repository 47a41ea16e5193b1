import assert from "node:assert/strict";
import test from "node:test";
import { channels, spread, tint } from "../../maps/static/maps/js/lib/heat-kernel.js";

const sum = (values) => values.reduce((total, value) => total + value, 0);

test("a surface sums to the counts that it spreads", () => {
  const surface = spread(
    [
      { x: 50, y: 50, n: 7 },
      { x: 60.5, y: 40.25, n: 3 },
    ],
    101,
    101,
    20,
  );
  assert.ok(Math.abs(sum(surface) - 10) < 0.05, String(sum(surface)));
});

test("it is highest in the middle, the same on all sides, and nothing beyond the disc", () => {
  const surface = spread([{ x: 10, y: 10, n: 1 }], 21, 21, 5);
  const at = (x, y) => surface[y * 21 + x];
  assert.ok(at(10, 10) > at(11, 10));
  assert.equal(at(8, 10), at(12, 10));
  assert.equal(at(10, 8), at(12, 10));
  assert.equal(at(15, 10), 0);
  assert.ok(Math.abs(at(10, 10) - 3 / (Math.PI * 25)) < 1e-6);
});

test("what lies outside still reaches in", () => {
  assert.ok(sum(spread([{ x: -2, y: 5, n: 1 }], 10, 10, 5)) > 0);
  assert.equal(sum(spread([{ x: -9, y: 5, n: 1 }], 10, 10, 5)), 0);
});

test("colours run from class to class, and little is nothing", () => {
  const colours = [
    [0, 0, 0],
    [200, 100, 50],
  ];
  const pixels = tint(Float32Array.from([0, 0.5, 1, 2, 4, 99]), [1, 4], colours);
  const pixel = (index) => [...pixels.slice(index * 4, index * 4 + 4)];
  assert.deepEqual(pixel(0), [0, 0, 0, 0]);
  assert.deepEqual(pixel(1), [0, 0, 0, 0]);
  assert.deepEqual(pixel(2), [0, 0, 0, 255]);
  assert.deepEqual(pixel(3), [100, 50, 25, 255]);
  assert.deepEqual(pixel(4), [200, 100, 50, 255]);
  assert.deepEqual(pixel(5), [200, 100, 50, 255]);
});

test("a colour is read as its channels", () => {
  assert.deepEqual(channels("#0aff10"), [10, 255, 16]);
});
