import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fromWgs84,
  metres,
  pixelShift,
  tileCornerOnWgs84,
  toWgs84,
} from "../../maps/static/maps/js/lib/shift.js";
import { project } from "../../maps/static/maps/js/lib/tilemath.js";

const CITIES = [
  ["Beijing", 116.3913, 39.9075, 555],
  ["Shanghai", 121.4737, 31.2304, 481],
  ["Hohhot", 111.7492, 40.8426, 604],
  ["Golmud", 94.9, 36.4, 96],
];

for (const [name, lon, lat, expected] of CITIES)
  test(`GCJ-02 lies ${expected} m away in ${name}`, () => {
    const there = fromWgs84(lon, lat, "gcj02");
    assert.ok(Math.abs(metres(lon, lat, ...there) - expected) < 1, `${metres(lon, lat, ...there)}`);
  });

for (const crs of ["gcj02", "bd09"])
  test(`${crs} and back is the same place to a millimetre all over China`, () => {
    for (let lon = 75; lon <= 134; lon += 4.7)
      for (let lat = 18; lat <= 53; lat += 3.3) {
        const back = toWgs84(...fromWgs84(lon, lat, crs), crs);
        assert.ok(metres(lon, lat, ...back) < 1e-3, `${lon} ${lat}: ${metres(lon, lat, ...back)} m`);
      }
  });

test("BD-09 lies further off than GCJ-02", () => {
  const [lon, lat] = [111.65, 40.815];
  const baidu = metres(lon, lat, ...fromWgs84(lon, lat, "bd09"));
  assert.ok(baidu > 900 && baidu < 1500, `${baidu}`);
});

test("nothing is shifted outside China, nor in WGS-84", () => {
  assert.deepEqual(fromWgs84(2.35, 48.86, "gcj02"), [2.35, 48.86]);
  assert.deepEqual(toWgs84(111.65, 40.815, "wgs84"), [111.65, 40.815]);
});

test("an unknown system is refused", () => {
  assert.throws(() => fromWgs84(111, 40, "cgcs"), RangeError);
});

test("a shifted base map shows a place where it is", () => {
  // Find the GCJ-02 tile that shows a place, and where in the tile; set the tile down by its corners.
  const z = 17;
  const [lon, lat] = [111.6512, 40.8123];
  const [u, v] = project(...fromWgs84(lon, lat, "gcj02")).map((value) => value * 2 ** z);
  const [x, y] = [Math.floor(u), Math.floor(v)];
  const [left, top] = tileCornerOnWgs84(x, y, z, "gcj02");
  const [right, bottom] = tileCornerOnWgs84(x + 1, y + 1, z, "gcj02");
  const shown = [left + (u - x) * (right - left), top + (v - y) * (bottom - top)];
  const wanted = project(lon, lat).map((value) => value * 256 * 2 ** z);
  assert.ok(Math.hypot(shown[0] - wanted[0], shown[1] - wanted[1]) < 0.6, `${shown} ${wanted}`);
});

test("an unshifted base map stays on the whole pixels of its scheme", () => {
  const corner = tileCornerOnWgs84(3, 5, 4, "wgs84").map(Math.round);
  assert.deepEqual(corner, [3 * 256, 5 * 256]);
});

test("the shift in px agrees with the distance in metres", () => {
  const [lon, lat, z] = [111.7492, 40.8426, 16];
  const [dx, dy] = pixelShift(lon, lat, z, "gcj02");
  const metresPerPixel = (40075016.686 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** z);
  assert.ok(Math.abs(Math.hypot(dx, dy) * metresPerPixel - 604) < 2);
});
