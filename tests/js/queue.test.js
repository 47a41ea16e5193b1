import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrivals,
  featureOf,
  find,
  matches,
  rowsOf,
  summary,
  symbolOf,
} from "../../maps/static/maps/js/lib/queue.js";

const NOW = 1_800_000_000;
const at = (seconds) => new Date((NOW + seconds) * 1000).toISOString();

function report(id, tab, more = {}) {
  return {
    id,
    tab,
    number: `261121-${id}`,
    state: "reported",
    place: "西市场",
    grid: { name: "第5网格" },
    lead: null,
    category: { name: "暴露垃圾", glyph: "垃", hazard: false },
    clock: { kind: "dispatch", started: NOW - 60, due: NOW + 600, late: false },
    changed_at: at(0),
    lon: 111.67,
    lat: 40.82,
    ...more,
  };
}

const queue = (results, counts = {}, late = 0, risk = 0) => ({
  risk,
  now: NOW,
  late,
  counts: { waiting: results.filter(({ tab }) => tab === "waiting").length, sent_back: 0, ...counts },
  results,
});

test("a tab shows its own rows in the server's order", () => {
  const all = queue([report("a", "waiting"), report("b", "verify"), report("c", "waiting")]);
  assert.deepEqual(
    rowsOf(all, "waiting").map(({ id }) => id),
    ["a", "c"],
  );
});

test("every word of a search has to be found, wherever it stands", () => {
  const one = report("A7", "waiting", { lead: { name: "段禾" } });
  assert.ok(matches(one, "市场 段禾"));
  assert.ok(matches(one, "261121-a7"));
  assert.ok(matches(one, "  "));
  assert.ok(!matches(one, "市场 许棠"));
});

test("a report that was not there before has arrived", () => {
  const before = queue([report("a", "waiting")]);
  const after = queue([report("a", "waiting"), report("b", "waiting")]);
  assert.deepEqual(
    arrivals(before, after, ["waiting"]).map(({ id }) => id),
    ["b"],
  );
});

test("a report that came back from another tab has arrived", () => {
  const before = queue([report("a", "handling")]);
  const after = queue([report("a", "sent_back")]);
  assert.equal(arrivals(before, after, ["waiting", "sent_back"]).length, 1);
});

test("a row that only moved up into a cut list has not arrived", () => {
  const after = queue([report("old", "waiting", { changed_at: at(-3600) })]);
  assert.deepEqual(arrivals(queue([]), after, ["waiting"]), []);
});

const due = (seconds) => ({ clock: { started: NOW - 9000, due: NOW + seconds } });

test("the sentence knows the clock that ends first and how many have ended", () => {
  const all = queue(
    [report("a", "waiting", due(-120)), report("b", "waiting", due(90)), report("c", "handling", due(-999))],
    {},
    1,
  );
  assert.deepEqual(summary(all, NOW), { waiting: 2, late: 1, left: -120, risk: 0, sentBack: 0 });
});

test("late ones that no row shows are counted", () => {
  const all = queue([report("a", "waiting", due(-120))], { waiting: 200 }, 180);
  assert.equal(summary(all, NOW).late, 180);
});

test("a clock that ran out since the answer makes one more late", () => {
  const all = queue([report("a", "waiting", due(-120)), report("b", "waiting", due(90))], {}, 1);
  assert.equal(summary(all, NOW + 89).late, 1);
  assert.equal(summary(all, NOW + 91).late, 2);
});

test("without anything waiting there is no clock", () => {
  assert.deepEqual(summary(queue([]), NOW), { waiting: 0, late: 0, left: null, risk: 0, sentBack: 0 });
});

test("clocks that come to their last quarter are at risk, and those that run out no longer", () => {
  const clock = { due: NOW + 100, risk: NOW + 50 };
  const all = queue([report("a", "waiting", { clock }), report("b", "handling")], {}, 0, 7);
  assert.deepEqual(
    [0, 49, 50, 100, 101].map((after) => summary(all, NOW + after).risk),
    [7, 7, 8, 8, 7],
  );
});

test("a report becomes a point with the properties of the tiles", () => {
  const feature = featureOf(report("a", "waiting"));
  assert.deepEqual(feature.geometry, { type: "Point", coordinates: [111.67, 40.82] });
  assert.deepEqual(feature.properties, symbolOf(report("a", "waiting")));
  assert.equal(feature.id, "a");
});

test("what is not in the queue is not found", () => {
  assert.equal(find(queue([]), "a"), null);
});
