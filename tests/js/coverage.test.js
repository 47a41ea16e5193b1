import assert from "node:assert/strict";
import { test } from "node:test";
import {
  besides,
  extentOf,
  neighbours,
  picture,
  sharedVertices,
} from "../../maps/static/maps/js/lib/coverage.js";

const square = (id, west, south, east = west + 1, north = south + 1) => ({
  id,
  geometry: {
    type: "Polygon",
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  },
});

/*
 *   +---+---+
 *   | 3 | 4 |     four squares: 1 and 4 meet in a corner only
 *   +---+---+
 *   | 1 | 2 |
 *   +---+---+
 */
const FOUR = [square(1, 0, 0), square(2, 1, 0), square(3, 0, 1), square(4, 1, 1)];

test("neighbours share an edge; a corner does not count", () => {
  const beside = neighbours(FOUR);
  assert.deepEqual([...beside.get(1)].sort(), [2, 3]);
  assert.deepEqual([...beside.get(4)].sort(), [2, 3]);
});

test("an area alone has no neighbour", () => {
  assert.equal(neighbours([square(1, 0, 0)]).get(1).size, 0);
});

test("a piece lies beside those whose edge it has, not beside the one it is part of", () => {
  assert.deepEqual(besides(square("piece", 0, 0), FOUR, 1), [2, 3]);
});

test("only vertices off the outer boundary can be moved", () => {
  assert.deepEqual(sharedVertices(FOUR, 1), [[1, 1]]);
  assert.deepEqual(sharedVertices([FOUR[0], FOUR[1]], 1), []);
});

test("a vertex within a shared border can be moved", () => {
  const ring = (points) => ({ type: "Polygon", coordinates: [[...points, points[0]]] });
  /* a bend in the border at (1, .5) */
  const left = {
    id: "l",
    geometry: ring([
      [0, 0],
      [1, 0],
      [1.2, 0.5],
      [1, 1],
      [0, 1],
    ]),
  };
  const right = {
    id: "r",
    geometry: ring([
      [1, 0],
      [2, 0],
      [2, 1],
      [1, 1],
      [1.2, 0.5],
    ]),
  };
  assert.deepEqual(sharedVertices([left, right], "l"), [[1.2, 0.5]]);
});

test("the extent is west, south, east, north, and nothing without features", () => {
  assert.deepEqual(extentOf(FOUR), [0, 0, 2, 2]);
  assert.equal(extentOf([]), null);
});

test("a picture stands north up and fits its frame", () => {
  const [one, , three] = picture(FOUR, { width: 100, height: 100 });
  const rows = ({ d }) => [...d.matchAll(/[ML]\S+ (\S+?)(?=[LZ])/g)].map(([, y]) => Number(y));
  assert.equal(Math.max(...rows(one)), 100);
  assert.equal(Math.min(...rows(three)), 0);
  assert.deepEqual(picture([], { width: 10, height: 10 }), []);
});
