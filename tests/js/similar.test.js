import assert from "node:assert/strict";
import test from "node:test";
import { reportEntries } from "../../maps/static/maps/js/lib/report-entries.js";
import {
  ageWords,
  distanceWords,
  followedWords,
  similarAddress,
  similarName,
  similarWords,
} from "../../maps/static/maps/js/lib/similar.js";

const hidden = {
  handle: "h",
  category: { name: "Exposed rubbish" },
  state: "reported",
  state_label: "reported",
  age_days: 2,
  distance: "here",
  mine: false,
  report: null,
};
const seen = { ...hidden, distance: "near", report: { place: "North gate", metres: 27, reports: 3 } };

test("of a report that is not one's to see no number and no place is said", () => {
  assert.equal(similarName(hidden), "Exposed rubbish");
  assert.equal(similarWords(hidden), "within 10 m · 2 days ago · reported");
  assert.equal(distanceWords({ ...hidden, distance: "near" }), "close by");
});

test("of one's own to see the metres and how many reported it are said", () => {
  assert.equal(similarName(seen), "Exposed rubbish, North gate");
  assert.equal(similarWords(seen), "27 m away · 2 days ago · reported · 3 people reported it");
  assert.equal(distanceWords({ ...seen, distance: "stairwell" }), "in the same stairwell");
  assert.equal(ageWords(0), "today");
  assert.equal(ageWords(1), "1 day ago");
});

test("the look-up asks with the stairwell only where one is chosen", () => {
  const body = { category: "06010", lon: 111.5, lat: 40.25 };
  assert.equal(similarAddress(body), "/api/v1/reports/similar?category=06010&lon=111.5000000&lat=40.2500000");
  assert.match(similarAddress({ ...body, stairwell: 7 }), /&stairwell=7$/);
});

test("with a handle the draft goes to be followed, its photos after it", () => {
  const body = { id: "r", category: "06010" };
  const photos = [{ blob: new Blob(["x"]), name: "a.jpg", kind: "before" }];
  const [follow, photo] = reportEntries({ body, name: "Rubbish", photos, handle: "h" });
  assert.deepEqual([follow.kind, follow.url, follow.body.handle], ["follow", "/api/v1/reports/follow", "h"]);
  assert.deepEqual([photo.needs, photo.url], [["r"], "/api/v1/reports/r/photos"]);
  const [filed] = reportEntries({ body, name: "Rubbish", looked: true });
  assert.deepEqual([filed.kind, filed.body, filed.looked], ["report", body, true]);
});

test("what became of it says how many reported it, or that it was filed anew", () => {
  assert.match(followedWords({ following: { reports: 3 }, report: null }, "Rubbish"), /Rubbish · 3 people/);
  assert.match(followedWords({ following: null, report: {} }, "Rubbish"), /anew: Rubbish/);
});
