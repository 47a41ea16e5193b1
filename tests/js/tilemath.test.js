import assert from "node:assert/strict";
import { test } from "node:test";
import {
  project,
  sourceZoom,
  tilesIn,
  touches,
  underlay,
  unproject,
} from "../../maps/static/maps/js/lib/tilemath.js";

const SOURCE = { minzoom: 10, maxzoom: 16 };

test("projection and back is the same place", () => {
  const [lon, lat] = unproject(...project(111.65, 40.815));
  assert.ok(Math.abs(lon - 111.65) < 1e-9 && Math.abs(lat - 40.815) < 1e-9);
});

test("the north-west corner of the world is 0, 0, and the poles are at its edge", () => {
  const [x, y] = project(-180, 85.0511287798066);
  assert.ok(Math.abs(x) < 1e-12 && Math.abs(y) < 1e-12);
  assert.equal(project(0, 89)[1], project(0, 90)[1]);
});

test("source tiles come from one zoom lower, never deeper than the source goes", () => {
  assert.equal(sourceZoom(15, SOURCE), 14);
  assert.equal(sourceZoom(17, SOURCE), 16);
  assert.equal(sourceZoom(20, SOURCE), 16);
});

test("a source appears at its own smallest zoom and not before", () => {
  assert.equal(sourceZoom(10, SOURCE), 10);
  assert.equal(sourceZoom(9, SOURCE), null);
  assert.equal(underlay(1, 1, 9, SOURCE), null);
});

test("a canvas at zoom 20 shows its sixteenth of a tile at zoom 16", () => {
  const under = underlay(16 * 100 + 3, 16 * 50 + 15, 20, SOURCE);
  assert.deepEqual([under.z, under.x, under.y], [16, 100, 50]);
  assert.equal(under.scale, (256 * 16) / 4096);
  assert.deepEqual([under.left, under.top], [3 * 256, 15 * 256]);
});

test("four canvases share a source tile one zoom lower", () => {
  const places = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ].map(([dx, dy]) => underlay(8 + dx, 6 + dy, 13, SOURCE));
  assert.ok(places.every(({ z, x, y }) => z === 12 && x === 4 && y === 3));
  assert.deepEqual(
    places.map(({ left, top }) => [left, top]),
    [
      [0, 0],
      [256, 0],
      [0, 256],
      [256, 256],
    ],
  );
});

test("tiles of a box are listed row by row and stay in the world", () => {
  assert.deepEqual(
    tilesIn([0.2, 0.2, 0.6, 0.3], 2).map(({ x, y }) => [x, y]),
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 1],
      [1, 1],
      [2, 1],
    ],
  );
  assert.equal(tilesIn([-1, -1, 2, 2], 1).length, 4);
});

test("a tile outside a source's bounds is not asked for", () => {
  const bounds = [111.5, 40.7, 111.8, 40.9];
  const [u, v] = project(111.65, 40.8).map((value) => Math.floor(value * 2 ** 12));
  assert.equal(touches({ z: 12, x: u, y: v }, bounds), true);
  assert.equal(touches({ z: 12, x: u + 9, y: v }, bounds), false);
  assert.equal(touches({ z: 12, x: u, y: v - 9 }, bounds), false);
  assert.equal(touches({ z: 12, x: u + 9, y: v }, null), true);
});
