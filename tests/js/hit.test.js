import assert from "node:assert/strict";
import { test } from "node:test";
import { featureDistance, orderHits } from "../../maps/static/maps/js/lib/hit.js";

const SQUARE = Int32Array.from([0, 0, 100, 0, 100, 100, 0, 100]);

test("inside an area the distance is nothing, outside it is to the edge", () => {
  const feature = { type: 3, parts: [SQUARE] };
  assert.deepEqual(featureDistance(feature, 50, 50), { distance: 0, area: 10000 });
  assert.equal(featureDistance(feature, 130, 50).distance, 30);
});

test("a courtyard is not part of the area", () => {
  const hole = Int32Array.from([30, 30, 30, 70, 70, 70, 70, 30]);
  assert.equal(featureDistance({ type: 3, parts: [SQUARE, hole] }, 50, 50).distance, 20);
});

test("lines and points are measured to their nearest piece", () => {
  assert.equal(
    featureDistance(
      {
        type: 2,
        parts: [
          [0, 0, 10, 0],
          [0, 50, 10, 50],
        ],
      },
      5,
      45,
    ).distance,
    5,
  );
  assert.equal(
    featureDistance(
      {
        type: 1,
        parts: [
          [0, 0],
          [10, 10],
        ],
      },
      10,
      14,
    ).distance,
    4,
  );
});

test("points come before lines before areas; then the nearest; then the smaller area", () => {
  const hits = orderHits([
    { layer: "grids", id: "large", kind: "polygon", distance: 0, area: 900 },
    { layer: "grids", id: "small", kind: "polygon", distance: 0, area: 90 },
    { layer: "checkpoints", id: "wall", kind: "line", distance: 1 },
    { layer: "reports", id: "far", kind: "point", distance: 20 },
    { layer: "reports", id: "near", kind: "point", distance: 2 },
  ]);
  assert.deepEqual(
    hits.map(({ id }) => id),
    ["near", "far", "wall", "small", "large"],
  );
});

test("a feature cut by tiles is hit once, where it is nearest", () => {
  const hits = orderHits([
    { layer: "streets", id: "7", kind: "line", distance: 9 },
    { layer: "streets", id: "7", kind: "line", distance: 3 },
    { layer: "grids", id: "7", kind: "polygon", distance: 0 },
  ]);
  assert.deepEqual(
    hits.map(({ layer, distance }) => [layer, distance]),
    [
      ["streets", 3],
      ["grids", 0],
    ],
  );
});
