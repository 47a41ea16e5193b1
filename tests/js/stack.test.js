import assert from "node:assert/strict";
import { test } from "node:test";
import { groupNear, layOut } from "../../maps/static/maps/js/lib/stack.js";

const at = (x, y, order = 0) => ({ x, y, order });

test("every symbol is in exactly one group, the most urgent first", () => {
  const items = [at(0, 0, 1), at(5, 0, 9), at(100, 0), at(104, 3)];
  const groups = groupNear(items, 20);
  assert.equal(groups.length, 2);
  assert.equal(groups.flat().length, 4);
  assert.equal(groups[0][0].order, 9);
});

test("neighbours across a bucket's edge still meet", () => {
  assert.equal(groupNear([at(19.5, 0), at(20.5, 0)], 20).length, 1);
  assert.equal(groupNear([at(-0.5, -0.5), at(0.5, 0.5)], 20).length, 1);
});

test("a symbol alone stays in its place", () => {
  assert.deepEqual(layOut([at(3, 4)], { spread: 4, radius: 15 }), [
    { x: 3, y: 4, items: [at(3, 4)], offset: 0 },
  ]);
});

test("two on one spot stand side by side, the western one left", () => {
  const [west, east] = [at(10, 10), at(11, 10)];
  const placed = layOut([east, west], { spread: 4, radius: 15 });
  assert.equal(placed[0].items[0], west);
  assert.ok(placed[1].x - placed[0].x >= 30);
});

test("spread symbols do not overlap and none is lost", () => {
  const group = Array.from({ length: 7 }, (_, index) => at(50, 50, index));
  const placed = layOut(group, { spread: 9, radius: 15 });
  assert.equal(placed.length, 7);
  for (const [i, a] of placed.entries())
    for (const b of placed.slice(i + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 30);
});

test("too many become a stack that holds them all", () => {
  const group = Array.from({ length: 7 }, (_, index) => at(50, 50, index));
  const [stack, ...rest] = layOut(group, { spread: 4, radius: 15 });
  assert.equal(rest.length, 0);
  assert.equal(stack.items.length, 7);
});
