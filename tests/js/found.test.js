import assert from "node:assert/strict";
import { test } from "node:test";
import { contextOf, pieces, Recent } from "../../maps/static/maps/js/lib/found.js";

const place = (id, more = {}) => ({ source: "place", id, kind: "estate", name: `p${id}`, ...more });

test("a text is cut where it matched", () => {
  assert.deepEqual(pieces("锦园小区", [[0, 2]]), [
    { text: "锦园", hit: true },
    { text: "小区", hit: false },
  ]);
  assert.deepEqual(
    pieces("锦园小区3号楼", [
      [0, 2],
      [4, 7],
    ]).map(({ text }) => text),
    ["锦园", "小区", "3号楼"],
  );
});

test("the pieces are the text, whatever the ranges", () => {
  for (const ranges of [
    [],
    [[0, 99]],
    [[-3, 1]],
    [[2, 2]],
    [
      [0, 1],
      [1, 2],
    ],
    [[3, 1]],
  ])
    assert.equal(
      pieces("北门🏠园", ranges)
        .map(({ text }) => text)
        .join(""),
      "北门🏠园",
    );
});

test("ranges count characters, not halves of them", () => {
  assert.deepEqual(pieces("🏠北门", [[1, 2]])[1], { text: "北", hit: true });
});

test("where a place is names its community and its grid by number", () => {
  const grid = { id: 1, code: "150199001001005", name: "锦园第5网格" };
  assert.equal(contextOf({ kind: "estate", context: "锦园社区", grid }), "锦园社区 · Grid 5");
  assert.equal(contextOf({ kind: "grid", context: "锦园社区", grid }), "锦园社区");
  assert.equal(contextOf({ kind: "organisation", context: "", grid: null }), "");
});

test("the last choices come first, each once, and no more than fit", () => {
  const recent = new Recent(2);
  recent.add(place(1));
  recent.add(place(2));
  recent.add(place(1));
  recent.add(place(3));
  assert.deepEqual(
    recent.of().map(({ id }) => id),
    [3, 1],
  );
});

test("recent choices keep to the kinds of a field", () => {
  const recent = new Recent();
  recent.add(place(1));
  recent.add(place(2, { kind: "street" }));
  assert.deepEqual(
    recent.of(["street"]).map(({ id }) => id),
    [2],
  );
});
