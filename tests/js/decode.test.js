import assert from "node:assert/strict";
import { test } from "node:test";
import Pbf from "pbf";
import { decodeTile } from "../../maps/static/maps/js/lib/decode.js";

const zigzag = (value) => (value << 1) ^ (value >> 31);

/** A tile with one layer; features are `{type, geometry, id, tags}` with geometry as MVT commands. */
function tile(name, features, { extent = 4096, keys = [], values = [] } = {}) {
  const pbf = new Pbf();
  pbf.writeMessage(3, (_, out) => {
    out.writeVarintField(15, 2);
    out.writeStringField(1, name);
    for (const feature of features)
      out.writeMessage(2, (__, one) => {
        if (feature.id !== undefined) one.writeVarintField(1, feature.id);
        if (feature.tags) one.writePackedVarint(2, feature.tags);
        one.writeVarintField(3, feature.type);
        one.writePackedVarint(4, feature.geometry);
      });
    for (const key of keys) out.writeStringField(3, key);
    for (const value of values) out.writeMessage(4, (__, one) => one.writeStringField(1, value));
    out.writeVarintField(5, extent);
  });
  return pbf.finish();
}

test("a line comes back in flat tile units with its properties", () => {
  const geometry = [9, zigzag(2), zigzag(4), 10, zigzag(10), zigzag(-8)];
  const bytes = tile("streets", [{ type: 2, geometry, id: 5, tags: [0, 0] }], {
    keys: ["name"],
    values: ["西巷"],
  });
  const [feature] = decodeTile(bytes).get("streets");
  assert.deepEqual([...feature.parts[0]], [2, 4, 12, -4]);
  assert.deepEqual(feature.box, [2, -4, 12, 4]);
  assert.equal(feature.properties.name, "西巷");
  assert.equal(feature.id, "5");
});

test("an id among the properties is the feature's id", () => {
  const bytes = tile("reports", [{ type: 1, geometry: [9, 2, 2], id: 1, tags: [0, 0] }], {
    keys: ["id"],
    values: ["0190-uuid"],
  });
  assert.equal(decodeTile(bytes).get("reports")[0].id, "0190-uuid");
});

test("another extent is scaled to 4096", () => {
  const bytes = tile("x", [{ type: 1, geometry: [9, zigzag(128), zigzag(256)] }], { extent: 512 });
  assert.deepEqual([...decodeTile(bytes).get("x")[0].parts[0]], [1024, 2048]);
});

test("what is no tile is an error", () => {
  assert.throws(() => decodeTile(new Uint8Array([26, 250, 1, 2, 3])));
});

test("an empty tile has no layers", () => assert.equal(decodeTile(new ArrayBuffer(0)).size, 0));
