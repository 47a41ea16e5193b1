import assert from "node:assert/strict";
import { test } from "node:test";
import { coming, moment, momentOf, pillOf, useZone } from "../../maps/static/maps/js/lib/times.js";

useZone("Asia/Shanghai");
const NOW = Date.parse("2026-11-21T14:30:00+08:00") / 1000; // a Saturday

test("moments are said as people say them, in the site's zone", () => {
  assert.equal(moment("2026-11-20T17:05:00Z", NOW), "today 01:05");
  assert.equal(moment("2026-11-20T08:05:00+08:00", NOW), "yesterday 08:05");
  assert.equal(moment("2026-11-18T14:05:00+08:00", NOW), "Wed 14:05");
  assert.equal(moment("2026-11-03T14:05:00+08:00", NOW), "3 Nov");
  assert.equal(moment("2025-11-03T14:05:00+08:00", NOW), "3 Nov 2025");
});

test("what is typed as a time is one of the site's clocks, wherever the browser is", () => {
  assert.equal(momentOf("2026-11-03T10:30").toISOString(), "2026-11-03T02:30:00.000Z");
  useZone("America/New_York"); // clocks go back on 1 November 2026 at two
  assert.equal(momentOf("2026-11-01T00:30").toISOString(), "2026-11-01T04:30:00.000Z");
  assert.equal(momentOf("2026-11-01T23:30").toISOString(), "2026-11-02T04:30:00.000Z");
  useZone("Asia/Shanghai");
});

test("a week ago is a date, six days ago a weekday", () => {
  assert.equal(moment("2026-11-15T23:59:00+08:00", NOW), "Sun 23:59");
  assert.equal(moment("2026-11-14T23:59:00+08:00", NOW), "14 Nov");
});

const report = (clock, hold_until = null) => ({ hold_until, clock });

test("a clock says what is left, and turns its tone towards the end", () => {
  const clock = (left) => ({ risk: NOW + left - 1050, due: NOW + left });
  assert.deepEqual(pillOf(report(clock(7200)), NOW), { text: "2 hours left", tone: "" });
  assert.deepEqual(pillOf(report(clock(600)), NOW), { text: "10 min left", tone: "warn" });
  assert.deepEqual(pillOf(report(clock(-600)), NOW), { text: "10 min late", tone: "bad" });
});

test("what is parked says until when, what has no clock says nothing", () => {
  assert.deepEqual(pillOf(report({ started: null, due: null }, "2026-12-01"), NOW), {
    text: "until 1 Dec",
    tone: "",
  });
  assert.equal(pillOf(report({ started: null, due: null }), NOW), null);
});

test("what comes says its day and from when until when", () => {
  useZone("Asia/Shanghai");
  const span = (day) => coming(`${day}T07:30:00+08:00`, `${day}T09:00:00+08:00`, NOW);
  assert.equal(span("2026-11-21"), "today 07:30–09:00");
  assert.equal(span("2026-11-22"), "tomorrow 07:30–09:00");
  assert.equal(span("2026-11-23"), "23 Nov 07:30–09:00");
});
