import assert from "node:assert/strict";
import { test } from "node:test";
import { formatView, parseView } from "../../maps/static/maps/js/lib/view.js";

test("a view survives the address", () => {
  const view = { z: 17, lat: 40.812345, lon: 111.651234 };
  const again = parseView(formatView(view));
  assert.equal(again.z, 17);
  assert.ok(Math.abs(again.lat - view.lat) < 2e-6 && Math.abs(again.lon - view.lon) < 2e-6);
});

test("the address is no longer than a pixel needs", () => {
  assert.equal(formatView({ z: 10, lat: 40.8123456, lon: 111.6512345 }), "#10/40.8123/111.6512");
});

for (const bad of [
  "",
  "#",
  "#16/40.8",
  "#16/abc/111",
  "#99/40/111",
  "#16/140/111",
  "#16/40/999",
  "#//",
  null,
  undefined,
])
  test(`${JSON.stringify(bad)} is no view`, () => assert.equal(parseView(bad), null));
