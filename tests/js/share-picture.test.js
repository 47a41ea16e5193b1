import assert from "node:assert/strict";
import { test } from "node:test";
import { drawPicture, WIDTH, wrap } from "../../maps/static/maps/js/lib/share-picture.js";

const width = (text) => [...text].length;

test("Chinese breaks anywhere, words and numbers stay whole", () => {
  assert.deepEqual(wrap("东街口垃圾满溢", 3, width), ["东街口", "垃圾满", "溢"]);
  assert.deepEqual(wrap("东街 No.12345 满", 9, width), ["东街", "No.12345", "满"]);
  assert.deepEqual(wrap("abcdefgh", 3, width), ["abc", "def", "gh"]);
  assert.deepEqual(wrap("  ", 3, width), []);
});

test("a picture is as long as what it says, and without a map it is shorter", () => {
  const drawn = [];
  const pen = new Proxy(
    { measureText: (text) => ({ width: [...text].length * 20 }), fillText: (text) => drawn.push(text) },
    { get: (known, name) => known[name] ?? (() => {}), set: () => true },
  );
  const canvas = { getContext: () => pen };
  const shared = {
    site: "Gridwarden",
    title: "Litter",
    facts: [{ name: "Place", value: "East Street" }],
    hint: "Scan",
    qr: ["10", "01"],
    map: {
      reach: 100,
      streets: [
        {
          name: "East Street",
          lines: [
            [
              [0, 0],
              [60, 0],
            ],
          ],
        },
      ],
      buildings: [],
      grid: [],
      report: [],
    },
  };
  drawPicture(canvas, shared);
  const high = canvas.height;
  assert.equal(canvas.width, WIDTH);
  for (const text of ["Gridwarden", "Litter", "Place", "East Street", "Scan"])
    assert.ok(drawn.includes(text), text);
  // Two streets that meet: the second name goes to another point, or is left out where there is none.
  drawn.length = 0;
  const crossing = (end) => ({
    name: end ? "West Lane" : "North Lane",
    lines: [
      [
        [0, 30],
        [end, 32],
      ],
    ],
  });
  drawPicture(canvas, { ...shared, map: { ...shared.map, streets: [crossing(0), crossing(5)] } });
  assert.deepEqual(
    ["North Lane", "West Lane"].filter((name) => drawn.includes(name)),
    ["North Lane"],
  );
  drawPicture(canvas, { ...shared, map: null });
  assert.ok(canvas.height < high - 300);
});
