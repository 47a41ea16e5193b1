import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveLayer, worldParts } from "../../maps/static/maps/js/lib/live.js";
import { project } from "../../maps/static/maps/js/lib/tilemath.js";

const [LON, LAT] = [111.65, 40.815];
const point = (id, lon = LON, lat = LAT) => ({
  type: "Feature",
  id,
  properties: { glyph: "广" },
  geometry: { type: "Point", coordinates: [lon, lat] },
});
const tileOf = (z) => project(LON, LAT).map((value) => Math.floor(value * 2 ** z));

test("a feature filed just now appears in its tile and in no other", () => {
  const layer = new LiveLayer();
  layer.put(point("a"));
  const [x, y] = tileOf(14);
  const [feature] = layer.tile(14, x, y);
  assert.equal(feature.id, "a");
  assert.equal(feature.properties.glyph, "广");
  assert.ok(feature.parts[0].every((value) => value >= 0 && value < 4096));
  assert.deepEqual(layer.tile(14, x + 2, y), []);
});

test("putting an id again moves it, removing takes it away", () => {
  const layer = new LiveLayer();
  const [x, y] = tileOf(14);
  layer.put(point("a"));
  layer.tile(14, x, y);
  layer.put(point("a", LON + 1));
  assert.deepEqual(layer.tile(14, x, y), []);
  assert.equal(layer.size, 1);
  assert.equal(layer.remove("a"), true);
  assert.equal(layer.remove("a"), false);
});

test("an area keeps its rings at any depth", () => {
  const ring = [
    [LON, LAT],
    [LON + 0.01, LAT],
    [LON + 0.01, LAT - 0.01],
    [LON, LAT],
  ];
  assert.equal(worldParts({ type: "Polygon", coordinates: [ring] }).parts[0].length, 8);
  assert.equal(worldParts({ type: "MultiPolygon", coordinates: [[ring], [ring]] }).parts.length, 2);
  assert.equal(worldParts({ type: "MultiLineString", coordinates: [ring] }).type, 2);
});

test("what is no geometry is refused", () => {
  assert.throws(() => worldParts(null), TypeError);
  assert.throws(() => worldParts({ type: "Circle" }), TypeError);
});
