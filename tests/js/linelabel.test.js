import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthsOf } from "../../maps/static/maps/js/lib/geometry.js";
import {
  breakName,
  joinLines,
  setAlong,
  standsUpright,
  stretches,
} from "../../maps/static/maps/js/lib/linelabel.js";

const LABEL = { text: "锦园北路", advances: [12, 12, 12, 12], size: 12 };
const LATIN = { text: "Main St", advances: [10, 6, 4, 7, 4, 8, 5], size: 12 };
const set = (line, label = LABEL) => {
  const lengths = lengthsOf(line);
  return setAlong(line, lengths, label, lengths.at(-1) / 2);
};

test("pieces of a street become one run, whichever way they were drawn", () => {
  const runs = joinLines([
    [10, 0, 0, 0],
    [10, 0, 20, 1],
    [30, 1, 20, 1],
  ]);
  assert.equal(runs.length, 1);
  assert.equal(runs[0].length, 8);
});

test("a street does not run on round a sharp corner", () => {
  assert.equal(
    joinLines([
      [0, 0, 10, 0],
      [10, 0, 10, 10],
    ]).length,
    2,
  );
});

test("at a fork the straighter branch is taken", () => {
  const runs = joinLines([
    [0, 0, 20, 0],
    [20, 0, 30, 8],
    [20, 0, 30, 1],
  ]);
  assert.ok(runs.some((run) => run.includes(1) && run.length === 6));
});

test("a name longer than its street finds no place", () => {
  const line = [0, 0, 40, 0];
  assert.deepEqual(stretches(line, lengthsOf(line), 48), []);
});

test("a name avoids the bend", () => {
  const line = [0, 0, 60, 0, 75, 40, 80, 90];
  const [best] = stretches(line, lengthsOf(line), 48);
  assert.ok(best.middle + 24 <= 60.01, `${best.middle}`);
});

test("Chinese names run along flat lines from left to right, even if the line runs left", () => {
  for (const line of [
    [0, 0, 100, 10],
    [100, 10, 0, 0],
  ]) {
    const { straight, glyphs } = set(line);
    assert.ok(glyphs[0].x < glyphs[3].x);
    assert.ok(
      Math.abs(straight.angle - Math.atan2(10, 100)) < 1e-6 || Math.abs(straight.angle - 2 * Math.PI) < 0.2,
    );
  }
});

test("on steep lines Chinese characters stand upright and read downwards", () => {
  for (const line of [
    [0, 0, 5, 100],
    [5, 100, 0, 0],
  ]) {
    const { straight, glyphs } = set(line);
    assert.equal(straight, null);
    assert.ok(glyphs.every(({ angle }) => angle === 0));
    assert.ok(glyphs[0].y < glyphs[3].y);
  }
});

test("Latin names turn with the line and are never upside down", () => {
  for (const line of [
    [0, 0, 5, 100],
    [5, 100, 0, 0],
    [0, 0, -80, 60],
  ]) {
    const { straight } = set(line, LATIN);
    assert.ok(Math.cos(straight.angle) > -1e-9, `${straight.angle}`);
  }
});

test("a bent name is set character by character", () => {
  const { straight, glyphs } = set([0, 0, 30, 0, 56, 12]);
  assert.equal(straight, null);
  assert.ok(glyphs[3].angle > glyphs[0].angle);
});

test("every character has its box for the collision test", () =>
  assert.equal(set([0, 0, 100, 0]).boxes.length, 4));

test("only Chinese stands upright", () => {
  assert.equal(standsUpright("锦绣大街"), true);
  assert.equal(standsUpright("G6"), false);
  assert.equal(standsUpright("Main St"), false);
});

test("a long name is cut near its middle, before an ordinal, never inside a number", () => {
  assert.deepEqual(breakName("柳溪社区党群服务中心"), ["柳溪社区党", "群服务中心"]);
  assert.deepEqual(breakName("柳溪东里第12网格"), ["柳溪东里", "第12网格"]);
  assert.deepEqual(breakName("柳溪第12网格"), ["柳溪第12网格"]);
  assert.ok(!breakName("八十八号院123456").some((line) => /[\d]$/.test(line) && !line.endsWith("6")));
});

test("other scripts are cut between words", () => {
  assert.deepEqual(breakName("Qinglan District Hospital"), ["Qinglan District", "Hospital"]);
  assert.deepEqual(breakName("Averylongsinglewordname"), ["Averylongsinglewordname"]);
});
