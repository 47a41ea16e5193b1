import assert from "node:assert/strict";
import { test } from "node:test";
import { groundTiles, pageKeptAt, serverClock } from "../../maps/static/maps/js/lib/keeping.js";
import { personOf, SYNC } from "../../maps/static/maps/js/lib/whose.js";

test("the tiles over a patch are named zoom by zoom, each once", () => {
  const box = [111.66, 40.81, 111.67, 40.82];
  const tiles = groundTiles([box, box]);
  assert.equal(tiles[0], "/tiles/ground.json");
  assert.equal(new Set(tiles).size, tiles.length);
  const zooms = tiles.slice(1).map((address) => Number(address.split("/")[3]));
  assert.deepEqual([...new Set(zooms)], [14, 15, 16]);
  // 0.01° are 1.8 tiles of zoom 16 from west to east: two or three columns.
  const columns = new Set(tiles.filter((one) => one.includes("/16/")).map((one) => one.split("/")[4]));
  assert.ok(columns.size >= 2 && columns.size <= 3);
});

test("a whole town is more than is kept", () => {
  assert.equal(groundTiles([[111, 40, 112, 41]]).length, 301);
  assert.deepEqual(groundTiles([]), ["/tiles/ground.json"]);
});

test("a kept page goes on counting from when it was kept, by the server's clock", () => {
  const hour = 3_600_000;
  const said = 1_000_000;
  const near = (one, other) => assert.ok(Math.abs(one - other) < 1, `${one} is not ${other}`);
  near(serverClock(said, null)(), said);
  near(serverClock(said, Date.now() - hour)(), said + 3600);
  assert.equal(pageKeptAt(), null);
  globalThis.document = { body: { dataset: { kept: "1700000000000" } } };
  assert.equal(pageKeptAt(), 1_700_000_000_000);
  delete globalThis.document;
});

test("the tag of a sync says whose outbox it is", () => {
  assert.equal(personOf(`${SYNC}7`), "7");
});
