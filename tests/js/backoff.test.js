import assert from "node:assert/strict";
import { test } from "node:test";
import { delay, isTransient } from "../../maps/static/maps/js/lib/backoff.js";

test("waits double up to the cap", () => {
  const waits = [1, 2, 3, 9].map((attempt) => delay(attempt, { random: () => 1 }));
  assert.deepEqual(waits, [1000, 2000, 4000, 30000]);
});

test("chance spreads the second half of a wait", () => {
  assert.equal(delay(2, { random: () => 0 }), 1000);
  assert.equal(delay(2, { random: () => 0.5 }), 1500);
});

test("the server's wish goes first, but not for ever", () => {
  assert.equal(delay(1, { retryAfter: "7" }), 7000);
  assert.equal(delay(1, { retryAfter: "86400" }), 30000);
  assert.equal(delay(1, { retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT", random: () => 1 }), 1000);
});

test("network faults, overload and server faults pass; refusals do not", () => {
  assert.deepEqual([0, 408, 429, 500, 503].map(isTransient), Array(5).fill(true));
  assert.deepEqual([400, 401, 403, 404, 410].map(isTransient), Array(5).fill(false));
});
