import assert from "node:assert/strict";
import { test } from "node:test";
import {
  classMark,
  classWords,
  foundWords,
  sameSize,
  whyOf,
} from "../../maps/static/maps/js/lib/hotspots.js";

test("a class is told by a mark that grows with it, and by how many such are false alarms", () => {
  assert.deepEqual([3, 1, 0, -2].map(classMark), ["+++", "+", "", "−−"]);
  assert.match(classWords(3), /1 in 100/);
  assert.match(classWords(-1), /10 in 100/);
  assert.doesNotMatch(classWords(0), /100/);
});

test("a rate says what it is a rate of, and is not said where too little was walked", () => {
  const place = { count: 7, rate: 3.456, effort: "known", walked_km: 2, households: null };
  assert.match(foundWords(place), /7.*3\.5.*2\.0 km/);
  assert.doesNotMatch(foundWords({ ...place, effort: "unknown" }), /3\.5/);
  assert.match(foundWords({ ...place, walked_km: null, households: 300 }), /300/);
  assert.match(foundWords({ ...place, rate: null }), /^7/);
});

test("the reason goes without what to do and without statistics, and is cut at a sentence", () => {
  const reasons = ["Go there.", "Found: 7.", "More than chance.", "Gi* z = 3.10, p = 0.0010"];
  assert.equal(whyOf({ reasons }), "Found: 7. More than chance.");
  assert.equal(whyOf({ reasons }, 12), "Found: 7.");
});

test("hexagons of one size go together", () => {
  assert.equal(sameSize("8931b40c113ffff", "8931b40c117ffff"), true);
  assert.equal(sameSize("8931b40c113ffff", "8a31b40c1137fff"), false);
});
