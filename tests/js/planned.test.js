import assert from "node:assert/strict";
import { test } from "node:test";
import { boxAround } from "../../maps/static/maps/js/lib/area-box.js";
import { stops } from "../../maps/static/maps/js/lib/next-stop.js";
import { Progress } from "../../maps/static/maps/js/lib/patrol-progress.js";

test("the box of areas has room around all of them", () => {
  const square = {
    coordinates: [
      [
        [
          [1, 2],
          [3, 2],
          [3, 4],
          [1, 2],
        ],
      ],
    ],
  };
  assert.deepEqual(boxAround([square], 0.5), [0.5, 1.5, 3.5, 4.5]);
  assert.equal(boxAround([]), null);
});

test("what a plan asks for comes first, though it was walked this week", () => {
  const known = { today: "2026-11-30", at: null, stateOf: () => "walked", awayOf: () => 0 };
  const grid = { checkpoints: [], streets: [{ id: 1 }, { id: 2 }] };
  assert.deepEqual(stops(grid, known), []);
  const [next] = stops(grid, { ...known, planned: (id) => id === 2 });
  assert.deepEqual([next.id, next.state], [2, "planned"]);
});

test("a planned street is left until it was walked today, by the server's word or on this walk", () => {
  const line = {
    type: "MultiLineString",
    coordinates: [
      [
        [111.67, 40.82],
        [111.671, 40.82],
      ],
    ],
  };
  const street = {
    id: 1,
    name: "s",
    metres: 85,
    told: false,
    state: "walked",
    unknown: 0,
    line,
    covered_line: line,
  };
  const plan = (walked) => ({ id: "p", name: "夜巡", streets: [{ id: 1, walked }] });
  const grid = (walked) => ({
    streets: [street],
    checkpoints: [],
    buildings: [],
    reports: [],
    plans: [plan(walked)],
  });
  const bundle = { today: "2026-11-30", rules: { swath: 15, enough: 0.6 } };
  const before = new Progress(bundle, grid(false));
  assert.deepEqual([before.isPlanned(1), before.due.streets, before.plans[0].done], [true, 1, false]);
  before.tick("street", 1, true);
  assert.deepEqual([before.isPlanned(1), before.plans[0].done], [false, true]);
  assert.equal(new Progress(bundle, grid(true)).plans[0].done, true);
  assert.deepEqual(new Progress(bundle, { ...grid(true), plans: undefined }).plans, []);
});
