import assert from "node:assert/strict";
import test from "node:test";
import {
  daysBetween,
  Player,
  plusDays,
  stepAt,
  stepEnd,
  stepStart,
  stepsOf,
  usualStep,
} from "../../maps/static/maps/js/lib/heat-time.js";

test("weeks begin on Monday and months on their first", () => {
  assert.equal(stepStart("2026-11-29", "week"), "2026-11-23");
  assert.equal(stepStart("2026-11-30", "week"), "2026-11-30");
  assert.equal(stepEnd("2028-02-01", "month"), "2028-02-29");
  assert.equal(stepEnd("2026-12-01", "month"), "2026-12-31");
  assert.equal(plusDays("2026-12-31", 1), "2027-01-01");
  assert.equal(daysBetween("2026-11-01", "2026-11-30"), 30);
});

test("steps cover a period without a gap, and are cut to it", () => {
  const steps = stepsOf("2026-11-11", "2026-11-30", "week", [{ start: "2026-11-16", n: 4 }]);
  assert.deepEqual(steps, [
    { since: "2026-11-11", until: "2026-11-15", n: 0 },
    { since: "2026-11-16", until: "2026-11-22", n: 4 },
    { since: "2026-11-23", until: "2026-11-29", n: 0 },
    { since: "2026-11-30", until: "2026-11-30", n: 0 },
  ]);
  assert.equal(stepAt(steps, "2026-11-22"), 1);
  assert.equal(stepAt(steps, "2026-12-01"), -1);
});

test("a cut first step keeps its count, however it was counted", () => {
  assert.equal(stepsOf("2026-11-11", "2026-11-30", "week", [{ start: "2026-11-11", n: 3 }])[0].n, 3);
});

test("a long period is not played for ever", () => {
  assert.equal(stepsOf("2020-01-01", "2026-11-30", "day").length, 120);
  assert.equal(stepsOf("2020-01-01", "2026-11-30", "day").at(-1).until, "2026-11-30");
  assert.equal(usualStep("2026-11-01", "2026-11-30"), "day");
  assert.equal(usualStep("2026-09-01", "2026-11-30"), "week");
  assert.equal(usualStep("2025-12-01", "2026-11-30"), "month");
});

function playing(count, at = -1) {
  const told = [];
  const waiting = [];
  let shown = at;
  const player = new Player({
    count: () => count,
    at: () => shown,
    show: async (index) => {
      shown = index;
      told.push(index);
    },
    onChange: (on) => told.push(on),
    wait: (run) => waiting.push(run),
    stop: () => waiting.pop(),
  });
  const turn = async () => {
    await new Promise(setImmediate);
    waiting.pop()?.();
    await new Promise(setImmediate);
  };
  return { player, told, waiting, turn };
}

test("playing shows one step after the other and stops after the last", async () => {
  const { player, told, turn } = playing(3);
  player.play();
  await turn();
  await turn();
  await turn();
  assert.deepEqual(told, [true, 0, 1, 2, false]);
  assert.equal(player.playing, false);
  player.play();
  await turn();
  assert.deepEqual(told.slice(5), [true, 0, 1], "after the last it begins again");
});

test("pausing keeps the step, and playing goes on behind it", async () => {
  const { player, told, waiting, turn } = playing(5);
  player.play();
  await turn();
  await new Promise(setImmediate);
  player.pause();
  assert.equal(waiting.length, 0);
  player.play();
  await new Promise(setImmediate);
  const steps = told.filter((one) => typeof one === "number");
  assert.deepEqual(
    steps,
    steps.map((_, index) => index),
  );
});

test("nothing is played where nothing is", () => {
  const { player, told } = playing(0);
  player.play();
  assert.deepEqual(told, []);
});
