import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, change, deviation, letter, table, verdict } from "../../maps/static/maps/js/lib/splits.js";

const quality = (more = {}) => ({
  grids: 6,
  target: 400,
  households: { min: 390, median: 400, max: 410 },
  variation: 0.05,
  within_10_percent: 1,
  polsby_popper: { mean: 0.5, min: 0.4 },
  barrier_inside_km_per_km2: 1,
  border_along_streets: 0.7,
  buildings_cut: 0,
  ...more,
});

test("the sentence says which proposal is better, and in what", () => {
  const sentence = verdict([
    { name: "A", quality: quality({ polsby_popper: { mean: 0.6 } }) },
    { name: "B", quality: quality({ barrier_inside_km_per_km2: 0.4 }) },
  ]);
  assert.match(sentence, /A is more compact/);
  assert.match(sentence, /B has fewer barriers/);
});

test("balance is praised once, though two figures speak of it", () => {
  const sentence = verdict([
    { name: "A", quality: quality() },
    { name: "B", quality: quality({ variation: 0.4, within_10_percent: 0.3 }) },
  ]);
  assert.equal(sentence.match(/more even/g).length, 1);
  assert.doesNotMatch(sentence, /B (is|has|follows)/);
});

test("what hardly differs is not made into a difference", () => {
  const sentence = verdict([
    { name: "A", quality: quality() },
    { name: "B", quality: quality({ variation: 0.055 }) },
  ]);
  assert.match(sentence, /hardly differ/);
});

test("a figure that all of three share but one is praised for the two", () => {
  const sentence = verdict([
    { name: "A", quality: quality() },
    { name: "B", quality: quality() },
    { name: "C", quality: quality({ within_10_percent: 0.2 }) },
  ]);
  assert.match(sentence, /A is more even; B is more even/);
});

test("one alone is judged by its target", () => {
  assert.match(verdict([{ name: "A", quality: quality() }]), /6 grids, all within ±10 %/);
  assert.match(verdict([{ name: "A", quality: quality({ within_10_percent: 0.5 }) }]), /50 % of them/);
});

test("unit grids have an area for a target, and service grids say how many there are inside", () => {
  const units = {
    ...quality({ grids: 30, area_m2: { min: 4000.4, median: 9800, max: 15000 }, area_within_half: 0.9 }),
    target_area_m2: 10000,
    variation: undefined,
    within_10_percent: undefined,
  };
  const of = (rows, key) => rows.find((one) => one.key === key)?.cells[0].text;
  const below = table([units]);
  assert.equal(of(below, "area"), "4000 – 9800 – 15000");
  assert.equal(of(below, "half"), "90 %");
  assert.equal(of(below, "within"), undefined);
  const above = table([quality({ units })]);
  assert.equal(of(above, "units"), "30");
  assert.equal(of(above, "area"), undefined);
});

test("unknown is a dash and never the best", () => {
  const rows = table([quality({ border_along_streets: null }), quality()]);
  const { cells } = rows.find(({ key }) => key === "along");
  assert.deepEqual(cells, [
    { text: "—", best: false },
    { text: "70 %", best: false },
  ]);
});

test("the best is marked where the difference matters", () => {
  const rows = table([quality({ variation: 0.3 }), quality()]);
  const { cells } = rows.find(({ key }) => key === "variation");
  assert.deepEqual(
    cells.map(({ best }) => best),
    [false, true],
  );
});

test("an edit says what it changed and nothing else", () => {
  const words = change(quality(), quality({ variation: 0.21 }));
  assert.match(words, /0\.05 → 0\.21/);
  assert.doesNotMatch(words, /0\.50/);
  assert.equal(change(quality(), quality()), "");
});

test("the way to the target has a sign, and more than a tenth is far", () => {
  assert.deepEqual(deviation(440, 400), { text: "+10 %", mark: "" });
  assert.deepEqual(deviation(445, 400), { text: "+11 %", mark: "▲" });
  assert.deepEqual(deviation(442, 400), { text: "+10.5 %", mark: "▲" });
  assert.deepEqual(deviation(300, 400), { text: "−25 %", mark: "▼" });
  assert.deepEqual(deviation(400, 400), { text: "±0 %", mark: "" });
  assert.deepEqual(deviation(400, null), { text: "", mark: "" });
});

test("proposals are called by letters", () => assert.equal(letter(2), "C"));

test("a line over a map tells how many, how even, how compact and what is straddled", () => {
  assert.equal(
    brief(quality({ within_10_percent: 0.5, polsby_popper: { mean: 0.456 } })),
    "6 grids · within ±10 % 50 % · compactness 0.46 · barriers inside 1.00",
  );
});

test("what is not known of a quality is not told over its map", () => {
  const told = brief(quality({ within_10_percent: null, barrier_inside_km_per_km2: undefined }));
  assert.equal(told, "6 grids · compactness 0.50");
});
