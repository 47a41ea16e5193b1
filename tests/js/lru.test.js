import assert from "node:assert/strict";
import { test } from "node:test";
import { Lru } from "../../maps/static/maps/js/lib/lru.js";

test("what was used longest ago is forgotten first", () => {
  const lru = new Lru(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.get("a");
  lru.set("c", 3);
  assert.equal(lru.peek("b"), undefined);
  assert.equal(lru.peek("a"), 1);
  assert.equal(lru.size, 2);
});

test("looking without use does not keep a value", () => {
  const lru = new Lru(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.peek("a");
  lru.set("c", 3);
  assert.equal(lru.peek("a"), undefined);
});

test("taking removes", () => {
  const lru = new Lru(2);
  lru.set("a", 1);
  assert.equal(lru.take("a"), 1);
  assert.equal(lru.size, 0);
});
