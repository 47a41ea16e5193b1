import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boundsOf,
  candidateFeature,
  chosen,
  neighbour,
  nextOpen,
  pointFeature,
  postFeature,
  settled,
} from "../../maps/static/maps/js/lib/placing.js";

const queue = (...done) => done.map((each, index) => ({ number: index + 2, done: each }));

test("the next open row is the one after this, once round", () => {
  assert.equal(nextOpen(queue(false, false, false)), 0);
  assert.equal(nextOpen(queue(false, true, false), 0), 2);
  assert.equal(nextOpen(queue(false, true, true), 1), 0);
  assert.equal(nextOpen(queue(true, false, true), 1), 1);
});

test("when all rows are settled there is no next one", () => {
  assert.equal(nextOpen(queue(true, true)), -1);
  assert.equal(nextOpen([]), -1);
  assert.equal(settled(queue(true, false, true)), 2);
});

test("neighbours go round at both ends", () => {
  const rows = queue(true, false, true);
  assert.equal(neighbour(rows, 2, 1), 0);
  assert.equal(neighbour(rows, 0, -1), 2);
});

test("what is accepted carries the place's name, and its building only if it is one", () => {
  assert.deepEqual(chosen({ lon: 1, lat: 2, name: "西市场", building: 7, share: 0.9 }), {
    lon: 1,
    lat: 2,
    label: "西市场",
    building: 7,
  });
  assert.deepEqual(chosen({ lon: 1, lat: 2 }), { lon: 1, lat: 2, label: "", building: null });
});

test("bounds hold all points with room, and none are none", () => {
  const [west, south, east, north] = boundsOf(
    [
      { lon: 1, lat: 5 },
      { lon: 3, lat: 4 },
    ],
    0.5,
  );
  assert.deepEqual([west, south, east, north], [0.5, 3.5, 3.5, 5.5]);
  assert.equal(boundsOf([]), null);
});

test("candidates are numbered from one and known from zero", () => {
  const feature = candidateFeature(0, { lon: 1, lat: 2 });
  assert.deepEqual([feature.id, feature.properties.glyph], ["0", "1"]);
  assert.deepEqual(feature.geometry.coordinates, [1, 2]);
  assert.equal(pointFeature({ id: 4, name: "甲", lon: 1, lat: 2 }).properties.status, "unknown");
});

test("a post carries what its symbol tells", () => {
  const feature = postFeature({ id: "7", name: "北门", lon: 1, lat: 2, state: "vacant", missing: 1 });
  assert.deepEqual(feature.geometry.coordinates, [1, 2]);
  assert.deepEqual(feature.properties, { id: "7", name: "北门", state: "vacant", missing: 1 });
});
