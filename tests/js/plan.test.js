import assert from "node:assert/strict";
import { test } from "node:test";

import {
  byPerson,
  goingPeople,
  inverse,
  leftRows,
  linksOf,
  mapReport,
} from "../../maps/static/maps/js/lib/plan.js";

const report = (id, lon) => ({ id, lon, lat: 40, due: 100, category: { glyph: "x" } });
const row = (id, person, metres, more = {}) => ({
  report: report(id, 111),
  person: person && { id: person, name: `p${person}` },
  metres,
  origin: "grid",
  left_out: false,
  as_offer: false,
  ...more,
});
const plan = {
  people: [
    { id: 1, name: "p1", lon: 111.1, lat: 40.1 },
    { id: 2, name: "p2", lon: null, lat: null },
  ],
  rows: [
    row("a", 1, 100),
    row("b", 2, 500, { origin: "position" }),
    row("c", 1, 50),
    row("d", null, null),
    row("e", 2, 10, { left_out: true }),
  ],
};

test("who goes to most comes first, with all their ways", () => {
  assert.deepEqual(
    byPerson(plan).map(({ person, rows, metres }) => [person.id, rows.length, metres]),
    [
      [1, 2, 150],
      [2, 1, 500],
    ],
  );
});

test("what has nobody and what is left out wait together", () => {
  assert.deepEqual(
    leftRows(plan).map(({ report: { id } }) => id),
    ["d", "e"],
  );
});

test("a line needs a known start, and is dashed from a grid", () => {
  const links = linksOf(plan, new Set(["c"]));
  assert.deepEqual(
    links.map(({ id, dashed, chosen }) => [id, dashed, chosen]),
    [
      ["a", true, false],
      ["c", true, true],
    ],
  );
  assert.deepEqual(links[0].from, [40.1, 111.1]);
});

test("what went out is drawn as everybody's round, stop by stop", () => {
  const went = {
    state: "committed",
    people: plan.people,
    rows: [
      row("a", 1, 100, { stop: 2, report: report("a", 112) }),
      row("b", 1, 50, { stop: 1 }),
      row("c", 1, 70, { stop: null }),
      row("d", 2, 10, { stop: 1 }),
    ],
  };
  assert.deepEqual(
    linksOf(went).map(({ id, from, to, dashed, number }) => [id, from, to, dashed, number]),
    [
      ["b", [40.1, 111.1], [40, 111], true, 1],
      ["d", null, [40, 111], true, 1],
      ["a", [40, 111], [40, 112], false, 2],
    ],
  );
  assert.deepEqual([...goingPeople(went)], [1, 2]);
  assert.deepEqual(
    byPerson(went)[0].rows.map(({ report: { id } }) => id),
    ["b", "a", "c"],
  );
  assert.deepEqual([...goingPeople(plan)], [1]);
});

test("undoing a change brings back who went and whether it was left out", () => {
  assert.deepEqual(inverse(plan.rows[4]), { report: "e", person: 2, left_out: true, as_offer: false });
  assert.deepEqual(inverse(plan.rows[3]), { report: "d", person: null, left_out: false, as_offer: false });
});

test("a report past its time is late on the map", () => {
  assert.equal(mapReport(plan.rows[0], 101).clock.late, true);
  assert.equal(mapReport(plan.rows[0], 99).clock.late, false);
});
