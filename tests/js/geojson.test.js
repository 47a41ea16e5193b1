import assert from "node:assert/strict";
import { test } from "node:test";
import { bounds, joined, parsed, written } from "../../maps/static/maps/js/lib/geojson.js";

const point = { type: "Point", coordinates: [111.67, 40.82] };
const square = [
  [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ],
];

test("a geometry is written to the centimetre and read back", () => {
  assert.equal(
    written({ type: "Point", coordinates: [111.123456789, 40] }),
    '{"type":"Point","coordinates":[111.1234568,40]}',
  );
  assert.deepEqual(parsed(written(point)), point);
  assert.equal(written(null), "");
  assert.equal(parsed("  "), null);
});

test("what is no geometry is refused", () => {
  for (const text of ["{", "1", '{"type":"Point"}', '{"type":"Point","coordinates":["a",1]}', "null"])
    assert.throws(() => parsed(text), text);
});

test("several parts of a kind become one geometry", () => {
  assert.equal(joined([]), null);
  assert.deepEqual(joined([point]), point);
  const several = { type: "MultiPolygon", coordinates: [square, square] };
  assert.deepEqual(joined([several, { type: "Polygon", coordinates: square }]), {
    type: "MultiPolygon",
    coordinates: [square, square, square],
  });
});

test("bounds are west, south, east, north", () => {
  assert.deepEqual(bounds({ type: "Polygon", coordinates: square }), [0, 0, 1, 1]);
  assert.deepEqual(bounds(point), [111.67, 40.82, 111.67, 40.82]);
});
