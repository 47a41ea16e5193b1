import assert from "node:assert/strict";
import { test } from "node:test";
import { isDue, stops } from "../../maps/static/maps/js/lib/next-stop.js";
import { Progress, summaryOf } from "../../maps/static/maps/js/lib/patrol-progress.js";

const line = (...coordinates) => ({ type: "MultiLineString", coordinates: [coordinates] });
const street = (id, state, south) => ({
  id,
  name: `s${id}`,
  kind: "",
  metres: 85,
  told: false,
  state,
  walked_on: null,
  told_on: null,
  unknown: 0,
  line: line([111.67, 40.82 + south], [111.671, 40.82 + south]),
  covered_line: state === "walked" ? line([111.67, 40.82 + south], [111.671, 40.82 + south]) : null,
});
const point = (id, zero, more = {}) => ({
  id,
  name: `c${id}`,
  zero,
  every: zero ? 1 : 7,
  lon: 111.6705,
  lat: 40.825,
  seen_on: null,
  told_on: null,
  ...more,
});
const bundle = { today: "2026-11-30", rules: { swath: 15, enough: 0.6 } };
const grid = (more = {}) => ({ streets: [], checkpoints: [], buildings: [], reports: [], ...more });

test("a point that must lose nothing is due every day, another after seven", () => {
  const seen = (zero, day) => isDue(point(1, zero, { seen_on: day }), "2026-11-30");
  assert.deepEqual([seen(true, "2026-11-30"), seen(true, "2026-11-29")], [false, true]);
  assert.deepEqual([seen(false, "2026-11-24"), seen(false, "2026-11-23")], [false, true]);
  assert.equal(isDue(point(1, false), "2026-11-30"), true);
  assert.equal(isDue(point(1, true, { told_on: "2026-11-30" }), "2026-11-30"), false);
});

test("the next stop is what presses most and is near; without a position only what presses", () => {
  const known = {
    today: "2026-11-30",
    at: null,
    stateOf: (id) => ({ 1: "due", 2: "overdue", 3: "walked" })[id],
  };
  const all = { checkpoints: [point(9, true)], streets: [{ id: 1 }, { id: 2 }, { id: 3 }] };
  const names = (list) => list.map(({ kind, id }) => `${kind}${id}`);
  assert.deepEqual(names(stops(all, { ...known, awayOf: () => 0 })), ["checkpoint9", "street2", "street1"]);
  // The point is some 550 m away: first the streets that lie at one's feet.
  const at = { lon: 111.6705, lat: 40.82 };
  assert.deepEqual(names(stops(all, { ...known, at, awayOf: () => 10 })), [
    "street2",
    "street1",
    "checkpoint9",
  ]);
});

test("passing a checkpoint and walking a street take them from what is due", () => {
  const progress = new Progress(
    bundle,
    grid({ streets: [street(1, "never", 0)], checkpoints: [point(9, true)] }),
  );
  assert.deepEqual(progress.due, { streets: 1, checkpoints: 1 });
  const walk = [0, 20, 40, 60, 80, 100].map((share, turn) => ({
    time: turn * 10_000,
    lon: 111.67 + share * 1e-5,
    lat: 40.82,
    accuracy: 5,
  }));
  assert.equal(walk.map((position) => progress.pass(position)).some(Boolean), true);
  assert.deepEqual(progress.due, { streets: 0, checkpoints: 1 });
  progress.pass({ time: 900_000, lon: 111.6705, lat: 40.8251, accuracy: 5 });
  assert.deepEqual(progress.due, { streets: 0, checkpoints: 0 });
  assert.deepEqual(progress.stops, []);
});

test("the summary says what was gained, what stays unknown and what is left", () => {
  const before = grid({
    streets: [street(1, "never", 0), street(2, "unknown", 0.002), street(3, "walked", 0.004)],
  });
  const progress = new Progress(bundle, before);
  const patrol = { started_at: 0, ended_at: 1_200_000, nothing_at: 5, before: progress.standing };
  const way = [0, 50, 100].map((share, turn) => ({
    time: turn * 20_000,
    lon: 111.67 + share * 1e-5,
    lat: 40.82,
    accuracy: 5,
  }));
  for (const position of way) progress.pass(position);
  const gaps = [
    { from: 0, to: 30_000, why: "signal" },
    { from: 100_000, to: 500_000, why: "hidden" },
  ];
  const recording = { patrol, way, gaps, ticks: new Set(), reports: 2 };
  const summary = summaryOf(recording, progress, { measured: false, silence: 300_000 });
  assert.deepEqual([summary.before, summary.after, summary.minutes], [33, 66, 20]);
  assert.deepEqual(
    [summary.gained, summary.unknown, summary.left].map((rows) => rows.map((row) => row.street.id)),
    [[1], [2], []],
  );
  assert.deepEqual([summary.gaps.length, summary.long, summary.reports, summary.nothing], [1, 1, 2, true]);
  assert.ok(summary.metres > 80 && summary.metres < 90);
});
