import assert from "node:assert/strict";
import { test } from "node:test";
import { byUrgency, merged, sinceAddress } from "../../maps/static/maps/js/lib/queue-changes.js";

const row = (id, urgency, tab = "waiting") => ({
  id,
  urgency,
  tab,
  recorded_at: "2026-11-30T10:00:00+00:00",
});
const queue = (results, count) => ({
  cursor: "a",
  counts: { waiting: count, verify: 0 },
  results,
  zone: "x",
});
const answer = (changed, left, waiting, verify = 0) => ({
  cursor: "b",
  counts: { waiting, verify },
  late: 0,
  changed,
  left,
});
const many = (count) => Array.from({ length: count }, (_none, place) => row(`r${place + 100}`, place));
const ids = ({ results }) => results.map(({ id }) => id);

test("a whole answer is taken as it is", () => {
  const whole = queue([row("a", 1)], 1);
  assert.equal(merged(queue([], 0), whole), whole);
});

test("what changed takes its place, what left is gone, and the rest stays", () => {
  const before = queue([row("a", 1), row("b", 2), row("c", 3)], 3);
  const after = merged(before, answer([row("b", 5), row("n", 2)], ["a"], 3));
  assert.deepEqual(ids(after), ["n", "c", "b"]);
  assert.equal(after.cursor, "b");
  assert.equal(after.zone, "x");
  assert.equal(after.changed, undefined);
});

test("a row goes to the tab of its state", () => {
  const after = merged(queue([row("a", 1), row("b", 2)], 2), answer([row("a", 9, "verify")], [], 1, 1));
  assert.deepEqual(
    after.results.map(({ id, tab }) => [id, tab]),
    [
      ["b", "waiting"],
      ["a", "verify"],
    ],
  );
});

test("behind the last known row nothing is shown while rows between are not known", () => {
  const before = queue(many(60), 200);
  const after = merged(before, answer([row("far", 500)], [], 201));
  assert.equal(after.results.length, 60);
  assert.equal(ids(after).includes("far"), false);
  assert.equal(after.counts.waiting, 201);
  const moved = merged(before, answer([{ ...before.results[0], urgency: 500 }], [], 200));
  assert.deepEqual(ids(moved), ids(before).slice(1));
});

test("a tab never grows beyond what the server would send", () => {
  const after = merged(queue(many(60), 200), answer([row("new", -1)], [], 201));
  assert.equal(after.results.length, 60);
  assert.equal(after.results[0].id, "new");
});

test("too few rows left, or more than the server counts: the whole is asked for", () => {
  const before = queue(many(60), 200);
  assert.equal(merged(before, answer([], ids(before).slice(0, 31), 169)), null);
  assert.equal(merged(queue([row("a", 1), row("b", 2)], 2), answer([], [], 1)), null);
});

test("what has no time comes last, and the earlier filed first", () => {
  const rows = [row("n", null), row("b", 1), row("a", 1)];
  assert.deepEqual(ids({ results: rows.sort(byUrgency) }), ["a", "b", "n"]);
});

test("only a cursor is asked with", () => {
  assert.equal(sinceAddress("/q", { cursor: "" }), "/q");
  assert.equal(sinceAddress("/q", { cursor: "ab-1:2:" }), "/q?since=ab-1%3A2%3A");
});
