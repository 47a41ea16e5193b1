import assert from "node:assert/strict";
import { test } from "node:test";
import { enumerated, labelled, metres, span, timeLeft } from "../../maps/static/maps/js/lib/format.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

for (const [seconds, words] of [
  [0, "1 min"],
  [59, "1 min"],
  [40 * MINUTE + 59, "40 min"],
  [HOUR, "1 hour"],
  [-2 * HOUR - 5, "2 hours"],
  [47 * HOUR, "47 hours"],
  [2 * DAY, "2 days"],
])
  test(`${seconds} seconds are ${words}`, () => assert.equal(span(seconds), words));

test("a clock turns from calm to soon to late", () => {
  const clock = { risk: 3 * HOUR, due: 4 * HOUR };
  assert.deepEqual(timeLeft(clock, 2 * HOUR), { text: "2 hours left", tone: "" });
  assert.deepEqual(timeLeft(clock, 3 * HOUR), { text: "1 hour left", tone: "warn" });
  assert.deepEqual(timeLeft(clock, 4 * HOUR + 40 * MINUTE), { text: "40 min late", tone: "bad" });
});

test("where nobody knows from when on it is at risk nothing is soon, only late", () => {
  assert.equal(timeLeft({ due: 100, risk: null }, 99).tone, "");
  assert.equal(timeLeft({ due: 100, risk: null }, 101).tone, "bad");
});

for (const [length, words] of [
  [0.2, "1 m"],
  [12.4, "12 m"],
  [99.4, "99 m"],
  [104, "100 m"],
  [1236, "1240 m"],
  [9994, "9990 m"],
  [144_740, "145 km"],
])
  test(`${length} metres read ${words}`, () => assert.equal(metres(length), words));

test("words are joined by the marks of the language, and nothing stands for what is empty", () => {
  assert.equal(labelled("Accept", "Dirt"), "Accept: Dirt");
  assert.equal(enumerated("Dirt", "", null, "Gate 3"), "Dirt, Gate 3");
  globalThis.gettext = (id) => ({ ", ": "，", "%(label)s: %(text)s": "%(label)s：%(text)s" })[id] ?? id;
  assert.equal(labelled("立案", "道路不洁"), "立案：道路不洁");
  assert.equal(enumerated("道路不洁", "东门"), "道路不洁，东门");
  delete globalThis.gettext;
});
