import assert from "node:assert/strict";
import { test } from "node:test";
import { CollisionIndex } from "../../maps/static/maps/js/lib/collision.js";

test("boxes that overlap collide, boxes that touch do not", () => {
  const index = new CollisionIndex();
  index.insert([0, 0, 10, 10]);
  assert.equal(index.collides([9, 9, 20, 20]), true);
  assert.equal(index.collides([10, 0, 20, 10]), false);
});

test("a box larger than a cell is found from any of its cells", () => {
  const index = new CollisionIndex(16);
  index.insert([-100, -100, 100, 100]);
  assert.equal(index.collides([90, -95, 91, -94]), true);
  assert.equal(index.collides([101, 0, 110, 5]), false);
});

test("a curved name takes all its boxes or none", () => {
  const index = new CollisionIndex();
  index.insert([50, 0, 60, 10]);
  const name = [
    [0, 0, 10, 10],
    [55, 5, 65, 15],
  ];
  assert.equal(index.claim(name), false);
  assert.equal(index.collides([0, 0, 10, 10]), false);
  assert.equal(index.claim([name[0]]), true);
  assert.equal(index.claim([name[0]]), false);
});
